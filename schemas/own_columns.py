"""Names of columns that our own tables have, beside the features: no column of a file is called so.

A table of scores holds a file's own columns beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.features import FEATURE_NAMES, LABEL

LINE = "line"
SAME_SOURCE = "same_source"
"""Number of the source that a row shares with another row; -1 for a row of its own."""
KNOWN, HARMONIC = "known", "harmonic"
"""A catalogue's name of the pulsar that a candidate is, and its period in periods of that: 1/2."""

_OURS = frozenset(
    {
        *FEATURE_NAMES,
        LABEL,
        LINE,
        SAME_SOURCE,
        "reasons",
        "text",
        "logit",
        "probability",
        "decision",
        "rank",
        "outside",
        "intercept",
        "converted",
        "ranked_by",
        KNOWN,
        HARMONIC,
    }
)
_BEGINNINGS = ("contribution_", "companion")


def is_ours(name: str) -> bool:
    """Tell whether a column of our tables is called so, in whatever case."""
    lower = name.lower()
    return lower in _OURS or lower.startswith(_BEGINNINGS)


def shared_source(row: Mapping[Any, Any]) -> int | None:
    """Give the number, from 0, of the source that a row shares with another row; None of its own.

    Examples
    --------
    >>> shared_source({"same_source": 0}), shared_source({"same_source": "0"})
    (0, 0)
    >>> shared_source({"same_source": -1}), shared_source({"same_source": ""}), shared_source({})
    (None, None, None)
    """
    cell = row.get(SAME_SOURCE)
    source = -1 if cell in (None, "") else int(cell)
    return source if source >= 0 else None


def carried_texts(row: Mapping[Any, Any], carried: Iterable[str]) -> dict[str, str]:
    """Give the texts of what a row carries by column, without what is empty.

    Parameters
    ----------
    row : mapping
        By column; a cell of a typed file without a value is None or not equal to itself.
    carried : iterable of str
        Columns; the first filled one names the candidate.
    """
    cells = {name: row[name] for name in carried}
    # NaN and NaT are not equal to themselves.
    filled = {name: it for name, it in cells.items() if it == it and it not in (None, "")}  # noqa: PLR0124
    return {name: str(it) for name, it in filled.items()}
