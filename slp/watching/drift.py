"""Whether new candidates look like the training rows: drift (드리프트).

Three questions a feature: do the shares of ten bins differ (`psi`), how far has the distribution
moved (`distance`), and how much of it lies where the model has seen nothing (`below`, `above`)?

Another mix of the same candidates moves features as well. Of HTRU2's candidates 9.2 % are pulsars,
of a survey's far fewer; HTRU2's non-pulsars alone, against all of it, have a PSI of up to 0.15 and
a distance of up to 0.26, without any change of the instrument. The limits are set so that this is a
"watch". Few survey candidates will ever be "ok" against HTRU2, and that is right: their precision
is another too (`slp.measures.projection`).

Features are looked at one by one and without the model: a change may hurt no score, and a small one
of a feature with a large weight may hurt without a word here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from slp.checks import check_features
from slp.watching.distances import distance, distance_noise, psi, psi_noise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from slp.watching.reference import Reference

Level = Literal["ok", "watch", "stop", "too few"]
"""Nothing to see; look before you trust; scores are not to be trusted; cannot be told."""

MIN_ROWS = 500
"""Rows on either side below which chance alone could pass the limits."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "psi": (0.1, 0.25),
    "distance": (0.2, 0.5),
    "outside": (0.03, 0.1),
}
"""Above which "watch" and "stop" begin, when what chance alone gives has been taken off."""

_LEVELS: tuple[Level, ...] = ("ok", "watch", "stop")
_FEW: Level = "too few"
_SURELY = 0.01  # chance below which a count outside is no accident


@dataclass(frozen=True)
class FeatureDrift:
    """How one feature of the candidates differs from that of the training rows.

    Attributes
    ----------
    psi, distance : float
        As from the functions of these names, at least 0.
    psi_noise, distance_noise : float
        What they come to on average when nothing has changed.
    below, above : float
        Share of the candidates below and above the training range, in [0, 1].
    level : {"ok", "watch", "stop", "too few"}
    because : tuple of str
        Those of "psi", "distance" and "outside" that the level rests on; none when it is "ok" or
        "too few".
    """

    psi: float
    psi_noise: float
    distance: float
    distance_noise: float
    below: float
    above: float
    level: Level
    because: tuple[str, ...]


@dataclass(frozen=True)
class Drift:
    """How candidates differ from the training rows.

    Attributes
    ----------
    n_rows, n_reference : int
        Candidates and training rows.
    features : tuple of FeatureDrift
        In the order of the columns.
    outside : float
        Share of the candidates with at least one feature outside the training range.
    level : {"ok", "watch", "stop", "too few"}
        The worst of the features' and of what `outside` says.
    """

    n_rows: int
    n_reference: int
    features: tuple[FeatureDrift, ...]
    outside: float
    level: Level


def measure_drift(reference: Reference, X: ArrayLike, *, min_rows: int = MIN_ROWS) -> Drift:
    """Compare candidates with the training rows.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    X : array-like of shape (n_samples, n_features)
        The candidates' features as they are in the file, finite; at least one row.
    min_rows : int, optional
        With fewer candidates or fewer training rows every level is "too few", but for the whole,
        which is "stop" when surely (99 %) more than a tenth of all such candidates lie outside the
        training range; the numbers are given all the same.

    Returns
    -------
    Drift
        What chance alone gives is taken off before a number is held against its limits, so these
        do not depend on the number of rows.

    Raises
    ------
    ValueError
        When there is no row, the number of columns is another, a number is not finite or
        `min_rows` is less than 1.
    """
    if min_rows < 1:
        raise ValueError(f"min_rows {min_rows} is less than 1")
    candidates = check_features(X, n_features=len(reference.low))
    n_rows, n_features = candidates.shape
    enough = min(n_rows, reference.n_rows) >= min_rows
    # The chance that the last of n + 1 like rows is the lowest or the highest of them.
    by_chance = 2 / (reference.n_rows + 1)
    measured = np.column_stack(
        [
            psi(reference, candidates),
            np.full(n_features, psi_noise(reference, n_rows)),
            distance(reference, candidates),
            distance_noise(reference, n_rows),
            (candidates < reference.low).mean(axis=0),
            (candidates > reference.high).mean(axis=0),
        ]
    )
    features = tuple(_judge(row, by_chance, enough=enough) for row in measured.tolist())
    n_outside = int(reference.outside(candidates).any(axis=1).sum())
    outside, by_chance_anywhere = n_outside / n_rows, n_features * by_chance
    if enough:
        anywhere = _level(outside - by_chance_anywhere, LIMITS["outside"])
        level = _LEVELS[max(anywhere, *(_LEVELS.index(one.level) for one in features))]
    else:
        # A count outside needs no distribution: its chance is known, however few the rows.
        share = min(1.0, LIMITS["outside"][1] + by_chance_anywhere)
        chance = chance_of_at_least(n_outside, n_rows, share)
        level = "stop" if chance < _SURELY else _FEW
    return Drift(n_rows, reference.n_rows, features, outside, level)


def chance_of_at_least(k: int, n: int, share: float) -> float:
    """Chance that at least k of n rows are outside when each is with probability `share`."""
    if k == 0 or share == 1:
        return 1.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])  # of factorials
    counts = np.arange(k, n + 1)
    ways = logs[n] - logs[counts] - logs[n - counts]
    chances = ways + counts * np.log(share) + (n - counts) * np.log1p(-share)
    return float(np.exp(chances).sum())


def _judge(measured: Sequence[float], by_chance: float, *, enough: bool) -> FeatureDrift:
    shares, shares_noise, moved, moved_noise, below, above = measured
    levels = {
        "psi": _level(shares - shares_noise, LIMITS["psi"]),
        "distance": _level(moved - moved_noise, LIMITS["distance"]),
        "outside": _level(below + above - by_chance, LIMITS["outside"]),
    }
    worst = max(levels.values()) if enough else 0
    because = tuple(name for name, passed in levels.items() if passed == worst > 0)
    level = _LEVELS[worst] if enough else _FEW
    return FeatureDrift(shares, shares_noise, moved, moved_noise, below, above, level, because)


def _level(excess: float, limits: tuple[float, float]) -> int:
    """Give the number of the level in `_LEVELS`: how many limits are passed."""
    return sum(excess > limit for limit in limits)
