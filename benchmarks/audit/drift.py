"""How often drift stops what is no other, and what is.

Candidates that must pass: random rows of HTRU2, and stretches of its table, which differ in their
share of pulsars and a little more. Candidates that must not: HTRU2 with columns swapped, scaled or
moved, and another survey.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.runs import htru1, htru2
from slp import Reference, measure_drift

Rows = np.ndarray[Any, np.dtype[np.float64]]
Change = Callable[[Rows], None]
Case = tuple[Reference, Rows]

NARROW = (2, 3, 4, 5, 7)
"""Features whose standard deviation is that of their tails: a quarter of it moves the core far."""

_LEARNT = 0.6
_SIZES = (30, 50, 100, 200, 499, 500, 1000, 2000, 5000)


class Sky:
    """HTRU2 and the sample of HTRU 1, with references of random parts of HTRU2.

    Parameters
    ----------
    n_splits : int
        Random 60 % of HTRU2 that a reference is made of; the other rows are the candidates.
    """

    def __init__(self, n_splits: int) -> None:
        self.X, self.y = htru2()
        self.other, _ = htru1()
        self.rng = np.random.default_rng(36)
        self.n_learnt = int(_LEARNT * len(self.X))
        self.splits = [self._split() for _ in range(n_splits)]

    def _split(self) -> Case:
        order = self.rng.permutation(len(self.X))
        learnt, rest = order[: self.n_learnt], order[self.n_learnt :]
        return self.of(learnt), self.X[rest]

    def of(self, rows: Any) -> Reference:
        """Make the reference of rows of HTRU2."""
        return Reference.of(self.X[rows], self.y[rows])

    def random(self, n: int, n_draws: int, change: Change | None = None) -> Iterator[Case]:
        """Draw n rows that the reference has not, and change them."""
        for number in range(n_draws):
            reference, rest = self.splits[number % len(self.splits)]
            rows = rest[self.rng.choice(len(rest), n, replace=False)]
            if change:
                change(rows)
            yield reference, rows

    def stretches(self, reference: Reference, n: int, first: int, step: int) -> Iterator[Case]:
        """Cut n consecutive rows, from row `first` on."""
        for at in range(first, len(self.X) - n + 1, step):
            yield reference, self.X[at : at + n]

    def changed(self, n: int, n_draws: int, changes: Iterable[Change]) -> Iterator[Case]:
        """Draw n rows so often for each change."""
        return itertools.chain.from_iterable(self.random(n, n_draws, one) for one in changes)

    def others(self, n: int, n_draws: int) -> Iterator[Case]:
        """Draw n rows of the other survey."""
        for number in range(n_draws):
            rows = self.rng.choice(self.other, n, replace=False)
            yield self.splits[number % len(self.splits)][0], rows


def swap(pair: tuple[int, int], rows: Rows) -> None:
    """Exchange two columns."""
    rows[:, pair] = rows[:, pair[::-1]]


def scale(columns: tuple[int, ...], factor: float, rows: Rows) -> None:
    """Multiply columns by a factor."""
    rows[:, columns] *= factor


def move(column: int, by: float, rows: Rows) -> None:
    """Add to a column."""
    rows[:, column] += by


def measure(size: Size, *, fewer: int = 1) -> list[Line]:
    """Measure the chapter; `fewer` divides every number of draws, for a test of the chapter."""
    full = size == "full"
    sky = Sky(n_splits=max(2, (50 if full else 20) // fewer))
    draws = (5000 if full else 600) // fewer
    return [
        *(never(f"{n:,} random rows of HTRU2", sky.random(n, draws)) for n in _SIZES),
        *_of_stretches(sky, (5 if full else 25) * fewer),
        *_of_changes(sky, max(1, (50 if full else 10) // fewer)),
    ]


def _of_stretches(sky: Sky, step: int) -> Iterator[Line]:
    for words, rows in (("the whole", len(sky.X)), ("its first 60 %", sky.n_learnt)):
        reference, first = sky.of(slice(rows)), rows % len(sky.X)
        for n, most in ((500, 0.02), (1000, 0.0), (2000, 0.0), (5000, 0.0)):
            found = levels(sky.stretches(reference, n, first, step))
            yield judged(f"{n:,} consecutive rows, trained on {words}", found, "stop", most=most)


def _of_changes(sky: Sky, times: int) -> Iterator[Line]:
    """Judge what has to be noticed: `times` draws for every single change."""
    std = sky.X.std(axis=0)
    swaps = [partial(swap, pair) for pair in itertools.combinations(range(8), 2)]
    tenfold = [partial(scale, (j,), by) for j in range(8) for by in (0.1, 10.0)]
    dm = [partial(scale, (4, 5), by) for by in (0.1, 0.3, 3.0)]
    quarter = [partial(move, j, 0.25 * std[j]) for j in NARROW]
    for what, sizes, changes, n_draws in (
        ("any two columns swapped", (200, 500, 2000), swaps, times),
        ("any column × 10 or ÷ 10", (200, 500, 2000), tenfold, times),
        ("DM mean and stdev × 0.1, 0.3, 3", (50, 200, 2000), dm, 4 * times),
        ("a narrow feature + 0.25 sd", (500, 2000), quarter, 8 * times),
    ):
        for n in sizes:
            found = levels(sky.changed(n, n_draws, changes))
            yield judged(f"{what}, {n:,} rows", found, "stop", least=1.0)
    # Of 100 rows chance alone can hide as much, once in some thousand draws.
    noticed = levels(sky.changed(100, 8 * times, quarter))
    yield judged("a narrow feature + 0.25 sd, 100 rows", noticed, "watch", least=0.99)
    ruined = levels(sky.random(2000, 40 * times, partial(scale, (3,), 2.0)))
    yield judged("profile kurtosis × 2, 2,000 rows", ruined, "stop", least=0.95)
    for n in (30, 50, 100, 400, len(sky.other)):
        found = levels(sky.others(n, 20 * times))
        yield judged(f"another survey (HTRU 1 sample), {n:,} rows", found, "stop", least=1.0)


def never(what: str, cases: Iterator[Case]) -> Line:
    """Say that none of the cases may stop."""
    return judged(what, levels(cases), "stop", most=0.0)


def levels(cases: Iterator[Case]) -> Counter[str]:
    """Count the levels of cases."""
    return Counter(measure_drift(reference, rows).level for reference, rows in cases)


def judged(
    what: str, found: Counter[str], level: str, *, least: float = 0.0, most: float = 1.0
) -> Line:
    """Hold the share at a level, or above it, against its bound."""
    total = found.total()
    reached = found["stop"] + (found["watch"] if level == "watch" else 0)
    words = "stop" if level == "stop" else "watch or stop"
    bound = f"{words} in ≥ {least:.0%}" if least else f"{words} in ≤ {most:.0%}"
    shares = f"stop {found['stop'] / total:.2%}, watch {found['watch'] / total:.2%} of {total:,}"
    return Line(what, bound, shares, least * total <= reached <= most * total)
