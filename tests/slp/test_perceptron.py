"""The perceptron against scikit-learn and numbers worked by hand."""

from __future__ import annotations

import json
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from slp.inputs import Inputs
from slp.kinds import INPUT_KINDS
from slp.perceptron import NOTHING_REACHES, Perceptron
from slp.prior import prior_shift
from slp.scaling import Scale

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)
SCALE = Scale(np.array([1.0, 10.0]), np.array([2.0, 5.0]))
MODEL = Perceptron(np.array([2.0, -1.0]), 0.5, Inputs.of(SCALE), threshold=0.25)
FIRST_FORMAT = {
    "coef": [2.0, -1.0],
    "intercept": 0.5,
    "mean": [1.0, 10.0],
    "std": [2.0, 5.0],
    "threshold": 0.25,
}


def test_the_logit_is_the_one_worked_by_hand() -> None:
    # scaled rows (1, 1) and (0, -2): 2·1 − 1·1 + 0.5 and 0 + 2 + 0.5
    X = [[3.0, 15.0], [1.0, 0.0]]
    assert MODEL.decision_function(X).tolist() == [1.5, 2.5]
    assert MODEL.contributions(X).tolist() == [[2.0, -1.0], [0.0, 2.0]]
    assert MODEL.predict_proba(X) == pytest.approx([1 / (1 + np.exp(-1.5)), 1 / (1 + np.exp(-2.5))])


def test_a_probability_equal_to_the_threshold_is_a_pulsar() -> None:
    X = [[3.0, 15.0], [1.0, 0.0]]
    low, high = MODEL.predict_proba(X)
    assert MODEL.with_threshold(low).predict(X).tolist() == [1, 1]
    assert MODEL.with_threshold(np.nextafter(low, 1)).predict(X).tolist() == [0, 1]
    assert MODEL.with_threshold(high).predict(X).tolist() == [0, 1]
    assert MODEL.predict(X).dtype == np.int64
    assert MODEL.threshold == 0.25


def test_no_probability_reaches_the_highest_threshold() -> None:
    certain = Perceptron(np.array([1.0]), 1e4, Inputs.raw(1))
    assert certain.predict_proba([[0.0]]).tolist() == [1.0]
    assert certain.with_threshold(1.0).predict([[0.0]]).tolist() == [1]
    assert certain.with_threshold(NOTHING_REACHES).predict([[0.0]]).tolist() == [0]


def test_scale_and_probabilities_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal([1, 2, 3], [1, 20, 0.1], (300, 3))
    y = (X[:, 0] + rng.normal(size=300) > 1).astype(int)
    scaler = StandardScaler().fit(X)
    other = LogisticRegression().fit(scaler.transform(X), y)
    scale = Scale.fit(X)
    assert scale.mean == pytest.approx(scaler.mean_, rel=1e-14)
    assert scale.std == pytest.approx(scaler.scale_, rel=1e-13)
    model = Perceptron(other.coef_[0], other.intercept_[0], Inputs.of(scale))
    assert model.predict_proba(X) == pytest.approx(
        other.predict_proba(scaler.transform(X))[:, 1], rel=1e-10
    )
    assert model.predict(X).tolist() == other.predict(scaler.transform(X)).tolist()


def test_a_constant_column_is_scaled_to_zero() -> None:
    X = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    scale = Scale.fit(X)
    assert scale.std[0] == 1
    assert scale.transform(X)[:, 0].tolist() == [0.0] * 7


def test_a_scale_of_single_precision_rows_is_taken_in_double() -> None:
    X = (np.full((100_000, 1), 1e4) + np.arange(100_000)[:, None] % 3).astype(np.float32)
    assert Scale.fit(X).mean[0] == pytest.approx(X.astype(float).mean(), rel=1e-14)
    assert Scale.fit(X).std[0] == pytest.approx(X.astype(float).std(), rel=1e-12)


