"""Pearson's kurtosis by name: a header that says so is repeated, however few the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.kurtosis_counts import KurtosisCounts
    from pulsars.reading.readings import ColumnSource

_EXCESS = ("excess", "fisher")
"""Words for the other kurtosis: "Pearson's excess kurtosis" has 3 taken off."""


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
    named = [curve for curve in CURVES if _says_pearson(columns[f"{curve}_kurtosis"].source)]
    curves = [] if counts.excess else [one for one in named if counts.below[one] <= most]
    if len(curves) == len(CURVES) and counts.wrong.length > most:
        return ()
    if not curves:
        return ()
    called = " and ".join(str(columns[f"{curve}_kurtosis"]) for curve in curves)
    note = (
        f"{called} {'is' if len(curves) == 1 else 'are'} called Pearson's kurtosis, which is 3 "
        f"more than excess kurtosis, and taken as it stands; {way_out(curves)}, --kurtosis excess "
        "says that it is right as it stands"
    )
    return (note,)


def way_out(curves: Sequence[str]) -> str:
    """Say who takes 3 off: the option does so in both curves, never in one of them."""
    option = "--kurtosis pearson takes 3 off"
    if len(curves) == len(CURVES):
        return option
    return f"take 3 off {curves[0]}_kurtosis in the file yourself ({option} both curves)"


def _says_pearson(name: str | None) -> bool:
    said = (name or "").lower()
    return "pearson" in said and not any(word in said for word in _EXCESS)
