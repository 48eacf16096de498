"""Rows as columns, to the last bit, against the plain way: transform, weigh, add, share out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from slp import columns
from slp.checks import check_features
from slp.columns import BLOCK, input_columns, row_sums
from slp.input_fitting import FARTHEST
from slp.inputs import Inputs
from slp.kinds import INPUT_KINDS
from slp.perceptron import Perceptron
from slp.power import EXPONENTS, transform, transform_column
from slp.scaling import Scale

ANY_SIZE = st.floats(-1e308, 1e308) | st.sampled_from([0.0, -0.0, 5e-324, 1e6, -1e6])


def make_rows(n_rows: int, n_features: int = 8) -> Any:
    rng = np.random.default_rng(0)
    return np.exp(rng.normal(size=(n_rows, n_features))) * 10.0 ** np.arange(n_features) - 2


def make_model(kind: Any, X: Any) -> Perceptron:
    inputs = Inputs.fit(kind, X)
    return Perceptron(np.random.default_rng(1).normal(size=inputs.n_outputs), -2.3, inputs)


def hold_to_the_plain_way(model: Perceptron, X: Any) -> None:
    parts = model.inputs.transform(X) * model.coef
    shared = model.inputs.share_out(parts)
    logits, contributions = model.explain(X)
    assert logits.tobytes() == (parts.sum(axis=1) + model.intercept).tobytes()
    assert contributions.tobytes() == shared.tobytes()
    assert model.decision_function(X).tobytes() == logits.tobytes()
    assert model.feature_contributions(X).tobytes() == shared.tobytes()
    assert model.feature_contributions(X).flags.c_contiguous
    assert contributions.T.flags.c_contiguous


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_logits_and_parts_of_the_real_rows_are_those_of_the_plain_way(
    kind: Any, data_dir: Path
) -> None:
    X = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)[:, :8]
    hold_to_the_plain_way(make_model(kind, X), X)
    hold_to_the_plain_way(make_model(kind, X[:2000]), X * 3 - 1)
    assert input_columns(Inputs.fit(kind, X), X).tobytes() == (
        np.ascontiguousarray(Inputs.fit(kind, X).transform(X).T).tobytes()
    )


@pytest.mark.parametrize("kind", INPUT_KINDS)
@pytest.mark.parametrize("ranged", ["", "ranged"])
@given(rows=arrays(np.float64, st.tuples(st.integers(0, 9), st.just(3)), elements=ANY_SIZE))
def test_rows_of_any_size_are_weighed_as_in_the_plain_way(
    kind: Any, ranged: str, rows: Any
) -> None:
    model = make_model(kind, make_rows(50, 3))
    if not ranged and model.inputs.low is not None:
        record = model.to_dict()
        del record["inputs"]["low"], record["inputs"]["high"]
        model = Perceptron.from_dict(record)
    with np.errstate(over="ignore", invalid="ignore"):  # a straight line overflows in either way
        hold_to_the_plain_way(model, rows)


@given(
    exponents=arrays(np.float64, 2, elements=st.floats(*EXPONENTS) | st.sampled_from([0, 1, 2])),
    unit=arrays(np.float64, 2, elements=st.floats(1e-300, 1e300)),
    rows=arrays(np.float64, st.tuples(st.integers(1, 9), st.just(2)), elements=ANY_SIZE),
)
def test_a_power_with_a_unit_is_that_of_the_plain_way(exponents: Any, unit: Any, rows: Any) -> None:
    inputs = Inputs("yeo-johnson", Scale.identity(2), exponents, unit=unit)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hold_to_the_plain_way(Perceptron(np.array([0.5, -3.0]), 0.25, inputs), rows)
        bare, out = transform(rows, exponents), np.empty(len(rows))
        for number, column in enumerate(rows.T.copy()):
            before = column.copy()
            transform_column(column, float(exponents[number]), out=out)
            assert out.tobytes() == bare[:, number].tobytes()
            assert column.tobytes() == before.tobytes()


def test_products_at_the_farthest_keep_every_bit() -> None:
    model = make_model("quadratic", make_rows(50, 3))
    record = model.to_dict()
    del record["inputs"]["low"], record["inputs"]["high"]
    far = np.array([[1e300, -1e300, 1e9], [FARTHEST, -FARTHEST, 0.0]])
    hold_to_the_plain_way(Perceptron.from_dict(record), far)
    assert np.isfinite(Perceptron.from_dict(record).explain(far)[1]).all()


@pytest.mark.parametrize("kind", INPUT_KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_and_blocks_change_no_bit(kind: Any, dtype: Any) -> None:
    X = make_rows(BLOCK + 100).astype(dtype)
    model = make_model(kind, X[:300])
    logits, parts = model.explain(X)
    for rows in (
        slice(7, 8),
        slice(BLOCK - 1, BLOCK + 2),
        slice(100, None, 3),
        slice(None, None, -1),
    ):
        alone = model.explain(X[rows])
        assert alone[0].tobytes() == logits[rows].tobytes()
        assert alone[1].tobytes() == parts[rows].tobytes()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_rows_that_lie_as_columns_are_weighed_to_the_same_bits_and_not_turned_round(
    kind: Any,
) -> None:
    X = make_rows(200)
    turned, model = np.asfortranarray(X), make_model(kind, X)
    assert check_features(turned, order="K") is turned
    assert check_features(turned).flags.c_contiguous
    for found, plain in zip(model.explain(turned), model.explain(X), strict=True):
        assert found.tobytes() == plain.tobytes()


@pytest.mark.parametrize("n_columns", [1, 2, 5, 7, 8, 9, 15, 16, 17, 44, 128, 129, 135, 300])
def test_columns_are_added_in_the_order_of_numpys_sum_along_a_row(n_columns: int) -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(400, n_columns)) * 10.0 ** rng.integers(-9, 9, (400, n_columns))
    found = row_sums(iter(np.ascontiguousarray(rows.T)), n_columns)
    assert found.tobytes() == rows.sum(axis=1).tobytes()


def test_no_row_is_no_logit() -> None:
    logits, parts = make_model("quadratic", make_rows(50)).explain(np.empty((0, 8)))
    assert (logits.shape, parts.shape) == ((0,), (0, 8))


def test_the_rows_stay_as_they_were() -> None:
    X = make_rows(100)
    before = X.copy()
    make_model("yeo-johnson-quadratic", X).explain(X)
    assert X.tobytes() == before.tobytes()


def test_blocks_take_every_row_once() -> None:
    assert [(b.start, b.stop) for b in columns.blocks(7, 3)] == [(0, 3), (3, 6), (6, 7)]
    assert list(columns.blocks(0)) == []
