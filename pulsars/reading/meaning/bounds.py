"""What four columns have to obey to be moments of one curve between 0 and 255."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.slips import slips
from schemas import CURVES, FULL_SCALE, ROUNDING, breaks_moments, breaks_range, breaks_variance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

SAMPLE_ROWS = 2000

MAX_MISFITS = 0.01
"""Share of rows that may be physically impossible in a reading that is chosen among many."""

MIN_SMALL = 5
"""Rows on a smaller scale than the others' that are worth a note."""

MAX_BINS = 4096
"""No curve has more bins; its maximum, 255, lies within sqrt(bins) stdevs of its mean."""

Quad = tuple["Column", "Column", "Column", "Column"]
"""Mean, stdev, and skewness and excess kurtosis in either order."""


def are_scaled(quad: Quad) -> bool:
    """Tell whether mean and stdev can be of curves between 0 and 255 in half of the rows."""
    mean, stdev, _, _ = _sample(quad)
    return len(mean) == 0 or bool(_off_scale(mean, stdev).mean() <= 1 / 2)


def are_opening(mean: Column, stdev: Column) -> bool:
    """Tell whether two columns can be mean and stdev of one curve, but for few rows."""
    return _fit(_wide(*_sample((mean, stdev)))) is not None


def note_off_scale(features: Mapping[str, Column], *, chi2: bool) -> tuple[str, ...]:
    """Say of which curves mean and stdev are not on the scale of all others, as on that of [0, 1].

    In most rows, or in some: in more than 1 % of them, and five at least.

    Parameters
    ----------
    features : dict of str to Column
        By canonical name.
    chi2 : bool
        Whether the DM curve may be of χ², which has no scale.
    """
    pairs = {curve: (features[f"{curve}_mean"], features[f"{curve}_stdev"]) for curve in CURVES}
    found = {curve: _rows_off_scale(*pair) for curve, pair in pairs.items()}
    return tuple(
        f"{off_scale(mean, stdev)}, in {found[curve]}"
        for curve, (mean, stdev) in pairs.items()
        if not (chi2 and curve == "dm") and found[curve]
    )


def off_scale(mean: object, stdev: object) -> str:
    """Say of two columns that they are of curves on another scale."""
    return f"{mean} and {stdev} are mean and stdev of no curve that was scaled to 0–{FULL_SCALE:g}"


def are_small(mean: NDArray[np.float64], stdev: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows are of curves on a smaller scale; flat ones are on any.

    What is possible on no scale, or on none that is smaller, is set aside row by row.
    """
    small: NDArray[np.bool_] = (stdev != 0) & _wide(mean, stdev) & ~_off_scale(mean, stdev)
    return small


def _rows_off_scale(mean: Column, stdev: Column) -> str | None:
    """Say how many rows but those of flat curves are of no curve that was scaled to 0–255."""
    cells = _sample((mean, stdev))
    bent = cells[:, cells[1] != 0]
    wide = _wide(*bent)
    if wide.size and wide.mean() > 1 / 2:
        return (
            "most rows: what they teach holds for files on their own scale alone, and another "
            "order of the columns may be the reason"
        )
    small = are_small(*bent)
    if small.sum() < max(MIN_SMALL, MAX_MISFITS * len(small)):
        return None
    return f"{small.mean():.0%} of the rows: were tables of two scales joined? Bring all to one"


def fit(quad: Quad) -> int | None:
    """Tell how well four columns can be moments of one curve.

    Returns
    -------
    int or None
        0 where all rows can be but the share that is always spared, 1 where a single row more
        cannot, None where they are no moments.
    """
    mean, stdev, third, fourth = _sample(quad)
    bad = _wide(mean, stdev)
    if _fit(bad) is None:  # spare the rest: most choices fail here
        return None
    ways = ((third, fourth), (fourth, third))
    fits = [_fit(bad | _breaks_bounds(mean, stdev, *way)) for way in ways]
    return min((found for found in fits if found is not None), default=None)


def eight_in_a_row(columns: Sequence[Column]) -> Sequence[Column]:
    """Give the first eight that stand side by side and can be of two curves; none if none can."""
    for at in range(len(columns) - 7):
        (a, b, c, d), (e, f, g, h) = columns[at : at + 4], columns[at + 4 : at + 8]
        together = h.position - a.position == 7  # noqa: PLR2004
        if together and fit((a, b, c, d)) is not None and fit((e, f, g, h)) is not None:
            return columns[at : at + 8]
    return []


def are_moments(quad: Quad) -> bool:
    """Tell whether four columns can be moments of one curve in nine of ten rows."""
    mean, stdev, third, fourth = _sample(quad)
    ways = ((third, fourth), (fourth, third))
    bad = [_wide(mean, stdev) | _breaks_bounds(mean, stdev, *way) for way in ways]
    return len(mean) == 0 or bool(min(one.mean() for one in bad) <= 1 / 10)


def _fit(bad: NDArray[np.bool_]) -> int | None:
    """Judge the number of impossible rows."""
    n_bad = int(bad.sum())
    if n_bad <= MAX_MISFITS * len(bad):
        return 0
    return 1 if n_bad <= slips(len(bad)) else None


def _wide(mean: NDArray[np.float64], stdev: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows no curve on 0–255 can have, by mean, stdev and number of bins."""
    bad: NDArray[np.bool_] = _off_scale(mean, stdev)
    with np.errstate(over="ignore"):
        bad |= np.maximum(mean, FULL_SCALE - mean) > stdev * MAX_BINS**0.5
    return bad


def _sample(columns: Sequence[Column]) -> NDArray[np.float64]:
    """Rows, evenly taken, in which all are numbers: shape (n_columns, n_rows)."""
    step = max(len(columns[0].numbers) // SAMPLE_ROWS, 1)
    cells = np.stack([column.numbers[::step] for column in columns])
    return cells[:, np.isfinite(cells).all(axis=0)]


def _off_scale(mean: NDArray[np.float64], stdev: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows no curve on 0–255 can have, by mean and stdev."""
    bad: NDArray[np.bool_] = (mean < 0) | (mean > FULL_SCALE) | (stdev < 0)
    return bad | breaks_variance(mean, stdev, top=FULL_SCALE)


def _breaks_bounds(
    mean: NDArray[np.float64],
    stdev: NDArray[np.float64],
    skewness: NDArray[np.float64],
    kurtosis: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which rows no distribution on 0–255 can have.

    With z = (x − mean) / stdev in [−a, b], the expectations of (z + a)²(b − z), (z + a)(b − z)²
    and z²(z + a)(b − z) cannot be negative; these are bounds on the third and fourth moment.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a, b = mean / stdev, (FULL_SCALE - mean) / stdev
        slack = ROUNDING * (1 + np.abs(skewness) + np.abs(kurtosis))
        bad: NDArray[np.bool_] = (skewness > b - 1 / b + slack) | (skewness < 1 / a - a - slack)
    bad |= breaks_range(mean, stdev, skewness, kurtosis + 3, top=FULL_SCALE)
    return bad | breaks_moments(skewness, kurtosis)
