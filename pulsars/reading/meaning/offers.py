"""What is offered where the values leave it open which columns are the eight: a way that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.reading.meaning.amiss import why_no_statistics
from pulsars.reading.meaning.bounds import eight_in_a_row
from pulsars.reading.meaning.curves import profile_stands_first, swap_curves, value_of
from pulsars.reading.names import names_a_curve
from schemas import FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column


def offer(reading: Mapping[str, Column], known: Mapping[str, Column]) -> str:
    """Give the value of ``--columns`` for a reading, turned as names or values say."""
    told = any(names_a_curve(column.name) for column in known.values())
    turned = not told and profile_stands_first(reading)[0] is False
    return value_of(swap_curves(reading) if turned else reading)


def row_offered(free: Sequence[Column], known: Mapping[str, Column]) -> list[str]:
    """Give the option for eight that stand side by side, where what is known is none of them.

    A candidate's ``DM_sigma`` beside eight columns of names that say nothing is in every reading.
    """
    row = eight_in_a_row(free) if known else ()
    return [offer(dict(zip(FEATURE_NAMES, row, strict=True)), {})] if row else []


def how_to_name(free: Sequence[Column], known: Mapping[str, Column]) -> str:
    """Say what may be named with an option, where no reading is possible."""
    for way in row_offered(free, known):
        return (
            f"if eight in a row are these, and what names say is none of them, say --columns {way}"
        )
    return "if these stand in another order, name them with --columns"


def said_aside(apart: Sequence[str], columns: Sequence[Column]) -> str:
    """Say which columns were not looked at, and what is amiss with the others."""
    aside = f" (not looked at: {'; '.join(apart)})" if apart else ""
    return "; ".join([aside, *why_no_statistics(columns)])
