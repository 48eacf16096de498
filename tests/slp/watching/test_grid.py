"""Rows counted between edges, beside a loop over numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.scaling import Scale
from slp.watching.grid import BINS, EDGES, BinGrid

FARTHEST = float(np.finfo(np.float64).max)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


def grid_of(edges: np.ndarray, scale: float = 1.0) -> BinGrid:
    low, high = edges[:, 0], edges[:, -1]
    return BinGrid.of(Scale(np.zeros(len(edges)), np.full(len(edges), scale)), low, high, edges)


@given(
    st.lists(numbers, min_size=EDGES, max_size=EDGES),
    st.lists(numbers, max_size=20),
)
def test_a_number_is_in_the_bin_of_the_edges_that_it_is_above(
    edges: list[float], others: list[float]
) -> None:
    rising = np.sort(edges)
    above = [edge for edge in edges if edge < FARTHEST]
    values = [*edges, *others, *np.nextafter(above, np.inf).tolist()]
    grid = grid_of(rising[None], scale=1e300)
    counts, _ = grid.count(np.array(values)[:, None])
    expected = np.zeros(BINS, dtype=int)
    for value in values:
        expected[sum(edge < value for edge in edges)] += 1
    assert counts[0].tolist() == expected.tolist()


@pytest.mark.parametrize(
    "edges",
    [
        np.zeros(EDGES),
        np.linspace(0.0, 1e-322, EDGES),
        np.linspace(-1.0, 1.0, EDGES) * FARTHEST,
        np.append(np.linspace(0.0, 1e-6, EDGES - 1), 1e6),
    ],
    ids=["all equal", "almost equal", "as far apart as can be", "all but one in a cell"],
)
def test_edges_that_no_cells_part_still_have_numbers_on_their_sides(edges: np.ndarray) -> None:
    values = np.concatenate([edges, [-FARTHEST, -1.0, 0.0, 5e-324, 1.0, FARTHEST]])
    counts, _ = grid_of(edges[None], scale=1e300).count(values[:, None])
    bins = [int((edges < value).sum()) for value in values]
    assert counts[0].tolist() == np.bincount(bins, minlength=BINS).tolist()


def test_sums_of_a_bin_are_those_of_fractions() -> None:
    rng = np.random.default_rng(4)
    edges = np.sort(rng.normal(size=(2, EDGES)), axis=1)
    rows = rng.normal(size=(40_000, 2)) * [1.0, 1e-3]
    grid = grid_of(edges)
    _, sums = grid.count(rows)
    expected = [[0] * BINS for _ in edges]
    for row in rows:
        for feature, value in enumerate(row):
            at = int((edges[feature] < value).sum())
            expected[feature][at] += round(Fraction(value) / Fraction(grid.step))
    assert sums.tolist() == expected
