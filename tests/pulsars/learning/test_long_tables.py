"""A table that is gone over in chunks teaches what it teaches in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from pulsars.learning.fitting import fit_perceptron
from pulsars.learning.going_over import fit_over, learnt_rows
from pulsars.learning.long_tables import LONG, is_long, sizes_of_parts
from pulsars.simulation import simulate
from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from slp.blocks import Mapped, by_threads
from slp.splitting.resampling import Resampled
from slp.splitting.streamed import SHOWN, TEST, VALIDATION, Chunk, hold_out

ROWS = 6_000
ASKED = TrainingParameters(data="x", seed=3)
X, Y = simulate(ROWS, prevalence=0.1, rng=np.random.default_rng(0))


def _chunks() -> Iterator[Chunk]:
    for start in range(0, ROWS, 700):
        X_part, y_part = X[start : start + 700], Y[start : start + 700]
        yield Chunk(X_part, y_part, np.full(len(y_part), -1))


def _codes(asked: TrainingParameters, most: int = 10**6) -> np.ndarray:
    return hold_out(_chunks, sizes_of_parts(np.bincount(Y), asked, most=most), seed=asked.seed)


@pytest.mark.parametrize(
    "how",
    [
        {"threshold": "expected-f1"},
        {"threshold": "f1"},
        {"threshold": "recall:0.9"},
        {"solver": "sgd", "n_epochs": 6, "patience": 2},
    ],
)
def test_the_model_is_that_of_the_same_rows_in_memory(how: dict[str, Any]) -> None:
    asked = ASKED.model_copy(update=how)
    codes = _codes(asked)
    parts = {
        "train": np.flatnonzero(codes >= SHOWN),
        "validation": np.flatnonzero(codes == VALIDATION),
        "test": np.flatnonzero(codes == TEST),
    }
    own = np.flatnonzero(codes >= (VALIDATION if asked.refits else SHOWN))
    resampled = Resampled(own, None, float(Y[own].mean()))
    in_memory = fit_perceptron(
        X, Y, parts, resampled, asked, on_epoch=lambda _epoch, _loss, _validation: None
    ).model
    shown = own if asked.refits else parts["validation"]
    source = learnt_rows(_chunks, codes, refits=asked.refits)
    found = fit_over([source], (X[shown], Y[shown]), asked, n_rows=len(own)).model
    if asked.solver == "sgd":  # one group of one block: the same steps
        assert found.to_dict() == in_memory.to_dict()
    assert found.predict_proba(X) == pytest.approx(in_memory.predict_proba(X), abs=1e-10)
    assert found.threshold == pytest.approx(in_memory.threshold, abs=1e-10)


def test_threads_do_not_change_a_bit() -> None:
    codes = _codes(ASKED)
    source, shown = learnt_rows(_chunks, codes, refits=True), (X[:500], Y[:500])
    n_rows = int((codes >= VALIDATION).sum())
    found = [
        fit_over([source], shown, ASKED, n_rows=n_rows, mapped=mapped).model.to_dict()
        for mapped in (map, by_threads(2))
    ]
    assert found[0] == found[1]


def test_what_is_measured_is_bounded_and_keeps_the_shares_of_the_classes() -> None:
    counts = np.array([90_000_000, 10_000_000])
    assert sizes_of_parts(counts, ASKED, most=1000).tolist() == [[900, 100]] * 3
    assert sizes_of_parts(np.array([900, 100]), ASKED).tolist() == [[180, 20], [180, 20], [539, 59]]


def test_only_rows_to_learn_from_are_learnt_from() -> None:
    codes = _codes(ASKED, most=500)
    learnt = np.concatenate([part for part, _ in learnt_rows(_chunks, codes, refits=False)()])
    assert np.array_equal(learnt, X[codes >= SHOWN])
    assert np.bincount(codes).tolist()[:3] == [500, 500, 500]


def test_descent_goes_through_groups_by_the_seed_alone() -> None:
    asked = ASKED.model_copy(update={"solver": "sgd", "n_epochs": 3})
    codes, half = _codes(asked), ROWS // 2

    def part(first: int) -> Iterator[Chunk]:
        rows = slice(first, first + half)
        yield Chunk(X[rows], Y[rows], np.full(half, -1))

    def trained(seed: int, mapped: Mapped) -> dict[str, Any]:
        groups = [
            learnt_rows(partial(part, first), codes[first : first + half], refits=False)
            for first in (0, half)
        ]
        how = asked.model_copy(update={"seed": seed})
        return fit_over(groups, (X[:900], Y[:900]), how, n_rows=1, mapped=mapped).model.to_dict()

    assert trained(3, map) == trained(3, by_threads(2))
    assert trained(3, map) != trained(4, map)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, r"all \d,\d+ rows of group 1 of 2 are labelled 0.*shuffle.*newton"),
        ({"learning_rate": 9.0, "l2": 0.1, "inputs": "raw"}, "learning_rate 9.0 is too large"),
    ],
)
def test_descent_that_leads_nowhere_is_refused_in_a_sentence(
    how: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slp.training.groups.MIXED", ROWS // 2 if not how else ROWS)
    order = np.argsort(Y, kind="stable")
    sky = (X * 1e160 if how else X)[order], Y[order]
    cuts = slice(0, ROWS // 2), slice(ROWS // 2, ROWS)
    groups = [lambda cut=cut: [(sky[0][cut], sky[1][cut])] for cut in cuts]
    asked = ASKED.model_copy(update={"solver": "sgd", "n_epochs": 40, **how})
    with pytest.raises(ParameterError, match=said):
        fit_over(groups, (sky[0][:500], sky[1][:500]), asked, n_rows=ROWS)


def test_in_descent_a_row_beside_the_table_weighs_what_any_row_does() -> None:
    # In batches of its own it would make a whole step an epoch, as 512 rows of the table do.
    asked = ASKED.model_copy(
        update={"solver": "sgd", "n_epochs": 3, "inputs": "standard", "batch_size": 512}
    )

    def coef(X: np.ndarray, y: np.ndarray, beside: Any = None) -> np.ndarray:
        group = partial(iter, [(X, y)])
        more = {"beside": partial(iter, [beside])} if beside else {}
        return fit_over([group], (X[:900], y[:900]), asked, n_rows=ROWS, **more).model.coef

    odd = (X[Y == 1][:1] + 5 * X.std(axis=0), np.zeros(1, dtype=np.int64))
    alone, beside = coef(X, Y), coef(X, Y, odd)
    assert not np.array_equal(alone, beside)
    assert np.abs(beside - alone).max() < 0.1


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ({"oversample": "cycle"}, "--oversample cycle"),
        ({"preset": "book", "oversample": "none"}, "--preset book"),
    ],
)
def test_what_takes_all_rows_at_once_is_refused_by_name(asked: dict[str, str], option: str) -> None:
    given = TrainingParameters.model_construct(**{**ASKED.model_dump(), **asked})
    assert not is_long(given, 10**6, n_partitions=1)
    with pytest.raises(ParameterError, match=option):
        is_long(given, 6_000, n_partitions=2)


def test_a_table_is_gone_over_that_is_in_several_partitions_or_has_many_rows() -> None:
    assert [is_long(ASKED, n, n_partitions=1) for n in (10**5, LONG, LONG + 1)] == [
        False,
        False,
        True,
    ]
    assert is_long(ASKED, 6_000, n_partitions=2)


def test_descent_mixes_all_rows_of_a_table_that_fits() -> None:
    asked = ASKED.model_copy(update={"solver": "sgd"})
    assert not is_long(asked, LONG + 1, n_partitions=1)
    assert is_long(asked, 6_000, n_partitions=2)
