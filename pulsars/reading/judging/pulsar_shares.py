"""Where the pulsars of a table are: too many, in a heap, or set aside."""

from __future__ import annotations

import math
from operator import and_
from typing import TYPE_CHECKING

from pulsars.reading.counts.looks import N_PARTS
from schemas import first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.judging.tallies import Tally

CHI_SQUARE_LIMIT = 27.88
"""One randomly ordered file in a thousand has a larger chi-square over ten parts."""

MOST_PULSARS = 0.5
"""A larger share of pulsars may be labels the wrong way round; of a balanced set it is a half."""

FEW_PULSARS = 0.25
"""Where less of some tenths are pulsars, others that have more than half may be turned round."""

MIN_PART = 20
"""Rows of a part below which more than half are pulsars by chance."""

MOST_LOST = 0.05
"""A larger share of the pulsars set aside changes what is learnt, however few rows that are."""

_CHANCE = 1e-3
"""So seldom are so many pulsars set aside where rows are at random."""

_NOTHING = 1e-9


def note_pulsars(shares: Sequence[Sequence[int]], tally: Tally) -> tuple[str, ...]:
    """Say what the places of the pulsars in a table tell of it.

    Parameters
    ----------
    shares : sequence of sequence of int
        Of each tenth of the rows accepted, see `pulsars.reading.counts.looks.count_shares`.
    tally : Tally
        Of all rows.
    """
    tenths = [n_pulsars for _, n_pulsars, *_ in shares]
    n_lost, n_aside = tally.pulsars - sum(tenths), tally.rejected
    return (
        *_note_lost(n_lost, tally.pulsars, n_aside, tally.rows),
        *(_note_turned(tally) or _note_turned_tenths(shares, tally.accepted)),
        *_note_spread(tenths, tally.accepted),
    )


def _note_lost(n_lost: int, n_labelled: int, n_aside: int, n_read: int) -> list[str]:
    """Say that pulsars are set aside more often than other rows."""
    if n_lost <= MOST_LOST * n_labelled:
        return []
    if _chance(n_lost, n_labelled, n_aside, n_read) > _CHANCE:
        return []
    said = (
        f"{n_lost:,} of {n_labelled:,} pulsars ({n_lost / n_labelled:.0%}) were set aside, and "
        f"{n_aside / n_read:.1%} of all rows: what is left shows other pulsars than the survey "
        "has; see the reasons, and repair the file"
    )
    return [said]


def _chance(n_lost: int, n_labelled: int, n_aside: int, n_read: int) -> float:
    """Give how likely so many pulsars or more are among rows that are set aside at random."""
    if n_lost * n_read <= n_aside * n_labelled:  # no more than expected
        return 1.0
    n_others = n_read - n_labelled
    ways = ((n_labelled, n_lost), (n_others, n_aside - n_lost))
    term = total = math.exp(sum(_log_ways(*each) for each in ways) - _log_ways(n_read, n_aside))
    for n in range(n_lost, min(n_labelled, n_aside)):  # each is less likely than the one before
        term *= (n_labelled - n) * (n_aside - n) / ((n + 1) * (n_others - n_aside + n + 1))
        total += term
        if term <= _NOTHING * total:
            break
    return total


def _log_ways(n: int, k: int) -> float:
    """Logarithm of the ways to choose `k` of `n`."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _note_turned(tally: Tally) -> list[str]:
    """Say in which files alone more than half are pulsars, and flatter than the others there."""
    many = [file for file, found in tally.by_file.items() if _is_turned(*found)]
    if not many or tally.pulsars > MOST_PULSARS * tally.rows:
        return []
    return [_turned(f"in {first_of(many)}")]


def _note_turned_tenths(shares: Sequence[Sequence[int]], n_rows: int) -> list[str]:
    """Say in which tenths in a row that is so, where of others few are pulsars.

    In a sorted table a single one is mixed, where the pulsars end.
    """
    many = [_is_turned(*found) for found in shares]
    few = any(FEW_PULSARS * size > n for size, n, *_ in shares)
    n_pulsars = sum(n for _, n, *_ in shares)
    if not few or n_pulsars > MOST_PULSARS * n_rows or not any(map(and_, many, many[1:])):
        return []
    where = ", ".join(str(at) for at, one in enumerate(many, 1) if one)
    return [_turned(f"in these tenths of the rows: {where}")]


def _is_turned(n_rows: int, n_pulsars: int, n_peaked: int, n_peaked_pulsars: int) -> bool:
    """Tell whether a part of a table has more pulsars than others, and fewer of them a pulse.

    In a list of pulsars, and at one end of a sorted table, they are many, and look like pulsars.
    """
    if n_rows < MIN_PART or not MOST_PULSARS * n_rows < n_pulsars < n_rows:
        return False
    others, pulses = n_rows - n_pulsars, n_peaked - n_peaked_pulsars
    return 2 * n_peaked_pulsars * others < pulses * n_pulsars


def _turned(where: str) -> str:
    return (
        f"more than half of the candidates are labelled pulsars {where}, and less than half of "
        "all, and fewer of them than of the others there have a pulse: check that a label of 1 "
        "means a pulsar there, too"
    )


def _note_spread(tenths: Sequence[int], n_rows: int) -> tuple[str, ...]:
    """Say that there are too many, or that they are not spread over the file."""
    if not 0 < sum(tenths) < n_rows:
        return ()
    warnings = []
    prevalence = sum(tenths) / n_rows
    if prevalence > MOST_PULSARS:
        warnings.append(
            f"{100 * prevalence:.1f} % of the candidates are labelled pulsars, and of a survey "
            f"few are: check that a label of 1 means a pulsar"
        )
    expected = n_rows / N_PARTS * prevalence
    spread = sum((n - expected) ** 2 for n in tenths) / (expected * (1 - prevalence))
    if spread > CHI_SQUARE_LIMIT:
        warnings.append(
            f"pulsars are not spread over the file (by tenths: {', '.join(map(str, tenths))}); "
            "a split by position would test on another mix than it trains on, so split by class, "
            "as a training here does"
        )
    return tuple(warnings)
