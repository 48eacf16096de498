"""A table in chunks is split as its ranking says, and what is alike stays together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.splitting.beside import Beside
from slp.splitting.groups import gather_groups
from slp.splitting.keys import coarse_keys, places
from slp.splitting.near import near_in_units, units_of
from slp.splitting.split import stratified_split
from slp.splitting.streamed import REST, SHOWN, TEST, VALIDATION, Chunk, Chunks, hold_out


def _rows(n: int, seed: int = 0) -> Chunk:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8)) * 10.0 ** rng.integers(-2, 4, size=8)
    return Chunk(X, (rng.random(n) < 0.2).astype(np.int8), np.full(n, -1))


def _in_chunks(rows: Chunk, size: int) -> Chunks:
    def chunks() -> Iterator[Chunk]:
        for start in range(0, len(rows.y), size):
            yield rows.take(slice(start, start + size))

    return chunks


SIZES = np.array([[60, 15], [50, 12], [40, 10]])


@given(st.integers(0, 50), st.integers(1, 100))
def test_rows_that_are_alone_go_where_their_rank_in_their_class_says(seed: int, size: int) -> None:
    rows, sizes = _rows(100, seed=3), SIZES // 4
    codes = hold_out(_in_chunks(rows, size), sizes, seed=seed)
    place = places(rows.X, seed=seed)
    for label in (0, 1):
        ranked = np.flatnonzero(rows.y == label)[np.argsort(place[rows.y == label])]
        ends = np.cumsum(sizes[:, label])
        assert (
            codes[ranked].tolist()
            == np.searchsorted(ends, np.arange(len(ranked)), side="right").tolist()
        )


def test_rows_of_one_coarse_key_are_cut_by_the_fine_one() -> None:
    rng = np.random.default_rng(9)
    bases = _rows(5, seed=4)
    of = np.repeat(np.arange(5), 40)
    X = bases.X[of] * (1 + rng.uniform(-1e-3, 1e-3, (200, 8)))
    rows = Chunk(X, (np.arange(200) % 4 == 0).astype(np.int8), np.full(200, -1))
    assert len(np.unique(coarse_keys(X, seed=1))) < 100
    codes, place = hold_out(_in_chunks(rows, 33), SIZES // 3, seed=1), places(X, seed=1)
    for label in (0, 1):
        ranked = np.flatnonzero(rows.y == label)[np.argsort(place[rows.y == label])]
        ends = np.cumsum(SIZES[:, label] // 3)
        wanted = np.searchsorted(ends, np.arange(len(ranked)), side="right")
        assert codes[ranked].tolist() == wanted.tolist()


def test_the_held_out_parts_are_those_of_the_split_in_memory() -> None:
    rows = _rows(2000)
    split = stratified_split(rows.X, rows.y, validation_size=0.2, test_size=0.2, seed=7)
    sizes = np.array([np.bincount(rows.y[part]) for part in (split.test, split.validation)])
    codes = hold_out(_in_chunks(rows, 300), np.vstack([sizes, [[0, 0]]]), seed=7)
    assert np.flatnonzero(codes == TEST).tolist() == split.test.tolist()
    assert np.flatnonzero(codes == VALIDATION).tolist() == split.validation.tolist()


def test_near_identical_rows_and_those_of_one_source_are_on_one_side() -> None:
    rng = np.random.default_rng(5)
    rows = _rows(1500)
    twin = rng.permutation(1500)[:300]
    X = np.concatenate([rows.X, rows.X[twin] * (1 + rng.uniform(-4e-5, 4e-5, (300, 8)))])
    X = np.concatenate([X, X[1500:1700] * (1 + rng.uniform(-4e-5, 4e-5, (200, 8)))])  # chains
    y = np.concatenate([rows.y, 1 - rows.y[twin], rows.y[twin[:200]]])
    source = np.full(len(y), -1)
    source[rng.permutation(len(y))[:200]] = np.arange(200) // 2
    all_rows = Chunk(X, y, source)
    codes = hold_out(_in_chunks(all_rows, 170), SIZES, seed=2)
    group = gather_groups(X, source)
    for number in np.flatnonzero(np.bincount(group) > 1):
        held = codes[group == number]
        assert len(set(held.tolist())) == 1 or held.min() >= SHOWN
    assert (codes == TEST).sum() >= 75


def test_every_near_identical_row_is_a_suspect() -> None:
    rng = np.random.default_rng(1)
    known = _rows(3000).X
    known[:500, 2] = 0.0
    X = known[rng.permutation(3000)[:1000]]
    X = X * (1 + rng.uniform(-1e-4, 1e-4, X.shape)) + rng.uniform(-1e-7, 1e-7, X.shape)
    units = np.array(units_of(known))
    group = near_in_units(np.concatenate([known, X]), units)
    near = np.flatnonzero(np.isin(group[3000:], group[:3000]))
    assert len(near) > 900
    assert np.isin(near, Beside.of(known, units).suspects(X)).all()
    assert len(Beside.of(known, units).suspects(_rows(1000, seed=9).X)) < 20


def test_a_class_with_too_few_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="leave nothing"):
        hold_out(_in_chunks(_rows(100), 30), SIZES, seed=0)


def test_what_is_not_held_out_is_shown_or_the_rest() -> None:
    codes = hold_out(_in_chunks(_rows(400), 100), SIZES, seed=0)
    assert np.bincount(codes).tolist() == [75, 62, 50, 400 - 187]
    assert REST == 3
