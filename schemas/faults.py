"""Lists of faults: which row is wrong in which column, with what value, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from schemas.outside import for_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_TYPES = {"row": "int64", "column": "str", "value": "str", "why": "str"}

ROW = "row"
"""What stands for the column when a whole row is at fault."""


def list_faults(parts: Iterable[Mapping[str, Any] | pd.DataFrame]) -> pd.DataFrame:
    """Put lists of faults together, in the order of the rows.

    Parameters
    ----------
    parts : iterable of mapping or DataFrame
        ``row`` (from 0), ``column`` (canonical, or `ROW`), ``value`` (text, may be empty) and
        ``why``, the end of a sentence that the column begins; a single text stands for every row.

    Returns
    -------
    DataFrame
        The same four columns, one line a fault; empty when there is none.
    """
    frames = [pd.DataFrame(part) for part in parts if len(part["row"])]
    if not frames:
        return pd.DataFrame({name: [] for name in _TYPES}).astype(_TYPES)
    faults = pd.concat(frames, ignore_index=True)[list(_TYPES)].astype(_TYPES)
    return faults.sort_values("row", kind="stable", ignore_index=True)


def join_reasons(faults: pd.DataFrame) -> dict[int, str]:
    """Say for each row at fault everything that is wrong with it, in one line of text."""
    reasons: dict[int, list[str]] = {}
    for row, column, value, why in faults.itertuples(index=False):
        shown = f" '{for_name(value)}'" if value else ""
        reasons.setdefault(row, []).append(f"{column}{shown} {why}")
    return {row: "; ".join(found) for row, found in reasons.items()}
