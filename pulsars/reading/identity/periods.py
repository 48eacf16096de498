"""In which unit periods are written: by the name of their column, else by their values."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["s", "ms"]


SECONDS: dict[Unit, float] = {"s": 1.0, "ms": 1e-3}


UNIT_WORDS: dict[Unit, str] = {"s": "seconds", "ms": "milliseconds"}


_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), "ms"),
}


_SHORT, _LONG = 0.5, 30.0
"""No pulsar turns in less than 1.39 ms (Hessels et al. 2006, Science 311, 1901), and hardly a
search goes beyond 30 s: below the one are seconds, above the other milliseconds."""


_ENOUGH = 0.01  # of the rows: single ones are noise that was folded


def unit_by_name(*names: str | None) -> Unit | None:
    """Tell the unit by the words of a column's name, or of what stands below it.

    Examples
    --------
    >>> [unit_by_name(name) for name in ("Period (ms)", "p0_s", "P0")]
    ['ms', 's', None]
    """
    words = [word for name in names for word in re.findall("[a-z]+", (name or "").lower())]
    return next((_UNITS[word] for word in words if word in _UNITS), None)


def is_unit(text: str) -> bool:
    """Tell whether what stands in brackets below a column's name is a unit that is known.

    Examples
    --------
    >>> [is_unit(text) for text in ("(s)", "(ms)", "(h)", "(1/s)")]
    [True, True, False, False]
    """
    return text.strip("() ").lower() in _UNITS


def count_periods(periods: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count what tells a unit: all positive periods, the short and the long ones; counts add up."""
    with np.errstate(invalid="ignore"):
        there = periods[periods > 0]
    return np.array([len(there), (there < _SHORT).sum(), (there > _LONG).sum()], dtype=np.int64)


def unit_by_values(counts: NDArray[np.int64]) -> Unit | None:
    """Tell the unit by what `count_periods` counted; None where it is left open.

    Examples
    --------
    >>> [unit_by_values(count_periods(np.array(p))) for p in ([0.7, 0.1], [700.0, 4.2], [5.0])]
    ['s', 'ms', None]
    """
    n, n_short, n_long = counts.tolist()
    if n_short and n_short >= _ENOUGH * n:
        return "s"
    return "ms" if n_long and n_long >= _ENOUGH * n else None
