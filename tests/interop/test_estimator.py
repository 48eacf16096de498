"""The scikit-learn face, by scikit-learn's own checks."""

from __future__ import annotations

import doctest
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from interop import estimator
from interop.estimator import PulsarPerceptron
from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.reader import read_candidates
from pulsars.run import load_run
from schemas.features import FEATURE_NAMES
from slp.kinds import INPUT_KINDS
from tests.published import published_as, trained

INPUTS = "inputs are fitted to each row once, as scikit-learn's PowerTransformer is, not to weights"
SGD = "descent takes rows that count alike, and says so"
CORRECTED = "a corrected prior undoes in the calls what class_weight does, on purpose"


def not_expected(estimator: PulsarPerceptron) -> dict[str, str]:
    """Name the checks that it cannot pass, each with why."""
    found = {}
    if estimator.inputs != "raw":
        found["check_sample_weight_equivalence_on_dense_data"] = INPUTS
    if estimator.prior_correction:
        found["check_class_weight_classifiers"] = CORRECTED
    if estimator.solver == "sgd":
        found["check_sample_weight_equivalence_on_dense_data"] = SGD
        found["check_sample_weights_not_overwritten"] = SGD
        found["check_class_weight_classifiers"] = SGD
    return found


@parametrize_with_checks(
    [
        PulsarPerceptron(),
        PulsarPerceptron(inputs="raw"),
        PulsarPerceptron(class_weight="balanced", prior_correction=True),
        PulsarPerceptron(inputs="standard", solver="sgd"),
    ],
    expected_failed_checks=not_expected,
    xfail_strict=True,
)
def test_scikit_learn_takes_it_for_one_of_its_own(estimator: Any, check: Any) -> None:
    check(estimator)


def make_rows(n_rows: int = 300) -> Any:
    rng = np.random.default_rng(0)
    y = np.where(rng.random(n_rows) < 0.3, "pulsar", "noise")
    return rng.normal(size=(n_rows, 3)) + 2 * (y == "pulsar")[:, None], y


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_its_probabilities_are_those_of_the_model_inside(kind: Any) -> None:
    X, y = make_rows()
    fitted = PulsarPerceptron(inputs=kind, n_epochs=5, l2=0.0, random_state=0).fit(X, y)
    assert fitted.classes_.tolist() == ["noise", "pulsar"]
    assert fitted.predict_proba(X)[:, 1].tolist() == fitted.model_.predict_proba(X).tolist()
    assert fitted.predict_proba(X).sum(axis=1) == pytest.approx(1)
    assert fitted.score(X, y) > 0.9
    assert len(fitted.loss_history_) == 5


def test_a_higher_threshold_calls_fewer_pulsars() -> None:
    X, y = make_rows()
    called = [
        (PulsarPerceptron(threshold=t, random_state=0).fit(X, y).predict(X) == "pulsar").sum()
        for t in (0.1, 0.5, 0.9, 1.0)
    ]
    assert called == sorted(called, reverse=True)
    assert called[0] > called[2] > called[3] == 0


def test_it_can_be_searched_in_a_pipeline() -> None:
    X, y = make_rows()
    steps = make_pipeline(StandardScaler(), PulsarPerceptron(n_epochs=3, random_state=0))
    grid = {"pulsarperceptron__inputs": ["raw", "quadratic"], "pulsarperceptron__l2": [0.0, 0.1]}
    search = GridSearchCV(steps, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_score_ > 0.9


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_only_a_straight_line_goes_on_beyond_the_rows_of_the_fit(kind: Any) -> None:
    X, y = make_rows()
    fitted = PulsarPerceptron(inputs=kind, n_epochs=5, random_state=0).fit(X, y)
    at_the_end, beyond = fitted.decision_function([X.max(axis=0), 3 * X.max(axis=0)])
    assert (at_the_end == beyond) == (kind not in {"raw", "standard"})


def test_three_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="Only binary classification is supported: y has 3 class"):
        PulsarPerceptron().fit([[0.0], [1.0], [2.0]], [0, 1, 2])


