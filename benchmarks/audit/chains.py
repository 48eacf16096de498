"""Chains of nights at the champion gate, each with one challenger, by the gate's own rule.

Nobody answers: what is undecided leaves the champion in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.audit.sky import Night, Retraining, best_quality
from pulsars.gate.weighing import Lead, is_proven, weigh
from slp.measures.comparison import UNSEEN
from slp.measures.difference import difference
from slp.measures.influence import Influence

MARGIN = 0.004  # the default of `TrainingParameters`
FAR = 0.010
"""Average precision that nobody should lose, or miss, for long."""


@dataclass(frozen=True)
class Setting:
    """What a chain is simulated under.

    Attributes
    ----------
    n_rows : int
        Of the test part that two models share.
    kind : Retraining
        How far two trainings of one recipe end apart.
    same : bool
        Whether the test rows are the same every night, as they nearly are where a file grows, or
        drawn anew.
    """

    n_rows: int
    kind: Retraining
    same: bool

    def __str__(self) -> str:
        """Say it in words."""
        rows = "the same" if self.same else "fresh"
        return f"{self.n_rows:,} rows, {rows} every night, {self.kind.name}"


@dataclass(frozen=True, eq=False)
class Model:
    """A model's true average precision, and what it measures on the rows of a night."""

    quality: float
    seen: Influence


@dataclass(frozen=True, eq=False)
class Place:
    """Who is champion, and the anchor that losses are counted from."""

    champion: Model
    anchor: Model

    def after(self, night: Night, challenger: Model) -> Place:
        """Give who is after a challenger came."""
        n_pulsars = int(night.y.sum())
        over_champion, over_anchor = (
            Lead(difference(rival.seen, challenger.seen), n_pulsars)
            for rival in (self.champion, self.anchor)
        )
        apart = None if self.anchor is self.champion else over_anchor
        if weigh(over_champion, apart, margin=MARGIN) != "promoted":
            return self
        return Place(challenger, challenger if is_proven(over_anchor) else self.anchor)

    def on(self, night: Night, kind: Retraining, rng: np.random.Generator) -> Place:
        """Have both look at the rows of another night."""
        champion = train(night, self.champion.quality, kind, rng)
        if self.anchor is self.champion:
            return Place(champion, champion)
        return Place(champion, train(night, self.anchor.quality, kind, rng))


def train(night: Night, quality: float, kind: Retraining, rng: np.random.Generator) -> Model:
    """Train a model of a true quality, which looks at the rows of a night."""
    return Model(quality, night.look(quality, kind, rng))


def start() -> float:
    """Give the first champion's true quality: what is `FAR` better has next to no noise."""
    return best_quality() - FAR - 0.001


def places(
    setting: Setting,
    nights: int,
    quality: Callable[[Place], float],
    rng: np.random.Generator,
    *,
    slipped: float = 0.0,
) -> Iterator[tuple[Place, Model]]:
    """Go through nights, each with a challenger of the quality asked for.

    Parameters
    ----------
    setting : Setting
        Under which.
    nights : int
        How many.
    quality : callable
        From who is champion to the true average precision of the next challenger.
    rng : numpy.random.Generator
        Draws rows, noise and models.
    slipped : float
        How far the first champion is below the anchor.

    Yields
    ------
    tuple of Place and Model
        Who is champion after each night, and who came.
    """
    night = Night.draw(setting.n_rows, rng)
    champion = anchor = train(night, start(), setting.kind, rng)
    if slipped:
        champion = train(night, start() - slipped, setting.kind, rng)
    place = Place(champion, anchor)
    for n in range(nights):
        if n and not setting.same:
            night = Night.draw(setting.n_rows, rng)
            place = place.on(night, setting.kind, rng)
        challenger = train(night, quality(place), setting.kind, rng)
        place = place.after(night, challenger)
        yield place, challenger


def enters(
    setting: Setting, lead: float, nights: int, rng: np.random.Generator, *, slipped: float = 0.0
) -> bool:
    """Whether a challenger of this true lead over the anchor is let in at least once."""
    nightly = places(setting, nights, lambda _: start() + lead, rng, slipped=slipped)
    return any(place.champion is challenger for place, challenger in nightly)


def slide(setting: Setting, nights: int, step: float, rng: np.random.Generator) -> float:
    """Give how far below the best the champion ends, where each challenger is a step below it."""
    *_, (last, _) = places(setting, nights, lambda place: place.champion.quality - step, rng)
    return start() - last.champion.quality


def covers(setting: Setting, rng: np.random.Generator) -> bool:
    """Whether the 95 % interval of a difference holds it, of a model `FAR` below another."""
    night = Night.draw(setting.n_rows, rng)
    better, worse = (train(night, start() - lost, setting.kind, rng).seen for lost in (0.0, FAR))
    found = difference(better, worse, unseen=UNSEEN["average_precision"] / int(night.y.sum()))
    return found.low <= -FAR <= found.high


def flattered(setting: Setting, nights: int, rng: np.random.Generator) -> float:
    """Give by how much the last champion of equals measures more than they do on the same rows."""
    nightly = [*places(setting, nights, lambda _: start(), rng)]
    usual = np.mean([challenger.seen.value for _, challenger in nightly])
    return float(nightly[-1][0].champion.seen.value - usual)
