"""Newton's method (뉴턴법) on the cross-entropy: a handful of passes over all rows, to the minimum.

For this loss it is iteratively reweighted least squares: Hastie, Tibshirani and Friedman (2009),
"The Elements of Statistical Learning", section 4.4.1. With p the probabilities, the slope is
``X.T @ (p - y)`` and the curvature ``X.T @ diag(p (1 - p)) @ X``; the step solves the two.

Rows are held as columns: what weighs them then runs along memory, and the curvature is one
symmetric product of a block of rows that stays in the cache.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from slp.checks import check_features, check_labels, check_length

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_STEPS = 100
_BLOCK = 4096  # rows a block
_NEAR = 1e-9  # nats: a step that promises no more is the last,
_NEARER = 1e-15  # unless it still moves a logit by more than
_STILL = 0.1  # which is how a minimum at infinity shows: the loss ends, the steps do not
_RIDGE = 1e-12  # of the curvature scaled to a unit diagonal: makes any curvature solvable
_ROUNDING = 1e-14  # nats
_SHORTEST = 1e-10  # of a step
_SEPARABLE = "a plane parts the classes and l2 {l2} does not hold the weights: set l2 above 0"


class SeparableWarning(RuntimeWarning):
    """A plane parts the classes, or nearly: without a penalty the weights grow for ever."""


@dataclass(frozen=True, eq=False)
class NewtonFit:
    """The minimum that was found.

    Attributes
    ----------
    coef : ndarray of shape (n_features,), float64
        Weights on the features as they were given.
    intercept : float
        The bias.
    loss : float
        Weighted mean loss there, with the penalty, in nats.
    path : ndarray of shape (n_steps, n_features + 1), float64
        Weights after each step, the bias last; the last row is `coef` and `intercept`.
    separable : bool
        Whether the loss has no minimum and the weights were stopped on their way to infinity.
    """

    coef: NDArray[np.float64]
    intercept: float
    loss: float
    path: NDArray[np.float64]
    separable: bool

    @property
    def n_steps(self) -> int:
        """Steps taken."""
        return len(self.path)


def fit_newton(
    X: ArrayLike,
    y: ArrayLike,
    *,
    l2: float = 0.0,
    sample_weight: ArrayLike | None = None,
    start: ArrayLike | None = None,
) -> NewtonFit:
    """Find the weights with the lowest mean loss plus penalty.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, finite; best scaled, for the penalty takes them as they are.
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; both must be there.
    l2 : float
        Weight of the penalty ``l2 / 2 * sum(coef ** 2)``, as in `slp.training.settings.Settings`;
        at least 0. In scikit-learn's words ``C = 1 / (l2 * sum(sample_weight))``.
    sample_weight : array-like of shape (n_samples,), optional
        How much each row counts, finite and at least 0. None counts each as 1.
    start : array-like of shape (n_features + 1,), optional
        Weights to begin from, the bias last, such as the minimum for another penalty. None begins
        at the prevalence alone.

    Returns
    -------
    NewtonFit
        The last step promised less than 1e-9 nats; what is left after it is far less.

    Raises
    ------
    ValueError
        When an input is out of bounds, a class is absent or weighs nothing, or the minimum is not
        reached in `MAX_STEPS` steps, which badly scaled features alone can bring about.

    Warns
    -----
    SeparableWarning
        When a plane parts the classes and nothing holds the weights: they are then large, and
        where they ended says nothing.
    """
    problem = _Problem.of(X, y, l2=l2, sample_weight=sample_weight)
    point = problem.at(problem.start() if start is None else _checked_start(start, problem))
    path = []
    for _ in range(MAX_STEPS):
        slope, curvature = problem.derivatives(point)
        step = _solve(curvature, slope)
        promised = float(slope @ step) / 2
        before, point = point, problem.descend(point, step, promised)
        path.append(point.weights)
        moved = problem.largest_move(before, point)
        if promised <= (_NEAR if moved <= _STILL else _NEARER):
            if moved > _STILL:
                warnings.warn(_SEPARABLE.format(l2=l2), SeparableWarning, stacklevel=2)
            coef, intercept = point.weights[:-1], float(point.weights[-1])
            return NewtonFit(coef, intercept, point.loss, np.array(path), moved > _STILL)
    raise ValueError(
        f"after {MAX_STEPS} steps the loss {point.loss} could still fall by {promised}; "
        "scale the features or raise l2"
    )


class _Point(NamedTuple):
    """Weights, and of each row the logit and ``exp(-abs(logit))``; the mean loss with penalty."""

    weights: NDArray[np.float64]
    logits: NDArray[np.float64]
    decay: NDArray[np.float64]
    loss: float


@dataclass(frozen=True, eq=False)
class _Problem:
    """What is minimised: rows as columns, the last row ones; each row's share of the mean."""

    columns: NDArray[np.float64]
    labels: NDArray[np.float64]
    share: NDArray[np.float64]
    penalty: NDArray[np.float64]

    @classmethod
    def of(
        cls, X: ArrayLike, y: ArrayLike, *, l2: float, sample_weight: ArrayLike | None
    ) -> _Problem:
        features = check_features(X)
        labels = check_labels(y, n_samples=len(features))
        if not 0 <= l2 < np.inf:
            raise ValueError(f"l2 {l2} is negative or not finite")
        columns = np.ones((features.shape[1] + 1, len(labels)))
        columns[:-1] = features.T
        penalty = np.append(np.full(features.shape[1], float(l2)), 0.0)
        share = _shares(labels, sample_weight)
        return cls(columns, labels.astype(np.float64), share, penalty)

    def start(self) -> NDArray[np.float64]:
        """Give the weights that know nothing but the prevalence."""
        pulsars = self.share @ self.labels
        weights = np.zeros(len(self.columns))
        weights[-1] = np.log(pulsars) - np.log1p(-pulsars)
        return weights

    def at(self, weights: NDArray[np.float64]) -> _Point:
        """Measure."""
        logits = weights @ self.columns
        decay = np.exp(-np.abs(logits))
        losses = np.maximum(logits, 0) - logits * self.labels + np.log1p(decay)
        loss = float(self.share @ losses + self.penalty @ weights**2 / 2)
        return _Point(weights, logits, decay, loss)

    def derivatives(self, point: _Point) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give slope, shape (n_weights,), and curvature, shape (n_weights, n_weights)."""
        probability = np.where(point.logits > 0, 1.0, point.decay) / (1 + point.decay)
        slope = self.columns @ (self.share * (probability - self.labels))
        root = np.sqrt(self.share * point.decay) / (1 + point.decay)
        curvature = np.diag(self.penalty)
        for start in range(0, len(root), _BLOCK):
            weighed = self.columns[:, start : start + _BLOCK] * root[start : start + _BLOCK]
            curvature += weighed @ weighed.T
        return slope + self.penalty * point.weights, curvature

    def descend(self, point: _Point, step: NDArray[np.float64], promised: float) -> _Point:
        """Take the step, halved until the loss falls by a hundredth of what the slope promises."""
        length = 1.0
        while length > _SHORTEST:
            there = self.at(point.weights - length * step)
            if there.loss <= point.loss - length * promised / 50 + _ROUNDING:
                return there
            length /= 2
        return point

    def largest_move(self, before: _Point, after: _Point) -> float:
        """Give by how much the logit of a row that counts has changed at the most."""
        return float(np.abs(after.logits - before.logits)[self.share > 0].max())


def _solve(curvature: NDArray[np.float64], slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the Newton step; a column that does not vary gets none."""
    diagonal = curvature.diagonal()
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = curvature * scale * scale[:, None] + _RIDGE * np.eye(len(slope))
    step: NDArray[np.float64] = scale * np.linalg.solve(scaled, scale * slope)
    return step


def _shares(labels: NDArray[np.int64], sample_weight: ArrayLike | None) -> NDArray[np.float64]:
    """Check sample weights and make them sum to 1."""
    given = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if given.ndim != 1:
        raise ValueError(f"sample_weight has shape {given.shape}; one dimension is needed")
    check_length("sample weights", given, len(labels))
    wrong = np.flatnonzero(~((given >= 0) & np.isfinite(given)))
    if len(wrong):
        raise ValueError(
            f"sample weight {given[wrong[0]]} in row {wrong[0]} is negative or not finite"
        )
    for label in (0, 1):
        if not given[labels == label].any():
            raise ValueError(f"no row labelled {label} counts; both classes are needed")
    share: NDArray[np.float64] = given / given.sum()
    return share


def _checked_start(start: ArrayLike, problem: _Problem) -> NDArray[np.float64]:
    weights = np.array(start, dtype=np.float64)
    if weights.shape != (len(problem.columns),) or not np.isfinite(weights).all():
        raise ValueError(f"start {weights.tolist()} is not {len(problem.columns)} finite numbers")
    return weights
