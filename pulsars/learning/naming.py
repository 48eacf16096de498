"""Call a candidate by what its file says of it, beside the line that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas import SAME_SOURCE, carried_texts, shared_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


def name_candidate(row: Mapping[Any, Any], carried: Sequence[str]) -> dict[str, Any]:
    """Give what a row carries, as a list or a page shows it.

    Parameters
    ----------
    row : mapping
        A row of a table that holds the columns `carried`, and perhaps ``same_source``.
    carried : sequence of str
        Names of columns; the first filled one names the candidate.

    Returns
    -------
    dict
        ``carried``, column → text without the empty ones; ``same_source``, the number of the
        source that it shares with another row of its file, or None.
    """
    return {"carried": carried_texts(row, carried), SAME_SOURCE: shared_source(row)}


def name_mistakes(mistakes: Mapping[str, Any], carried: pd.DataFrame) -> dict[str, Any]:
    """Give the worst mistakes with the names of their candidates.

    Parameters
    ----------
    mistakes : mapping
        As of `mistakes`.
    carried : DataFrame
        As of `pulsars.store.arrays.load_named_rows`, of the rows that `mistakes` was given: a line
        may stand in several files.
    """
    names = [str(name) for name in carried if name != SAME_SOURCE]

    def named(row: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: value for key, value in row.items() if key != "row"}
        return {**told, **name_candidate(carried.iloc[row["row"]].to_dict(), names)}

    lists = {key: [named(row) for row in mistakes[key]] for key in ("missed", "false_alarms")}
    return {**mistakes, **lists}
