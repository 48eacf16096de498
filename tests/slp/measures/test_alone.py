"""A feature that ranks pulsars by itself, against the pairs counted one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures.alone import ENOUGH, roc_auc_of_each, tells_the_label


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(-3, 3), st.integers(0, 9)),
        min_size=2,
        max_size=30,
    )
)
def test_it_is_the_share_of_pairs_in_the_better_order(rows: Any) -> None:
    y, *columns = np.array(rows).T
    pulsars, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    found = roc_auc_of_each(np.column_stack(columns), y)
    if not len(pulsars) or not len(others):
        assert np.isnan(found).all()
        return
    for area, column in zip(found, columns, strict=True):
        wins = [
            (column[p] > column[o]) + 0.5 * (column[p] == column[o])
            for p in pulsars
            for o in others
        ]
        assert area == pytest.approx(max(np.mean(wins), 1 - np.mean(wins)))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_feature_made_from_the_label_is_found_whichever_way_it_points(sign: int) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(1000) % 10 == 0
    X = rng.normal(size=(1000, 3))
    X[:, 1] += sign * 6 * y
    assert list(tells_the_label(X, y)) == [1]


def test_few_rows_of_a_class_accuse_nobody() -> None:
    y = np.arange(200) < ENOUGH - 1
    assert tells_the_label(y[:, None], y) == {}
    y = np.arange(200) < ENOUGH
    assert tells_the_label(y[:, None], y) == {0: 1.0}


@pytest.mark.parametrize("file", ["HTRU_2.arff", "other-surveys/HTRU_1_sample.arff"])
def test_no_feature_of_a_real_survey_is_accused(data_dir: Path, file: str) -> None:
    text = (data_dir / file).read_text().split("@data")[-1].split("@DATA")[-1]
    rows = [line.split("%")[0].split(",")[:9] for line in text.split() if line[:1].isdigit()]
    table = np.array(rows, dtype=float)
    assert len(table) >= 1000
    assert tells_the_label(table[:, :8], table[:, 8]) == {}
