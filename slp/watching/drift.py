"""Whether new candidates look like the training rows: drift (드리프트).

Three questions a feature: do the shares of ten bins differ (`psi`), how far has the distribution
moved (`distance`), and how much of it lies where the model has seen nothing (`below`, `above`)?

Another mix of the same candidates moves features as well. Of HTRU2's candidates 9.2 % are pulsars,
of a survey's far fewer, and of a stretch of HTRU2 itself anything from 0.5 to 26 %. So the training
rows are weighted anew: where one share of pulsars explains what all features show, the candidates
are no others, and the level is "watch" at most; only what no share explains is "stop". Few survey
candidates will ever be "ok" against HTRU2, and that is right: their precision is another too
(`slp.measures.projection`).

Features are looked at one by one and without the model: a change may hurt no score, and a small one
of a feature with a large weight may hurt without a word here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.scalars import check_whole
from slp.watching.distances import mean_shift, outside_noise
from slp.watching.explaining import LIMITS, LIMITS_OF_ONE_CLASS, Explained
from slp.watching.reference import Reference
from slp.watching.tally import Tally

Level = Literal["ok", "watch", "stop", "too few"]
"""Nothing to see; look before you trust; scores are not to be trusted; cannot be told."""

MIN_ROWS = 30
"""Rows on either side below which shares of ten bins say nothing."""

_LEVELS: tuple[Level, ...] = ("ok", "watch", "stop")
_FEW: Level = "too few"
_SURELY = 0.01  # chance below which a count outside is no accident
_SHOWN = 2  # bins of a tally that are shown as one


@dataclass(frozen=True)
class FeatureDrift:
    """How one feature of the candidates differs from that of the training rows.

    Attributes
    ----------
    psi, distance : float
        As from the functions of these names, at least 0, at the training rows' share of pulsars.
    psi_noise, distance_noise : float
        What chance can give: their mean when nothing has changed, and 4 standard deviations.
    psi_left, distance_left : float
        What is left of them at the share of pulsars that explains most.
    shift : float
        How much higher the candidates' mean is, in standard deviations of the training rows.
    below, above : float
        Share of the candidates below and above the training range, in [0, 1].
    level : {"ok", "watch", "stop", "too few"}
    because : tuple of str
        Those of "psi", "distance" and "outside" that the level rests on; none when it is "ok" or
        "too few".
    edges : tuple of 26 float
        From the lowest to the highest training row, in the units of the feature.
    training, candidates : tuple of 25 float
        Share of the rows between them; what lies beyond counts into the outermost.
    """

    psi: float
    psi_noise: float
    psi_left: float
    distance: float
    distance_noise: float
    distance_left: float
    shift: float
    below: float
    above: float
    level: Level
    because: tuple[str, ...]
    edges: tuple[float, ...]
    training: tuple[float, ...]
    candidates: tuple[float, ...]


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
    pulsars : float or None
        The share of pulsars among the training rows that explains most of what all features show
        together, in [0, 1]; None where their classes are not known.
    explained : bool
        Whether with that share nothing is left above the limits of "watch".
    """

    n_rows: int
    n_reference: int
    features: tuple[FeatureDrift, ...]
    outside: float
    level: Level
    pulsars: float | None
    explained: bool

    @property
    def limits(self) -> Mapping[str, tuple[float, float]]:
        """Where "watch" and "stop" begin."""
        return LIMITS_OF_ONE_CLASS if self.pulsars is None else LIMITS


def measure_drift(reference: Reference, X: ArrayLike, *, min_rows: int = MIN_ROWS) -> Drift:
    """Compare candidates with the training rows.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    X : array-like of shape (n_samples, n_features)
        The candidates' features as they are in the file, finite; at least one row.
    min_rows : int, optional
        As for `judge_drift`.

    Raises
    ------
    ValueError
        When `reference` is not one, there is no row, the number of columns is another, a number
        is not finite or `min_rows` is no whole number of 1 or more.
    """
    if not isinstance(reference, Reference):
        raise ValueError(  # noqa: TRY004 - slp raises ValueError
            f"a {type(reference).__name__} is no reference; slp.Reference.of(X, y) makes one"
        )
    return judge_drift(reference, reference.tally(X), min_rows=min_rows)


