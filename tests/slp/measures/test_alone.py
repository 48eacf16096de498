"""A feature that ranks pulsars by itself, against the pairs counted one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures.alone import ENOUGH, FEW, roc_auc_of_each, tells_the_label


def survey(path: Path) -> np.ndarray:
    """Read features and labels of a real survey."""
    text = path.read_text().split("@data")[-1].split("@DATA")[-1]
    rows = [line.split("%")[0].split(",")[:9] for line in text.split() if line[:1].isdigit()]
    return np.array(rows, dtype=float)


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
    y = np.arange(400) < FEW - 1
    assert tells_the_label(y[:, None], y) == {}
    y = np.arange(400) < FEW
    assert tells_the_label(y[:, None], y) == {0: 1.0}


def test_of_fewer_rows_a_feature_with_a_fault_is_luck() -> None:
    for n_pulsars, told in ((ENOUGH - 1, []), (ENOUGH, [0])):
        y = np.arange(400) < n_pulsars
        x = y.astype(float)
        x[-1] = 2  # one of the others is above all pulsars
        assert list(tells_the_label(x[:, None], y)) == told


@pytest.mark.parametrize("file", ["HTRU_2.arff", "other-surveys/HTRU_1_sample.arff"])
@pytest.mark.parametrize(("n_pulsars", "n_others"), [(20, 180), (30, 270), (50, 250), (100, 900)])
def test_no_feature_of_a_random_sample_of_a_survey_is_accused(
    n_pulsars: int, n_others: int, data_dir: Path, file: str
) -> None:
    table, rng = survey(data_dir / file), np.random.default_rng(0)
    pulsars, others = (np.flatnonzero(table[:, 8] == label) for label in (1, 0))
    for _ in range(40):
        some = [(pulsars, n_pulsars), (others, n_others)]
        rows = np.concatenate([rng.choice(each, n, replace=False) for each, n in some])
        assert tells_the_label(table[rows, :8], table[rows, 8]) == {}


@pytest.mark.parametrize("file", ["HTRU_2.arff", "other-surveys/HTRU_1_sample.arff"])
def test_no_feature_of_a_real_survey_is_accused(data_dir: Path, file: str) -> None:
    table = survey(data_dir / file)
    assert len(table) >= 1000
    assert tells_the_label(table[:, :8], table[:, 8]) == {}
