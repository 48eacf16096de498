"""Inputs against scikit-learn's transformers and products written out."""

from __future__ import annotations

import itertools
import json
import warnings
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer, StandardScaler

from slp.columns import input_columns
from slp.input_fitting import FARTHEST
from slp.inputs import Inputs
from slp.kinds import INPUT_KINDS
from slp.scaling import Scale

CURVED = ("yeo-johnson", "quadratic", "yeo-johnson-quadratic")
THEIRS = {
    "standard": lambda: [StandardScaler()],
    "yeo-johnson": lambda: [PowerTransformer()],
    "quadratic": lambda: [
        StandardScaler(),
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
    ],
    "yeo-johnson-quadratic": lambda: [
        PowerTransformer(),
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
    ],
}


def make_rows(n_rows: int = 200, n_features: int = 4) -> Any:
    rng = np.random.default_rng(0)
    return np.exp(rng.normal(size=(n_rows, n_features))) * [1, 10, 100, 3][:n_features] - 2


@pytest.mark.parametrize("kind", THEIRS)
def test_inputs_agree_with_scikit_learn(kind: Any) -> None:
    X = make_rows()
    train, new = X[:150], X[150:]
    theirs = make_pipeline(*THEIRS[kind]()).fit(train)
    ours = Inputs.fit(kind, train)
    assert_allclose(ours.transform(train), theirs.transform(train), rtol=1e-5, atol=1e-5)
    inside = new if kind == "standard" else np.clip(new, train.min(axis=0), train.max(axis=0))
    assert_allclose(ours.transform(new), theirs.transform(inside), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", THEIRS)
def test_inputs_agree_with_scikit_learn_on_the_real_data(kind: Any, data_dir: Path) -> None:
    X = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)[:, :8]
    theirs = make_pipeline(*THEIRS[kind]()).fit(X).transform(X)
    ours = Inputs.fit(kind, X)
    assert_allclose(ours.transform(X), theirs, rtol=1e-4, atol=1e-4)
    assert ours.n_outputs == theirs.shape[1] == (44 if "quadratic" in kind else 8)


def test_raw_inputs_are_the_features_themselves() -> None:
    X = make_rows()
    assert Inputs.fit("raw", X).transform(X).tolist() == X.tolist()
    assert Inputs.fit("raw", X).kind == "raw"


def test_products_come_in_the_order_of_their_names() -> None:
    X = make_rows(50, 3)
    inputs = Inputs.fit("quadratic", X)
    names = inputs.names(["a", "b", "c"])
    assert names == ("a", "b", "c", "a²", "a × b", "a × c", "b²", "b × c", "c²")
    z = dict(zip("abc", ((X - X.mean(axis=0)) / X.std(axis=0)).T, strict=True))
    for name, column in zip(names, inputs.transform(X).T, strict=True):
        first, *rest = name.replace("²", f" × {name[0]}").split(" × ")
        product = z[first] * z[rest[0]] if rest else z[first]
        expected = (product - product.mean()) / product.std()
        assert column == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_linear_inputs_keep_the_names_of_the_features() -> None:
    assert Inputs.raw(2).names(["a", "b"]) == ("a", "b")
    with pytest.raises(ValueError, match="1 names for 2 features"):
        Inputs.raw(2).names(["a"])


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_only_training_rows_shape_the_inputs_of_a_new_row(kind: Any) -> None:
    X = make_rows()
    inputs = Inputs.fit(kind, X[:100])
    together = inputs.transform(X)
    alone = np.vstack([inputs.transform(row[None]) for row in X])
    assert together.tobytes() == alone.tobytes()
    assert inputs.transform(np.asfortranarray(X)).tobytes() == together.tobytes()
    assert inputs.transform(X[::-1])[::-1].tobytes() == together.tobytes()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_fitting_and_transforming_leave_the_rows_alone(kind: Any) -> None:
    X = make_rows()
    before = X.copy()
    Inputs.fit(kind, X).transform(X)
    assert X.tobytes() == before.tobytes()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_inputs_survive_json_bit_for_bit(kind: Any) -> None:
    X = make_rows()
    inputs = Inputs.fit(kind, X)
    record = json.loads(json.dumps(inputs.to_dict(), allow_nan=False))
    again = Inputs.from_dict(record)
    assert again.to_dict() == inputs.to_dict()
    assert again.transform(X).tobytes() == inputs.transform(X).tobytes()
    assert (again.kind, again.n_features) == (kind, 4)