@pytest.mark.parametrize("class_weight", [None, "balanced", {"noise": 1.0, "pulsar": 3.0}])
@pytest.mark.parametrize("weighed", [False, True])
def test_its_weights_are_those_of_scikit_learns_logistic_regression(
    class_weight: Any, weighed: Any
) -> None:
    X, y = make_rows()
    sample_weight = np.random.default_rng(1).integers(0, 4, len(y)) if weighed else None
    mine = PulsarPerceptron(inputs="raw", class_weight=class_weight).fit(X, y, sample_weight)
    other = LogisticRegression(C=1.0, class_weight=class_weight, tol=1e-10, max_iter=10_000)
    other.fit(X, y, sample_weight)
    assert mine.coef_.shape == other.coef_.shape
    assert mine.intercept_.shape == other.intercept_.shape
    assert mine.coef_ == pytest.approx(other.coef_, abs=1e-5)
    assert mine.intercept_ == pytest.approx(other.intercept_, abs=1e-5)


def test_a_row_that_weighs_nothing_is_as_if_it_were_not_there() -> None:
    X, y = make_rows()
    X[0] = 1e6  # which inputs that saw it would show
    without = PulsarPerceptron().fit(X[1:], y[1:])
    weight = np.arange(len(y)) > 0
    assert PulsarPerceptron().fit(X, y, weight).coef_.tolist() == without.coef_.tolist()


def test_with_the_prior_corrected_probabilities_are_those_of_the_rows_whatever_classes_weigh() -> (
    None
):
    X, y = make_rows(2000)
    share = (y == "pulsar").mean()
    means = {
        corrected: PulsarPerceptron(class_weight="balanced", prior_correction=corrected)
        .fit(X, y)
        .predict_proba(X)[:, 1]
        .mean()
        for corrected in (False, True)
    }
    assert means[True] == pytest.approx(share, abs=0.01)
    assert means[False] > share + 0.02


def test_parameters_of_descent_alone_ask_for_descent() -> None:
    X, y = make_rows()
    assert len(PulsarPerceptron(n_epochs=3).fit(X, y).loss_history_) == 3
    assert len(PulsarPerceptron(solver="sgd").fit(X, y).loss_history_) == 60
    assert len(PulsarPerceptron().fit(X, y).loss_history_) == 1


def test_the_threshold_can_be_that_of_the_best_f1_to_be_expected() -> None:
    X, y = make_rows()
    found = PulsarPerceptron(threshold="expected-f1").fit(X, y)
    p = np.sort(found.predict_proba(X)[:, 1])
    expected = [2 * p[p >= t].sum() / ((p >= t).sum() + p.sum()) for t in p]
    at = found.model_.threshold
    assert 2 * p[p >= at].sum() / ((p >= at).sum() + p.sum()) == pytest.approx(max(expected))


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("prior_correction", [False, True])
def test_to_the_best_f1_to_be_expected_a_row_counts_as_often_as_it_weighs(
    class_weight: Any, prior_correction: Any
) -> None:
    X, y = make_rows()
    weight = np.where(y == "noise", 10, np.arange(len(y)) % 3)
    asked = PulsarPerceptron(
        inputs="raw",
        threshold="expected-f1",
        class_weight=class_weight,
        prior_correction=prior_correction,
    )
    weighed = clone(asked).fit(X, y, weight)
    repeated = clone(asked).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert weighed.model_.threshold == pytest.approx(repeated.model_.threshold, rel=1e-9)
    assert weighed.model_.threshold != asked.fit(X, y).model_.threshold


def test_the_best_f1_to_be_expected_is_that_of_the_true_mix_whatever_classes_weigh() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 2))
    y = X[:, 0] + 0.7 * rng.normal(size=3000) > 2  # one in twenty
    found = {
        (weight, corrected): PulsarPerceptron(
            threshold="expected-f1", class_weight=weight, prior_correction=corrected
        )
        .fit(X, y)
        .predict(X)
        for weight, corrected in ((None, False), ("balanced", False), ("balanced", True))
    }
    assert found["balanced", False].tolist() == found["balanced", True].tolist()
    assert found["balanced", False].sum() == pytest.approx(found[None, False].sum(), rel=0.1)


