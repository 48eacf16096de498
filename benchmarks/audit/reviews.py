"""What reviews teach: most for the same effort, and without bending the probabilities.

Labels of HTRU2 are hidden, and asked for 50 at a time. Differences are paired: both ways begin with
the same labels and are measured on the same rows.
"""

from __future__ import annotations

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.reviewing import (
    MEASURES,
    N_A_ROUND,
    N_FIRST,
    N_ROUNDS,
    by_chance,
    by_teaching,
    review,
    selections,
)
from benchmarks.runs import htru2
from slp.measures.interval import student_quantile

SEEDS = {"short": 8, "full": 40}
_LOST = 0.002  # nats, to importance weights, at the most


def measure(size: Size) -> list[Line]:
    """Measure the loop, and the ways to count what was chosen."""
    X, y = htru2()
    return [*loop(X, y, SEEDS[size]), *ways(X, y, SEEDS[size])]


def loop(X: np.ndarray, y: np.ndarray, n_seeds: int) -> list[Line]:
    """Choose what to review by what it would teach, and at random."""
    each = [
        [review(X, y, seed, how) for how in (by_teaching, by_chance)] for seed in range(n_seeds)
    ]
    found = np.array(each)  # seed, way, round, measure
    lines = []
    for number, (name, sign) in enumerate(zip(MEASURES, (1, -1), strict=True)):
        taught, chance = found[:, 0, :, number], found[:, 1, :, number]
        gain = sign * (taught - chance)[:, 1:]
        means = [value.mean() for value in (taught[:, 0], taught[:, -1], chance[:, -1])]
        told = f"{means[0]:.4f}, at the end {means[1]:.4f} and {means[2]:.4f}"
        what = f"{N_FIRST} labels and {N_ROUNDS} rounds of {N_A_ROUND}: {name}, most informative"
        lines += [
            better(f"{what} over chance, mean of the rounds", gain.mean(axis=1), told),
            better(f"{what} over chance, after the last", gain[:, -1]),
        ]
    return lines


def ways(
    X: np.ndarray, y: np.ndarray, n_seeds: int, sizes: tuple[int, ...] = (500, 2_000, 8_000)
) -> list[Line]:
    """Count reviewed rows as any other, by a prior correction, and by importance weights."""
    lines = []
    for n_first in sizes:
        each = [selections(X, y, seed, n_first=n_first, n_more=500) for seed in range(n_seeds)]
        loss, share = (
            {way: np.array([one[way][at] for one in each]) for way in each[0]} for at in (1, 2)
        )
        plain = loss["as any row"]
        told = "; ".join(
            f"{way} {loss[way].mean():.4f}, sum {share[way].mean():.3f}" for way in loss
        )
        what = f"{n_first:,} rows and 500 reviewed: log loss, as any row"
        lines += [
            better(f"{what}, over none", loss["without"] - plain, told, least=-_LOST),
            better(f"{what}, over a prior correction", loss["prior"] - plain),
            better(f"{what}, over importance weights", loss["importance"] - plain, least=-_LOST),
        ]
    return lines


def better(what: str, gain: np.ndarray, told: str = "", *, least: float = 0.0) -> Line:
    """Hold a mean gain, one number a seed, when its 95 % interval lies above a bound."""
    reach = student_quantile(0.95, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))
    low, high = gain.mean() - reach, gain.mean() + reach
    measured = f"{gain.mean():+.4f} ({low:+.4f} to {high:+.4f}), {len(gain)} seeds"
    said = f"{measured}; {told}" if told else measured
    return Line(what, f"whole interval > {least:g}", said, bool(low > least))
