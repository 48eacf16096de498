"""What is amiss with columns that can be no statistics as they stand: said beside a refusal."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.formats.spellings import how_written
from pulsars.reading.names import names_another_statistic
from schemas import CURVES, FEATURES, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulsars.reading.cells import Column

MANY = 0.25
"""Share of rows below 0 from which on a mean or stdev was centred, whatever was measured."""


def how_spelt(columns: Sequence[Column]) -> list[str]:
    """Say of the first cell that is a number written otherwise than is read what to do of it."""
    texts = (cell for c in columns for cell in c.cells(np.flatnonzero(c.status == Status.TEXT)[:1]))
    said = ((cell, how_written(cell)) for cell in texts)
    return list(islice((f"'{cell}': {how}" for cell, how in said if how), 1))


def why_no_statistics(columns: Sequence[Column]) -> Iterator[str]:
    """Say what is amiss with columns of which too few are statistics."""
    others = [column for column in columns if names_another_statistic(column.name)]
    if others:
        yield (
            f"{' and '.join(map(str, others))} by the name: another statistic than the eight; of a "
            "variance the square root is needed, the standard deviation"
        )
    yield from how_spelt(columns)
    n_sound = sum(not _is_centred(column) for column in columns)
    if n_sound < 2 * len(CURVES) and len(columns) >= len(FEATURES):
        yield (
            "two means and two stdevs are never below 0, and fewer columns are not; if the columns "
            "were standardised or centred, give them as they were measured"
        )


def refuse_centred(features: Mapping[str, Column], *, file: str) -> None:
    """Raise where means and stdevs are all below 0 in many rows.

    Raises
    ------
    ColumnsError
        They were standardised or centred, or are something else.
    """
    columns = [c for name, c in features.items() if name.endswith(("_mean", "_stdev"))]
    if not all(map(_is_centred, columns)):
        return
    share = (columns[0].numbers < 0).sum() / np.isfinite(columns[0].numbers).sum()
    raise ColumnsError(
        f"{file}: {', '.join(map(str, columns))} are below 0 in many rows ({columns[0]} in "
        f"{share:.0%}), as no mean or stdev is of a curve between 0 and 255; if the columns were "
        "standardised or centred, give them as they were measured, else choose them with --columns."
    )


def _is_centred(column: Column) -> bool:
    """Tell a column of many numbers below 0, all of them no mark of a missing one."""
    below = column.numbers[column.numbers < 0]
    return bool(
        len(below) > MANY * np.isfinite(column.numbers).sum() and len(np.unique(below)) > 2  # noqa: PLR2004
    )