def judge_drift(reference: Reference, tally: Tally, *, min_rows: int = MIN_ROWS) -> Drift:
    """Compare candidates that have been counted with the training rows.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    tally : Tally
        Of the candidates, by ``reference.tally``; the sum of those of the parts of a table.
    min_rows : int, optional
        With fewer candidates or fewer training rows every level is "too few", but for the whole,
        which is "stop" when surely (99 %) more than a tenth of all such candidates lie outside the
        training range; the numbers are given all the same.

    Returns
    -------
    Drift
        What chance can give is taken off before a number is held against its limits, so these do
        not depend on the number of rows.

    Raises
    ------
    ValueError
        When `min_rows` is no whole number of 1 or more, or the tally is of another reference.
    """
    tally.check_grid(reference.grid)
    if check_whole("min_rows", min_rows) < 1:
        raise ValueError(f"min_rows {min_rows} is less than 1")
    enough = min(tally.n_rows, reference.n_rows) >= min_rows
    found = Explained.of(reference, tally)
    levels = found.levels() if enough else np.zeros((len(reference.low), 3), dtype=np.int64)
    outside = tally.outside / tally.n_rows
    if enough:
        level = _LEVELS[max(int(levels.max()), found.level_anywhere(outside))]
    else:
        level = _of_few(reference, tally)
    return Drift(
        n_rows=tally.n_rows,
        n_reference=reference.n_rows,
        features=tuple(_features(reference, tally, found, levels, enough=enough)),
        outside=outside,
        level=level,
        pulsars=float(reference.spread.pulsars[found.best]) if reference.knows_classes else None,
        explained=found.explained and not (enough and found.level_anywhere(outside)),
    )


def _features(
    reference: Reference,
    tally: Tally,
    found: Explained,
    levels: NDArray[np.int64],
    *,
    enough: bool,
) -> list[FeatureDrift]:
    shift = mean_shift(reference, tally)[0]
    edges = np.column_stack(
        [reference.low, reference.edges[:, _SHOWN - 1 :: _SHOWN], reference.high]
    )
    training, candidates = (
        counts.reshape(len(shift), -1, _SHOWN).sum(axis=2) / counts[0].sum()
        for counts in (reference.counts.sum(axis=0), tally.counts)
    )
    names = (*found.values, "outside")
    return [
        FeatureDrift(
            **{name: float(value[0, j]) for name, value in found.values.items()},
            **{f"{name}_noise": float(noise[0][0, j]) for name, noise in found.noise.items()},
            **{f"{name}_left": float(value[found.best, j]) for name, value in found.values.items()},
            shift=float(shift[j]),
            below=int(tally.below[j]) / tally.n_rows,
            above=int(tally.above[j]) / tally.n_rows,
            level=_LEVELS[worst] if enough else _FEW,
            because=tuple(
                name for name, at in zip(names, levels[j], strict=True) if at == worst > 0
            ),
            edges=tuple(edges[j].tolist()),
            training=tuple(training[j].tolist()),
            candidates=tuple(candidates[j].tolist()),
        )
        for j, worst in enumerate(levels.max(axis=1).tolist())
    ]


def _of_few(reference: Reference, tally: Tally) -> Level:
    """Count what lies outside: its chance is known without a distribution, however few the rows."""
    by_chance = outside_noise(reference, tally.n_rows, sides=2 * len(reference.low))
    share = min(1.0, LIMITS["outside"][1] + by_chance)
    chance = chance_of_at_least(tally.outside, tally.n_rows, share)
    return "stop" if chance < _SURELY else _FEW


def chance_of_at_least(k: int, n: int, share: float) -> float:
    """Chance that at least k of n rows are outside when each is with probability `share`."""
    if k == 0 or share == 1:
        return 1.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])  # of factorials
    counts = np.arange(k, n + 1)
    ways = logs[n] - logs[counts] - logs[n - counts]
    chances = ways + counts * np.log(share) + (n - counts) * np.log1p(-share)
    return float(np.exp(chances).sum())
