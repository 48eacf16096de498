"""The ROC curve against another library's."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score

from pulsars.report.charts import weights
from pulsars.report.plots import MAX_POINTS, precision_recall
from pulsars.report.roc import roc_curve, roc_steps
from pulsars.report.trust_plots import score_histogram

SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=2, max_size=80)


@settings(deadline=None)
@given(SCORES)
def test_the_area_below_it_is_that_of_another_library(rows: list[tuple[bool, int]]) -> None:
    y = np.array([int(label) for label, _ in rows])
    score = np.array([level / 8 for _, level in rows])
    alarms, found = roc_steps(y, score)
    assert (np.diff(alarms) >= 0).all()
    assert (np.diff(found) >= 0).all()
    if 0 < y.sum() < len(y):
        assert (alarms[-1], found[-1]) == (1, 1)
        assert auc(alarms, found) == pytest.approx(roc_auc_score(y, score))


def test_a_column_of_a_shuffled_frame_is_drawn_by_the_places_of_its_rows() -> None:
    rng = np.random.default_rng(2)
    y, score, labels = rng.integers(0, 2, 50), rng.random(50), rng.permutation(50)
    columns = pd.Series(y, index=labels), pd.Series(score, index=labels)
    for drawn in (roc_curve, precision_recall, score_histogram):
        assert (
            drawn(*columns, 0.5) == drawn(y, score, 0.5) == drawn(y.tolist(), score.tolist(), 0.5)
        )
    assert weights("ab", columns[0][:2]) == weights("ab", y[:2])


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 9000)
    alarms, found = roc_steps(y, rng.random(9000))
    assert len(alarms) <= MAX_POINTS + 1
    assert (alarms[0], found[0], alarms[-1], found[-1]) == (0, 0, 1, 1)


def test_it_says_where_the_threshold_lies_and_takes_a_part_of_one_class() -> None:
    y, score = np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.1])
    svg = roc_curve(y, score, 0.5)
    assert "recall is 0.500 and the false-alarm rate 0.5000" in svg
    words = re.findall(r">([^<>]+)</text>", svg)
    assert {"0.125", "0.1", "1"} & {word.strip() for word in words}
    assert "mathdefault" not in svg
    for one in (0, 1):
        assert "nan" not in roc_curve(np.full(4, one), score, 0.5)
