"""Whether columns can be what a header calls them, by the cells of some rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.names import is_label_name, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

    Floats = NDArray[np.float64]

_SCALE = 255.0
_MOST = 0.9
"""Share of rows in which a column has to be what it is called: some cells may be damaged."""
_ROUNDED, _SLACK = 1e-3, 0.1
"""What rounding takes from an inequality."""
_FEW_KINDS = 8
"""Different labels, at most, beyond which they have to repeat."""
_WHO = re.compile(
    r"(.*_|cand(idate)?s?|obj(ect)?|row|source|src|jb)?(name|id|no|nr|num|number|index|file|path)s?"
    r"|cand(idate)?s?|source|file_?name|url"
)
"""Names of what a row is called or counted by, as far as that is plain."""


def names_who(name: str) -> bool:
    """Tell whether a column's name plainly says that it holds names or numbers of the rows."""
    return _WHO.fullmatch(name.lower().replace(" ", "_").strip("_")) is not None


def is_measured(column: Column) -> bool:
    """Tell whether most cells are numbers that are written as no counter is."""
    cells = zip(column.data.to_pylist(), np.isfinite(column.numbers).tolist(), strict=True)
    n_measured = sum(is_number and not cell.isdigit() for cell, is_number in cells)
    return bool(2 * n_measured > _n_filled(column))


def n_amiss(names: Sequence[str], columns: Sequence[Column]) -> int:
    """Count what cannot be: columns that are not what they are called, curves that are none."""
    found: dict[tuple[str | None, str], list[Floats]] = {}
    n_odd = 0
    for name, column in zip(names, columns, strict=True):
        curve, statistic = said_by(name)
        if statistic is not None:
            found.setdefault((curve, statistic), []).append(column.numbers)
            n_odd += not _may_be(statistic, curve, column)
        elif is_label_name(name):
            n_odd += not _may_be_label(column)
        elif names_who(name):
            n_odd += 2 * _n_fractions(column) > _n_filled(column)
    moments = {key: one[0] for key, one in found.items() if len(one) == 1}
    return n_odd + sum(not so for so in _curves(moments))


def _n_filled(column: Column) -> int:
    return sum(cell != "" for cell in column.data.to_pylist())


def _n_fractions(column: Column) -> int:
    numbers = column.numbers[np.isfinite(column.numbers)]
    return int((numbers != np.floor(numbers)).sum())


def _may_be(statistic: str, curve: str | None, column: Column) -> bool:
    """Tell whether a column's cells can be a statistic; chi squared, of DMs, has no bound above."""
    numbers = column.numbers[np.isfinite(column.numbers)]
    if 2 * len(numbers) < _n_filled(column):
        return False
    if statistic not in {"mean", "stdev"}:
        return True
    most = _SCALE if curve == "profile" else np.inf
    return _holds((numbers >= 0) & (numbers <= most), numbers)


def _may_be_label(column: Column) -> bool:
    """Tell whether a column's cells can be labels: they are few, or repeat, and not measured."""
    cells = [cell for cell in column.data.to_pylist() if cell]
    kinds = len({*cells})
    few = kinds <= _FEW_KINDS or 2 * kinds < len(cells)
    return few and 2 * _n_fractions(column) <= len(cells)


def _curves(moments: dict[tuple[str | None, str], Floats]) -> Iterator[bool]:
    """Tell of each pair of columns of one curve whether there are curves that have both.

    Skewness and kurtosis go either way round, for some headers interchange them.
    """
    for curve in {curve for curve, _ in moments}:
        mean, stdev, skewness, kurtosis = (
            moments.get((curve, one)) for one in ("mean", "stdev", "skewness", "kurtosis")
        )
        if mean is not None and stdev is not None and curve == "profile":
            with np.errstate(over="ignore", invalid="ignore"):  # of damaged cells, as 1e308
                bound = mean * (_SCALE - mean) * (1 + _ROUNDED) + 1
                is_so, both = stdev**2 <= bound, mean + stdev
            yield _holds(is_so, both)
        if skewness is not None and kurtosis is not None:
            ways = (skewness, kurtosis), (kurtosis, skewness)
            with np.errstate(over="ignore", invalid="ignore"):
                both = skewness + kurtosis
                are_so = [a >= b**2 * (1 - _ROUNDED) - 2 - _SLACK for b, a in ways]
            yield any(_holds(is_so, both) for is_so in are_so)


def _holds(is_so: NDArray[np.bool_], numbers: Floats) -> bool:
    """Tell whether something is so in most rows in which there are numbers."""
    return bool(np.count_nonzero(is_so) >= _MOST * np.isfinite(numbers).sum())
