"""What of reviewed candidates is learnt from, and what they may not change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.learning.fitting import fit_perceptron
from pulsars.learning.going_over import fit_over, learnt_rows
from pulsars.learning.proofs import prove, prove_over
from pulsars.learning.reviewed import (
    Joined,
    Labelled,
    Reviews,
    join_reviewed,
    reviewed_note,
)
from pulsars.simulation import simulate
from pulsars.store.arrays import Rows
from schemas.parameters import TrainingParameters
from slp.splitting.near import units_of
from slp.splitting.resampling import Resampled
from slp.splitting.streamed import REST, TEST, VALIDATION, Chunk, Chunks

N_ROWS, N_MORE = 400, 100
X_ALL, Y_ALL = simulate(N_ROWS + N_MORE, prevalence=0.2, rng=np.random.default_rng(52))
X, Y = X_ALL[:N_ROWS], Y_ALL[:N_ROWS]
LEARNT = np.arange(N_ROWS) % 4 != 0
UNITS = np.array(units_of(X))
CODES = np.where(LEARNT, np.where(np.arange(N_ROWS) % 4 == 1, VALIDATION, REST), TEST)
ASKED = TrainingParameters(data="x")


def in_chunks(size: int = N_ROWS) -> Chunks:
    def chunks() -> Iterator[Chunk]:
        for start in range(0, N_ROWS, size):
            y = Y[start : start + size]
            yield Chunk(X[start : start + size], y, np.full(len(y), -1))

    return chunks


def said(features: np.ndarray, y: Any) -> Labelled:
    return Labelled(
        [f"{n:064x}" for n in range(len(features))], features, np.array(y, dtype=np.int8)
    )


def joined(labelled: Labelled, *, size: int = N_ROWS) -> Joined:
    return join_reviewed(labelled, in_chunks(size), LEARNT, UNITS)


@given(
    st.lists(
        st.tuples(st.integers(0, N_ROWS + N_MORE - 1), st.booleans(), st.booleans()),
        unique_by=lambda one: one[0],
        max_size=40,
    ),
    st.integers(1, N_ROWS),
)
@settings(max_examples=40, deadline=None)
def test_a_reviewed_candidate_is_added_known_or_held_out_by_the_row_that_it_is(
    drawn: list[tuple[int, bool, bool]], size: int
) -> None:
    rows = np.array([row for row, _, _ in drawn], dtype=np.int64)
    printed = np.array([1 + 2e-6 * short for _, short, _ in drawn])  # with fewer digits
    y = np.array([is_pulsar for _, _, is_pulsar in drawn], dtype=np.int8)
    found = joined(said(X_ALL[rows] * printed[:, None], y), size=size)
    expected = [
        "added" if row >= N_ROWS else "in training" if LEARNT[row] else "held out" for row in rows
    ]
    assert found.fates == expected
    known = {row: label for row, label in zip(rows, y, strict=True) if row < N_ROWS and LEARNT[row]}
    assert dict(zip(found.reviews.rows, found.reviews.labels, strict=True)) == known
    assert found.reviews.rows.tolist() == sorted(known)
    assert found.reviews.y.tolist() == y[rows >= N_ROWS].tolist()
    assert found.n_relabelled == sum(Y[row] != label for row, label in known.items())
    taught = np.append(found.reviews.labelled(Y)[LEARNT], found.reviews.y)
    assert found.n_learnt.tolist() == np.bincount(taught, minlength=2).tolist()


def test_near_identical_candidates_of_which_people_say_different_things_teach_nothing() -> None:
    (row,) = np.flatnonzero(LEARNT)[:1]
    twins = np.array([X_ALL[-1], X_ALL[-1] * (1 + 2e-6), X[row], X[row] * (1 + 2e-6)])
    found = joined(said(twins, [1, 0, 0, 1]))
    assert found.fates == ["contradicted"] * 4
    assert len(found.reviews.rows) == len(found.reviews.y) == 0
    agreed = joined(said(twins, [1, 1, 0, 0]))
    assert agreed.fates == ["added", "added", "in training", "in training"]
    assert (agreed.reviews.rows.tolist(), agreed.reviews.labels.tolist()) == ([row], [0])


def test_a_near_copy_of_a_row_held_out_is_not_learnt_from_by_way_of_another() -> None:
    # The second is near the first alone, which is near the row: all three are one candidate.
    chain = np.array([X[0] * (1 + 8e-5), X[0] * (1 + 1.6e-4)])
    assert joined(said(chain, [1, 1])).fates == ["held out", "held out"]
    assert joined(said(chain[1:], [1])).fates == ["added"]


def test_no_review_changes_nothing() -> None:
    found = joined(said(np.empty((0, 8)), []))
    features, y = found.reviews.beside(X, Y)
    assert features is X
    assert y is Y
    assert found.counts() == {
        "n_added": 0, "n_in_training": 0, "n_held_out": 0, "n_contradicted": 0, "n_relabelled": 0,
    }  # fmt: skip
    assert found.n_learnt.tolist() == np.bincount(Y[LEARNT]).tolist()


def test_labels_of_a_piece_are_those_of_the_whole() -> None:
    reviews = replace(Reviews.nothing(), rows=np.array([3, 70, 399]), labels=1 - Y[[3, 70, 399]])
    whole = reviews.labelled(Y)
    assert np.flatnonzero(whole != Y).tolist() == [3, 70, 399]
    pieces = [reviews.labelled(Y[start : start + 70], first=start) for start in range(0, 400, 70)]
    assert np.concatenate(pieces).tolist() == whole.tolist()


def test_candidates_are_as_they_were_after_a_way_through_json() -> None:
    one = said(X_ALL[-3:], [1, 0, 1])
    again = Labelled.from_dict(one.to_dict())
    assert (again.names, again.X.tolist(), again.y.tolist()) == (
        one.names, one.X.tolist(), one.y.tolist(),
    )  # fmt: skip
    assert Labelled.from_dict(said(np.empty((0, 8)), []).to_dict()).X.shape == (0, 8)


def taught(reviews: Reviews, *, threshold: str = "expected-f1", oversample: bool = False) -> Any:
    """Train on the rows with reviews, every fourth held out to measure."""
    asked = ASKED.model_copy(update={"threshold": threshold})
    parts = {"train": np.flatnonzero(LEARNT), "test": np.flatnonzero(~LEARNT)}
    features, y = reviews.beside(X, Y)
    parts = reviews.among(parts, N_ROWS)
    rows = parts["train"]
    if oversample:
        rows = np.append(rows, np.repeat(rows[y[rows] == 1], 3))
    resampled = Resampled(rows, None, float(y[rows].mean()))
    return fit_perceptron(
        features, y, parts, resampled, asked, on_epoch=lambda *_: None, n_drawn=N_ROWS
    )


ADDED = replace(Reviews.nothing(), X=X_ALL[N_ROWS:], y=Y_ALL[N_ROWS:])
"""A hundred candidates that are none of the file."""


def test_inputs_are_those_of_the_rows_as_the_sky_is() -> None:
    alone, more = (taught(one).model for one in (Reviews.nothing(), ADDED))
    assert alone.inputs.to_dict() == more.inputs.to_dict()
    assert alone.coef.tolist() != more.coef.tolist()


def test_what_was_chosen_by_its_features_bends_no_intercept() -> None:
    # Whatever share of pulsars is added, the sum of probabilities of the rows learnt from is that
    # of their labels, as of any minimum: there is no shift to the share among the rows drawn.
    pulsars = replace(ADDED, X=ADDED.X[ADDED.y == 1], y=ADDED.y[ADDED.y == 1])
    model = taught(pulsars).model
    rows = np.concatenate([X[LEARNT], pulsars.X])
    assert model.predict_proba(rows).sum() == pytest.approx(
        Y[LEARNT].sum() + len(pulsars.y), rel=1e-6
    )


def test_balanced_rows_are_brought_back_to_the_mix_that_was_balanced() -> None:
    rows = np.concatenate([X[LEARNT], ADDED.X])
    sums = [taught(ADDED, oversample=both).model.predict_proba(rows).sum() for both in (0, 1)]
    assert sums[1] == pytest.approx(sums[0], rel=0.1)


def test_a_table_that_is_gone_over_learns_from_reviews_what_one_in_memory_does() -> None:
    reviews = joined(said(X_ALL[[1, 2, 3, *range(N_ROWS, N_ROWS + 60)]], [1, 0, 1] + [1, 0] * 30))
    added = (reviews.reviews.X, reviews.reviews.y)
    source = learnt_rows(in_chunks(150), CODES, refits=True, reviews=reviews.reviews)
    n_rows = int(reviews.n_learnt.sum())
    shown = (X[LEARNT], Y[LEARNT])
    beside = partial(iter, [added])
    found = fit_over([source], shown, ASKED, n_rows=n_rows, beside=beside).model
    in_memory = taught(reviews.reviews).model
    assert found.predict_proba(X) == pytest.approx(in_memory.predict_proba(X), abs=1e-9)
    assert found.threshold == pytest.approx(in_memory.threshold, abs=1e-9)


def test_a_run_does_not_prove_that_it_kept_its_parts_apart_when_a_test_row_was_added() -> None:
    parts = {"train": np.flatnonzero(LEARNT), "test": np.flatnonzero(~LEARNT)}
    accepted: Any = SimpleNamespace(rows_accepted=N_ROWS, rows_read=N_ROWS, rows_quarantined=0)
    rows = Rows(X, Y, np.arange(N_ROWS))
    held = X[~LEARNT]

    def leaks(added: np.ndarray) -> list[bool]:
        fitted = replace(Reviews.nothing(), X=added, y=np.ones(len(added))).among(parts, N_ROWS)
        whole = prove(accepted, rows, parts, fitted["train"], fitted=fitted, added=added)
        over = prove_over(accepted, in_chunks(), CODES, held, refits=True, added=added)
        proofs = [next(p for p in found if "leak" in p.name) for found in (whole, over)]
        assert all(p.holds for p in whole if "leak" not in p.name)
        return [not proof.holds for proof in proofs]

    assert leaks(X_ALL[N_ROWS:]) == [False, False]
    assert leaks(np.concatenate([X_ALL[N_ROWS:], held[:1]])) == [True, True]


def test_the_note_has_every_count() -> None:
    names = [
        "reviewed",
        "pulsars",
        "added",
        "in_training",
        "relabelled",
        "held_out",
        "contradicted",
        "open",
        "drifted",
    ]
    counts = {f"n_{name}": 1_001 + 10 * place for place, name in enumerate(names)}
    note = reviewed_note(counts)
    assert all(f"{count:,}" in note for count in counts.values())
