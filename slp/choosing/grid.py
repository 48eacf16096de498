"""What a sweep tries: settings, the grid that they are of, how each did, and which is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from slp.kinds import (
    BALANCES,
    INPUT_KINDS,
    MEASURES,
    SOLVERS,
    Balance,
    InputKind,
    Measure,
    Solver,
    untaken,
)
from slp.scalars import check_number, check_whole
from slp.settings import Settings

_WORDS = {"inputs": INPUT_KINDS, "oversample": BALANCES, "solver": SOLVERS}
_NUMBERS = {"batch_size": check_whole, "learning_rate": check_number, "l2": check_number}


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