def test_a_threshold_may_be_set_after_the_fit_and_a_rule_is_for_the_next() -> None:
    X, y = make_rows()
    fitted = PulsarPerceptron(threshold=0.2).fit(X, y)
    score = fitted.predict_proba(X)[:, 1]
    for threshold in (0.2, 0.9):
        called = fitted.set_params(threshold=threshold).predict(X) == "pulsar"
        assert called.tolist() == (score >= threshold).tolist()
    fitted.set_params(threshold="expected-f1")
    assert ((fitted.predict(X) == "pulsar") == (score >= 0.2)).all()
    with pytest.raises(ValueError, match="is outside"):
        fitted.set_params(threshold=2.0).predict(X)


@pytest.mark.parametrize("threshold", ["0.9", "rubbish", "budget:5"])
def test_text_that_is_no_rule_is_refused_alike_by_a_fit_and_after_it(threshold: str) -> None:
    X, y = make_rows()
    fitted = PulsarPerceptron().fit(X, y).set_params(threshold=threshold)
    for ask in (fitted.predict, lambda rows: fitted.fit(rows, y)):
        with pytest.raises(
            ValueError, match=f"'{threshold}' is neither a number nor 'expected-f1'"
        ):
            ask(X)


@pytest.mark.parametrize(
    ("parameters", "weights", "said"),
    [
        ({"solver": "newton", "n_epochs": 3}, None, "n_epochs: of solver 'sgd' alone"),
        ({"solver": "adam"}, None, "solver 'adam' is neither"),
        ({"solver": "sgd", "class_weight": "balanced"}, None, "takes no weights"),
        ({"threshold": "recall:0.9"}, None, "TunedThresholdClassifierCV"),
        ({"threshold": "best"}, None, "threshold 'best' is neither a number nor"),
        ({"threshold": 2.0}, None, "threshold 2.0 is outside"),
        ({"class_weight": {"pulsar": 0.0}}, None, "gives a class 0.0"),
        ({"class_weight": {"noise": -1.0}}, None, "gives a class -1.0"),
        ({"class_weight": {"pulsar": math.inf}}, None, "gives a class inf; give a finite number"),
        ({"l2": -1.0}, None, "l2"),
        ({"l2": "x"}, None, "l2 'x' is not a number"),
        ({"batch_size": 1.5}, None, "batch_size 1.5 is not a whole number"),
        ({}, [1.0], "1 sample weights for 300 rows"),
        ({}, np.r_[-1.0, np.ones(299)], "sample weight -1.0 in row 0"),
        ({}, np.r_[1.0, np.nan, np.ones(298)], "sample weight nan in row 1"),
    ],
)
def test_what_it_cannot_be_told_is_refused(parameters: Any, weights: Any, said: str) -> None:
    X, y = make_rows()
    with pytest.raises(ValueError, match=said):
        PulsarPerceptron(**parameters).fit(X, y, weights)


def test_a_run_as_a_classifier_has_the_runs_probabilities_to_the_bit() -> None:
    folder = trained(11)
    run = load_run(folder)
    rows = run.test_part()
    table = pd.DataFrame(rows.X, columns=list(FEATURE_NAMES))
    found = PulsarPerceptron.from_run(folder)
    assert found.predict_proba(table)[:, 1].tolist() == rows.probability.tolist()
    assert found.predict(table).tolist() == run.predict(rows.X).tolist()
    assert found.classes_.tolist() == [0, 1]
    assert found.n_features_in_ == 8
    assert found.coef_.tolist() == [run.model.coef.tolist()]
    assert found.loss_history_.tolist() == [row["loss"] for row in run.epochs()]
    with pytest.raises(ValueError, match=r"column 'dm_mean': could not convert .*'x'"):
        found.predict_proba(table.assign(dm_mean="x"))
    with pytest.raises(ValueError, match="feature names"):
        found.predict(table[table.columns[::-1]])
    higher = found.set_params(threshold=0.9).predict(table)
    assert higher.tolist() == (rows.probability >= 0.9).tolist()


