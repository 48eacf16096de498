"""Rows that repeat but for last digits are counted the same wherever a file is cut and named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.reading.counts import near_rows, repeats
from pulsars.reading.counts.leading_counts import Block
from pulsars.reading.counts.looks import show
from pulsars.reading.counts.near_rows import NamedRun, NearRows, find_sharing, name_all, named_rows
from slp import count_near

UNITS = [16.0, 8.0, 0.125, 0.125, 1.0, 4.0, 0.5, 8.0]


@pytest.fixture
def table() -> np.ndarray:
    """200 rows, of which 30 stand again, near or the same, anywhere."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(200, 8)) * UNITS * 8
    again = rows[rng.choice(200, 30)] * (1 + rng.choice([0.0, 1e-7], size=(30, 8)))
    return np.asarray(rng.permutation(np.concatenate([rows, again])))


def cut(table: np.ndarray, size: int) -> list[Block]:
    starts = range(0, len(table), size)
    return [
        Block([np.ascontiguousarray(column) for column in table[at : at + size].T], None)
        for at in starts
    ]


def count(runs: list[NamedRun], blocks: list[Block]) -> int | None:
    near = NearRows(find_sharing(runs), UNITS)
    show([near], lambda: blocks)
    return near.n_repeats


begins = st.sampled_from([0, 1, 1 << 15, (1 << 16) - 1])
ends = st.sampled_from([0, 1, 2, (1 << 48) - 1])


@given(st.lists(st.tuples(begins, ends) | st.tuples(st.just(0), st.integers(0, (1 << 48) - 1))))
def test_names_are_sorted_however_many_begin_alike(parts: list[tuple[int, int]]) -> None:
    names = [begin << 48 | end for begin, end in parts]
    given_names = np.array(names, dtype=np.uint64)
    assert repeats.rising(given_names).tolist() == sorted(names)
    assert given_names.tolist() == names


@pytest.mark.parametrize("size", [1, 7, 64, 230])
@pytest.mark.parametrize("held", [16, 1 << 21])
def test_near_rows_are_those_of_the_whole_table(
    size: int, held: int, table: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "HELD", held)
    expected = count_near(table, UNITS)
    assert expected >= 30
    blocks = cut(table, size)
    by_part = [NamedRun(at * size, named_rows(block, UNITS)) for at, block in enumerate(blocks)]
    assert count(by_part, cut(table, 50)) == expected
    assert count(name_all(iter(blocks), UNITS, None), cut(table, 50)) == expected


def test_more_rows_than_a_name_can_number_are_named_in_pieces(
    table: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_rows, "PARTITION_ROWS", 8)
    monkeypatch.setattr(near_rows, "_ROW", np.uint64(7))
    runs = name_all(cut(table, 230), UNITS, None)
    assert [run.first for run in runs] == list(range(0, 230, 8))
    assert count(runs, cut(table, 230)) == count_near(table, UNITS)


def test_too_many_near_rows_are_not_counted(
    table: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_rows, "MAX_NEAR", 40)
    assert count(name_all(cut(table, 230), UNITS, None), cut(table, 230)) is None


@pytest.mark.parametrize("held", [16, 1 << 20])
def test_rows_are_too_many_by_what_they_are_and_not_by_how_many_names_they_share(
    held: int, table: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, blocks = name_all(cut(table, 50), UNITS, None), cut(table, 50)
    sharing = find_sharing(runs)
    monkeypatch.setattr(repeats, "HELD", held)
    monkeypatch.setattr(near_rows, "MAX_NEAR", len(sharing))
    assert find_sharing(runs).tolist() == sharing.tolist()
    assert count(runs, blocks) == count_near(table, UNITS)
    monkeypatch.setattr(near_rows, "MAX_NEAR", len(sharing) - 1)
    assert count(runs, blocks) is None


def test_a_table_in_which_no_rows_share_a_name_is_not_looked_at_again() -> None:
    near = NearRows(find_sharing([]), UNITS)
    assert (near.done, near.n_repeats) == (True, 0)
