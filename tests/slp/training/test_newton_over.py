"""Newton's method over rows that are given again and again, against the same rows in memory."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp import blocks
from slp.blocks import BLOCK, by_threads
from slp.inputs import Inputs
from slp.training import rows as sampling
from slp.training.newton import NewtonFit, SeparableWarning, fit_newton, fit_newton_over

if TYPE_CHECKING:
    from pathlib import Path


def make_rows(n_rows: int, n_features: int = 3, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = np.exp(rng.normal(size=(n_rows, n_features))) * [1, 10, 100][:n_features]
    y = (np.log(X) @ np.ones(n_features) + rng.normal(size=n_rows) > 10).astype(np.int64)
    return X, y


def in_parts(sizes: list[int], *arrays: Any) -> Any:
    def source() -> Iterator[tuple[Any, ...]]:
        ends = np.minimum(np.cumsum([0, *sizes, len(arrays[0])]), len(arrays[0]))
        for first, last in pairwise(ends):
            yield tuple(each[first:last] for each in arrays)

    return source


def same(left: NewtonFit, right: NewtonFit) -> bool:
    return (
        left.path.tobytes() == right.path.tobytes()
        and (left.loss, left.separable) == (right.loss, right.separable)
        and left.coef.tolist() == right.coef.tolist()
    )


@pytest.mark.parametrize("kind", ["raw", "standard", "yeo-johnson-quadratic"])
@pytest.mark.parametrize("weighed", ["", "weighed"])
def test_the_real_rows_give_the_bits_of_the_rows_in_memory(
    data_dir: Path, kind: Any, weighed: str
) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    X, y = table[:, :8], table[:, 8]
    inputs = Inputs.fit(kind, X)
    weight = np.random.default_rng(0).exponential(size=len(y)) if weighed else None
    arrays = (X, y) if weight is None else (X, y, weight)
    there = fit_newton(inputs.transform(X), y, l2=1e-4, sample_weight=weight)
    assert same(there, fit_newton_over(in_parts([1, 0, 999], *arrays), inputs, l2=1e-4))
    start = there.path[1]
    again = fit_newton_over(in_parts([], *arrays), inputs, l2=1e-3, start=start)
    expected = fit_newton(inputs.transform(X), y, l2=1e-3, sample_weight=weight, start=start)
    assert same(again, expected)


@given(
    sizes=st.lists(st.integers(0, 90), max_size=5),
    n_threads=st.sampled_from([None, 1, 3]),
    n_rows=st.integers(20, 300),
)
@settings(deadline=None)
def test_parts_and_threads_change_no_bit(
    sizes: list[int], n_threads: int | None, n_rows: int
) -> None:
    X, y = make_rows(n_rows)
    y[:2] = [0, 1]
    inputs = Inputs.fit("quadratic", X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks.in_blocks, "__defaults__", (16,))
        whole = fit_newton_over(in_parts([], X, y), inputs, l2=0.01)
        mapped = map if n_threads is None else by_threads(n_threads)
        found = fit_newton_over(in_parts(sizes, X, y), inputs, l2=0.01, mapped=mapped)
        in_memory = fit_newton(inputs.transform(X), y, l2=0.01)
    assert same(found, whole)
    assert found.loss == pytest.approx(in_memory.loss, rel=1e-13)
    bare = fit_newton(inputs.transform(X), y, l2=0.01)  # one block, and no sample
    assert found.loss == pytest.approx(bare.loss, rel=1e-9)
    assert np.append(found.coef, found.intercept) == pytest.approx(
        np.append(bare.coef, bare.intercept), abs=1e-4
    )


def test_many_blocks_begin_at_the_minimum_of_a_sample(monkeypatch: Any) -> None:
    X, y = make_rows(40_000)
    inputs = Inputs.fit("standard", np.log(X))
    whole = fit_newton(inputs.transform(np.log(X)), y, l2=1e-3)
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (256,))
    found = fit_newton_over(in_parts([], np.log(X), y), inputs, l2=1e-3)
    assert found.n_steps < whole.n_steps
    assert found.loss == pytest.approx(whole.loss, rel=1e-12)
    assert found.coef == pytest.approx(whole.coef, abs=1e-6)
    assert same(found, fit_newton(inputs.transform(np.log(X)), y, l2=1e-3))


@pytest.mark.parametrize("n_blocks", [17, 32, 512, 513, 1024, 1025, 2600])
def test_a_sample_is_every_so_many_blocks_and_never_many(n_blocks: int) -> None:
    given_ = [(np.full((2, 1), n), np.array([0, 1])) for n in range(n_blocks)]
    _, sample = sampling.count(given_, 1)
    numbers = [number for number, _ in sample]
    every = numbers[1] - numbers[0]
    assert numbers == list(range(0, n_blocks, every))
    assert every % 16 == 0
    assert len(numbers) <= 32
    assert len(numbers) > 16 or every == 16
    assert [rows[0][0, 0] for _, rows in sample] == numbers


def test_a_sample_without_pulsars_is_passed_over(monkeypatch: Any) -> None:
    X, y = np.log(make_rows(1000)[0]), np.zeros(1000, dtype=np.int64)
    y[600:700] = 1
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (32,))
    _, sample = sampling.count(blocks.in_blocks([(X, y)]), 3)
    assert [rows[1].any() for _, rows in sample] == [False, False]
    found = fit_newton_over(in_parts([], X, y), Inputs.raw(3), l2=1e-3)
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (BLOCK,))
    assert found.loss == pytest.approx(fit_newton(X, y, l2=1e-3).loss, rel=1e-12)


def test_separable_rows_end_with_a_warning_and_a_separable_sample_without(monkeypatch: Any) -> None:
    X = np.linspace(-1, 1, 400)[:, None]
    y = (X[:, 0] > 0).astype(np.int64)
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (8,))
    with pytest.warns(SeparableWarning, match="set l2 above 0"):
        assert fit_newton_over(in_parts([], X, y), Inputs.raw(1)).separable
    y[[170, 171, 230]] = [1, 1, 0]  # in no block of the sample
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_newton_over(in_parts([], X, y), Inputs.raw(1))
    assert not found.separable
    monkeypatch.setattr(blocks.in_blocks, "__defaults__", (BLOCK,))
    assert found.loss == pytest.approx(fit_newton(X, y).loss, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({1: [0, 2, 1, 0]}, "in the rows from 0 on: label 2 in row 1"),
        ({0: np.full((4, 1), np.inf)}, "in the rows from 0 on: feature inf in row 0"),
        ({0: np.ones((4, 2))}, "2 columns; 1 are needed"),
        ({2: [1, 1, -1, 1]}, "in the rows from 0 on: sample weight -1.0 in row 2"),
        ({2: [1, 0, 1, 0]}, "no row labelled 1 counts"),
        ({1: [1, 1, 1, 1]}, "no row labelled 0 counts"),
    ],
)
def test_what_has_no_minimum_is_refused(change: dict[int, Any], message: str) -> None:
    arrays = [np.array([[0.0], [1.0], [0.5], [0.2]]), np.array([0, 1, 0, 1]), np.ones(4)]
    for number, value in change.items():
        arrays[number] = np.asarray(value)
    with pytest.raises(ValueError, match=message):
        fit_newton_over(in_parts([], *arrays), Inputs.raw(1), l2=0.1)


def test_an_error_says_from_which_row_on() -> None:
    X, y = make_rows(BLOCK + 20)
    X[BLOCK + 3, 1] = np.nan
    with pytest.raises(ValueError, match=f"rows from {BLOCK} on: feature nan in row 3, column 1"):
        fit_newton_over(in_parts([], X, y), Inputs.raw(3), l2=0.1)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 row; there are 0"):
        fit_newton_over(list, Inputs.raw(3), l2=0.1)
    with pytest.raises(ValueError, match="l2 -1"):
        fit_newton_over(list, Inputs.raw(3), l2=-1)


def test_no_more_than_a_few_blocks_are_in_memory() -> None:
    X, y = make_rows(8 * BLOCK)
    inputs = Inputs.fit("quadratic", X[:1000])
    tracemalloc.start()
    try:
        fit_newton_over(in_parts([BLOCK] * 7, X, y), inputs, l2=1e-3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    columns = 10 * 8 * BLOCK
    assert peak < 3 * columns  # eight such blocks are in the table


def test_parts_may_be_lists() -> None:
    X, y = make_rows(200)
    weight = np.arange(200) % 3
    inputs = Inputs.fit("standard", X)
    parts = list(in_parts([70, 70], X, y, weight)())
    listed = [tuple(each.tolist() for each in part) for part in parts]
    found = fit_newton_over(lambda: listed, inputs, l2=0.1)  # type: ignore[arg-type, return-value]
    assert same(found, fit_newton_over(lambda: parts, inputs, l2=0.1))


def test_a_masked_part_is_refused() -> None:
    X, y = make_rows(200)
    masked = np.ma.masked_array(X, mask=X.mean() < X)
    with pytest.raises(ValueError, match="masked"):
        fit_newton_over(lambda: [(masked, y)], Inputs.raw(3), l2=0.1)
