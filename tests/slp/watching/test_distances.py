"""Both distances against SciPy, plain loops and chance itself."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from slp.watching import distances
from slp.watching.reference import Reference
from tests.slp.watching.samples import ROWS, TRAINING_ROWS, draw, draw_classes


def psi(reference: Reference, rows: Any) -> Any:
    return distances.psi(reference, reference.tally(rows))[0]


def distance(reference: Reference, rows: Any) -> Any:
    return distances.distance(reference, reference.tally(rows))[0]


def psi_by_loop(old: Any, new: Any) -> float:
    """Ten bins, each holding its upper edge, counted one row at a time."""
    ordered = sorted(old)
    edges = sorted({ordered[math.ceil(len(old) * k / 10) - 1] for k in range(1, 10)})
    bounds = [-math.inf, *edges, math.inf]
    total = 0.0
    n_bins = len(bounds) - 1
    for low, high in itertools.pairwise(bounds):
        p, q = (
            (sum(low < x <= high for x in rows) + 0.5) / (len(rows) + n_bins / 2)
            for rows in (old, new)
        )
        total += (q - p) * math.log(q / p)
    return total


@given(ROWS, ROWS)
def test_the_index_is_the_one_counted_row_by_row(old: Any, new: Any) -> None:
    expected = [psi_by_loop(*columns) for columns in zip(old.T, new.T, strict=True)]
    assert psi(Reference.of(old), new) == pytest.approx(expected, abs=1e-12)


@given(ROWS, ROWS, st.integers(1, 30))
def test_labels_change_nothing_at_the_training_rows_own_share(old: Any, new: Any, n: int) -> None:
    y = (np.arange(len(old)) < n).astype(np.int64)
    one, two = Reference.of(old), Reference.of(old, y)
    assert psi(two, new) == pytest.approx(psi(one, new), abs=1e-12)
    assert distance(two, new) == pytest.approx(distance(one, new), abs=1e-12)
    assert two.knows_classes == (n < len(old))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_at_another_share_the_training_rows_are_those_that_were_repeated_to_it(
    share: float,
) -> None:
    X, y = draw_classes(400)
    reference = Reference.of(X, y)
    at = int(np.argmin(np.abs(reference.spread.pulsars[1:] - share))) + 1
    # 40 pulsars and 360 others, repeated till the pulsars are the share.
    times = {0.0: (1, 0), 0.25: (1, 3), 0.5: (1, 9), 1.0: (0, 1)}[share]
    repeated = np.vstack([np.repeat(X[y == side], times[side], axis=0) for side in (0, 1)])
    counted = reference.tally(repeated)
    assert reference.spread.coarse[at] == pytest.approx(
        counted.counts.reshape(3, 10, 5).sum(axis=2) / counted.n_rows
    )
    assert reference.spread.areas[at] == pytest.approx(counted.areas / len(repeated), abs=1e-9)


@given(ROWS, ROWS)
def test_the_distance_is_never_above_that_of_scipy(old: Any, new: Any) -> None:
    reference = Reference.of(old)
    expected = [wasserstein_distance(old[:, j], new[:, j]) for j in range(2)]
    assert (distance(reference, new) * reference.scale.std <= np.array(expected) + 1e-9).all()


def test_on_the_real_data_the_distance_is_that_of_scipy_to_a_hundredth(
    htru2: tuple[Any, Any], trained: Reference, unseen: tuple[Any, Any]
) -> None:
    old, (new, y) = htru2[0][:TRAINING_ROWS], unseen
    for rows in (new, new[y == 1], new[y == 0], 1.5 * new):
        expected = [wasserstein_distance(old[:, j], rows[:, j]) / old[:, j].std() for j in range(8)]
        assert distance(trained, rows) == pytest.approx(expected, abs=0.005)


@given(st.floats(0, 10), st.floats(0, 10))
def test_the_distance_of_a_shift_is_its_size(a: float, b: float) -> None:
    X = draw(300)
    reference = Reference.of(X)
    near, far = (distance(reference, X + shift) for shift in sorted([a, b]))
    assert (near <= far + 1e-9).all()
    assert far == pytest.approx(max(a, b) / X.std(axis=0), rel=1e-9, abs=1e-9)


def test_a_row_counts_as_ten_standard_deviations_beyond_the_training_range_at_most() -> None:
    X = draw(1000)
    new = X.copy()
    new[0] = 1e9
    reference = Reference.of(X)
    expected = (X.max(axis=0) - X[0]) / X.std(axis=0) + 10
    assert distance(reference, new) * 1000 == pytest.approx(expected, rel=1e-6)


@given(ROWS, ROWS)
def test_the_shift_is_the_difference_of_the_means(old: Any, new: Any) -> None:
    reference = Reference.of(old)
    got = distances.mean_shift(reference, reference.tally(new))[0]
    reach = 10 * reference.scale.std  # beyond the training range
    near = np.clip(new, old.min(axis=0) - reach, old.max(axis=0) + reach)
    expected = (near.mean(axis=0) - old.mean(axis=0)) / reference.scale.std
    assert got == pytest.approx(expected, abs=1e-9)


def test_the_index_rises_with_the_shift() -> None:
    X = draw(2000)
    reference = Reference.of(X)
    indices = [psi(reference, X + shift * X.std(axis=0)) for shift in (0, 0.1, 0.3, 1, 3)]
    assert (np.diff(indices, axis=0) > 0).all()


@pytest.mark.slow
def test_chance_alone_gives_the_noise_that_is_taken_off_and_as_much_spread() -> None:
    old, new = 1500, 700
    pairs = [(Reference.of(draw(old, seed)), draw(new, seed + 1000)) for seed in range(400)]
    first = pairs[0][0]
    for found, noise in (
        (np.array([psi(*pair) for pair in pairs]), distances.psi_noise),
        (np.array([distance(*pair) for pair in pairs]), distances.distance_noise),
    ):
        mean, more = (noise(first, new, allowance)[0] for allowance in (0.0, 1.0))
        # Standard errors: 5 % of a mean and 4 to 8 % of a spread, at most.
        assert found.mean(axis=0) == pytest.approx(np.broadcast_to(mean, 3), rel=0.1)
        assert found.std(axis=0) == pytest.approx(np.broadcast_to(more - mean, 3), rel=0.2)


def test_chance_puts_as_much_outside_as_is_taken_off() -> None:
    old, new = 400, 200
    rng = np.random.default_rng(5)
    found = []
    for _ in range(2000):
        rows, more = rng.random(old), rng.random(new)
        found.append(((more < rows.min()) | (more > rows.max())).mean())
    reference = Reference.of(rng.random((old, 1)))
    mean = distances.outside_noise(reference, new)
    assert np.mean(found) == pytest.approx(mean, rel=0.1)
    assert np.std(found) == pytest.approx(
        distances.outside_noise(reference, new, 1.0) - mean, rel=0.15
    )


def test_few_pulsars_make_other_shares_uncertain() -> None:
    X, y = draw_classes(1000, share=0.02)
    noise = distances.psi_noise(Reference.of(X, y), 10_000)[:, 0]
    assert noise[0] == pytest.approx(9 * (1 / 10_000 + 1 / 1000))
    assert noise[1] == pytest.approx(9 * (1 / 10_000 + 1 / 980))
    assert noise[-1] == pytest.approx(9 * (1 / 10_000 + 1 / 20))
