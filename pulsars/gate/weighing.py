"""The rule of the champion gate, as a function of numbers alone.

What it lets in and keeps out over many nights is simulated by `benchmarks/audit/nights.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas import Decision
from slp import Difference

Z = 2.45
"""Standard errors by which a challenger has to stay clear of the margin."""

WORSE = 1.96
"""Standard errors by which one that surely is worse lies below 0."""

PROOF = 2.5
"""Standard errors of a lead that moves the anchor."""

_UNSEEN = 0.07  # of a pulsar


@dataclass(frozen=True)
class Lead:
    """A challenger's lead over a rival in average precision.

    Attributes
    ----------
    measured : Difference
        On the candidates that neither has learnt from.
    n_pulsars : int
        Among those, at least 1.
    """

    measured: Difference
    n_pulsars: int

    @property
    def sure(self) -> Difference:
        """The lead with a little more doubt than the candidates show.

        Where two models part over a handful of pulsars, a sample that happens to hold few of them
        shows a small error and hides the loss with it: such samples are what lets a worse model in.
        """
        return self.measured.widened(_UNSEEN / self.n_pulsars)


def weigh(leads: Sequence[Lead], *, margin: float) -> Decision:
    """Decide on a challenger by its leads over champion and anchor.

    Parameters
    ----------
    leads : sequence of Lead
        At least one.
    margin : float
        Average precision that it may be worse by, at least 0.

    Returns
    -------
    {"promoted", "kept", "undecided"}
        "kept" when it is surely worse than one of them, "promoted" when it is surely not worse by
        more than the margin than any, else "undecided".
    """
    if any(is_worse(lead) for lead in leads):
        return "kept"
    if all(lead.sure.least(Z) >= -margin for lead in leads):
        return "promoted"
    return "undecided"


def is_worse(lead: Lead) -> bool:
    """Whether the challenger is surely worse than this rival, by however little."""
    return lead.sure.most(WORSE) < 0


def is_proven(over_anchor: Lead) -> bool:
    """Whether a lead over the anchor is one that makes the challenger the next anchor."""
    return over_anchor.sure.least(PROOF) > 0
