"""Balance the classes of the training part, and of nothing else (오버샘플링, 과표집: oversampling).

Oversampling adds rows of the rarer class until both are equally many; undersampling (언더샘플링,
과소표집) leaves rows of the commoner one out. Only a `TrainingPart` is taken, which only a split
makes: whoever repeats pulsars before the split tests on copies of what was learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import Floats, check_features, check_labels, check_length, check_rng, frozen
from slp.kinds import OVERSAMPLINGS, Oversampling, untaken
from slp.power import best_exponent, inverse, transform
from slp.scalars import check_number
from slp.splitting.parts import TrainingPart


@dataclass(frozen=True, eq=False)
class Resampled:
    """Which rows to train on, how often, and how far moved.

    Attributes
    ----------
    sample_indices : ndarray of shape (n_resampled,), int64, read-only
        Row numbers of the table that was split; a row may stand more than once.
    noise : ndarray of shape (n_resampled, n_features), float64, read-only, or None
        To be added to the features of these rows, in their units.
    prevalence : float
        Share of pulsars among these rows.
    """

    sample_indices: NDArray[np.int64]
    noise: NDArray[np.float64] | None
    prevalence: float

    def of(self, X: ArrayLike) -> Floats:
        """Give these rows of a table's features, moved where they are to be.

        From shape (n_samples, n_features) to (n_resampled, n_features).

        Raises
        ------
        ValueError
            When features are not finite, or the table has too few rows or other columns to be that
            which was split.
        """
        features = check_features(X, n_features=None if self.noise is None else self.noise.shape[1])
        last = self.sample_indices.max()
        if last >= len(features):
            raise ValueError(f"row {last} is to be taken of a table of {len(features)} rows")
        rows = features[self.sample_indices]
        return rows if self.noise is None else rows + self.noise


def resample(
    part: TrainingPart,
    y: ArrayLike,
    *,
    strategy: Oversampling,
    rng: np.random.Generator,
    X: ArrayLike | None = None,
    jitter: float = 0.1,
) -> Resampled:
    """Choose the rows to train on so that both classes are equally many.

    Parameters
    ----------
    part : TrainingPart
        The training part of a split.
    y : array-like of shape (n_samples,)
        Labels of the whole table that was split. The minority may be either class.
    strategy : {"none", "cycle", "random", "jitter", "undersample"}
        Keep the rows as they are; or add minority rows in order, over and over (the book's way,
        there before the split); or add minority rows drawn with replacement; or add such and move
        each by normal noise; or drop majority rows at random.
    rng : numpy.random.Generator
        Source of every draw; "none" and "cycle" draw nothing.
    X : array-like of shape (n_samples, n_features), optional
        Features of the whole table; needed by "jitter" only.
    jitter : float
        Spread of the noise, as a share of each feature's standard deviation among the minority
        rows of the training part, both on the scale on which a power makes the feature of the
        training part most nearly normal (`slp.power`). At 0.1 the copies' variance grows by 1 %
        there. No feature leaves the range that it has in the training part.

    Returns
    -------
    Resampled
        The rows of `part` first and unmoved, then the added ones; or the kept rows, rising.

    Raises
    ------
    TypeError
        When `part` is not a TrainingPart: rows outside it must never be resampled.
    ValueError
        When the strategy is unknown, a class is absent, `jitter` is negative or `X` is missing.

    Notes
    -----
    Why on that scale: a feature that lies close to an end of its range in most rows, as the mean
    of the DM-SNR curve does, and far out in a few has a standard deviation that says nothing of
    where most rows lie. Noise of a tenth of it throws pulsars among the non-pulsars, the curved
    inputs follow, and no shift of the intercept brings the probabilities back.
    """
    if not isinstance(part, TrainingPart):
        raise TypeError(f"only a TrainingPart can be resampled, not a {type(part).__name__}")
    if strategy not in OVERSAMPLINGS:
        raise ValueError(f"strategy {strategy!r} is none of {', '.join(OVERSAMPLINGS)}")
    if strategy not in ("none", "cycle"):  # which draw nothing
        check_rng(rng)
    labels = check_labels(y)
    minority, majority = _by_size(part.indices, labels)
    if strategy == "undersample":
        kept = rng.choice(majority, len(minority), replace=False)
        rows = np.sort(np.concatenate([minority, kept]))
    else:
        added = _added(minority, majority, strategy, rng)
        rows = np.concatenate([part.indices, added])
    noise = None
    if strategy == "jitter":
        if X is None:
            raise ValueError("strategy 'jitter' needs the features X; there are none")
        features = check_features(X)
        check_length("rows of features", features, len(labels))
        moved = _noise(features, part.indices, minority, added, jitter=jitter, rng=rng)
        still = np.zeros((len(part.indices), features.shape[1]))
        noise = frozen(np.concatenate([still, moved]))
    return Resampled(frozen(rows), noise, float(labels[rows].mean()))


def _by_size(
    indices: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the training rows of the minority and of the majority."""
    if len(indices) == 0 or indices[-1] >= len(labels):
        raise ValueError(f"{len(labels)} labels do not cover the {len(indices)} training rows")
    classes = [indices[labels[indices] == label] for label in (1, 0)]
    minority, majority = sorted(classes, key=len)
    if len(minority) == 0:
        raise ValueError(f"the {len(indices)} training rows are all of one class; two are needed")
    return minority, majority


def _added(
    minority: NDArray[np.int64],
    majority: NDArray[np.int64],
    strategy: Literal["none", "cycle", "random", "jitter"],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    n_added = len(majority) - len(minority)
    match strategy:
        case "none":
            return minority[:0]
        case "cycle":
            return np.resize(minority, n_added)
        case "random" | "jitter":
            return rng.choice(minority, n_added)
        case other:
            raise untaken(other)


def _noise(
    features: Floats,
    learnt: NDArray[np.int64],
    minority: NDArray[np.int64],
    added: NDArray[np.int64],
    *,
    jitter: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Give what to add to the features of the rows `added`, one feature a column."""
    jitter = check_number("jitter", jitter)
    if jitter < 0:
        raise ValueError(f"jitter {jitter} is below 0")
    X = features.astype(np.float64)
    exponents = np.array([best_exponent(column) for column in X[learnt].T.copy()])
    even = transform(X, exponents)
    spread = jitter * even[minority].std(axis=0)
    moved = even[added] + rng.normal(0.0, spread, (len(added), X.shape[1]))
    low, high = even[learnt].min(axis=0), even[learnt].max(axis=0)
    # What is not moved is not moved by a rounding either.
    noise = inverse(np.clip(moved, low, high), exponents) - inverse(even[added], exponents)
    return _kept_within(X[added], noise, X[learnt].min(axis=0), X[learnt].max(axis=0))


def _kept_within(
    rows: NDArray[np.float64],
    noise: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give the noise, shortened where rows would end beyond a range that all of them lie in.

    A power and back are as near as float64 tells apart, of sizes: far from that of a small number
    where a feature spans many decades.
    """
    beyond = rows + noise
    ends = np.clip(beyond, low, high)
    shorter = ends - rows
    there = rows + shorter
    # A difference that was rounded up is the next float too long, and no more.
    shorter = np.where(there == np.clip(there, low, high), shorter, np.nextafter(shorter, 0.0))
    return np.where(beyond == ends, noise, shorter)
