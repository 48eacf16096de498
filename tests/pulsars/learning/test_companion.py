"""The companion on real candidates, as other surveys would give them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.audit.surveys import CHANGES, train_on
from benchmarks.runs import htru1, htru2
from pulsars.learning.companion import COMPANION_FEATURES, fit_companion
from pulsars.learning.measuring import measure_ranking


@pytest.fixture(scope="module")
def learnt(data_dir: Path) -> Any:  # noqa: ARG001 - without the files it is skipped
    return train_on(*htru2(), seed=0)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_whatever_ranks_a_changed_survey_ranks_it_well(
    learnt: Any, change: Callable[..., np.ndarray]
) -> None:
    X = change(learnt.rows, learnt.spread)
    assert roc_auc_score(learnt.labels, learnt.companion.decision_function(X)) >= 0.97
    by, score = learnt.rank(X)
    assert roc_auc_score(learnt.labels, score) >= 0.97, by


def test_another_survey_is_ranked_by_the_companion(learnt: Any) -> None:
    X, y = htru1()
    by, score = learnt.rank(X)
    assert by == "companion"
    assert average_precision_score(y, score) >= 0.97
    assert roc_auc_score(y, score) >= 0.99
    assert y[np.argsort(-score)[:100]].sum() >= 92


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_small_survey_ranks_a_larger_one(
    data_dir: Path,  # noqa: ARG001 - without the files it is skipped
    change: Callable[..., np.ndarray],
) -> None:
    companion = fit_companion(*htru1())
    assert companion is not None
    X, y = htru2()
    X = change(X, X.std(axis=0))
    assert average_precision_score(y, companion.decision_function(X)) >= 0.9


def test_an_order_is_measured_however_large_its_numbers() -> None:
    rng = np.random.default_rng(0)
    y = np.r_[np.ones(40, dtype=int), np.zeros(400, dtype=int)]
    score = 1e6 * (rng.normal(size=440) + 2 * y + 50)  # every sigmoid would be 1
    found = measure_ranking(y, score)
    assert found["roc_auc"]["value"] == pytest.approx(roc_auc_score(y, score))
    assert found["average_precision"]["value"] == pytest.approx(average_precision_score(y, score))
    assert set(found) == {"roc_auc", "average_precision"}
    alone = measure_ranking(y[:40], score[:40])
    assert alone["roc_auc"]["value"] is None


def test_it_weighs_what_every_survey_means_alike() -> None:
    assert COMPANION_FEATURES == (
        "profile_mean", "profile_stdev", "profile_skewness", "dm_mean", "dm_stdev", "dm_skewness",
    )  # fmt: skip


def test_rows_without_weights_have_no_companion() -> None:
    X = np.full((20, 8), 1e308)
    X[::2] = -1e308
    assert fit_companion(X, np.arange(20) % 2) is None
