"""Whether intervals hold the truth: samples of five populations, interval beside known value.

Every interval that is printed is asked: the sixteen measures, and the recall at budgets from a
tenth of the pulsars to three times as many. Each cell is one measure of parts with so many pulsars
on average of one population; its share of intervals that hold the truth has a Monte-Carlo error,
and fails only when it lies beyond the bound by more than three of these.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from benchmarks.audit.line import Line, Piece, Size
from benchmarks.audit.populations import N_POPULATIONS, N_ROWS, Population, populations
from slp.measures.budget import recall_intervals
from slp.measures.interval import Interval
from slp.measures.intervals import intervals
from slp.measures.metrics import METRICS

BOUND = (93.0, 97.5)
"""Per cent of intervals of 95 % that may hold the truth."""

CURVE = "recall at N looks"
"""Of the points of a curve; each alone is looked at with `POINT`."""

POINT = (90.0, 99.0)
"""Recorded, not asked for: what one budget of few pulsars covers goes up and down with it."""

LOOKS = (0.1, 0.25, 0.5, 0.8, 1.0, 1.3, 2.0, 3.0)
"""Candidates inspected, for each pulsar that there is on average."""

REPETITIONS: Mapping[Size, Mapping[int, int]] = {
    "short": {8: 1000, 27: 1000, 55: 1000, 92: 1000, 328: 600, 3000: 200},
    "full": {8: 8000, 27: 8000, 55: 8000, 92: 8000, 328: 4000, 3000: 1000},
}
"""Samples of each population, by its pulsars on average."""


@dataclass(frozen=True)
class Cell:
    """How often intervals of one measure held the truth.

    Attributes
    ----------
    what : str
        Measure, or curve.
    n_pulsars : int
        On average.
    population : str
    covered : float
        Per cent.
    error : float
        Standard error of it, by Monte Carlo.
    least, most : float
        Per cent that would be covered without the rarest value whose interval holds the truth, and
        with the commonest whose interval does not: of a measure that takes few values nothing
        between these and `covered` can be had.
    """

    what: str
    n_pulsars: int
    population: str
    covered: float
    error: float
    least: float
    most: float

    def holds(self, bound: tuple[float, float] = BOUND) -> bool:
        """Whether it lies within a bound, three errors allowed, or no value lies there."""
        low, high = bound[0] - 3 * self.error, bound[1] + 3 * self.error
        if self.covered < low:
            return self.most > bound[1]
        return self.covered <= high or self.least < bound[0]


def pieces(size: Size, *, fewer: int = 1) -> list[Piece]:
    """Simulate each population and size by itself; `fewer` divides rows and samples, for a test."""
    asked = {n: max(2, samples // fewer) for n, samples in REPETITIONS[size].items()}
    return [
        partial(_cells_at, N_ROWS // fewer, which, *one)
        for which, one in product(range(N_POPULATIONS), asked.items())
    ]


def _cells_at(n_rows: int, which: int, n_pulsars: int, n_samples: int) -> list[Cell]:
    return cells(populations(n_rows)[which : which + 1], {n_pulsars: n_samples})


def cells(those: Sequence[Population], repetitions: Mapping[int, int]) -> list[Cell]:
    """Draw samples of each population and size, and see what their intervals hold."""
    return [
        cell
        for population in those
        for n_pulsars, n_samples in repetitions.items()
        for cell in _cells_of(population, n_pulsars, n_samples)
    ]


def lines(those: Sequence[Cell]) -> list[Line]:
    """Give each measure a line: the lowest and the highest share over populations, by size."""
    points = sorted({cell.what for cell in those} - {*METRICS, CURVE}, key=float)
    found = [_line(name, [c for c in those if c.what == name], BOUND) for name in (*METRICS, CURVE)]
    single = _line("one N alone", [c for c in those if c.what in points], POINT)
    return [*found, single]


def _line(what: str, those: Sequence[Cell], bound: tuple[float, float]) -> Line:
    by_size = {n: [c for c in those if c.n_pulsars == n] for n in {c.n_pulsars for c in those}}
    ranges = (
        f"{n}: {min(c.covered for c in by_size[n]):.1f}–{max(c.covered for c in by_size[n]):.1f}"
        for n in sorted(by_size)
    )
    return Line(
        what=what,
        bound=f"{bound[0]:g} to {bound[1]:g} %",
        measured=" | ".join(ranges),
        holds=all(cell.holds(bound) for cell in those),
    )


def _cells_of(population: Population, n_pulsars: int, n_samples: int) -> list[Cell]:
    n_rows = population.size_for(n_pulsars)
    # A stream of its own for each: what is left out moves nothing else.
    rng = np.random.default_rng([zlib.crc32(population.name.encode()), n_pulsars])
    looks = [max(1, round(share * n_pulsars)) for share in LOOKS]
    truth = _truth(population, n_rows, looks)
    found: dict[str, list[Interval]] = {name: [] for name in truth}
    for _ in range(n_samples):
        y, probability = population.draw(n_rows, rng)
        for name, one in intervals(y, probability, threshold=population.threshold).items():
            if not math.isnan(one.value):  # a ranking of one class has no interval
                found[name].append(one)
        if y.any():
            for share, one in zip(LOOKS, recall_intervals(y, probability, looks), strict=True):
                found[str(share)].append(one)

    def cell(what: str, held: np.ndarray, least: float, most: float) -> Cell:
        # Of a curve one sample is one draw: its points go up and down together.
        per_sample = held.reshape(len(held), -1).mean(axis=1)
        chance = max(per_sample.std(), math.sqrt(0.05 * 0.95 / held[0].size))
        error = 100 * chance / math.sqrt(len(held))
        covered = 100 * float(held.mean())
        return Cell(what, n_pulsars, population.name, covered, error, least, most)

    held = {
        name: np.array([one.low - 1e-12 <= truth[name] <= one.high + 1e-12 for one in those])
        for name, those in found.items()
    }
    curve = np.stack([held[str(share)] for share in LOOKS], axis=1)
    return [
        *(cell(name, held[name], *neighbours(found[name], held[name])) for name in found),
        cell(CURVE, curve, least=100.0, most=0.0),
    ]


def _truth(population: Population, n_rows: int, looks: Sequence[int]) -> dict[str, float]:
    """Give the measures, the counts as those of so many rows, and the recalls."""
    whole = len(population.y)
    counts = {name: population.truth[name] * n_rows / whole for name in ("tn", "fp", "fn", "tp")}
    recalls = {
        str(share): float(population.curve[min(round(n / n_rows * whole), whole) - 1])
        for share, n in zip(LOOKS, looks, strict=True)
    }
    return {**population.truth, **counts, **recalls}


def neighbours(those: Sequence[Interval], held: np.ndarray) -> tuple[float, float]:
    """Give the per cent covered with a value less, the rarest, and one more, the commonest."""
    values = np.array([one.value for one in those])
    fewest = np.unique(values[held], return_counts=True)[1].min(initial=len(held))
    commonest = np.unique(values[~held], return_counts=True)[1].max(initial=0)
    n = len(held) / 100
    return float(held.sum() - fewest) / n, float(held.sum() + commonest) / n
