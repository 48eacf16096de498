"""Which columns are the eight statistics when no name says so: what only such columns can be.

The order mean, stdev, then skewness and kurtosis in either order, first of the profile and then
of the DM-SNR curve, is taken for granted; everything else is tried against physics.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from schemas.errors import ColumnsError
from schemas.features import FEATURE_NAMES, FULL_SCALE
from schemas.moments import CURVES, ROUNDING, breaks_moments, breaks_variance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas.cells import Column

SAMPLE_ROWS = 2000
MAX_COLUMNS = 24
"""Above this many numeric columns the combinations take longer than naming them."""

MAX_MISFITS = 0.01
"""Share of rows that may be physically impossible in a reading that is chosen among many."""

MAX_BINS = 4096
"""No curve has more bins; its maximum, 255, lies within sqrt(bins) stdevs of its mean."""

Quad = tuple["Column", "Column", "Column", "Column"]


def find_by_structure(
    columns: Sequence[Column], known: Mapping[str, Column], *, file: str
) -> dict[str, Column]:
    """Find the features by their values.

    Parameters
    ----------
    columns : sequence of Column
        Columns that are neither label nor left out.
    known : dict of str to Column
        Features that a name or the user has settled.
    file : str
        How messages call the file.

    Raises
    ------
    ColumnsError
        Fewer than eight columns of numbers, or no reading or more than one is possible.
    """
    settled = {id(column) for column in known.values()}
    free = _candidates([c for c in columns if id(c) not in settled], 8 - len(known), file=file)
    free_names = [name for name in FEATURE_NAMES if name not in known]
    if len(free) == len(free_names):
        only = {**known, **dict(zip(free_names, free, strict=True))}
        if all(_misfits(_quad(only, curve), shape=False) <= 1 / 2 for curve in CURVES):
            return only
        readings = []
    else:
        readings = list(_readings(free, known))
    if len(readings) == 1:
        return readings[0]
    tried = ", ".join(str(column) for column in [*known.values(), *free])
    if not readings:
        raise ColumnsError(
            f"{file}: no choice of eight among {tried} can be mean, stdev, skewness and kurtosis "
            "of a profile and of a DM-SNR curve, in this order and on the 0–255 scale; name them "
            "with --columns."
        )
    first, second = (_value(reading) for reading in readings[:2])
    raise ColumnsError(
        f"{file}: {len(readings)} readings of {tried} are possible; choose one, such as "
        f"--columns {first} or --columns {second}."
    )


def _candidates(columns: Sequence[Column], needed: int, *, file: str) -> list[Column]:
    """Columns of numbers; counters and columns of one or two values only when all are needed."""
    numeric = [c for c in columns if 2 * np.isfinite(c.numbers).sum() > (c.status != 1).sum()]
    for unwanted in (_is_counter, _is_binary):
        if len(numeric) > needed:
            numeric = [column for column in numeric if not unwanted(column)]
    if len(numeric) < needed:
        names = ", ".join(map(str, numeric)) or "none"
        raise ColumnsError(
            f"{file}: eight columns of statistics are needed, {needed} of them are to be found by "
            f"their values, and {len(numeric)} columns can be ({names}); name them with --columns."
        )
    if len(numeric) > MAX_COLUMNS:
        raise ColumnsError(
            f"{file}: {len(numeric)} unnamed columns of numbers are more than the {MAX_COLUMNS} "
            "that are searched; name the eight with --columns."
        )
    return numeric


def _is_counter(column: Column) -> bool:
    """Tell a row number or another identifier: whole numbers, none twice."""
    values = column.numbers
    whole = np.isfinite(values).all() and (values == np.round(values)).all()
    return bool(whole and len(values) > 1 and len(np.unique(values)) == len(values))


def _is_binary(column: Column) -> bool:
    """Tell a constant or a flag."""
    return len(np.unique(column.numbers[np.isfinite(column.numbers)])) <= 2  # noqa: PLR2004


def _readings(free: Sequence[Column], known: Mapping[str, Column]) -> Iterator[dict[str, Column]]:
    """Every physically possible choice in file order that keeps what is known."""
    profiles, dms = (list(_curve_readings(free, known, curve)) for curve in CURVES)
    for profile in profiles:
        last = max((c.position for c in _unknown(profile, known)), default=0)
        for dm in dms:
            first = min((c.position for c in _unknown(dm, known)), default=last + 1)
            if last < first:
                yield {**profile, **dm}


def _curve_readings(
    free: Sequence[Column], known: Mapping[str, Column], curve: str
) -> Iterator[dict[str, Column]]:
    """Every possible choice for one curve."""
    names = [name for name in FEATURE_NAMES if name.startswith(curve)]
    open_names = [name for name in names if name not in known]
    fixed = {name: known[name] for name in names if name in known}
    for chosen in combinations(free, len(open_names)):
        reading = {**fixed, **dict(zip(open_names, chosen, strict=True))}
        if _misfits(_quad(reading, curve)) <= MAX_MISFITS:
            yield {name: reading[name] for name in names}


def _unknown(reading: Mapping[str, Column], known: Mapping[str, Column]) -> list[Column]:
    """Columns of a reading that were found by their values."""
    return [column for name, column in reading.items() if name not in known]


def _quad(reading: Mapping[str, Column], curve: str) -> Quad:
    """Four columns of a curve, mean first."""
    mean, stdev, third, fourth = (reading[name] for name in FEATURE_NAMES if name.startswith(curve))
    return mean, stdev, third, fourth


def _misfits(quad: Quad, *, shape: bool = True) -> float:
    """Share of the rows in which four cells cannot be moments of one curve between 0 and 255.

    Without `shape` only mean and stdev are looked at: where there is no choice, rows that are
    wrong are for the row checks to tell.
    """
    step = max(len(quad[0].numbers) // SAMPLE_ROWS, 1)
    mean, stdev, third, fourth = (column.numbers[::step] for column in quad)
    whole = np.isfinite([mean, stdev, third, fourth]).all(axis=0)
    if not whole.any():
        return 0.0
    mean, stdev, third, fourth = (cells[whole] for cells in (mean, stdev, third, fourth))
    bad = (mean < 0) | (mean > FULL_SCALE) | (stdev < 0)
    bad |= breaks_variance(mean, stdev, top=FULL_SCALE)
    bad |= shape & (np.maximum(mean, FULL_SCALE - mean) > stdev * MAX_BINS**0.5)
    if not shape or bad.mean() > MAX_MISFITS:  # spare the rest: most choices fail here
        return float(bad.mean())
    ways = [bad | _breaks_bounds(mean, stdev, *pair) for pair in ((third, fourth), (fourth, third))]
    return float(min(way.mean() for way in ways))


def _breaks_bounds(
    mean: np.ndarray, stdev: np.ndarray, skewness: np.ndarray, kurtosis: np.ndarray
) -> np.ndarray:
    """Tell which rows no distribution on 0–255 can have.

    With z = (x − mean) / stdev in [−a, b], the expectations of (z + a)²(b − z), (z + a)(b − z)²
    and z²(z + a)(b − z) cannot be negative; these are bounds on the third and fourth moment.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = mean / stdev, (FULL_SCALE - mean) / stdev
        slack = ROUNDING * (1 + np.abs(skewness) + np.abs(kurtosis))
        bad: np.ndarray = (skewness > b - 1 / b + slack) | (skewness < 1 / a - a - slack)
        bad |= kurtosis + 3 > a * b + (b - a) * skewness + slack * (1 + a + b)
    return bad | breaks_moments(skewness, kurtosis)


def _value(reading: Mapping[str, Column]) -> str:
    """Value of ``--columns`` for a reading."""
    return ",".join(str(reading[name].position) for name in FEATURE_NAMES)
