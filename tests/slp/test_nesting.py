"""Nested cross-validation: what it chooses, that it does not peek, and what it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.nesting import Candidate, OuterFold, choose, nested
from slp.choosing.thresholds import ThresholdSpec, choose_threshold
from slp.measures.metrics import measure
from slp.splitting.folds import stratified_folds

if TYPE_CHECKING:
    from pathlib import Path

PAIR = (Candidate(inputs="standard", l2=1e-3), Candidate(inputs="quadratic", l2=1e-3))


def make_rows(n_rows: int = 400, *, curved: bool) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 2))
    signal = (X**2).sum(axis=1) - 2 if curved else 2 * X[:, 0]
    return X, (signal + rng.logistic(size=n_rows) > 0).astype(np.int64)


def rng_of(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def out_of_fold(X: Any, y: Any, fold: Any, l2: float) -> Any:
    """Predict each row by scikit-learn from the other folds."""
    p = np.empty(len(y))
    for number in set(fold.tolist()):
        held = fold == number
        penalised = LogisticRegression(C=1 / (l2 * np.sum(~held)), tol=1e-10)
        model = make_pipeline(StandardScaler(), penalised).fit(X[~held], y[~held])
        p[held] = model.predict_proba(X[held])[:, 1]
    return p


def test_the_choice_is_scikit_learns_by_out_of_fold_loss() -> None:
    X, y = make_rows(curved=False)
    candidates = [Candidate(inputs="standard", l2=l2) for l2 in (1.0, 0.01, 1e-4)]
    choice = choose(X, y, candidates=candidates, n_folds=4, rng=rng_of())
    fold = stratified_folds(X, y, n_folds=4, rng=rng_of())
    by_hand = [out_of_fold(X, y, fold, each.l2) for each in candidates]
    losses = [log_loss(y, p) for p in by_hand]
    assert choice.log_losses == pytest.approx(losses, abs=1e-7)
    best = int(np.argmin(losses))
    assert choice.candidate == candidates[best]
    assert choice.threshold == pytest.approx(
        choose_threshold(y, by_hand[best], ThresholdSpec("f1")), abs=1e-5
    )


@pytest.mark.parametrize("curved", [True, False])
def test_products_are_chosen_where_they_tell_more(curved: bool) -> None:  # noqa: FBT001 - a parameter
    X, y = make_rows(curved=curved)
    choice = choose(X, y, candidates=PAIR, n_folds=5, rng=rng_of())
    assert (choice.candidate.inputs == "quadratic") == curved


def test_the_threshold_follows_the_rule_asked_for() -> None:
    X, y = make_rows(curved=False)
    spec = ThresholdSpec("fixed", 0.3)
    assert choose(X, y, candidates=PAIR, n_folds=3, rng=rng_of(), threshold=spec).threshold == 0.3
    scored = nested(
        X, y, rng=rng_of(), candidates=PAIR, n_inner=2, n_outer=2, n_repeats=1, threshold=spec
    )
    assert {each.choice.threshold for each in scored} == {0.3}


def test_outer_folds_are_scored_in_order_by_models_of_the_other_rows() -> None:
    X, y = make_rows(curved=False)
    told: list[OuterFold] = []
    only = (Candidate(inputs="standard", l2=0.01),)
    scored = nested(
        X, y, rng=rng_of(), candidates=only, n_outer=3, n_inner=2, n_repeats=2, on_fold=told.append
    )
    assert told == list(scored)
    assert [(each.repeat, each.fold) for each in scored] == [
        (repeat, fold) for repeat in (0, 1) for fold in (0, 1, 2)
    ]
    fold = stratified_folds(X, y, n_folds=3, rng=rng_of())
    p = out_of_fold(X, y, fold, 0.01)
    for each in scored[:3]:
        held = fold == each.fold
        by_hand = measure(y[held], p[held], threshold=each.choice.threshold)
        assert each.metrics == pytest.approx(by_hand, abs=1e-6)
    assert scored[0].metrics != scored[3].metrics


def test_what_is_chosen_does_not_depend_on_the_fold_it_is_scored_on() -> None:
    X, y = make_rows(curved=True)
    outer = stratified_folds(X, y, n_folds=4, rng=rng_of())
    before = nested(X, y, rng=rng_of(), candidates=PAIR, n_outer=4, n_inner=3, n_repeats=1)
    spoilt = np.where((outer == 0)[:, None], X[::-1] * 7, X)
    after = nested(spoilt, y, rng=rng_of(), candidates=PAIR, n_outer=4, n_inner=3, n_repeats=1)
    assert before[0].choice == after[0].choice
    assert before[0].metrics != after[0].metrics
    assert before[1].choice != after[1].choice


def test_the_same_seed_gives_the_same_folds_and_scores() -> None:
    X, y = make_rows(curved=True)
    how: dict[str, Any] = {"candidates": PAIR, "n_outer": 2, "n_inner": 2, "n_repeats": 1}
    first = nested(X, y, rng=rng_of(3), **how)
    assert first == nested(X, y, rng=rng_of(3), **how)
    assert first != nested(X, y, rng=rng_of(4), **how)


def test_what_cannot_be_nested_is_refused() -> None:
    X, y = make_rows(curved=True)
    with pytest.raises(ValueError, match="candidates are none"):
        choose(X, y, candidates=[], n_folds=2, rng=rng_of())
    with pytest.raises(ValueError, match="n_repeats 0 is below 1"):
        nested(X, y, rng=rng_of(), n_repeats=0)
    with pytest.raises(ValueError, match=r"n_folds 1 is outside \[2"):
        nested(X, y, rng=rng_of(), n_outer=1)


@pytest.mark.slow
def test_the_default_procedure_reaches_what_is_promised_on_the_real_data(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    with threadpool_limits(1):  # products this small gain nothing from threads on a busy machine
        scored = nested(table[:, :8], table[:, 8], rng=rng_of())
    assert len(scored) == 10  # stratified 5-fold, 2 repeats
    assert np.mean([each.metrics["f1"] for each in scored]) >= 0.884
    assert np.mean([each.metrics["average_precision"] for each in scored]) >= 0.930
