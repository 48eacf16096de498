"""What a split promises, on tables of every shape that Hypothesis finds."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slp.splitting.parts import Split, TrainingPart
from slp.splitting.split import stratified_split


def parts_of(split: Split) -> list[Any]:
    return [split.train.indices, split.validation, split.test]


def rows_of(n_rows: int) -> Any:
    return np.arange(2.0 * n_rows).reshape(n_rows, 2)


def part_numbers(split: Split, n_rows: int) -> list[int]:
    where = np.empty(n_rows, int)
    for number, part in enumerate(parts_of(split)):
        where[part] = number
    return where.tolist()


@given(
    n_others=st.integers(20, 300),
    n_pulsars=st.integers(20, 60),
    validation_size=st.floats(0.1, 0.4),
    test_size=st.floats(0.1, 0.4),
    n_pairs=st.integers(0, 8),
    seed=st.integers(0, 2**32),
)
@example(
    n_others=20, n_pulsars=20, validation_size=0.25, test_size=0.34375, n_pairs=7, seed=92
)  # a pair at a cut
@settings(deadline=None)
def test_parts_are_disjoint_complete_sorted_and_stratified(
    n_others: int,
    n_pulsars: int,
    validation_size: float,
    test_size: float,
    n_pairs: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [n_others, n_pulsars]))
    X = rows_of(len(y))
    twins = rng.permutation(len(y))[: 2 * n_pairs].reshape(-1, 2)
    X[twins[:, 0]] = X[twins[:, 1]]
    split = stratified_split(X, y, validation_size=validation_size, test_size=test_size, seed=seed)
    parts = parts_of(split)
    assert np.sort(np.concatenate(parts)).tolist() == list(range(len(y)))
    for part, size in zip(
        parts, [1 - validation_size - test_size, validation_size, test_size], strict=True
    ):
        assert part.dtype == np.int64
        assert part.tolist() == sorted(part)
        for label, count in enumerate([n_others, n_pulsars]):
            off = abs(np.count_nonzero(y[part] == label) - count * size)
            assert off <= (2 if n_pairs else 1) + 1e-9
    where = part_numbers(split, len(y))
    assert all(where[a] == where[b] for a, b in twins)


def test_sizes_are_those_of_the_real_table() -> None:
    y = np.repeat([0, 1], [16_259, 1_639])
    X = np.random.default_rng(0).normal(size=(len(y), 8))
    split = stratified_split(X, y, validation_size=0.2, test_size=0.1, seed=0)
    counts = [np.bincount(y[part]).tolist() for part in parts_of(split)]
    assert counts == [[11_381, 1_147], [3_252, 328], [1_626, 164]]


@given(st.lists(st.integers(1, 12), min_size=12, max_size=25), st.integers(0, 2**32))
@settings(deadline=None)
def test_identical_rows_stay_together_whatever_their_number(sizes: list[int], seed: int) -> None:
    group = np.repeat(np.arange(len(sizes)), sizes)
    X = np.stack([group, -group], axis=1).astype(float)
    y = group % 2
    try:
        split = stratified_split(X, y, validation_size=0.3, test_size=0.3, seed=seed)
    except ValueError as refusal:
        assert "at least 1 is needed" in str(refusal)  # noqa: PT017 - not every draw is refused
        return
    where = np.array(part_numbers(split, len(y)))
    assert all(len(set(where[group == number])) == 1 for number in range(len(sizes)))
    # No part strays from its share by more than the largest group.
    for number, share in enumerate([0.4, 0.3, 0.3]):
        for label in (0, 1):
            got = np.count_nonzero((where == number) & (y == label))
            assert abs(got - share * np.count_nonzero(y == label)) <= max(sizes) + 1


def test_zero_and_minus_zero_are_the_same_value() -> None:
    X = rows_of(200)
    X[:100, 0], X[100:, 0] = 0.0, -0.0
    X[:, 1] = np.tile(np.arange(100.0), 2)
    y = np.tile([0, 1], 100)
    where = part_numbers(stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0), 200)
    assert where[:100] == where[100:]
    assert np.signbit(X[100:, 0]).all()


def test_identical_rows_with_different_labels_stay_together() -> None:
    X = np.repeat(rows_of(60), 2, axis=0)
    y = np.tile([0, 1], 60)
    split = stratified_split(X, y, validation_size=0.25, test_size=0.25, seed=3)
    where = part_numbers(split, 120)
    assert where[::2] == where[1::2]
    assert [len(part) for part in parts_of(split)] == [60, 30, 30]


def test_groups_are_drawn_into_every_part_by_its_share() -> None:
    X = np.repeat(rows_of(400), 2, axis=0)
    y = np.repeat(np.tile([0, 1], 200), 2)
    draws = [
        part_numbers(
            stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=seed),
            800,
        )
        for seed in range(20)
    ]
    first_half = np.array(draws)[:, :400]
    shares = [np.mean(first_half == number) for number in range(3)]
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.03)


def test_every_row_is_as_likely_to_be_tested_as_any_other() -> None:
    y = np.repeat([0, 1], [60, 20])
    tested = np.zeros(80)
    for seed in range(400):
        found = stratified_split(rows_of(80), y, validation_size=0.2, test_size=0.25, seed=seed)
        tested[found.test] += 1
    assert tested / 400 == pytest.approx(np.full(80, 0.25), abs=0.1)  # 4.6 standard errors


def test_the_same_seed_gives_the_same_split() -> None:
    y = np.repeat([0, 1], [60, 20])
    one, two = (
        stratified_split(rows_of(80), y, validation_size=0.2, test_size=0.2, seed=7)
        for _ in range(2)
    )
    assert part_numbers(one, 80) == part_numbers(two, 80)


@pytest.mark.parametrize(
    ("y", "sizes", "message"),
    [
        ([0] * 50 + [1] * 2, (0.2, 0.2), "validation part would have 0 of the 2 rows labelled 1"),
        ([1] * 50 + [0] * 2, (0.2, 0.2), "validation part would have 0 of the 2 rows labelled 0"),
        ([0] * 50, (0.2, 0.2), "training part would have 0 of the 0 rows labelled 1"),
        ([0] * 10 + [1] * 10, (0.0, 0.2), r"validation_size 0.0 is outside \(0, 1\)"),
        ([0] * 10 + [1] * 10, (0.2, 1.0), r"test_size 1.0 is outside \(0, 1\)"),
        ([0] * 10 + [1] * 10, (0.5, 0.5), "0.5 and test_size 0.5 leave nothing to train on"),
        ([0] * 10 + [1] * 11, (0.2, np.nan), "test_size nan"),
    ],
)
def test_what_cannot_be_split_is_refused(y: list[int], sizes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stratified_split(
            rows_of(len(y)),
            y,
            validation_size=sizes[0],
            test_size=sizes[1],
            seed=0,
        )


def test_features_for_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="3 rows of features for 4 rows"):
        stratified_split(
            rows_of(3),
            [0, 1, 0, 1],
            validation_size=0.2,
            test_size=0.2,
            seed=0,
        )


def test_a_stored_split_is_read_back() -> None:
    split = Split.from_indices([4, 0], [1], np.array([3, 2], dtype=np.int32))
    assert [part.tolist() for part in parts_of(split)] == [[0, 4], [1], [2, 3]]
    assert isinstance(split.train, TrainingPart)
    for part in parts_of(split):
        assert part.dtype == np.int64
        assert not part.flags.writeable


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (([0, 1], [1], [2]), "row 1 is in the split twice"),
        (([0, 1], [3], [4]), "row 2 is in no part"),
        (([1], [2], [3]), "row 0 is in no part"),
        (([0], [-1], [1]), "row -1 is no row: they are counted from 0"),
        (([-1, 0], [1], [2]), "row -1 is no row"),
        (([0], [-1, -1], [1]), "row -1 is no row"),
        (([0.0], [1], [2]), "the training part is float64"),
        (([0], [[1]], [2]), "the validation part"),
        (([0], [1], np.ma.masked_equal([2, 3], 3)), "row numbers of the test part some are masked"),
    ],
)
def test_a_damaged_split_is_refused(parts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Split.from_indices(*parts)


def test_only_a_split_makes_a_training_part() -> None:
    with pytest.raises(TypeError, match=r"made by stratified_split or Split\.from_indices only"):
        TrainingPart(np.arange(3))
    part = Split.from_indices([0], [1], [2]).train
    with pytest.raises(TypeError):
        TrainingPart(part.indices, seal=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(part, indices=np.arange(9))
    assert copy.copy(part).indices.tolist() == [0]


def test_a_merged_split_learns_from_both_parts_and_from_no_test_row() -> None:
    split = Split.from_indices([0, 5], [3, 1], [4, 2])
    merged = split.merged()
    assert merged.train.indices.tolist() == [0, 1, 3, 5]
    assert merged.validation.tolist() == []
    assert merged.test.tolist() == split.test.tolist() == [2, 4]
    assert isinstance(merged.train, TrainingPart)
    assert not merged.train.indices.flags.writeable
    assert split.train.indices.tolist() == [0, 5]


def test_a_part_may_be_empty_however_that_is_spelled() -> None:
    for none in ([], (), np.empty(0), np.empty(0, dtype=np.int64)):
        split = Split.from_indices([0, 1], none, [2])
        assert (split.validation.tolist(), split.validation.dtype) == ([], np.int64)
