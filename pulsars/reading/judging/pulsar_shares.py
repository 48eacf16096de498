"""Where the pulsars of a table are: too many, in a heap, or set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.reading.counts.looks import N_PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

CHI_SQUARE_LIMIT = 27.88
"""One randomly ordered file in a thousand has a larger chi-square over ten parts."""

MOST_PULSARS = 0.5
"""A larger share of pulsars may be labels the wrong way round; of a balanced set it is a half."""

MOST_LOST = 0.05
"""A larger share of the pulsars set aside changes what is learnt, however few rows that are."""

_ERRORS = 3
"""Standard errors, and rows beside, by which more pulsars are set aside than by chance."""


def note_pulsars(
    tenths: Sequence[int], *, n_labelled: int, n_read: int, n_rows: int
) -> tuple[str, ...]:
    """Say what the places of the pulsars in a table tell of it.

    Parameters
    ----------
    tenths : sequence of int
        Pulsars in each tenth of the rows accepted.
    n_labelled : int
        Pulsars among the rows read.
    n_read, n_rows : int
        Rows read, and those accepted.
    """
    return (
        *_note_lost(n_labelled - sum(tenths), n_labelled, n_read - n_rows, n_read),
        *_note_spread(tenths, n_rows),
    )


def _note_lost(n_lost: int, n_labelled: int, n_aside: int, n_read: int) -> list[str]:
    """Say that pulsars are set aside more often than other rows."""
    if n_lost <= MOST_LOST * n_labelled:
        return []
    by_chance = n_aside * n_labelled / n_read
    if n_lost <= by_chance + _ERRORS * (by_chance**0.5 + 1):
        return []
    said = (
        f"{n_lost:,} of {n_labelled:,} pulsars ({n_lost / n_labelled:.0%}) were set aside, and "
        f"{n_aside / n_read:.1%} of all rows: what is left shows other pulsars than the survey "
        "has; see the reasons, and repair the file"
    )
    return [said]


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
            "a split by position would test on another mix than it trains on, so split by class"
        )
    return tuple(warnings)
