"""The rule of the champion gate, as a function of numbers alone.

What it lets in and keeps out over many nights is simulated by `benchmarks/audit/nights.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas import Decision
from slp import Difference

Z = 2.5
"""Standard errors by which a challenger has to stay clear of the margin."""

WORSE = 1.96
"""Standard errors by which one that surely is worse lies below 0."""

PROOF = 2.5
"""Standard errors of a lead that moves the anchor."""

_UNSEEN = 0.05  # of a pulsar


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


def weigh(over_champion: Lead, over_anchor: Lead | None, *, margin: float) -> Decision:
    """Decide on a challenger.

    Parameters
    ----------
    over_champion : Lead
        Its lead over the champion.
    over_anchor : Lead or None
        Over the anchor; None where that is the champion.
    margin : float
        Average precision that it may be worse by, at least 0. Where the champion is not the anchor
        a part of it may be spent already: against the anchor half of it is left.

    Returns
    -------
    {"promoted", "kept", "undecided"}
        "kept" when it is surely worse than one of them, "promoted" when it is surely not worse by
        more than the margin than either, else "undecided".
    """
    leads = [(over_champion, margin)]
    if over_anchor is not None:
        leads.append((over_anchor, margin / 2))
    if any(is_worse(lead) for lead, _ in leads):
        return "kept"
    if all(lead.sure.least(Z) >= -most for lead, most in leads):
        return "promoted"
    return "undecided"


def is_worse(lead: Lead) -> bool:
    """Whether the challenger is surely worse than this rival, by however little."""
    return lead.sure.most(WORSE) < 0


def is_proven(over_anchor: Lead) -> bool:
    """Whether a lead over the anchor is one that makes the challenger the next anchor."""
    return over_anchor.sure.least(PROOF) > 0
