"""Pearson's kurtosis by name: a header that says so is repeated, however few the rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulsars.reading.names import words_of
from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.kurtosis_counts import KurtosisCounts
    from pulsars.reading.readings import ColumnSource

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
    curves = [curve for curve in CURVES if _says_pearson(columns[f"{curve}_kurtosis"].source)]
    both = len(curves) == len(CURVES)
    # Of two that are called so none is noted alone: who takes 3 off it has a file of both kinds.
    in_error = [counts.below[one] for one in curves] + [counts.wrong.length] * both
    if not curves or counts.excess or max(in_error) > most:
        return ()
    called = " and ".join(str(columns[f"{curve}_kurtosis"]) for curve in curves)
    are, they, stand = ("are", "they", "stand") if both else ("is", "it", "stands")
    note = (
        f"{called} {are} called Pearson's kurtosis, which is 3 more than excess kurtosis, and "
        f"taken as {they} {stand}; {way_out(curves)}, --kurtosis excess says that {they} {are} "
        f"right as {they} {stand}"
    )
    return (note,)


def way_out(curves: Sequence[str]) -> str:
    """Say who takes 3 off: the option does so in both curves, never in one of them."""
    option = "--kurtosis pearson takes 3 off"
    if len(curves) == len(CURVES):
        return option
    return f"take 3 off {curves[0]}_kurtosis in the file yourself ({option} both curves)"


def _says_pearson(name: str | None) -> bool:
    rest = _PEARSON.sub(" ", name or "")
    if rest == (name or "") or _EXCESS.search(rest):
        return False
    return _OTHERWISE.isdisjoint(words_of(rest))
