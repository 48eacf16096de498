"""What is refused at the door, with the value and the bound in the sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slp.checks import (
    check_columns,
    check_features,
    check_labels,
    check_probabilities,
    frozen,
)


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
    for wrong, asked in (([[1.0, np.nan]], {}), ([1.0], {}), ([[1.0]], {"n_features": 2})):
        said = []
        for check in (check_columns, check_features):
            with pytest.raises(ValueError, match="feature") as refused:
                check(wrong, **asked)
            said.append(str(refused.value))
        assert said[0] == said[1]
