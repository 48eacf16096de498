"""Newton's method (뉴턴법) on the cross-entropy: a handful of passes over all rows, to the minimum.

For this loss it is iteratively reweighted least squares: Hastie, Tibshirani and Friedman (2009),
"The Elements of Statistical Learning", section 4.4.1. A step is the slope, solved by the curvature;
`slp.training.system` says what these are, and how they are summed over the rows.

A pass over all rows is what costs, and near the minimum a step squares what is left. So where rows
are more than half a million, a sample comes first, in memory, and all rows begin at its minimum:
four or five passes are then enough.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.blocks import Mapped, Source
from slp.inputs import Inputs
from slp.settings import check_start
from slp.training.system import Point, System

MAX_STEPS = 100
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
    warns: bool = True,
) -> NewtonFit:
    """Find the weights with the lowest mean loss plus penalty.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, finite; best scaled, for the penalty takes them as they are.
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; both must be there.
    l2 : float
        Weight of the penalty ``l2 / 2 * sum(coef ** 2)``, as in `slp.settings.Settings`;
        at least 0. In scikit-learn's words ``C = 1 / (l2 * sum(sample_weight))``.
    sample_weight : array-like of shape (n_samples,), optional
        How much each row counts, finite and at least 0. None counts each as 1.
    start : array-like of shape (n_features + 1,), optional
        Weights to begin from, the bias last, such as the minimum for another penalty. None begins
        at the prevalence alone.
    warns : bool
        Whether a plane that parts the classes is warned of; `NewtonFit.separable` says it anyway.

    Returns
    -------
    NewtonFit
        The last step promised less than 1e-9 nats; what is left after it is far less. Of more than
        16 blocks of `slp.blocks.BLOCK` rows the path begins at the minimum of a sample of them,
        where that has one.

    Raises
    ------
    ValueError
        When an input is out of bounds, a class is absent or weighs nothing, or the minimum is not
        reached in `MAX_STEPS` steps, which badly scaled features alone can bring about.

    Warns
    -----
    SeparableWarning
        Of this module. When a plane parts the classes and nothing holds the weights: they are then
        large, and where they ended says nothing.
    """
    system = System.of(X, y, l2=l2, sample_weight=sample_weight)
    return _to_the_minimum(system, start, l2, warns=warns)


def fit_newton_over(
    source: Source,
    inputs: Inputs,
    *,
    l2: float = 0.0,
    start: ArrayLike | None = None,
    mapped: Mapped = map,
    warns: bool = True,
) -> NewtonFit:
    """Find the same weights over rows that are never in memory together.

    Parameters
    ----------
    source : callable
        Gives all rows from the first on, each time it is called, in parts of any size: features as
        they are in the file, shape (n_rows, n_features), labels and, if rows are weighed, weights.
    inputs : Inputs
        What the layer sees of them; made anew for every pass.
    l2, start, warns
        As for `fit_newton`.
    mapped : callable
        Applies a function to each of many blocks and gives what it returns in their order: `map`,
        or `slp.blocks.by_threads`. The result is the same to the last bit.

    Returns
    -------
    NewtonFit
        Of up to `slp.blocks.BLOCK` rows what `fit_newton` gives of their inputs, to the last bit.

    Raises
    ------
    ValueError
        As `fit_newton`.

    Warns
    -----
    SeparableWarning
        As `fit_newton`.
    """
    system = System.over(source, inputs, l2=l2, mapped=mapped)
    return _to_the_minimum(system, start, l2, warns=warns)


def _to_the_minimum(
    system: System, start: ArrayLike | None, l2: float, *, warns: bool
) -> NewtonFit:
    weights = _begin(system) if start is None else check_start(start, len(system.penalty))
    found = _walk(system, weights)
    if found.separable and warns:
        warnings.warn(_SEPARABLE.format(l2=l2), SeparableWarning, stacklevel=3)
    return found


def _begin(system: System) -> NDArray[np.float64]:
    """Give the sample's minimum, where there is a sample that has one; else the prevalence."""
    if system.sample:
        try:
            of_sample = system.of_sample()
            found = _walk(of_sample, of_sample.start())
        except ValueError:  # one class alone, or no minimum in sight: all rows may do better
            return system.start()
        if not found.separable:
            return np.append(found.coef, found.intercept)
    return system.start()


def _walk(system: System, weights: NDArray[np.float64]) -> NewtonFit:
    point, path = system.at(weights), []
    for _ in range(MAX_STEPS):
        step = _solve(point.curvature, point.slope)
        promised = float(point.slope @ step) / 2
        # What the last step leads to is measured, and nothing is asked of its slope.
        point = _descend(system, point, step, promised, last=promised <= _NEAR)
        path.append(point.weights)
        if promised <= (_NEAR if point.moved <= _STILL else _NEARER):
            coef, intercept = point.weights[:-1], float(point.weights[-1])
            return NewtonFit(coef, intercept, point.loss, np.array(path), point.moved > _STILL)
        if not len(point.slope):
            point = system.at(point.weights)
    raise ValueError(
        f"after {MAX_STEPS} steps the loss {point.loss} could still fall by {promised}; "
        "scale the features or raise l2"
    )


def _descend(
    system: System, point: Point, step: NDArray[np.float64], promised: float, *, last: bool
) -> Point:
    """Take the step, halved until the loss falls by a hundredth of what the slope promises."""
    length = 1.0
    while length > _SHORTEST:
        most = point.loss - length * promised / 50 + _ROUNDING
        there = system.at(
            point.weights - length * step,
            before=point.weights if last else None,
            derivatives=not last,
            most=most,
        )
        if there.loss <= most:
            return there
        length /= 2
    return point._replace(moved=0.0)


def _solve(curvature: NDArray[np.float64], slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the Newton step; a column that does not vary gets none."""
    if not (np.isfinite(curvature).all() and np.isfinite(slope).all()):
        raise ValueError("the squares of the features overflow; scale the features")
    diagonal = curvature.diagonal()
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = curvature * scale * scale[:, None] + _RIDGE * np.eye(len(slope))
    step: NDArray[np.float64] = scale * np.linalg.solve(scaled, scale * slope)
    return step
