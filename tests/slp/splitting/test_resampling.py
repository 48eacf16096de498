"""What each strategy promises about the rows it adds or drops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from slp.kinds import OVERSAMPLINGS
from slp.power import best_exponent, transform
from slp.splitting.parts import Split, TrainingPart
from slp.splitting.resampling import resample
from slp.splitting.split import stratified_split


def training_part(indices: Any, n_rows: int) -> TrainingPart:
    rest = np.setdiff1d(np.arange(n_rows), indices)
    return Split.from_indices(indices, rest[::2], rest[1::2]).train


Y = np.array([0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1])
PART = training_part([0, 1, 2, 3, 4, 5, 6, 7], 12)  # pulsars 1 and 4, six others


def test_none_keeps_the_rows_and_draws_nothing() -> None:
    rng = np.random.default_rng(0)
    got = resample(PART, Y, strategy="none", rng=rng)
    assert got.sample_indices.tolist() == list(range(8))
    assert got.prevalence == 0.25
    assert got.noise is None
    assert rng.random() == np.random.default_rng(0).random()


def test_cycle_repeats_the_minority_in_order_until_it_is_as_many() -> None:
    got = resample(PART, Y, strategy="cycle", rng=np.random.default_rng(0))
    assert got.sample_indices.tolist() == [*range(8), 1, 4, 1, 4]
    assert got.prevalence == 0.5


def test_the_minority_may_be_the_non_pulsars() -> None:
    got = resample(PART, 1 - Y, strategy="cycle", rng=np.random.default_rng(0))
    assert got.sample_indices.tolist() == [*range(8), 1, 4, 1, 4]
    assert got.prevalence == 0.5


@example([0] * 40, "cycle", 0)  # few pulsars, of which each is taken many times
@example([0] * 40, "random", 0)
@example([0] * 40, "jitter", 0)
@example([0] * 40, "undersample", 0)
@given(
    y=st.lists(st.integers(0, 1), min_size=20, max_size=60),
    strategy=st.sampled_from(OVERSAMPLINGS),
    seed=st.integers(0, 2**32),
)
def test_only_training_rows_are_taken_and_classes_come_out_equal(
    y: list[int], strategy: Any, seed: int
) -> None:
    y = [0, 1, *y[2:-4], 0, 1, 0, 1]
    labels, n_train = np.array(y), len(y) - 4
    part = training_part(np.arange(n_train), len(y))
    X = np.random.default_rng(seed).normal(size=(len(y), 3))
    got = resample(part, y, strategy=strategy, rng=np.random.default_rng(seed), X=X)
    counts = np.bincount(labels[got.sample_indices], minlength=2)
    before = np.bincount(labels[:n_train], minlength=2)
    assert got.sample_indices.max() < n_train
    assert got.prevalence == pytest.approx(counts[1] / counts.sum())
    assert not got.sample_indices.flags.writeable
    if strategy == "none":
        assert counts.tolist() == before.tolist()
    elif strategy == "undersample":
        assert counts.tolist() == [before.min()] * 2
        assert np.all(np.diff(got.sample_indices) > 0)
    else:
        assert counts.tolist() == [before.max()] * 2
        assert got.sample_indices[:n_train].tolist() == list(range(n_train))
    again = resample(part, y, strategy=strategy, rng=np.random.default_rng(seed), X=X)
    assert again.sample_indices.tolist() == got.sample_indices.tolist()


def test_undersampling_keeps_every_minority_row_and_draws_the_others_evenly() -> None:
    kept = np.zeros(8)
    for seed in range(600):
        rows = resample(PART, Y, strategy="undersample", rng=np.random.default_rng(seed))
        kept[rows.sample_indices] += 1
    assert kept[[1, 4]].tolist() == [600, 600]
    assert kept[[0, 2, 3, 5, 6, 7]] / 600 == pytest.approx(np.full(6, 1 / 3), abs=0.09)


@pytest.mark.parametrize("strategy", ["random", "jitter"])
def test_added_rows_are_drawn_with_replacement(strategy: Any) -> None:
    X = np.zeros((12, 2))
    added = np.concatenate(
        [
            resample(
                PART, Y, strategy=strategy, rng=np.random.default_rng(seed), X=X
            ).sample_indices[8:]
            for seed in range(300)
        ]
    )
    assert set(added.tolist()) == {1, 4}
    assert np.mean(added == 1) == pytest.approx(0.5, abs=0.06)
    assert len(added) == 300 * 4


def test_jitter_moves_only_the_copies_by_a_share_of_the_minoritys_spread() -> None:
    rng = np.random.default_rng(0)
    n_rows = 40_000
    y = (np.arange(n_rows) % 8 == 0).astype(int)
    X = rng.normal(size=(n_rows, 2)) * np.where(y[:, None] == 1, [3.0, 20.0], 100.0)
    X[-400:] *= 1000  # outside the training part, and so without influence
    part = training_part(np.arange(n_rows - 400), n_rows)
    got = resample(part, y, strategy="jitter", rng=rng, X=X)
    assert got.noise is not None
    n_original = n_rows - 400
    assert got.noise.shape == (len(got.sample_indices), 2)
    assert not got.noise[:n_original].any()
    assert got.noise[n_original:].std(axis=0) == pytest.approx([0.3, 2.0], rel=0.05)
    assert got.noise[n_original:].mean(axis=0) == pytest.approx([0, 0], abs=0.05)
    assert not got.noise.flags.writeable
    wider = resample(part, y, strategy="jitter", rng=rng, X=X, jitter=0.5)
    assert wider.noise is not None
    assert wider.noise[n_original:].std(axis=0) == pytest.approx([1.5, 10.0], rel=0.05)


def test_jitter_moves_a_row_in_keeping_with_where_it_lies() -> None:
    """Of a feature that is close to 1 in most pulsars and far out in a few."""
    rng = np.random.default_rng(0)
    n_rows = 4_000
    y = (np.arange(n_rows) % 4 == 0).astype(int)
    X = np.exp(1.5 * rng.normal(size=(n_rows, 1)))
    part = training_part(np.arange(n_rows - 4), n_rows)
    got = resample(part, y, strategy="jitter", rng=rng, X=X)
    assert got.noise is not None
    own, moved = X[got.sample_indices, 0], got.of(X)[:, 0]
    added = np.arange(len(own)) >= n_rows - 4
    low = added & (own < np.median(X[y == 1]))
    spread = X[part.indices][y[part.indices] == 1].std()
    assert np.sqrt(np.mean((moved[low] - own[low]) ** 2)) < 0.02 * spread
    exponent = np.array([best_exponent(X[part.indices, 0])])
    before, after = (transform(x[:, None], exponent)[:, 0] for x in (own, moved))
    share = np.std(after[added] - before[added]) / np.std(before[y[got.sample_indices] == 1])
    assert share == pytest.approx(0.1, rel=0.05)
    assert moved.min() >= X[part.indices].min()
    assert moved.max() <= X[part.indices].max()


@given(
    X=arrays(
        np.float64,
        (12, 2),
        elements=st.one_of(
            st.floats(-1e150, 1e150),
            st.floats(-60, 60).map(lambda power: 10.0**power),
            st.sampled_from([0.0, 1 / 3, 0.1, 1e-30, 1e16, -0.1]),
        ),
    ),
    jitter=st.sampled_from([0.1, 0.5, 3.0]),
    seed=st.integers(0, 9),
)
def test_jitter_leaves_no_feature_outside_the_range_of_the_training_part(
    X: Any, jitter: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    moved = resample(PART, Y, strategy="jitter", rng=rng, X=X, jitter=jitter).of(X)
    learnt = X[PART.indices]
    assert (moved >= learnt.min(axis=0)).all()
    assert (moved <= learnt.max(axis=0)).all()


def test_rows_are_given_as_often_as_they_are_drawn_and_where_they_were_moved() -> None:
    X = np.arange(24.0).reshape(12, 2)
    plain = resample(PART, Y, strategy="cycle", rng=np.random.default_rng(0))
    assert plain.of(X).tolist() == X[plain.sample_indices].tolist()
    moved = resample(PART, Y, strategy="jitter", rng=np.random.default_rng(0), X=X)
    assert moved.noise is not None
    assert moved.of(X).tolist() == (X[moved.sample_indices] + moved.noise).tolist()


def test_no_jitter_moves_nothing() -> None:
    rng = np.random.default_rng(0)
    got = resample(PART, Y, strategy="jitter", rng=rng, X=np.eye(12), jitter=0.0)
    assert got.noise is not None
    assert not got.noise.any()


@pytest.mark.parametrize("part", [np.arange(3), [0, 1, 2], None])
def test_plain_row_numbers_are_never_resampled(part: Any) -> None:
    with pytest.raises(TypeError, match="only a TrainingPart can be resampled"):
        resample(part, Y, strategy="none", rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (Y, {"strategy": "smote"}, "strategy 'smote' is none of none, cycle, random"),
        (Y[:5], {"strategy": "none"}, "5 labels do not cover the 8 training rows"),
        (Y[:7], {"strategy": "none"}, "7 labels do not cover the 8 training rows"),
        (np.zeros(12), {"strategy": "cycle"}, "the 8 training rows are all of one class"),
        (Y, {"strategy": "jitter"}, "needs the features X"),
        (Y, {"strategy": "jitter", "X": np.eye(12), "jitter": -1.0}, "jitter -1.0 is below 0"),
        (Y, {"strategy": "jitter", "X": np.eye(12), "jitter": np.nan}, "jitter nan"),
        (Y, {"strategy": "jitter", "X": np.eye(12), "jitter": np.inf}, "jitter inf"),
        (Y, {"strategy": "jitter", "X": np.eye(9)}, "9 rows of features for 12 rows"),
    ],
)
def test_what_cannot_be_resampled_is_refused(y: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resample(PART, y, rng=np.random.default_rng(0), **options)


def test_an_empty_training_part_is_refused() -> None:
    none = np.array([], dtype=np.int64)
    part = Split.from_indices(none, [0, 1], [2]).train
    with pytest.raises(ValueError, match="3 labels do not cover the 0 training rows"):
        resample(part, [0, 1, 0], strategy="none", rng=np.random.default_rng(0))


def test_every_label_before_the_last_training_row_is_enough() -> None:
    got = resample(PART, Y[:8], strategy="none", rng=np.random.default_rng(0))
    assert got.sample_indices.tolist() == list(range(8))


def test_a_strategy_that_only_the_list_of_words_knows_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("slp.splitting.resampling.OVERSAMPLINGS", (*OVERSAMPLINGS, "smote"))
    unknown: Any = "smote"
    with pytest.raises(ValueError, match="'smote'"):
        resample(PART, Y, strategy=unknown, rng=np.random.default_rng(0))


def test_another_table_than_the_one_that_was_split_gives_no_rows() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = np.arange(60) % 3 == 0
    part = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0).train
    rng = np.random.default_rng(0)
    plain = resample(part, y, strategy="random", rng=rng)
    with pytest.raises(ValueError, match=r"of a table of 30 rows"):
        plain.of(X[:30])
    moved = resample(part, y, strategy="jitter", rng=rng, X=X)
    with pytest.raises(ValueError, match="1 columns; 3 are needed"):
        moved.of(X[:, :1])