def test_the_identity_changes_nothing() -> None:
    X = np.array([[1.5, -2.0, 0.1]])
    assert Scale.identity(3).transform(X).tolist() == X.tolist()


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.empty((0, 2)), "at least 1 row; there are 0"),
        ([[1e308], [-1e308]], r"column 0 lies between -1e\+308 and 1e\+308"),
        ([[1.0, 1e-200], [2.0, 2e-200]], "column 1 lies between 1e-200 and 2e-200"),
        ([[1.0], [np.nan]], "feature nan in row 1"),
    ],
)
def test_what_has_no_scale_is_refused(X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scale.fit(X)


def test_contributions_and_intercept_add_up_to_the_logit_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(50, 30, (200, 8))
    model = Perceptron(rng.normal(size=8), -2.3, Inputs.of(Scale.fit(X)))
    total = model.contributions(X).sum(axis=1) + model.intercept
    assert total.tolist() == model.decision_function(X).tolist()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_a_row_scores_the_same_bits_whatever_stands_beside_it(kind: Any) -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(50, 30, (257, 8))
    inputs = Inputs.fit(kind, X)
    model = Perceptron(rng.normal(size=inputs.n_outputs), -2.3, inputs)
    together = model.decision_function(X).tolist()
    assert [model.decision_function(row[None])[0] for row in X] == together
    assert model.decision_function(np.asfortranarray(X)).tolist() == together
    assert model.decision_function(np.repeat(X, 2, axis=0)[::2]).tolist() == together


@pytest.mark.parametrize("kind", INPUT_KINDS)
@pytest.mark.parametrize("n_rows", [0, 1, 4095, 4096, 4097, 8192, 10_000])
def test_blocks_of_rows_give_the_bits_of_the_whole(kind: Any, n_rows: int) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(50, 30, (10_000, 8))
    inputs = Inputs.fit(kind, X)
    model = Perceptron(rng.normal(size=inputs.n_outputs), -2.3, inputs)
    for rows in (X[:n_rows], np.asfortranarray(X[:n_rows]), X[:n_rows].astype(np.float32)):
        whole = model.contributions(rows).sum(axis=1) + model.intercept
        assert model.decision_function(rows).tobytes() == whole.tobytes()


def test_the_memory_that_scoring_takes_does_not_grow_with_the_products() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(50, 30, (200_000, 8))
    inputs = Inputs.fit("yeo-johnson-quadratic", X[:1000])
    model = Perceptron(rng.normal(size=44), -2.3, inputs)
    tracemalloc.start()
    try:
        model.decision_function(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16e6  # the products of all rows at once are 70 MB, and there are two such arrays


@given(trained=st.floats(0.01, 0.99), true=st.floats(0.01, 0.99))
def test_a_changed_prior_multiplies_the_odds(trained: float, true: float) -> None:
    X = [[3.0, 15.0], [1.0, 0.0]]
    before = MODEL.predict_proba(X)
    after = MODEL.with_prior(trained=trained, true=true).predict_proba(X)
    # Bayes' rule, class by class: each likelihood is reweighted by its prior's ratio.
    pulsar, other = before * true / trained, (1 - before) * (1 - true) / (1 - trained)
    assert after == pytest.approx(pulsar / (pulsar + other), rel=1e-9)


def test_the_shift_to_a_rarer_class_is_negative() -> None:
    assert prior_shift(trained=0.5, true=0.1) == pytest.approx(-np.log(9))
    assert MODEL.with_prior(trained=0.5, true=0.1).intercept == pytest.approx(0.5 - np.log(9))


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 1.1])
def test_a_prior_outside_its_bounds_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match=r"prevalence .* is outside \(0, 1\)"):
        prior_shift(trained=prevalence, true=0.5)
    with pytest.raises(ValueError, match=r"prevalence .* is outside \(0, 1\)"):
        prior_shift(trained=0.5, true=prevalence)


@given(
    coef=arrays(np.float64, 3, elements=FINITE),
    mean=arrays(np.float64, 3, elements=FINITE),
    std=arrays(np.float64, 3, elements=st.floats(1e-300, 1e300)),
    intercept=FINITE,
    threshold=st.floats(0, 1),
)
def test_a_model_survives_json_bit_for_bit(
    coef: Any, mean: Any, std: Any, intercept: float, threshold: float
) -> None:
    model = Perceptron(coef, intercept, Inputs.of(Scale(mean, std)), threshold)
    again = Perceptron.from_dict(json.loads(json.dumps(model.to_dict(), allow_nan=False)))
    assert again.coef.tobytes() == model.coef.tobytes()
    assert again.inputs.scale.mean.tobytes() == model.inputs.scale.mean.tobytes()
    assert again.inputs.scale.std.tobytes() == model.inputs.scale.std.tobytes()
    assert (again.intercept, again.threshold) == (model.intercept, model.threshold)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coef": [1.0]}, "coef has 1 numbers; 2 are needed"),
        ({"coef": [1.0, np.inf]}, "not finite"),
        ({"coef": "two"}, "not a list of numbers"),
        ({"coef": [[1.0, 2.0]]}, r"shape \(1, 2\)"),
        ({"intercept": None}, "intercept None is not a number"),
        ({"intercept": np.nan}, "intercept nan is not finite"),
        ({"intercept": "1"}, "intercept '1' is not a number"),
        ({"threshold": True}, "threshold True is not a number"),
        ({"threshold": -0.1}, r"threshold -0.1 is outside \[0, 1"),
        ({"threshold": 1.1}, r"threshold 1.1 is outside \[0, 1"),
        ({"threshold": 10**400}, "is not a number"),
        ({"inputs": None}, "inputs None are no record"),
        ({"inputs": {"kind": "raw"}}, "the inputs have no mean and std"),
    ],
)
def test_a_damaged_model_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Perceptron.from_dict(MODEL.to_dict() | change)


