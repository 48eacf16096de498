"""Draw the folds of a sweep before it tries anything, and refuse those that it cannot have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np

from pulsars.learning.solving import rng_for
from schemas import ParameterError, SweepJob
from slp import draw_folds, stratified_folds

Drawn = dict[str, np.ndarray]
Draw = Callable[[int, bool], Drawn]
"""Draws so many folds, nested or not."""


def rows_of_round(
    drawn: Mapping[str, np.ndarray], number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Give a round of what `draw_rounds` gave.

    Returns
    -------
    X, y : ndarray of shape (n_samples, 8) and (n_samples,)
        The rows that have a say in the round's choice.
    held : ndarray of shape (n_folds, n_samples), bool
        Which of them only measure in each fold.
    seed : int
        Of the orders that every descent goes through.
    """
    fold = drawn["folds"][number]
    among, held = fold >= 0, fold == np.arange(fold.max() + 1)[:, None]
    return drawn["X"][among], drawn["y"][among], held[:, among], int(drawn["seeds"][number, 0])


def draw_rounds(
    job: SweepJob, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None
) -> Drawn:
    """Draw every fold of the sweep and of its nested cross-validation, and train nothing.

    Parameters
    ----------
    job : SweepJob
        Folds, seed, and whether the procedure will be scored.
    X : ndarray of shape (n_samples, 8)
        The rows to sweep.
    y : ndarray of shape (n_samples,)
        Their labels, 0 or 1.
    groups : ndarray of shape (n_samples,), optional
        Rows of one source, as for `slp.stratified_split`.

    Returns
    -------
    dict
        ``X`` and ``y``; ``folds``, of shape (n_rounds, n_samples), the fold of each row in each
        round, or -1: the first is the sweep over all rows, each other one leaves an outer fold
        out; ``seeds``, of shape (n_rounds, 2), of the orders of each round, and of the training
        by its best.

    Raises
    ------
    ParameterError
        When a class is too small, or stays together in too few groups, with what can be drawn.
    """
    asked = job.parameters
    draw = partial(_drawn, asked.seed, X, y, groups)
    try:
        return draw(asked.n_folds, asked.nested)
    except ValueError as error:
        with_it = asked.nested and _most_drawn(draw, asked.n_folds, nested=True)
        without = _most_drawn(draw, asked.n_folds, nested=False)
        raise ParameterError(
            f"{job.source.origin} cannot be swept so: {error}; "
            f"{_what_to_ask(with_it, without, nested=asked.nested)}"
        ) from None


def _drawn(
    seed: int,
    X: np.ndarray,
    y: np.ndarray,
    groups: np.ndarray | None,
    n_folds: int,
    nested: bool,  # noqa: FBT001 - as `SweepParameters` has it
) -> Drawn:
    """Draw so many folds, or raise ValueError with what forbids it."""
    counts = np.bincount(y, minlength=2)
    n_rarer, rarer = int(counts.min()), ("non-pulsars", "pulsars")[int(counts.argmin())]
    if n_folds > most_folds(n_rarer, nested=nested):
        raise ValueError(
            f"n_folds {n_folds} is too many for {n_rarer} {rarer} outside the test part"
        )
    rng = rng_for(seed, "sweep")
    folds = stratified_folds(X, y, n_folds=n_folds, rng=rng, groups=groups)[None]
    seeds = rng.integers(2**63, size=(1, 2))
    if nested:
        rng = rng_for(seed, "procedure")
        inner, more = draw_folds(X, y, n_outer=n_folds, n_inner=n_folds, rng=rng, groups=groups)
        folds, seeds = np.concatenate([folds, inner]), np.concatenate([seeds, more])
    return {"X": X, "y": y, "folds": folds, "seeds": seeds}


def most_folds(n_rarer: int, *, nested: bool) -> int:
    """Give how many folds so many rows of the rarer class allow; below 2 there are none.

    Nested, as many folds again are made of what the largest outer fold leaves.
    """
    if not nested:
        return n_rarer
    fits = [n for n in range(2, n_rarer) if n_rarer - -(-n_rarer // n) >= n]
    return max(fits, default=0)


def _most_drawn(draw: Draw, at_most: int, *, nested: bool) -> int:
    """Give the most folds that can be drawn; how groups fall is known when they are. 0 is none."""
    for n_folds in range(at_most, 1, -1):
        with suppress(ValueError):
            draw(n_folds, nested)
            return n_folds
    return 0


def _what_to_ask(with_it: int, without: int, *, nested: bool) -> str:
    """Say which folds can be drawn with nested cross-validation, and without it; 0 of none."""
    if not without:
        return "not even 2 folds can be made of them; give it more candidates"
    up_to = f"up to {without} folds"
    if not nested:
        return f"ask for {up_to}"
    if not with_it:
        return f"there are too few for nested cross-validation; add --no-nested, for {up_to}"
    return (
        f"ask for up to {with_it} folds with nested cross-validation, or add --no-nested, for "
        f"{up_to}"
    )


@contextmanager
def refused_in_words(job: SweepJob) -> Iterator[None]:
    """Say of which file the machinery refused something."""
    try:
        yield
    except ValueError as error:
        origin = job.source.origin
        raise ParameterError(f"{origin} cannot be swept so: {error}") from None
