"""Nested cross-validation (중첩 교차 검증) of a sweep: the score of the whole procedure.

The best of many settings was chosen for its score, luck and all, so that score flatters. Here the
choice is made anew without each outer fold, which then measures what was chosen: Cawley and Talbot
(2010), JMLR 11, 2079.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_features, check_labels
from slp.choosing.cross_validation import sweep, try_on
from slp.choosing.grid import Grid
from slp.choosing.results import Swept, best
from slp.kinds import Measure
from slp.splitting.folds import stratified_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True)
class OuterScore:
    """One outer fold.

    Attributes
    ----------
    chosen : Swept
        The best setting of a sweep over the other folds, with its scores in that sweep.
    measured : Swept
        The same setting trained on all the other folds: its scores on this one.
    """

    chosen: Swept
    measured: Swept


def score_procedure(  # noqa: PLR0913 - what is optional is keyword-only
    X: ArrayLike,
    y: ArrayLike,
    *,
    grid: Grid,
    n_outer: int,
    n_inner: int,
    by: Measure,
    rng: np.random.Generator,
    on_pass: Callable[[int], None] | None = None,
) -> tuple[OuterScore, ...]:
    """Score "sweep the grid, take the best, train it" on rows that had no part in it.

    Parameters
    ----------
    X, y : array-like
        As for `slp.choosing.cross_validation.sweep`.
    grid : Grid
        What the procedure tries.
    n_outer, n_inner : int
        Folds to score, and folds of the sweep within the rest; each at least 2.
    by : {"log_loss", "f1", "average_precision"}
        What the best is best at.
    rng : numpy.random.Generator
        Draws all folds and orders.
    on_pass : callable, optional
        Called after each of ``n_outer * grid.n_passes`` passes with its 0-based number.

    Returns
    -------
    tuple of OuterScore
        One an outer fold. They share most of their training rows, so their spread is a little
        less than that of independent tests.

    Raises
    ------
    ValueError
        As for `slp.choosing.cross_validation.sweep`.
    """
    features, labels = check_features(X), check_labels(y)
    fold = stratified_folds(features, labels, n_folds=n_outer, rng=rng)
    scored = []
    for number in range(n_outer):
        held = fold == number

        def tell(inner: int, before: int = number * grid.n_passes) -> None:
            if on_pass is not None:
                on_pass(before + inner)

        swept = sweep(
            features[~held], labels[~held], grid=grid, n_folds=n_inner, rng=rng, on_pass=tell
        )
        chosen = best(swept, by=by)
        measured = try_on(features, labels, setting=chosen.setting, held=held, rng=rng)
        scored.append(OuterScore(chosen=chosen, measured=measured))
    return tuple(scored)


def draw_folds(
    X: ArrayLike,
    y: ArrayLike,
    *,
    n_outer: int,
    n_inner: int,
    rng: np.random.Generator,
    groups: ArrayLike | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw all that `score_procedure` would draw, and train nothing.

    What the folds cannot hold is then refused at once, and not after hours of training; and each
    training can be done by itself, in any order.

    Parameters
    ----------
    X, y, n_outer, n_inner, rng
        As for `score_procedure`, the generator in the same state.
    groups
        As for `slp.splitting.folds.stratified_folds`, of outer and inner folds alike.

    Returns
    -------
    inner : ndarray of shape (n_outer, n_samples), int64
        Without each outer fold, the inner fold of each row; -1 in the outer fold itself.
    seeds : ndarray of shape (n_outer, 2), int64
        Of the orders of each sweep, and of the training by its best.

    Raises
    ------
    ValueError
        When a class is too small for the outer folds, or for the inner ones without one of them.
    """
    features, labels = check_features(X), check_labels(y)
    same = np.full(len(labels), -1) if groups is None else np.asarray(groups)
    fold = stratified_folds(features, labels, n_folds=n_outer, rng=rng, groups=same)
    inner, seeds = np.full((n_outer, len(labels)), -1), np.empty((n_outer, 2), dtype=np.int64)
    for number in range(n_outer):
        kept = fold != number
        inner[number, kept] = stratified_folds(
            features[kept], labels[kept], n_folds=n_inner, rng=rng, groups=same[kept]
        )
        seeds[number] = rng.integers(2**63, size=2)
    return inner, seeds
