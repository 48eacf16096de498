"""What a table of scores looks like to who reads it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pulsars.learning.measuring_scores import measure_in_parts, measure_scores
from pulsars.learning.predicting import Predicted
from pulsars.learning.scoring import Scorer, as_texts, reader_schema
from pulsars.simulation.populations import simulate
from pulsars.store.learnt import Learnt
from schemas.features import FEATURE_NAMES
from slp.inputs import Inputs
from slp.perceptron import Perceptron
from slp.watching.reference import Reference

X, Y = simulate(60, prevalence=0.3, rng=np.random.default_rng(1))
BESIDE = {"seen": pa.array([None, *[True] * 59]), "beams": pa.array([None, *range(59)])}


def rows() -> pa.Table:
    columns = dict(zip(FEATURE_NAMES, X.T.copy(), strict=True))
    names = pa.array([None, *map(str, range(59))], pa.string())
    return pa.table({"line": np.arange(60), "name": names, **BESIDE, **columns})


@pytest.fixture
def scorer() -> Scorer:
    model = Perceptron(np.linspace(-1, 1, 44), 0.3, Inputs.fit("yeo-johnson-quadratic", X), 0.6)
    reference, learnt = Reference.of(X[:40], Y[:40]), Learnt.of(X[:7])
    return Scorer(model, reference, learnt, "model", ["name", *BESIDE], ["dm_kurtosis"])


def test_what_is_said_of_a_row_is_what_the_model_says_of_it(scorer: Scorer) -> None:
    found = scorer.explain(rows())
    np.testing.assert_array_equal(found.logit, scorer.model.decision_function(X))
    np.testing.assert_array_equal(found.contributions.T, scorer.model.feature_contributions(X))
    assert scorer.learnt.count([X[:5], X[5:]]) == 7
    table = as_texts(
        scorer.table(rows(), found, Predicted.by(scorer.model, found.logit), np.arange(60))
    ).to_pydict()
    for row, outside in enumerate(scorer.reference.outside(X)):
        names = [name for name, beyond in zip(FEATURE_NAMES, outside, strict=True) if beyond]
        assert table["outside"][row] == " ".join(names)
    called = scorer.model.predict(X)
    assert table["decision"] == ["pulsar" if one else "non-pulsar" for one in called]
    assert set(table["converted"]) == {"dm_kurtosis"}


def test_a_column_keeps_its_type_where_its_first_value_is_missing(scorer: Scorer) -> None:
    found = scorer.explain(rows())
    said = Predicted.by(scorer.model, found.logit)
    first, later = (
        reader_schema(scorer.table(rows(), found, said, np.arange(60))[at:]) for at in (0, 1)
    )
    assert first.equals(later)
    assert [first.field(name).type for name in ("name", *BESIDE, "outside")] == [
        pa.large_string(), pa.bool_(), pa.int64(), pa.large_string(),
    ]  # fmt: skip
    assert b"pandas" in first.metadata


def test_scores_are_measured_by_the_order_that_they_are_ranked_in(scorer: Scorer) -> None:
    logits = 40.0 + np.arange(60)  # each probability is 1
    labels = (np.arange(60) % 3 == 0).astype(np.int8)
    ranks = np.arange(60, 0, -1)
    parts = [(labels[rows], logits[rows], ranks[rows]) for rows in (slice(0, 25), slice(25, 60))]
    found = measure_scores(scorer, labels, logits)
    assert found is not None
    assert found == measure_in_parts(scorer, parts, n_rows=60)
    truth = average_precision_score(labels, logits)
    assert found["average_precision"]["value"] == pytest.approx(truth)
    assert found["roc_auc"]["value"] == pytest.approx(roc_auc_score(labels, logits))
