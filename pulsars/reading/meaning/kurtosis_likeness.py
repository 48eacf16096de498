"""Whether rows in a row are of Pearson's kurtosis or only sorted so: what rows of like values say.

In a table that is sorted, or cut, by kurtosis or stdev, rows that look like Pearson's stand
together, and are excess kurtosis all the same. Then other rows of like stdev and skewness have as
much, or a little less; beside Pearson's they have three less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from schemas import Curve

_OFFSET = 3

_STDEV = (28.0, 4.0, 6)
"""Cells of a profile's stdev: where they begin, their width and number; the outermost hold all that
is beyond. On it hangs what kurtosis noise has, and only the profile's has one scale."""

_SKEWNESS = (-0.5, 0.5, 5)

_REST = (-2.0, 1.0, 11)
"""Cells of kurtosis - skewness²."""

_N_PROFILE = _STDEV[2] * _SKEWNESS[2] * _REST[2]
_N_CELLS = _N_PROFILE + _SKEWNESS[2] * _REST[2]

_BLOCK = 16_384
"""Rows at once: what is made of them on the way stays in the processor's cache."""

_FIRST = 3
"""The first cell of kurtosis - skewness² that may be Pearson's, which is 1 at least."""

_FEW = 0.2
"""Rows that are taken to be in each cell more than there are: where none is, nothing is told."""

OFF_BETTER = 0.7
"""By how much a row of Pearson's fits better with 3 off, on an average, by the logarithm of the
likelihood: parts of 20 rows and more by 1.3 at least, rows that were sorted together by 0.1 at most
(decision 0040)."""

MIN_LEFT = 0.05
"""Smallest share of rows with a skewness below 0, as noise has: of HTRU2 22 %, of HTRU 1 10 %; of
rows that were chosen by a small stdev or a large kurtosis at most 2 %."""


def cells_of(
    stdev: NDArray[np.float64], moments: Mapping[Curve, Sequence[NDArray[np.float64]]]
) -> NDArray[np.int16]:
    """Give the cell of each row in both curves.

    Parameters
    ----------
    stdev : ndarray of shape (n_rows,)
        Of the profile; NaN where it is unknown.
    moments : dict of str to sequence of ndarray of shape (n_rows,)
        Skewness and kurtosis by curve, finite.

    Returns
    -------
    ndarray of shape (2, n_rows), dtype int16
        By curve; those of the second lie behind the first one's, so that one count tells both.
    """
    found = np.zeros((len(CURVES), len(stdev)), dtype=np.int16)
    with np.errstate(over="ignore"):
        for start in range(0, len(stdev), _BLOCK):
            rows = slice(start, start + _BLOCK)
            of_curves = (_cell(stdev[rows], _STDEV), np.zeros(1))
            for at, (cell, curve) in enumerate(zip(of_curves, CURVES, strict=True)):
                skewness, kurtosis = (moment[rows] for moment in moments[curve])
                rest = _cell(kurtosis - skewness * skewness, _REST)
                of_skewness = cell * _SKEWNESS[2] + _cell(skewness, _SKEWNESS)
                found[at, rows] = of_skewness * _REST[2] + rest
    found[1] += _N_PROFILE
    return found


def _cell(values: NDArray[np.float64], cells: tuple[float, float, int]) -> NDArray[np.float64]:
    """Give the number of the cell in which each value lies; the last one's for NaN."""
    start, width, n_cells = cells
    moved = (values - start) * (1 / width)
    np.fmax(np.fmin(moved, n_cells - 0.5, out=moved), 0, out=moved)
    return np.floor(moved, out=moved)


def count_cells(cells: NDArray[np.int16]) -> tuple[int, ...]:
    """Count rows by cell: these add up."""
    found = np.zeros(_N_CELLS, dtype=np.int64)
    for row in cells:
        for start in range(0, len(row), _BLOCK):
            found += np.bincount(row[start : start + _BLOCK], minlength=_N_CELLS)
    return tuple(found.tolist())


def fits_better_without(run: Sequence[int], every: Sequence[int]) -> bool:
    """Tell whether 3 taken off brings rows that look like Pearson's to where like rows are.

    Parameters
    ----------
    run, every : sequence of int
        What `count_cells` gives of these rows and of all. Where that is not known (empty), as an
        earlier version counted, it is so.
    """
    if not run or not every:
        return True
    rows, near = (
        np.array(counts, dtype=np.float64).reshape(-1, _REST[2]) for counts in (run, every)
    )
    near = near - rows
    near[:, 1:] += near[:, :-1].copy()  # beyond a cut those are left that have a little less
    told = slice(_FIRST, -1)  # from the last cell on 3 is little
    with_3_off = near[:, _FIRST - _OFFSET : -1 - _OFFSET]
    gain = np.log((with_3_off + _FEW) / (near[:, told] + _FEW))
    return bool((rows[:, told] * gain).sum() > OFF_BETTER * sum(run[:_N_PROFILE]))


def has_left_skewed(every: Sequence[int]) -> bool:
    """Tell whether profiles of noise seem to be among the rows, or it is not known."""
    profile = np.array(every[:_N_PROFILE]).reshape(-1, _SKEWNESS[2], _REST[2])
    return not every or bool(profile[:, 0].sum() >= MIN_LEFT * profile.sum())
