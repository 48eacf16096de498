"""Pearson's kurtosis by name: a header that says so is repeated, however few the rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulsars.reading.names import words_of
from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.meaning.readings import ColumnSource
    from schemas import Curve
from pulsars.reading.meaning.kurtosis_counts import KurtosisCounts

_PEARSON = re.compile("pearson", re.IGNORECASE)


_EXCESS = re.compile(r"excess|fisher|(?<!\d)3(?!\d)", re.IGNORECASE)


_OTHERWISE = {"exc", "ex", "ek", "not", "non", "minus"}
"""Of the other kurtosis, or none of it: "Pearson's excess kurtosis" has 3 taken off."""


def called_pearson(
    columns: Mapping[str, ColumnSource], counts: KurtosisCounts, *, most: float
) -> tuple[str, ...]:
    """Note which kurtosis is called Pearson's in the file, where the rows allow it.

    Parameters
    ----------
    columns : dict of str to ColumnSource
        By canonical name.
    counts : KurtosisCounts
        Of all rows.
    most : float
        Rows that may be in error.
    """
    curves = _named(columns)
    if not curves or counts.excess:
        return ()
    if both_called(columns) and counts.wrong.length > most:
        # None is noted alone: who takes 3 off one of them has a file of both kinds.
        few = counts.wrong.length < counts.rows / 2
        return (_in_error(columns, counts),) if few else ()
    if any(counts.below[one] > most for one in curves):
        return ()
    are, they, stand = ("are", "they", "stand") if len(curves) > 1 else ("is", "it", "stands")
    note = (
        f"{_listed(columns, curves)} {are} called Pearson's kurtosis, which is 3 more than excess "
        f"kurtosis, and taken as {they} {stand}; {way_out(curves)}, --kurtosis excess says that "
        f"{they} {are} right as {they} {stand}"
    )
    return (note,)


def both_called(columns: Mapping[str, ColumnSource]) -> bool:
    """Tell whether both kurtoses are called Pearson's."""
    return len(_named(columns)) == len(CURVES)


def _in_error(columns: Mapping[str, ColumnSource], counts: KurtosisCounts) -> str:
    """Say of two that are called Pearson's that some rows cannot be, and what to do."""
    return (
        f"{_listed(columns, CURVES)} are called Pearson's kurtosis, which is at least skewness² + "
        f"1, and {counts.wrong.length:,} of {counts.rows:,} rows cannot have that (the first is "
        f"{counts.wrong.begins()}); all are taken as they stand; if those rows are in error, leave "
        "them out and say --kurtosis pearson, which takes 3 off"
    )


def way_out(curves: Sequence[str]) -> str:
    """Say who takes 3 off: the option does so in both curves, never in one of them."""
    option = "--kurtosis pearson takes 3 off"
    if len(curves) == len(CURVES):
        return option
    return f"take 3 off {curves[0]}_kurtosis in the file yourself ({option} both curves)"


def _named(columns: Mapping[str, ColumnSource]) -> list[Curve]:
    return [curve for curve in CURVES if _says_pearson(columns[f"{curve}_kurtosis"].source)]


def _listed(columns: Mapping[str, ColumnSource], curves: Sequence[str]) -> str:
    return " and ".join(str(columns[f"{curve}_kurtosis"]) for curve in curves)


def _says_pearson(name: str | None) -> bool:
    rest = _PEARSON.sub(" ", name or "")
    if rest == (name or "") or _EXCESS.search(rest):
        return False
    return _OTHERWISE.isdisjoint(words_of(rest))
