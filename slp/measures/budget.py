"""What a number of inspections finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_floats, check_labels
from slp.measures.by_score import ByScore, check_scores
from slp.measures.interval import Interval, deviations

Numbers = NDArray[np.float64]

_PSEUDO_ROWS = 0.25  # of the part's own mix, among those near the last row that is inspected
_STEPS = 64  # from the recall to 0, and to 1
_HALVINGS = 45  # of a step: as fine as a float of that size


class _Found(NamedTuple):
    """How many rows, and pulsars among them, are at or above each distinct score, from none on."""

    inspected: Numbers
    pulsars: Numbers

    def among(self, budgets: Numbers) -> Numbers:
        # Among ties each further row finds the same expected share: a straight line.
        found: Numbers = np.interp(budgets, self.inspected, self.pulsars)
        return found


def recall_at_budget(y: ArrayLike, score: ArrayLike, budgets: ArrayLike) -> Numbers:
    """Give the share of the pulsars that is found when so many candidates are inspected.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1, at least one of them 1.
    score : array-like of shape (n_samples,)
        Finite; the candidates are inspected by falling score: probabilities or logits.
    budgets : array-like of shape (n_budgets,)
        Numbers of candidates, each at least 0; past `n_samples` all are found.

    Returns
    -------
    ndarray of shape (n_budgets,), float64
        In [0, 1]. Where a budget ends among rows of one score, the expected share when these are
        inspected in random order.

    Raises
    ------
    ValueError
        When there is no pulsar, a score is not finite or a budget is negative.
    """
    found, wanted = _check(y, score, budgets)
    share: Numbers = found.among(wanted) / found.pulsars[-1]
    return share


def recall_intervals(
    y: ArrayLike, score: ArrayLike, budgets: ArrayLike, *, level: float = 0.95
) -> list[Interval]:
    """Give `recall_at_budget` with its intervals: what as many looks at as many others would find.

    The recall is no plain share, for where the budget ends depends on the sample: while nearly all
    that is inspected is a pulsar, what is found is the budget itself, and the recall varies with
    the number of pulsars alone; far down the list it varies as a share of them does (Wilson). Both
    are one score interval: it holds each recall r for which ``found - r * n_pulsars`` is no
    further from 0 than it would be by chance. With c the share of pulsars among the rows near the
    last that is inspected, and p the pulsars that r would mean, the variance of that is ``p r (1 -
    r) (1 - 2c) + c² n (1 - n / n_samples)``.

    Parameters
    ----------
    y, score, budgets
        As for `recall_at_budget`.
    level : float
        Share of such intervals that hold the true recall, in (0, 1), at one budget; that a whole
        curve lies between its ends is less likely.

    Returns
    -------
    list of Interval
        One a budget; a point where nothing or everything is inspected.

    Raises
    ------
    ValueError
        When the level is out of bounds, or as for `recall_at_budget`.

    Notes
    -----
    All that is needed of a table is how many rows and pulsars there are at each score: counts
    that add up over the parts of a table.
    """
    z, (found, wanted) = deviations(level), _check(y, score, budgets)
    n_rows, n_pulsars = found.inspected[-1], found.pulsars[-1]
    hits, value = found.among(wanted), found.among(wanted) / n_pulsars
    near = _pulsars_near(found, wanted)
    # What r is held against to say how many pulsars it would mean: half of one where none is found.
    known = np.maximum(hits, 0.5) / n_pulsars
    shift = near**2 * wanted * (1 - np.minimum(wanted / n_rows, 1))

    def holds(recall: Numbers) -> NDArray[np.bool_]:
        # pulsars * recall, where pulsars are n_pulsars * (known / recall) ** near
        meant = n_pulsars * known**near * recall ** (1 - near)
        variance = np.maximum(meant * (1 - recall) * (1 - 2 * near) + shift, 0)
        held: NDArray[np.bool_] = (hits - recall * n_pulsars) ** 2 <= z**2 * variance
        return held

    low, high = (_last_that(holds, value, np.full_like(value, end)) for end in (0.0, 1.0))
    sure = (wanted == 0) | (wanted >= n_rows)
    low, high = np.where(sure, value, low), np.where(sure, value, high)
    return [Interval(*map(float, ends)) for ends in zip(value, low, high, strict=True)]


def _check(y: ArrayLike, score: ArrayLike, budgets: ArrayLike) -> tuple[_Found, Numbers]:
    labels = check_labels(y)
    scores = check_scores(score, n_samples=len(labels))
    wanted = np.asarray(as_floats("budgets", budgets), dtype=np.float64)
    if wanted.ndim != 1:
        raise ValueError(f"budgets have shape {wanted.shape}; one dimension is needed")
    if not labels.any():
        raise ValueError(f"recall needs a pulsar; the {len(labels)} rows have none")
    if not (wanted >= 0).all():
        raise ValueError(f"budgets {wanted.tolist()} are not all 0 or more")
    rows = ByScore.of(labels, scores)
    cumulated = (np.append(0.0, np.cumsum(n)) for n in (rows.found + rows.alarms, rows.found))
    return _Found(*cumulated), np.minimum(wanted, len(labels))  # beyond all rows is all rows


def _pulsars_near(found: _Found, budgets: Numbers) -> Numbers:
    """Give the share of pulsars among the rows near the last one that is inspected.

    Near is half the square root of the budget to either side: as far as chance moves the place.
    """
    n_rows = found.inspected[-1]
    reach = np.maximum(1, np.round(np.sqrt(budgets) / 2))
    above, below = np.maximum(budgets - reach, 0), np.minimum(budgets + reach, n_rows)
    mix = found.pulsars[-1] / n_rows
    here = found.among(below) - found.among(above) + _PSEUDO_ROWS * mix
    share: Numbers = here / (np.maximum(below - above, 0) + _PSEUDO_ROWS)
    return share


def _last_that(
    holds: Callable[[Numbers], NDArray[np.bool_]], inside: Numbers, outside: Numbers
) -> Numbers:
    """Step from a recall that holds to the first that does not, and halve the step between."""
    steps = np.linspace(inside, outside, _STEPS + 1)
    held = np.cumprod([holds(step) for step in steps[1:]], axis=0).sum(axis=0)
    budget = np.arange(len(inside))
    inside, outside = steps[held, budget], steps[np.minimum(held + 1, _STEPS), budget]
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        good = holds(middle)
        inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
    return inside
