"""What is refused at the door, with the value and the bound in the sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import slp
from slp.checks import (
    check_columns,
    check_features,
    check_labels,
    check_probabilities,
    frozen,
)
from slp.choosing.cross_validation import sweep
from slp.perceptron import learn
from slp.training.together import fit_many


@pytest.mark.parametrize(
    "y", [[0, 1, 1], [0.0, 1.0, 1.0], [False, True, True], np.array([0, 1, 1], np.int8)]
)
def test_labels_of_any_numeric_kind_become_integers(y: object) -> None:
    labels = check_labels(y, n_samples=3)
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 0.5], "label 0.5 in row 2 is neither 0 nor 1"),
        ([0, 2, -1], "label 2 in row 1"),
        (["0", "1", "1"], "label '0' in row 0 is neither 0 nor 1"),
        (np.array([0, "1", 1], dtype=object), "label '1' in row 1 is neither"),
        ([np.nan], "label nan in row 0"),
        ([], r"shape \(0,\)"),
        ([[0, 1]], r"shape \(1, 2\)"),
        ([0, 1], "there are 2 labels for 3 rows"),
    ],
)
def test_what_is_no_label_is_refused(y: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_labels(y, n_samples=3)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([1.0, 2.0], r"shape \(2,\)"),
        ([[1.0, 2.0], [np.inf, 3.0]], "feature inf in row 1, column 0 is not finite"),
        ([[1.0, np.nan]], "feature nan in row 0, column 1"),
        ([[1.0, 2.0, 3.0]], "3 columns; 2 are needed"),
    ],
)
def test_what_is_no_feature_table_is_refused(X: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_features(X, n_features=2)


def test_features_keep_single_precision_and_get_c_order() -> None:
    single = check_features(np.asfortranarray(np.ones((3, 2), np.float32)))
    assert single.dtype == np.float32
    assert single.flags.c_contiguous
    assert check_features([[1, 2]]).dtype == np.float64


@pytest.mark.parametrize(
    ("probability", "message"),
    [
        ([0.1, 1.5], r"probability 1.5 in row 1 is outside \[0, 1\]"),
        ([-0.1, 0.5], "probability -0.1 in row 0"),
        ([0.1, np.nan], "probability nan in row 1"),
        ([[0.1, 0.2]], r"shape \(1, 2\)"),
        ([0.1], "there are 1 probabilities for 2 rows"),
    ],
)
def test_what_is_no_probability_is_refused(probability: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_probabilities(probability, n_samples=2)


def test_both_ends_are_probabilities() -> None:
    assert check_probabilities([0, 1]).tolist() == [0.0, 1.0]


def test_a_frozen_array_is_a_copy_that_cannot_be_written() -> None:
    array = np.zeros(2)
    copy = frozen(array)
    array[0] = 1
    assert copy.tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 1


@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_are_those_of_the_features_and_refused_alike(order: Any) -> None:
    X = np.array([[1, 2.5], [3, -0.0], [5, 6]], dtype=np.float32, order=order)
    found = list(check_columns(X))
    assert [column.tolist() for column in found] == check_features(X).T.tolist()
    assert all(column.dtype == np.float64 and column.flags.c_contiguous for column in found)
    for wrong in ([[1.0, np.nan]], [1.0], [[math.inf, -math.inf]]):
        said = []
        for check in (check_columns, check_features):
            with pytest.raises(ValueError, match="feature") as refused:
                check(wrong)
            said.append(str(refused.value))
        assert said[0] == said[1]


@pytest.mark.parametrize("size", [np.finfo(np.float32).max, np.finfo(np.float64).max])
def test_finite_numbers_whose_sum_is_not_are_features(size: np.floating[Any]) -> None:
    X = np.full((3, 2), size)
    assert check_features(X).tolist() == X.tolist()
    assert np.column_stack(list(check_columns(X))).tolist() == X.tolist()


NUMBERS = np.random.default_rng(0).normal(size=(40, 3))
LABELS = np.arange(40) % 2
MODEL = slp.Perceptron(np.ones(3), 0.0, slp.Inputs.raw(3))
SIZES = {"validation_size": 0.25, "test_size": 0.25, "seed": 0}


def with_cell(value: object) -> Any:
    changed = NUMBERS.astype(object)
    changed[5, 1] = value
    return changed


def folds_of(X: Any) -> list[int]:
    return slp.stratified_folds(X, LABELS, n_folds=3, rng=np.random.default_rng(0)).tolist()


TAKES_A_TABLE: dict[str, Callable[[Any], Any]] = {
    "twins": lambda X: slp.twin_names(X).tolist(),
    "five digits": lambda X: slp.five_digit_names(X).tolist(),
    "units": slp.units_of,
    "checked": lambda X: check_features(X).tolist(),
    "probabilities": lambda X: MODEL.predict_proba(X).tolist(),
    "near": lambda X: slp.near_identical(X).tolist(),
    "repeats": slp.count_repeats,
    "split": lambda X: slp.stratified_split(X, LABELS, **SIZES).test.tolist(),
    "folds": folds_of,
}
NO_TABLE: dict[str, Callable[[], Any]] = {
    "None": lambda: with_cell(None),
    "NA": lambda: with_cell(pd.NA),
    "word": lambda: with_cell("x"),
    "beyond floats": lambda: with_cell(10**400),
    "nullable": lambda: pd.DataFrame({"a": pd.array([1.0, None] * 20, dtype="Float64")}),
    "record": lambda: np.zeros(40, dtype=[("a", float), ("b", float)]),
    "dict": lambda: {"a": NUMBERS},
    "generator": lambda: (row for row in NUMBERS),
    "masked": lambda: np.ma.masked_array(NUMBERS, mask=NUMBERS > 1),
    "complex": lambda: NUMBERS + 1j,
    "times": lambda: NUMBERS.astype("datetime64[s]"),
    "a column of times": lambda: pd.DataFrame(NUMBERS).assign(at=pd.Timestamp("2026-01-01")),
}


@pytest.mark.parametrize("entry", TAKES_A_TABLE)
def test_numbers_that_are_objects_are_numbers(entry: str) -> None:
    take = TAKES_A_TABLE[entry]
    assert take(NUMBERS.astype(object)) == take(NUMBERS)


@pytest.mark.parametrize("entry", TAKES_A_TABLE.values())
@pytest.mark.parametrize("X", [None, 3.0, NUMBERS[:, 0], NUMBERS[None]])
def test_a_table_of_other_than_two_dimensions_is_refused(entry: Any, X: Any) -> None:
    with pytest.raises(ValueError, match=r"features have shape .* two dimensions are needed"):
        entry(X)


@pytest.mark.parametrize("entry", TAKES_A_TABLE)
def test_a_feature_that_is_not_finite_is_refused_by_whatever_takes_a_table(entry: str) -> None:
    with pytest.raises(ValueError, match="feature nan in row 5, column 1 is not finite"):
        TAKES_A_TABLE[entry](with_cell(math.nan))


@pytest.mark.parametrize("entry", TAKES_A_TABLE)
@pytest.mark.parametrize("kind", NO_TABLE)
def test_what_holds_no_numbers_is_refused_by_whatever_takes_a_table(entry: str, kind: str) -> None:
    with pytest.raises(ValueError, match="feature"):
        TAKES_A_TABLE[entry](NO_TABLE[kind]())


HALF = np.full(40, 0.5)
TAKES_A_COLUMN: dict[str, Callable[[Any], Any]] = {
    "labels": check_labels,
    "probabilities": check_probabilities,
    "scores": slp.rank,
    "budgets": lambda budgets: slp.recall_intervals(LABELS, HALF, budgets),
    "weights": lambda weight: slp.fit_newton(NUMBERS, LABELS, l2=1.0, sample_weight=weight),
    "logits": slp.sigmoid,
    "groups": lambda groups: slp.stratified_split(NUMBERS, LABELS, groups=groups, **SIZES),
    "groups of folds": lambda groups: slp.draw_folds(
        NUMBERS, LABELS, n_outer=2, n_inner=2, rng=np.random.default_rng(0), groups=groups
    ),
    "order": slp.order_of,
    "what ranks": lambda by: slp.intervals(LABELS, HALF, threshold=0.5, by=by),
}
NO_COLUMN: dict[str, Callable[[], Any]] = {
    "NA": lambda: np.array([1, pd.NA] * 20, dtype=object),
    "dict": lambda: {"a": 1},
    "masked": lambda: np.ma.masked_array(LABELS, mask=LABELS == 1),
    "complex": lambda: LABELS + 0j,
    "times": lambda: LABELS.astype("datetime64[s]"),
    "record": lambda: np.zeros(40, dtype=[("a", int)]),
}


@pytest.mark.parametrize("entry", TAKES_A_COLUMN)
@pytest.mark.parametrize("kind", NO_COLUMN)
def test_what_holds_no_numbers_is_refused_by_whatever_takes_a_column(entry: str, kind: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
        TAKES_A_COLUMN[entry](NO_COLUMN[kind]())


def test_a_masked_array_in_which_nothing_is_masked_is_an_array() -> None:
    assert check_features(np.ma.masked_array(NUMBERS)).tolist() == NUMBERS.tolist()


@pytest.mark.parametrize("budgets", [10, [[1, 2]]])
def test_budgets_are_a_list(budgets: Any) -> None:
    with pytest.raises(ValueError, match="budgets have shape"):
        slp.recall_intervals(LABELS, HALF, budgets)


NO_NUMBER: dict[str, Callable[[], Any]] = {
    "batch_size 1.5": lambda: slp.Settings(learning_rate=0.1, batch_size=1.5, n_epochs=1),  # type: ignore[arg-type]
    "n_epochs 1.5": lambda: slp.Settings(learning_rate=0.1, batch_size=1, n_epochs=1.5),  # type: ignore[arg-type]
    "learning_rate 'x'": lambda: slp.Settings(learning_rate="x", batch_size=1, n_epochs=1),  # type: ignore[arg-type]
    "l2 'x'": lambda: slp.fit_newton(NUMBERS, LABELS, l2="x"),  # type: ignore[arg-type]
    "jitter 'x'": lambda: slp.resample(
        slp.stratified_split(NUMBERS, LABELS, **SIZES).train, LABELS,
        strategy="jitter", rng=np.random.default_rng(0), X=NUMBERS, jitter="x",  # type: ignore[arg-type]
    ),
    "n_folds 2.5": lambda: slp.stratified_folds(
        NUMBERS, LABELS, n_folds=2.5, rng=np.random.default_rng(0)  # type: ignore[arg-type]
    ),
    "n_bins 2.5": lambda: slp.reliability(LABELS, HALF, n_bins=2.5),  # type: ignore[arg-type]
    "n 2.5": lambda: slp.most_informative(NUMBERS, HALF, n=2.5),  # type: ignore[arg-type]
    "seed 1.5": lambda: slp.stratified_split(NUMBERS, LABELS, **(SIZES | {"seed": 1.5})),
    "validation_size '0.2'": lambda: slp.stratified_split(
        NUMBERS, LABELS, **(SIZES | {"validation_size": "0.2"})
    ),
    "prevalence 'a'": lambda: slp.prior_shift(trained="a", true=0.5),  # type: ignore[arg-type]
    "prevalence nan": lambda: slp.prior_shift(trained=0.5, true=np.nan),
    "level '0.95'": lambda: slp.wilson(3, 5, level="0.95"),  # type: ignore[arg-type]
    "n 10+": lambda: slp.wilson(1, 10**400),
    "recall '0.9'": lambda: slp.alarms_per_pulsar("0.9", 0.1, prevalence=0.1),  # type: ignore[arg-type]
    "false-alarm rate None": lambda: slp.alarms_per_pulsar(0.9, None, prevalence=0.1),  # type: ignore[arg-type]
    "prevalence '0.1'": lambda: slp.alarms_per_pulsar(0.9, 0.1, prevalence="0.1"),  # type: ignore[arg-type]
    "count nan": lambda: slp.rates(slp.Confusion(1, 2, np.nan, 3)),
    "the model None": lambda: slp.Perceptron.from_dict(None),  # type: ignore[arg-type]
    r"the model \[1\]": lambda: slp.Perceptron.from_dict([1]),  # type: ignore[arg-type]
    "threshold 0.5": lambda: slp.parse_threshold(0.5),  # type: ignore[arg-type]
    "threshold None": lambda: slp.parse_threshold(None),  # type: ignore[arg-type]
    **{
        f"min_rows {value!r}": partial(
            slp.measure_drift, slp.Reference.of(NUMBERS, LABELS), NUMBERS, min_rows=value
        )
        for value in (None, "3", math.nan, 1.5, True)
    },
    **{
        f"validation_shift {value!r}": partial(
            slp.fit, NUMBERS, LABELS, rng=np.random.default_rng(0), validation_shift=value,
            settings=slp.Settings(learning_rate=0.1, batch_size=5, n_epochs=1),
            validation=(NUMBERS, LABELS),
        )
        for value in (None, "x", math.nan)
    },
    "threshold 0.25": lambda: slp.choose_threshold(LABELS, HALF, 0.25),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("named", NO_NUMBER)
def test_a_parameter_of_another_kind_is_refused_by_its_name_and_value(named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} is (not|no record)"):
        NO_NUMBER[named]()


SPLIT = slp.stratified_split(NUMBERS, LABELS, **SIZES)
ONE_EPOCH = {"learning_rate": 0.1, "batch_size": 5, "n_epochs": 1}
DRAWING: dict[str, Callable[[Any], Any]] = {
    "learn": lambda rng: learn(NUMBERS, LABELS, rng=rng, **ONE_EPOCH),  # type: ignore[arg-type]
    "fit": lambda rng: slp.fit(NUMBERS, LABELS, settings=slp.Settings(**ONE_EPOCH), rng=rng),  # type: ignore[arg-type]
    "fit_many": lambda rng: fit_many(
        NUMBERS, LABELS, settings=[slp.Settings(**ONE_EPOCH)], rng=rng  # type: ignore[arg-type]
    ),
    "fit_groups": lambda rng: slp.fit_groups(
        [lambda: iter([(NUMBERS, LABELS)])], slp.Inputs.raw(NUMBERS.shape[1]),
        settings=slp.Settings(**ONE_EPOCH), rng=rng,  # type: ignore[arg-type]
    ),
    "stratified_folds": lambda rng: slp.stratified_folds(NUMBERS, LABELS, n_folds=2, rng=rng),
    "draw_folds": lambda rng: slp.draw_folds(NUMBERS, LABELS, n_outer=2, n_inner=2, rng=rng),
    "sweep": lambda rng: sweep(NUMBERS, LABELS, grid=slp.Grid(), n_folds=2, rng=rng),
    "resample": lambda rng: slp.resample(SPLIT.train, LABELS, strategy="random", rng=rng),
    "control_leak": lambda rng: slp.control_leak(
        NUMBERS, LABELS, SPLIT, train=lambda *rows: (rows[0][0], 0.0), rng=rng
    ),
}  # fmt: skip


@pytest.mark.parametrize("rng", [5, None, np.random.RandomState(5)], ids=str)
@pytest.mark.parametrize("entry", DRAWING)
def test_what_draws_nothing_is_refused_with_what_does(entry: str, rng: Any) -> None:
    with pytest.raises(ValueError, match=r"^rng .* is not a Generator: numpy\.random\.default_rng"):
        DRAWING[entry](rng)


@pytest.mark.parametrize("settings", [{"learning_rate": 0.1}, None, "sgd"], ids=str)
def test_what_are_no_settings_is_refused_with_what_makes_some(settings: Any) -> None:
    given = {"settings": settings, "rng": np.random.default_rng(1)}
    named = rf"settings are of type {type(settings).__name__}; slp\.Settings\(.* makes some"
    with pytest.raises(ValueError, match=named):
        slp.fit(NUMBERS, LABELS, **given)
    with pytest.raises(ValueError, match=named):
        slp.fit_groups([lambda: [(NUMBERS, LABELS)]], slp.Inputs.raw(NUMBERS.shape[1]), **given)


def test_a_strategy_that_draws_nothing_asks_for_nothing_that_draws() -> None:
    nothing: Any = None
    kept = slp.resample(SPLIT.train, LABELS, strategy="none", rng=nothing)
    assert kept.sample_indices.tolist() == SPLIT.train.indices.tolist()


def test_every_name_of_the_face_is_there_for_who_takes_all() -> None:
    taken: dict[str, Any] = {}
    exec("from slp import *", taken)  # noqa: S102 - a star is for modules alone
    assert sorted(taken.keys() - {"__builtins__"}) == dir(slp)
    assert {"Perceptron", "fit_newton", "measure"} <= taken.keys()


WILSON = slp.wilson(3, 5)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: slp.expected_calibration_error(()), "the curve has no bin"),
        (lambda: slp.project(None, WILSON, prevalence=0.1), "recall None is no Interval"),  # type: ignore[arg-type]
        (lambda: slp.project(WILSON, 0.1, prevalence=0.1), "false-alarm rate 0.1 is no Interval"),  # type: ignore[arg-type]
        (lambda: slp.wilson(3, 5, level=1 - 1e-16), r"level 0\.9999999999999999 is too near 1"),
        (lambda: slp.rates(slp.Confusion(-1, 5, 3, 7)), "has a count below 0"),
        (lambda: slp.count_near(NUMBERS, [1.0]), "units has 1 numbers; 3 are needed"),
        (lambda: slp.count_near(NUMBERS, [1.0, 0.0, 1.0]), "units .* are not above 0"),
        (lambda: slp.measure_drift(None, NUMBERS), "NoneType is no reference; slp.Reference.of"),  # type: ignore[arg-type]
        (lambda: slp.measure_drift(NUMBERS, NUMBERS), "ndarray is no reference"),  # type: ignore[arg-type]
    ],
)
def test_numbers_out_of_bounds_are_refused_by_their_bound(ask: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ask()


def test_a_budget_beyond_all_bounds_is_all_rows() -> None:
    asked = slp.recall_intervals(LABELS, HALF, [40, 41, np.inf])
    assert asked == [slp.Interval(1.0, 1.0, 1.0)] * 3
