"""Rows in blocks and sums by twos, whatever parts the rows come in and whoever adds them."""

from __future__ import annotations

import math
import threading
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.blocks import add_by_twos, by_threads, in_blocks


@given(sizes=st.lists(st.integers(0, 9), max_size=12), size=st.integers(1, 7))
def test_blocks_do_not_hang_on_the_parts_that_rows_come_in(sizes: list[int], size: int) -> None:
    X, y = np.arange(2 * sum(sizes)).reshape(-1, 2), np.arange(sum(sizes))
    ends = np.cumsum([0, *sizes])
    parts = [(X[a:b], y[a:b]) for a, b in pairwise(ends)]
    found = list(in_blocks(parts, size))
    expected = [(X[i : i + size], y[i : i + size]) for i in range(0, len(y), size)]
    assert [[each.tolist() for each in one] for one in found] == [
        [each.tolist() for each in one] for one in expected
    ]


def test_a_part_that_is_a_block_is_not_copied() -> None:
    X = np.arange(12.0)
    assert all(np.shares_memory(block, X) for (block,) in in_blocks([(X,)], 5))


def test_values_are_added_by_twos_from_the_left() -> None:
    def added(n: int) -> str:
        return add_by_twos((str(i) for i in range(n)), lambda a, b: f"({a}+{b})")

    assert added(1) == "0"
    assert added(3) == "((0+1)+2)"
    assert added(6) == "(((0+1)+(2+3))+(4+5))"
    assert added(7) == "(((0+1)+(2+3))+((4+5)+6))"


@given(values=st.lists(st.floats(-1, 1), min_size=1, max_size=40), log_size=st.integers(0, 3))
def test_the_sum_of_a_part_of_a_power_of_two_is_a_branch_of_the_whole(
    values: list[float], log_size: int
) -> None:
    size = 2**log_size
    values = values[: len(values) - len(values) % size] or values[:1] * size
    parts = [values[i : i + size] for i in range(0, len(values), size)]
    by_part = add_by_twos((add_by_twos(part, float.__add__) for part in parts), float.__add__)
    whole = add_by_twos(values, float.__add__)
    assert by_part == whole
    assert whole == pytest.approx(math.fsum(values), abs=1e-14)


def test_no_block_has_no_sum() -> None:
    with pytest.raises(ValueError, match="at least 1 row; there are 0"):
        add_by_twos([], float.__add__)


def test_threads_keep_the_order_and_read_no_further_ahead_than_they_are() -> None:
    taken: list[int] = []

    def values() -> Any:
        for number in range(20):
            taken.append(number)
            yield number

    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number * number

    found, ahead = [], []
    for value in by_threads(3)(slow_first, values()):
        found.append(value)
        ahead.append(len(taken) - len(found))
    assert found == [number * number for number in range(20)]
    assert max(ahead) == 3


def test_an_error_in_a_thread_is_raised_and_threads_end() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(by_threads(2)(lambda x: 1 // x, [1, 0, 2]))
    assert threading.active_count() == before
