"""Inputs of rows that come in parts, against the same rows at once, and moments by twos."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from slp import blocks, input_fitting
from slp.blocks import BLOCK, add_by_twos, by_threads
from slp.inputs import Inputs
from slp.kinds import INPUT_KINDS
from slp.power import best_exponent, transform
from slp.products import with_products
from slp.scaling import Moments, Scale

if TYPE_CHECKING:
    from pathlib import Path


def make_rows(n_rows: int, n_features: int = 3) -> Any:
    rng = np.random.default_rng(0)
    return np.exp(rng.normal(size=(n_rows, n_features))) * 10.0 ** np.arange(n_features) - 2


def in_parts(sizes: list[int], X: Any) -> Any:
    def source() -> Iterator[tuple[Any, ...]]:
        for first, last in pairwise(np.minimum(np.cumsum([0, *sizes, len(X)]), len(X))):
            yield X[first:last], np.zeros(last - first), "what else belongs to the rows"

    return lambda: ((features, labels) for features, labels, _ in source())


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_the_real_rows_give_what_each_part_of_the_inputs_is_by_definition(
    kind: Any, data_dir: Path
) -> None:
    X = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)[:, :8]
    inputs = Inputs.fit(kind, X)
    assert Inputs.fit_over(kind, in_parts([1, 0, 5000], X)).to_dict() == inputs.to_dict()
    if kind == "raw":
        return
    powers = X
    if inputs.exponents is not None:
        assert inputs.exponents.tolist() == [best_exponent(column) for column in X.T.copy()]
        powers = transform(X, inputs.exponents)
    assert inputs.scale.mean.tolist() == powers.mean(axis=0).tolist()
    assert inputs.scale.std.tolist() == powers.std(axis=0).tolist()
    if inputs.products is not None:
        seen = with_products((powers - powers.mean(axis=0)) / powers.std(axis=0))
        assert inputs.products.mean.tolist() == seen.mean(axis=0).tolist()
        assert inputs.products.std.tolist() == seen.std(axis=0).tolist()


@given(
    sizes=st.lists(st.integers(0, 90), max_size=5),
    n_threads=st.sampled_from([None, 1, 3]),
    n_rows=st.integers(1, 300),
    kind=st.sampled_from(INPUT_KINDS),
)
@settings(deadline=None)
def test_parts_and_threads_change_no_bit(
    sizes: list[int], n_threads: int | None, n_rows: int, kind: Any
) -> None:
    X = make_rows(n_rows)
    at_once = Inputs.fit(kind, X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks.in_blocks, "__defaults__", (16,))
        patch.setattr(input_fitting, "AT_MOST", 64)
        whole = Inputs.fit(kind, X)
        mapped = map if n_threads is None else by_threads(n_threads)
        found = Inputs.fit_over(kind, in_parts(sizes, X), mapped=mapped)
    assert found.to_dict() == whole.to_dict()
    if "yeo-johnson" not in kind:
        assert_allclose(found.transform(X), at_once.transform(X), rtol=1e-10, atol=1e-10)


@given(
    X=arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-1e9, 1e9)),
    size=st.integers(1, 7),
)
def test_moments_of_parts_are_those_of_the_whole(X: Any, size: int) -> None:
    parts = [np.ascontiguousarray(X[i : i + size]) for i in range(0, len(X), size)]
    found = add_by_twos(map(Moments.of, parts), Moments.plus)
    assert found.n_rows == len(X)
    assert found.low.tolist() == X.min(axis=0).tolist()
    assert found.high.tolist() == X.max(axis=0).tolist()
    largest = np.abs(X).max() + 1
    assert_allclose(found.mean, X.mean(axis=0), rtol=1e-13, atol=1e-14 * largest)
    assert_allclose(found.squares / len(X), X.var(axis=0), rtol=1e-12, atol=1e-14 * largest**2)


def test_a_small_spread_far_from_zero_is_kept_across_blocks() -> None:
    X = 1e8 + np.random.default_rng(1).normal(size=(3 * BLOCK + 7, 1))
    assert Scale.fit(X).std[0] == pytest.approx(np.std(X[:, 0] - 1e8), rel=1e-9)
    assert Scale.fit(X).mean[0] == pytest.approx(1e8 + np.mean(X[:, 0] - 1e8), rel=1e-15)


def test_a_column_that_is_constant_over_all_blocks_is_scaled_to_zero() -> None:
    X = np.full((2 * BLOCK + 5, 2), 0.1)
    X[-1, 1] = 0.2
    scale = Scale.fit(X)
    assert (scale.mean[0], scale.std[0]) == (0.1, 1.0)
    assert scale.std[1] == pytest.approx(X[:, 1].std(), rel=1e-9)


@pytest.mark.parametrize(("n_rows", "step"), [(64, 1), (65, 2), (128, 2), (129, 4), (1000, 16)])
def test_exponents_are_those_of_every_so_many_rows(
    n_rows: int, step: int, monkeypatch: Any
) -> None:
    X = make_rows(n_rows)
    monkeypatch.setattr(input_fitting, "AT_MOST", 64)
    for sizes in ([], [7] * 200, [100, 1, 30]):
        found = Inputs.fit_over("yeo-johnson", in_parts(sizes, X)).exponents
        assert found is not None
        assert found.tolist() == [best_exponent(column) for column in X[::step].T.copy()]


def test_up_to_a_hundred_thousand_rows_all_tell_the_exponents() -> None:
    assert input_fitting.AT_MOST >= 100_000


def test_no_row_and_numbers_that_are_not_finite_are_refused() -> None:
    for kind in INPUT_KINDS:
        with pytest.raises(ValueError, match="at least 1 row; there are 0"):
            Inputs.fit_over(kind, list)
    X = make_rows(BLOCK + 20)
    X[BLOCK + 3, 1] = np.nan
    with pytest.raises(ValueError, match=f"rows from {BLOCK} on: feature nan in row 3, column 1"):
        Inputs.fit_over("quadratic", in_parts([], X))
    with pytest.raises(ValueError, match="column 0 lies between -1e"):
        Inputs.fit_over("standard", in_parts([1], np.array([[1e308], [-1e308]])))