def test_what_a_run_learnt_from_teaches_a_clone_of_it_the_same_to_the_bit() -> None:
    folder = trained(11)
    reading = check_candidates(read_candidates(folder.parents[1] / "sky.csv")).accepted
    with np.load(folder / "split.npz") as split:
        learnt = np.concatenate([split["train"], split["validation"]])
    rows = reading.iloc[np.sort(learnt)]
    found = clone(PulsarPerceptron.from_run(folder)).set_params(threshold="expected-f1")
    found.fit(rows[list(FEATURE_NAMES)], rows["label"])
    stored = load_run(folder).model
    assert found.coef_[0].tolist() == stored.coef.tolist()
    assert found.intercept_[0] == stored.intercept
    assert found.model_.threshold == stored.threshold


def test_a_replay_of_the_book_is_a_classifier_too(tmp_path: Path) -> None:
    preset = {"parameters": {"preset": "book", "seed": 2**40}}
    found = PulsarPerceptron.from_run(published_as(tmp_path, "replayed", **preset))
    assert (found.solver, found.n_epochs, found.random_state) == ("sgd", None, None)


def test_runs_of_an_earlier_version_are_classifiers_too(unpacked: Path) -> None:
    folders = sorted((unpacked / "artifacts" / "runs").iterdir())
    assert folders
    for folder in folders:
        run = load_run(folder)
        X = pd.DataFrame(run.test_part().X, columns=list(FEATURE_NAMES))
        found = PulsarPerceptron.from_run(folder)
        assert found.predict_proba(X)[:, 1].tolist() == run.predict_proba(X).tolist()
        clone(found).fit(X, run.test_part().y)


def test_its_example_runs() -> None:
    result = doctest.testmod(estimator)
    assert result.attempted > 5
    assert result.failed == 0


def test_on_the_real_data_it_scores_as_the_issue_asks(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    rows = np.random.default_rng(0).permutation(len(table))  # the file is not in random order
    X, y = table[rows, :8], table[rows, 8].astype(int)
    estimator = PulsarPerceptron(inputs="yeo-johnson-quadratic", n_epochs=30, random_state=0)
    assert cross_val_score(estimator, X, y, cv=5, scoring="f1").mean() > 0.880


def test_what_is_masked_is_refused_as_a_feature_and_as_a_label() -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    masked, blank = np.ma.masked_greater(X, 1.0), np.ma.masked_array(y, mask=X[:, 0] > 1)
    fitted = PulsarPerceptron(inputs="standard").fit(np.ma.masked_array(X), y)
    for what, ask in (
        ("features", lambda: PulsarPerceptron().fit(masked, y)),
        ("labels", lambda: PulsarPerceptron().fit(X, blank)),
        ("features", lambda: fitted.predict_proba(masked)),
        ("features", lambda: fitted.predict(masked)),
    ):
        with pytest.raises(ValueError, match=f"of the {what} some are masked"):
            ask()


@pytest.mark.parametrize("prior_correction", ["no", "yes", None, 1.0, 2])
def test_a_prior_correction_that_is_neither_true_nor_false_is_refused(
    prior_correction: Any,
) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 4 == 0
    with pytest.raises(ValueError, match=f"prior_correction {prior_correction!r}"):
        PulsarPerceptron(prior_correction=prior_correction).fit(X, y)


@pytest.mark.parametrize("yes", [np.True_, 1, np.int64(1)])
def test_a_prior_correction_of_a_grid_is_one_whether_it_is_a_truth_value_or_an_integer(
    yes: Any,
) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 4 == 0
    asked = PulsarPerceptron(class_weight="balanced")
    for given, same in ((yes, True), (1 - int(yes), False)):
        found = clone(asked).set_params(prior_correction=given).fit(X, y).predict_proba(X)
        meant = clone(asked).set_params(prior_correction=same).fit(X, y).predict_proba(X)
        assert found.tolist() == meant.tolist()
