"""How each setting of a sweep did, and which is best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slp.choosing.setting import Setting
from slp.kinds import MEASURES, Measure


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
