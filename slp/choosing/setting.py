"""One way to train, as a sweep tries it."""

from __future__ import annotations

from dataclasses import dataclass

from slp.kinds import Balance, InputKind, Solver
from slp.scalars import check_number, check_whole
from slp.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One way to train.

    Attributes
    ----------
    inputs : str
        What the layer sees, one of `slp.kinds.INPUT_KINDS`.
    oversample : {"none", "cycle"}
        Rows as they are, or the rarer class weighing as much as the other.
    solver : {"newton", "sgd"}
        How the weights are found.
    l2 : float
        Weight of the penalty.
    learning_rate, batch_size, n_epochs : float, int and int, or None
        As in `slp.settings.Settings`; None with Newton's method, which has none of them.
    """

    inputs: InputKind
    oversample: Balance
    solver: Solver
    l2: float
    learning_rate: float | None = None
    batch_size: int | None = None
    n_epochs: int | None = None

    def __post_init__(self) -> None:
        """Take plain numbers."""
        object.__setattr__(self, "l2", check_number("l2", self.l2))
        checks = {"learning_rate": check_number, "batch_size": check_whole, "n_epochs": check_whole}
        for name, check in checks.items():
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, check(name, value))

    def descent(self) -> Settings:
        """Give what gradient descent is told.

        Raises
        ------
        ValueError
            When the solver is another, or a setting is out of bounds.
        """
        if self.learning_rate is None or self.batch_size is None or self.n_epochs is None:
            raise ValueError(f"the solver {self.solver} has no settings of a descent")
        return Settings(
            learning_rate=self.learning_rate,
            l2=self.l2,
            batch_size=self.batch_size,
            n_epochs=self.n_epochs,
        )
