"""What is measured block by block is what is measured at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures import in_blocks
from slp.measures.by_score import rank
from slp.measures.in_blocks import intervals_in_blocks
from slp.measures.interval import Interval
from slp.measures.intervals import intervals

COUNTED = ("tn", "fp", "fn", "tp", "precision", "recall", "f1", "mcc", "g_mean")


def drawn(n_rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (rng.random(n_rows) < 0.2).astype(np.int8)
    return labels, 1 / (1 + np.exp(-rng.normal(2.0 * labels - 1.5)))


def measured(labels: np.ndarray, score: np.ndarray, n_rows: int) -> dict[str, Interval]:
    ranks = rank(score)
    parts = [
        (labels[at : at + n_rows], score[at : at + n_rows], ranks[at : at + n_rows])
        for at in range(0, len(labels), n_rows)
    ]
    return intervals_in_blocks(parts, n_rows=len(labels), threshold=0.4)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 9))
def test_blocks_measure_what_the_whole_does(n_rows: int, part: int, seed: int) -> None:
    labels, score = drawn(n_rows, seed)
    whole, found = intervals(labels, score, threshold=0.4), measured(labels, score, part)
    assert list(found) == list(whole)
    assert all(found[name] == whole[name] for name in COUNTED)
    for name, one in whole.items():
        values = (one.value, one.low, one.high)
        other = (found[name].value, found[name].low, found[name].high)
        assert other == pytest.approx(values, rel=1e-9, abs=1e-12, nan_ok=True)


def test_parts_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_blocks, "BLOCK", 64)
    labels, score = drawn(1_000)
    found = [measured(labels, score, n_rows) for n_rows in (1, 63, 64, 100, 1_000)]
    assert all(each == found[0] for each in found)


def test_stretches_of_the_ranking_move_its_measures_by_no_more_than_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels, score = drawn(20_000)
    whole = intervals(labels, score, threshold=0.4)
    monkeypatch.setattr(in_blocks, "CELLS", 1_000)
    found = measured(labels, score, 3_000)
    n_others = int((labels == 0).sum())
    off = abs(found["roc_auc"].value - whole["roc_auc"].value)
    assert 0 < off <= math.ceil(20_000 / 1_000) / 2 / n_others
    assert found["average_precision"].value == pytest.approx(
        whole["average_precision"].value, abs=0.002
    )
    assert found["tp"] == whole["tp"]


LABELS, SCORE = drawn(100)
RANKS = rank(SCORE)
BEGUN = np.where(np.arange(100) == 70, 2, LABELS)
BEYOND = np.where(SCORE > 0.5, np.nan, SCORE)


@pytest.mark.parametrize(
    ("labels", "score", "ranks", "n_rows", "said"),
    [
        (LABELS, SCORE, RANKS, 150, "hold 100 rows; n_rows is 150"),
        (LABELS, SCORE, RANKS, 50, r"rank .* in row .* is outside \[1, n_rows = 50\]"),
        (LABELS[:0], SCORE[:0], RANKS[:0], 0, "n_rows 0 is below 1"),
        (LABELS[:0], SCORE[:0], RANKS[:0], 1, "hold 0 rows; n_rows is 1"),
        (LABELS, SCORE, RANKS, 100.0, "n_rows 100.0 is not a whole number"),
        (2 * LABELS - 1, SCORE, RANKS, 100, "rows from 0 on: label -1 in row 0"),
        (BEGUN, SCORE, RANKS, 100, "rows from 64 on: label 2 in row 6"),
        (LABELS, SCORE * 3, RANKS, 100, r"probability .* is outside \[0, 1\]"),
        (LABELS, BEYOND, RANKS, 100, r"probability nan in row .* is outside"),
        (LABELS, SCORE, RANKS - 1, 100, r"rank 0 in row .* is outside \[1, n_rows = 100\]"),
        (LABELS, SCORE, RANKS.astype(float), 100, "of type float64, not whole numbers"),
        (LABELS, SCORE, np.maximum(RANKS, 2), 100, "from 1 to 100, each once"),
    ],
)
def test_blocks_are_refused_as_the_whole_is(
    monkeypatch: pytest.MonkeyPatch,
    labels: Any,
    score: Any,
    ranks: Any,
    n_rows: Any,
    said: str,
) -> None:
    monkeypatch.setattr(in_blocks, "BLOCK", 64)
    with pytest.raises(ValueError, match=said):
        intervals_in_blocks([(labels, score, ranks)], n_rows=n_rows, threshold=0.4)


@pytest.mark.parametrize("part", [(LABELS, SCORE), (LABELS, SCORE, RANKS, RANKS)])
def test_a_part_of_other_than_three_arrays_is_refused(part: Any) -> None:
    with pytest.raises(ValueError, match=f"rows from 0 on: .* {len(part)} arrays"):
        intervals_in_blocks([part], n_rows=100, threshold=0.4)


def test_ranks_of_small_integers_are_ranks() -> None:
    parts = [(LABELS, SCORE, RANKS.astype(np.uint8))]
    assert intervals_in_blocks(parts, n_rows=100, threshold=0.4) == measured(LABELS, SCORE, 100)
