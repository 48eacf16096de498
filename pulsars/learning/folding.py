"""Draw the folds of a sweep before it tries anything, and refuse those that it cannot have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from pulsars.learning.streams import rng_for
from schemas import ParameterError, SweepJob
from slp import draw_folds, stratified_folds


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
) -> dict[str, np.ndarray]:
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
        When a class is too small, with the most folds that are possible.
    """
    asked = job.parameters
    n_folds, seed = asked.n_folds, asked.seed
    counts = np.bincount(y, minlength=2)
    n_rarer, rarer = int(counts.min()), ("non-pulsars", "pulsars")[int(counts.argmin())]
    if n_folds > most_folds(n_rarer, nested=asked.nested):
        raise ParameterError(
            f"{job.source.origin} cannot be swept so: n_folds {n_folds} is too many for "
            f"{n_rarer} {rarer} outside the test part; {_what_to_ask(n_rarer, asked.nested)}"
        )
    rng = rng_for(seed, "sweep")
    with refused_in_words(job):
        folds = stratified_folds(X, y, n_folds=n_folds, rng=rng, groups=groups)[None]
    seeds = rng.integers(2**63, size=(1, 2))
    if asked.nested:
        with refused_in_words(job, "; ask for fewer --n-folds, or leave it out with --no-nested"):
            rng = rng_for(seed, "procedure")
            asked_folds = {"n_outer": n_folds, "n_inner": n_folds}
            inner, more = draw_folds(X, y, **asked_folds, rng=rng, groups=groups)
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


def _what_to_ask(n_rarer: int, nested: bool) -> str:  # noqa: FBT001 - as `SweepParameters` has it
    with_it, without = (most_folds(n_rarer, nested=each) for each in (True, False))
    if without < 2:  # noqa: PLR2004 - one to learn from, one to measure
        return "even 2 folds need 2; give it more candidates"
    at_most = f"at most {without} folds"
    if not nested:
        return f"ask for {at_most}"
    if with_it < 2:  # noqa: PLR2004 - likewise
        return f"there are too few for nested cross-validation; add --no-nested, for {at_most}"
    return (
        f"ask for at most {with_it} folds with nested cross-validation, or add --no-nested, for "
        f"{at_most}"
    )


@contextmanager
def refused_in_words(job: SweepJob, advice: str = "") -> Iterator[None]:
    """Say of which file the machinery refused something."""
    try:
        yield
    except ValueError as error:
        origin = job.source.origin
        raise ParameterError(f"{origin} cannot be swept so: {error}{advice}") from None
