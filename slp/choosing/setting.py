"""One way to train, as a sweep tries it, how each did, and which is best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slp.kinds import MEASURES, Balance, InputKind, Measure, Solver
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


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One setting and how it did on each fold, trained on the others.

    Attributes
    ----------
    setting : Setting
        How it was trained.
    f1, average_precision, log_loss : tuple of float
        Of each fold, as of `slp.measures.metrics.measure` at threshold 0.5; prevalence corrected.
    """

    setting: Setting
    f1: tuple[float, ...]
    average_precision: tuple[float, ...]
    log_loss: tuple[float, ...]

    def mean(self, measure: Measure) -> float:
        """Give the mean over folds."""
        return float(np.mean(getattr(self, measure)))

    def spread(self, measure: Measure) -> float:
        """Give the standard deviation over folds (divisor n_folds - 1)."""
        return float(np.std(getattr(self, measure), ddof=1))


def ranked(swept: tuple[Swept, ...], *, by: Measure = "log_loss") -> tuple[Swept, ...]:
    """Order settings by their means, the best first; equally good ones stay in their order.

    Parameters
    ----------
    swept : tuple of Swept
        What was tried.
    by : {"log_loss", "f1", "average_precision"}
        The lowest log loss is best, and the highest of the others.

    Raises
    ------
    ValueError
        When the measure is unknown.
    """
    if by not in MEASURES:
        raise ValueError(f"measure {by!r} is none of {', '.join(MEASURES)}")
    sign = 1 if by == "log_loss" else -1
    return tuple(sorted(swept, key=lambda each: sign * each.mean(by)))


def best(swept: tuple[Swept, ...], *, by: Measure = "log_loss") -> Swept:
    """Give the first that `ranked` gives.

    Raises
    ------
    ValueError
        When there is no setting or the measure is unknown.
    """
    if not swept:
        raise ValueError("there is no setting to choose from")
    return ranked(swept, by=by)[0]