@pytest.mark.parametrize("kind", CURVED)
@given(row=arrays(np.float64, (1, 3), elements=st.floats(-1e308, 1e308)))
def test_a_new_row_of_any_size_has_finite_inputs(kind: Any, row: Any) -> None:
    inputs = Inputs.fit(kind, make_rows(50, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = inputs.transform(row)
    assert np.isfinite(seen).all()


@pytest.mark.parametrize("kind", CURVED)
@given(data=st.data())
def test_within_the_training_range_the_range_changes_no_bit(kind: Any, data: Any) -> None:
    X = make_rows(50, 3)
    low, high = X.min(axis=0), X.max(axis=0)
    share = data.draw(arrays(np.float64, (4, 3), elements=st.floats(0, 1)))
    rows = np.clip(low + share * (high - low), low, high)
    inputs = Inputs.fit(kind, X)
    unbounded = replace(inputs, low=None, high=None)
    assert inputs.transform(rows).tobytes() == unbounded.transform(rows).tobytes()
    assert inputs.transform(X).tobytes() == unbounded.transform(X).tobytes()


@pytest.mark.parametrize("kind", CURVED)
@given(row=arrays(np.float64, (1, 3), elements=st.floats(-1e308, 1e308)))
def test_beyond_the_training_range_a_feature_counts_as_the_end_of_it(kind: Any, row: Any) -> None:
    X = make_rows(50, 3)
    inputs = Inputs.fit(kind, X)
    edge = np.array(
        [[sorted((v, *c[[0, -1]]))[1] for v, c in zip(row[0], np.sort(X.T), strict=True)]]
    )
    assert inputs.transform(row).tobytes() == inputs.transform(edge).tobytes()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_only_what_is_curved_has_a_range(kind: Any) -> None:
    X = make_rows(50, 3)
    inputs = Inputs.fit(kind, X)
    if kind not in CURVED:
        assert inputs.low is inputs.high is None
        assert not {"low", "high"} & set(inputs.to_dict())
        return
    assert inputs.to_dict()["low"] == X.min(axis=0).tolist()
    assert inputs.to_dict()["high"] == X.max(axis=0).tolist()


@pytest.mark.parametrize("kind", CURVED)
def test_a_record_without_a_range_goes_on_reaching_beyond_it(kind: Any) -> None:
    X = make_rows(50, 3)
    record = Inputs.fit(kind, X).to_dict()
    of_format_2 = Inputs.from_dict({n: v for n, v in record.items() if n not in {"low", "high"}})
    far = X.max(axis=0)[None] * [[2], [3]]
    assert (np.diff(of_format_2.transform(far)[:, :3], axis=0) > 0).all()
    assert not np.diff(Inputs.from_dict(record).transform(far), axis=0).any()


def test_what_is_too_far_out_counts_as_the_farthest() -> None:
    X = make_rows(50, 2)
    for kind in ("quadratic", "yeo-johnson"):
        inputs = Inputs.fit(kind, X)
        far = inputs.transform([[1e300, 0.0], [1e250, 0.0]])
        assert far[0].tolist() == far[1].tolist()
    assert Inputs("yeo-johnson", Scale([0.0], [1.0]), [6.0]).transform([[1e300]]) == [[FARTHEST]]


@pytest.mark.parametrize("kind", [*CURVED, "standard"])
def test_a_constant_column_becomes_zero(kind: Any) -> None:
    X = np.column_stack([np.full(30, 0.1), make_rows(30, 1)])
    seen = Inputs.fit(kind, X).transform(X)
    assert not seen[:, 0].any()
    assert np.isfinite(seen).all()


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_single_precision_rows_are_seen_in_double(kind: Any) -> None:
    X = make_rows().astype(np.float32)
    inputs = Inputs.fit(kind, X)
    assert inputs.transform(X).dtype == np.float64
    assert inputs.transform(X).tobytes() == inputs.transform(X.astype(np.float64)).tobytes()


def test_shares_keep_the_sum() -> None:
    inputs = Inputs.fit("quadratic", make_rows(50, 3))
    parts = np.arange(18.0).reshape(2, 9)
    shared = inputs.share_out(parts)
    for feature, column in enumerate(shared.T):
        expected = parts[:, feature].copy()
        for number, pair in enumerate(itertools.combinations_with_replacement(range(3), 2)):
            expected += parts[:, 3 + number] * pair.count(feature) / 2
        assert column.tolist() == expected.tolist()
    assert shared.sum(axis=1).tolist() == parts.sum(axis=1).tolist()


@pytest.mark.parametrize(
    ("kind", "X", "message"),
    [
        ("cubic", [[1.0]], "inputs 'cubic' are none of raw, standard"),
        ("yeo-johnson", np.empty((0, 2)), "at least 1 row; there are 0"),
        ("quadratic", np.empty((0, 2)), "at least 1 row; there are 0"),
        ("raw", np.empty((0, 2)), "at least 1 row; there are 0"),
        ("standard", [[np.nan]], "feature nan in row 0"),
        ("yeo-johnson", [[np.inf]], "feature inf in row 0"),
        ("quadratic", [[1e308], [-1e308]], "column 0 lies between -1e"),
    ],
)
def test_what_no_inputs_can_be_fitted_to_is_refused(kind: Any, X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Inputs.fit(kind, X)


RECORD = Inputs.fit("yeo-johnson-quadratic", make_rows(50, 2)).to_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "cubic"}, "inputs 'cubic' are none of"),
        ({"kind": ["raw"]}, r"inputs \['raw'\] are none of"),
        ({"kind": "quadratic"}, "quadratic inputs have exponents"),
        ({"exponents": None}, "yeo-johnson-quadratic inputs have no exponents"),
        ({"exponents": [1.0]}, "exponents has 1 numbers; 2 are needed"),
        ({"exponents": [1.0, 99.0]}, r"exponents \[1.0, 99.0\] are not all in \[-4.0, 6.0\]"),
        ({"exponents": [1.0, np.nan]}, "not finite"),
        ({"products": None}, "yeo-johnson-quadratic inputs have no products"),
        ({"products": {"mean": [0.0]}}, "the products have no mean and std"),
        ({"products": {"mean": [0.0], "std": [1.0]}}, "products has 1 numbers; 5 are needed"),
        ({"mean": [0.0]}, "std has 2 numbers; 1 are needed"),
        ({"std": [1.0, 0.0]}, "std 0.0 is not positive"),
        ({"low": None}, "the range has one end only"),
        ({"high": [0.0]}, "high has 1 numbers; 2 are needed"),
        ({"low": [0.0, np.inf]}, "not finite"),
        ({"low": [1.0, 9e9]}, r"low \[1.0, 9000000000.0\] is above high"),
    ],
)
def test_damaged_inputs_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Inputs.from_dict(RECORD | change)