def test_a_model_without_an_entry_is_refused() -> None:
    record = MODEL.to_dict()
    del record["inputs"]
    with pytest.raises(ValueError, match="the model has no inputs; it needs coef, intercept, inp"):
        Perceptron.from_dict(record)


def test_a_model_of_the_first_format_is_still_read() -> None:
    X = [[3.0, 15.0], [1.0, 0.1]]
    model = Perceptron.from_dict(FIRST_FORMAT)
    assert model.decision_function(X).tolist() == MODEL.decision_function(X).tolist()
    assert (model.inputs.kind, model.threshold) == ("standard", 0.25)
    unscaled = Perceptron.from_dict(FIRST_FORMAT | {"mean": [0, 0], "std": [1, 1]})
    assert unscaled.inputs.kind == "raw"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": []}, r"mean has shape \(0,\)"),
        ({"std": [1.0, 0.0]}, "std 0.0 is not positive"),
        ({"std": [1.0, -2.0]}, "std -2.0 is not positive"),
        ({"std": [1.0]}, "std has 1 numbers; 2 are needed"),
    ],
)
def test_a_damaged_model_of_the_first_format_is_refused(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Perceptron.from_dict(FIRST_FORMAT | change)


def test_a_first_format_without_an_entry_is_refused() -> None:
    record = FIRST_FORMAT.copy()
    del record["std"]
    with pytest.raises(ValueError, match="the model has no std"):
        Perceptron.from_dict(record)


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_the_features_parts_add_up_to_the_logit(kind: Any) -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(50, 30, (60, 8))
    inputs = Inputs.fit(kind, X)
    model = Perceptron(rng.normal(size=inputs.n_outputs), -2.3, inputs)
    by_input, by_feature = model.contributions(X), model.feature_contributions(X)
    assert by_input.shape == (60, inputs.n_outputs)
    assert by_feature.shape == (60, 8)
    logits = model.decision_function(X)
    assert (by_input.sum(axis=1) + model.intercept).tolist() == logits.tolist()
    assert by_feature.sum(axis=1) + model.intercept == pytest.approx(logits, rel=1e-9, abs=1e-9)


def test_a_products_part_goes_half_to_each_of_its_features() -> None:
    scale = Scale(np.zeros(2), np.ones(2))
    products = Scale(np.zeros(5), np.ones(5))
    inputs = Inputs("quadratic", scale, products=products)
    model = Perceptron(np.array([1.0, 10.0, 100.0, 1000.0, 10000.0]), 0.0, inputs)
    # inputs of the row (2, 3): 2, 3, 4, 6, 9
    assert model.contributions([[2.0, 3.0]]).tolist() == [[2, 30, 400, 6000, 90000]]
    assert model.feature_contributions([[2.0, 3.0]]).tolist() == [[2 + 400 + 3000, 30 + 3000 + 9e4]]


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        MODEL.coef[0] = 1
    with pytest.raises(AttributeError):
        MODEL.intercept = 1.0  # type: ignore[misc]  # that it cannot be done is the point


def test_columns_that_the_model_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="3 columns; 2 are needed"):
        MODEL.decision_function([[1.0, 2.0, 3.0]])


@pytest.mark.parametrize(
    ("row", "logit"), [([1e308, 1e308], "nan"), ([1e308, -1e308], "inf"), ([-1e308, 1e308], "-inf")]
)
def test_a_row_whose_logit_no_float_holds_is_refused_by_its_number(row: Any, logit: str) -> None:
    for inputs in (Inputs.raw(2), Inputs.of(Scale(np.zeros(2), np.full(2, 0.5)))):
        model = Perceptron(np.array([2.0, -2.0]), 0.0, inputs)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for ask in (model.decision_function, model.predict, model.explain):
                with pytest.raises(ValueError, match=f"the logit of row 1 is {logit}: .* 1e\\+308"):
                    ask([[1.0, 1.0], row])  # type: ignore[operator]
