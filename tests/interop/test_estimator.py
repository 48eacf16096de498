"""The scikit-learn face, by scikit-learn's own checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from interop.estimator import PulsarPerceptron
from slp.kinds import INPUT_KINDS


@parametrize_with_checks([PulsarPerceptron(), PulsarPerceptron(inputs="yeo-johnson-quadratic")])
def test_scikit_learn_takes_it_for_one_of_its_own(estimator: Any, check: Any) -> None:
    check(estimator)


def make_rows(n_rows: int = 300) -> Any:
    rng = np.random.default_rng(0)
    y = np.where(rng.random(n_rows) < 0.3, "pulsar", "noise")
    return rng.normal(size=(n_rows, 3)) + 2 * (y == "pulsar")[:, None], y


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_its_probabilities_are_those_of_the_model_inside(kind: Any) -> None:
    X, y = make_rows()
    fitted = PulsarPerceptron(inputs=kind, n_epochs=5, random_state=0).fit(X, y)
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


def test_on_the_real_data_it_scores_as_the_issue_asks(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    rows = np.random.default_rng(0).permutation(len(table))  # the file is not in random order
    X, y = table[rows, :8], table[rows, 8].astype(int)
    estimator = PulsarPerceptron(inputs="yeo-johnson-quadratic", n_epochs=30, random_state=0)
    assert cross_val_score(estimator, X, y, cv=5, scoring="f1").mean() > 0.880
