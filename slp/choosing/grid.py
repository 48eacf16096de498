"""What a sweep tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from slp.choosing.setting import Setting
from slp.kinds import BALANCES, INPUT_KINDS, SOLVERS, Balance, InputKind, Solver, untaken
from slp.scalars import check_number, check_whole

_WORDS = {"inputs": INPUT_KINDS, "oversample": BALANCES, "solver": SOLVERS}
_NUMBERS = {"batch_size": check_whole, "learning_rate": check_number, "l2": check_number}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What to try: every combination.

    Attributes
    ----------
    learning_rate, l2 : tuple of float
        As in `slp.settings.Settings`; each pair must be possible. Newton's method looks at
        `l2` only.
    batch_size : tuple of int
        Each costs a pass of its own.
    oversample : tuple of {"none", "cycle"}
        Leave the training rows of a fold as they are, or let the rarer class count more, so that
        both weigh the same: a row weighs as often as `slp.splitting.resampling` repeats one on
        average. A pass each.
    solver : tuple of {"newton", "sgd"}
        To the minimum, or down in batches; a pass each.
    inputs : tuple of str
        Of `slp.kinds.INPUT_KINDS`; a pass each.
    n_epochs : int
        Passes of a descent over the rows, the same for all.
    """

    learning_rate: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0)
    l2: tuple[float, ...] = (0.0, 1e-5, 1e-4, 1e-3)
    batch_size: tuple[int, ...] = (32,)
    oversample: tuple[Balance, ...] = ("none",)
    solver: tuple[Solver, ...] = ("newton", "sgd")
    inputs: tuple[InputKind, ...] = ("standard",)
    n_epochs: int = 10

    def __post_init__(self) -> None:
        """Take plain numbers; refuse what cannot be tried."""
        for name in (*_WORDS, *_NUMBERS):
            _check_axis(name, getattr(self, name))
        for name, plain in _NUMBERS.items():
            object.__setattr__(self, name, tuple(plain(name, each) for each in getattr(self, name)))
        object.__setattr__(self, "n_epochs", check_whole("n_epochs", self.n_epochs))
        for name, known in _WORDS.items():
            unknown = [each for each in getattr(self, name) if each not in known]
            if unknown:
                raise ValueError(f"{name} {unknown[0]!r} is none of {', '.join(known)}")
        for l2 in self.l2:
            if l2 < 0:
                raise ValueError(f"l2 {l2} is negative")
        for settings in self.passes():
            for setting in settings:
                if setting.solver == "sgd":
                    setting.descent()

    @property
    def n_passes(self) -> int:
        """Passes a sweep makes."""
        return len(self.passes())

    def passes(self) -> list[tuple[Setting, ...]]:
        """Give the settings, those together that one pass over the rows trains together.

        A pass shares inputs, oversampling, solver and batch size. The order is inputs,
        oversample, solver, batch_size, learning_rate, l2; the last changes fastest.
        """
        return [
            tuple(settings)
            for inputs, oversample, solver in product(self.inputs, self.oversample, self.solver)
            for settings in self._of_solver(inputs, oversample, solver)
        ]

    def _of_solver(
        self, inputs: InputKind, oversample: Balance, solver: Solver
    ) -> list[list[Setting]]:
        shared = partial(Setting, inputs=inputs, oversample=oversample, solver=solver)
        match solver:
            case "newton":
                return [[shared(l2=l2) for l2 in self.l2]]
            case "sgd":
                pairs = list(product(self.learning_rate, self.l2))
                told = partial(shared, n_epochs=self.n_epochs)
                return [
                    [told(l2=l2, learning_rate=rate, batch_size=size) for rate, l2 in pairs]
                    for size in self.batch_size
                ]
            case other:
                raise untaken(other)


def _check_axis(name: str, values: object) -> None:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"{name} {values!r} is no tuple of values to try")  # noqa: TRY004
    if not values:
        raise ValueError(f"{name} is empty; at least 1 value is needed")
