"""The first rows that were set aside, as a report shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import MESSAGE_LIMIT, PLACE_LIMIT, carried_texts, for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

N_SAMPLES = 5


@dataclass(frozen=True)
class RejectedRow:
    """One quarantined row, for people to look at; `named` by the first filled cell it carries."""

    line: int
    reasons: str
    text: str
    named: str = ""


def first_rejected(quarantined: pd.DataFrame, carried: Sequence[str]) -> tuple[RejectedRow, ...]:
    """Show the first rejected rows."""
    return tuple(
        RejectedRow(
            int(row["line"]),
            shortened(row["reasons"], MESSAGE_LIMIT),
            shortened(row["text"], PLACE_LIMIT),
            for_name(next(iter(carried_texts(row, carried).values()), "")),
        )
        for row in quarantined.head(N_SAMPLES).to_dict("records")
    )
