"""What becomes of a split when its table is put in another order, printed anew, or grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp.splitting.keys import places, row_keys
from slp.splitting.split import stratified_split

SIZES = {"validation_size": 0.2, "test_size": 0.2}


@pytest.fixture(scope="module")
def htru2(data_dir: Path) -> tuple[Any, Any]:
    table = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    return table[:, :8], table[:, 8].astype(int)


def parts(X: Any, y: Any, seed: int = 0, **more: Any) -> Any:
    """Give 0 for test, 1 for validation, 2 for training."""
    split = stratified_split(X, y, seed=seed, **{**SIZES, **more})
    found = np.full(len(y), 2)
    found[split.validation], found[split.test] = 1, 0
    return found


@given(sizes=st.lists(st.integers(1, 4), min_size=60, max_size=120), seed=st.integers(0, 2**63 - 1))
@settings(deadline=None)
def test_the_order_of_rows_does_not_matter(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    X = rng.normal(size=(len(sizes), 3))[group] * (1 + 1e-5 * rng.random((len(group), 1)))
    y = (rng.permutation(len(group)) % 3 == 0).astype(int)
    order = rng.permutation(len(y))
    before = parts(X, y, seed)
    assert parts(X[order], y[order], seed).tolist() == before[order].tolist()
    assert not np.any((group[:, None] == group) & (before[:, None] != before))
    sources = np.where(rng.random(len(group)) < 0.3, rng.integers(0, 40, size=len(group)), -1)
    renamed = np.where(sources < 0, -1, 1000 - sources)
    before = parts(X, y, seed, groups=sources)
    assert parts(X, y, seed, groups=renamed).tolist() == before.tolist()
    together = (group[:, None] == group) | ((sources[:, None] == sources) & (sources >= 0))
    assert not np.any(together & (before[:, None] != before))


def test_a_file_of_the_same_rows_in_another_order_or_with_fewer_digits_has_the_same_parts(
    htru2: tuple[Any, Any],
) -> None:
    X, y = htru2
    before = parts(X, y)
    order = np.random.default_rng(1).permutation(len(y))
    assert parts(X[order], y[order]).tolist() == before[order].tolist()
    saved = X * (1 + 2**-52 * np.random.default_rng(2).integers(-2, 3, size=X.shape))
    assert (parts(saved, y) != before).sum() <= 2
    printed = np.array([[float(f"{value:.6g}") for value in row] for row in X])
    assert (parts(printed, y) != before).mean() < 0.002


@pytest.mark.parametrize(
    ("n_before", "n_more", "out_of_test", "between_parts"),
    [
        (12_000, 20, 0.5, 2),
        (12_000, 3_000, 6, 20),
        pytest.param(12_000, 100, 1, 4, marks=pytest.mark.slow),
        pytest.param(8_949, 8_949, 10, 25, marks=pytest.mark.slow),
    ],
)
def test_a_table_that_grows_moves_few_pulsars(
    htru2: tuple[Any, Any], n_before: int, n_more: int, out_of_test: float, between_parts: float
) -> None:
    X, y = htru2
    left, moved = [], []
    for seed in range(20):
        rows = np.random.default_rng(seed).permutation(len(y))[: n_before + n_more]
        old = rows[:n_before]
        before, after = parts(X[old], y[old], seed), parts(X[rows], y[rows], seed)[:n_before]
        pulsar = y[old] == 1
        left.append(np.sum(pulsar & (before == 0) & (after != 0)))
        moved.append(np.sum(pulsar & (before != after)))
    assert np.mean(left) <= out_of_test
    assert np.mean(moved) <= between_parts


@pytest.mark.parametrize("again", [lambda X: X, lambda X: np.round(X, 6)])
def test_a_file_that_doubles_by_repeats_moves_next_to_none(
    htru2: tuple[Any, Any], again: Any
) -> None:
    X, y = htru2
    after = parts(np.concatenate([X, again(X)]), np.concatenate([y, y]))
    assert np.array_equal(after[: len(y)], after[len(y) :])
    pulsar = y == 1
    assert np.sum(pulsar & (after[: len(y)] != parts(X, y))) <= 5


def test_a_source_that_is_seen_again_keeps_its_part() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3000, 4)), np.arange(3000) % 2
    sources = np.full(3100, -1)
    before, grown = parts(X, y), rng.choice(3000, 100, replace=False)
    sources[grown], sources[3000:] = np.arange(100), np.arange(100)
    more = np.concatenate([X, rng.normal(size=(100, 4))])
    after = parts(more, np.concatenate([y, y[grown]]), groups=sources)
    assert np.array_equal(after[grown], after[3000:])
    assert np.sum(after[:3000] != before) <= 10  # those at a cut
    assert np.sum(after[grown] != before[grown]) <= 3


def test_keys_of_a_table_are_those_of_its_pieces() -> None:
    X = np.random.default_rng(0).normal(size=(1000, 8))
    whole = row_keys(X, seed=5)
    first, second = row_keys(X[:300], seed=5), row_keys(X[300:], seed=5)
    for one, start, end in zip(whole, first, second, strict=True):
        assert one.tolist() == [*start.tolist(), *end.tolist()]


def test_keys_are_uniform_and_differ_by_seed_row_and_column() -> None:
    X = np.random.default_rng(0).normal(size=(100_000, 3))
    coarse, fine = row_keys(X, seed=1)
    for key in (coarse, fine, row_keys(X, seed=2)[1]):
        tenths = np.bincount((key >> np.uint64(32)).astype(int) * 10 >> 32, minlength=10)
        assert np.abs(tenths - 10_000).max() < 500  # 5 standard deviations
    assert len(np.unique(fine)) == 100_000
    assert not np.any(fine == row_keys(X, seed=2)[1])
    assert not np.any(fine == row_keys(X[:, ::-1], seed=1)[1])
    assert np.corrcoef(fine.astype(float), X[:, 0])[0, 1] == pytest.approx(0, abs=0.02)


def test_zero_has_one_key() -> None:
    for one, other in zip(row_keys([[0.0, 1]], seed=0), row_keys([[-0.0, 1]], seed=0), strict=True):
        assert one.tolist() == other.tolist()


def test_rows_of_one_source_stay_together_and_minus_one_is_no_source() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 2)), np.arange(600) % 2
    sources = np.where(np.arange(600) < 300, np.arange(600) // 3, -1)
    found = parts(X, y, groups=sources)
    assert np.all(found[:300].reshape(100, 3) == found[:300:3, None])
    assert len(set(found[300:].tolist())) == 3
    assert [np.sum((found == part) & (y == 1)) for part in range(3)] == [60, 60, 180]


def test_a_source_and_near_identical_rows_join_into_one_group() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 2)), np.arange(400) % 2
    X[200:300] = X[100:200] * (1 + 1e-6)
    sources = np.full(400, -1)
    sources[:100] = sources[100:200] = np.arange(100)
    found = parts(X, y, groups=sources)
    assert np.array_equal(found[:100], found[200:300])


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (np.zeros(3, int), "3 groups for 40 rows"),
        (np.zeros(40), "groups are float64"),
        (np.full(40, -2), "whole numbers from -1"),
    ],
)
def test_groups_that_are_no_numbers_of_these_rows_are_refused(groups: Any, said: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    with pytest.raises(ValueError, match=said):
        parts(X, y, groups=groups)


@pytest.mark.parametrize("n_same", [30, 90, 150])
def test_a_group_larger_than_a_part_teaches_and_the_others_are_shared_out(n_same: int) -> None:
    X = np.random.default_rng(0).normal(size=(1000, 3))
    y = np.repeat([0, 1], [800, 200])
    X[800 : 800 + n_same] = X[800]
    for seed in range(10):
        found = parts(X, y, seed)
        assert len(set(found[800 : 800 + n_same].tolist())) == 1
        held_out = [np.sum((found == part) & (y == 1)) for part in range(2)]
        if n_same > 40:
            assert found[800] == 2
            share = min(40, (200 - n_same) / 2)
            assert held_out == pytest.approx([share, share], abs=1)
        else:
            assert held_out == [40, 40]
        assert [np.sum((found == part) & (y == 0)) for part in range(2)] == [160, 160]


def test_places_go_by_the_coarse_key_then_by_the_fine_one_then_by_the_row() -> None:
    rng = np.random.default_rng(0)
    X = 7.0 + rng.choice([0.0, 1.0, 2.0], size=(500, 2))
    X[::2] += 1e-9 * rng.integers(3, size=(250, 1))
    coarse, fine = row_keys(X, seed=3)
    assert len(set(coarse.tolist())) < len(set(fine.tolist())) < len(X)
    order = sorted(range(len(X)), key=lambda row: (coarse[row], fine[row], row))
    assert np.argsort(places(X, seed=3)).tolist() == order
