"""The slopes against finite differences of the weighted measure, which is written apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from slp.measures.influence import influence_on_average_precision, influence_on_roc_auc
from tests.slp.measures.weighted import measure_weighted, slopes_by_hand

MEASURES = {
    "average_precision": influence_on_average_precision,
    "roc_auc": influence_on_roc_auc,
}


@st.composite
def labelled_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=2, max_size=30)))
    y[:2] = 0, 1
    places = st.integers(0, 8)  # many ties
    return y, np.array(draw(st.lists(places, min_size=len(y), max_size=len(y)))) / 8


@pytest.mark.parametrize("name", MEASURES)
@given(labelled_scores())
def test_a_slope_is_what_a_little_more_of_the_row_changes(
    name: str, given_rows: tuple[np.ndarray, np.ndarray]
) -> None:
    y, score = given_rows
    found = MEASURES[name](y, score)
    assert_allclose(found.slopes, slopes_by_hand(y, score, 0.5)[name], atol=1e-8)
    whole = measure_weighted(y, score, np.ones(len(y)), 0.5)[name]
    assert found.value == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize("name", MEASURES)
@given(labelled_scores())
def test_slopes_add_up_to_nothing(name: str, given_rows: tuple[np.ndarray, np.ndarray]) -> None:
    assert MEASURES[name](*given_rows).slopes.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", MEASURES)
def test_the_variance_is_that_of_many_samples(name: str) -> None:
    rng = np.random.default_rng(0)
    values, variances = [], []
    for _ in range(1500):
        y = (rng.random(800) < 0.1).astype(int)
        score = 1 / (1 + np.exp(-rng.normal(2.0 * y, 1.0)))
        found = MEASURES[name](y, score)
        values.append(found.value)
        variances.append(found.slopes @ found.slopes)
    assert np.mean(variances) == pytest.approx(np.var(values), rel=0.12)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_ranking(name: str, label: int) -> None:
    with pytest.raises(ValueError, match="both classes"):
        MEASURES[name]([label] * 3, [0.1, 0.2, 0.3])