def test_a_straight_line_has_no_range() -> None:
    for kind in ("raw", "standard"):
        with pytest.raises(ValueError, match=f"{kind} inputs have a range"):
            Inputs(kind, Scale.identity(1), low=[0.0], high=[1.0])  # type: ignore[arg-type]


def test_a_scale_alone_is_raw_only_when_it_changes_nothing() -> None:
    assert Inputs.of(Scale.identity(2)).kind == "raw"
    assert Inputs.of(Scale(np.zeros(2), np.array([1.0, 2.0]))).kind == "standard"
    assert Inputs.of(Scale(np.array([0.0, 1.0]), np.ones(2))).kind == "standard"
    with pytest.raises(ValueError, match="raw inputs have a scale that changes them"):
        Inputs("raw", Scale(np.ones(2), np.ones(2)))


def test_a_unit_is_divided_by_before_the_power_and_survives_json() -> None:
    X = np.array([[0.5], [3.0], [1e308]])
    inputs = Inputs("yeo-johnson", Scale.identity(1), np.array([0.0]), unit=np.array([0.1]))
    expected = np.log1p([[5.0], [30.0], [np.finfo(float).max]])
    np.testing.assert_allclose(inputs.transform(X), expected, rtol=1e-15)
    again = Inputs.from_dict(json.loads(json.dumps(inputs.to_dict())))
    assert again.transform(X).tobytes() == inputs.transform(X).tobytes()


@pytest.mark.parametrize(("kind", "unit"), [("yeo-johnson", [0.0]), ("standard", [1.0])])
def test_a_unit_that_nothing_can_be_divided_by_or_without_a_power_is_refused(
    kind: Any, unit: list[float]
) -> None:
    exponents = np.array([0.0]) if kind == "yeo-johnson" else None
    with pytest.raises(ValueError, match="units"):
        Inputs(kind, Scale.identity(1), exponents, unit=np.array(unit))


def test_a_kind_that_only_the_list_of_words_knows_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("slp.inputs.INPUT_KINDS", (*INPUT_KINDS, "log"))
    unknown: Any = "log"
    with pytest.raises(ValueError, match="'log'"):
        Inputs(unknown, Scale.identity(2))
    with pytest.raises(ValueError, match="'log'"):
        Inputs.fit(unknown, make_rows())
    with pytest.raises(ValueError, match="'log'"):
        Inputs.fit_over(unknown, lambda: [(make_rows(),)])


@pytest.mark.parametrize("parts", list(itertools.product([False, True], repeat=2)))
def test_a_kind_whose_parts_alone_are_known_is_neither_fitted_nor_seen(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[bool, bool]
) -> None:
    monkeypatch.setattr("slp.inputs.INPUT_KINDS", (*INPUT_KINDS, "log"))
    for place in ("slp.inputs", "slp.input_fitting"):
        monkeypatch.setattr(f"{place}.parts_of", lambda _: parts)
    unknown: Any = "log"
    with pytest.raises(ValueError, match="'log'"):
        Inputs.fit(unknown, make_rows())
    same = {(0, 0): "standard", (1, 0): "yeo-johnson", (0, 1): "quadratic"}
    known: Any = same.get(parts, "yeo-johnson-quadratic")
    monkeypatch.undo()
    inputs = Inputs.fit(known, make_rows())
    object.__setattr__(inputs, "kind", unknown)
    for seen in (Inputs.transform, input_columns):
        with pytest.raises(ValueError, match="'log'"):
            seen(inputs, make_rows())


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_any_mapping_is_a_record(kind: Any) -> None:
    record = Inputs.fit(kind, make_rows()).to_dict()
    frozen = {n: MappingProxyType(v) if isinstance(v, dict) else v for n, v in record.items()}
    assert Inputs.from_dict(MappingProxyType(frozen)).to_dict() == record
