"""Descent over groups of rows, against a plain loop over the same order and the rows in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp.blocks import by_threads
from slp.inputs import Inputs
from slp.perceptron import sigmoid
from slp.settings import Settings
from slp.training import groups as grouping
from slp.training.epochs import Fit, fit
from slp.training.groups import fit_groups

HOW = Settings(learning_rate=0.2, batch_size=7, n_epochs=4, l2=0.01)


def make_rows(n_rows: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = np.exp(rng.normal(size=(n_rows, 3)))
    y = (np.log(X).sum(axis=1) + rng.normal(size=n_rows) > 0.5).astype(np.int64)
    y[:2] = 0, 1
    return X, y


def in_groups(X: Any, y: Any, sizes: list[int], part: int = 10) -> list[Any]:
    """Cut rows into groups, each given in parts."""

    def group(first: int, end: int) -> Iterator[tuple[Any, Any]]:
        for at in range(first, end, part):
            yield X[at : min(at + part, end)], y[at : min(at + part, end)]

    ends = np.minimum(np.cumsum([0, *sizes, len(y)]), len(y)).tolist()
    return [lambda one=one: group(*one) for one in pairwise(ends)]


def same(left: Fit, right: Fit) -> bool:
    return (
        left.path.tobytes() == right.path.tobytes()
        and left.loss_history.tobytes() == right.loss_history.tobytes()
        and left.best_epoch == right.best_epoch
    )


@pytest.mark.parametrize("kind", ["raw", "standard", "yeo-johnson-quadratic"])
def test_one_group_gives_the_bits_of_its_rows_in_memory(kind: Any) -> None:
    (X, y), held_out = make_rows(300), make_rows(90, seed=1)
    inputs = Inputs.fit(kind, X)
    how = Settings(learning_rate=0.2, batch_size=8, n_epochs=9, patience=2, init_std=0.1)
    told: list[tuple[int, float, float | None]] = []
    found = fit_groups(
        in_groups(X, y, []),
        inputs,
        settings=how,
        rng=np.random.default_rng(5),
        validation=held_out,
        on_epoch=lambda *now: told.append(now),
    )
    seen = inputs.transform(held_out[0]), held_out[1]
    rng = np.random.default_rng(5)
    expected = fit(inputs.transform(X), y, settings=how, rng=rng, validation=seen)
    assert same(found, expected)
    assert found.validation_loss is not None
    assert expected.validation_loss is not None
    assert found.validation_loss.tolist() == expected.validation_loss.tolist()
    assert [loss for _, loss, _ in told] == expected.loss_history.tolist()


@given(
    sizes=st.lists(st.integers(0, 60), max_size=4),
    n_rows=st.integers(3, 120),
    l2=st.sampled_from([0.0, 0.05]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=25, deadline=None)
def test_every_step_is_that_of_a_plain_loop_over_the_rows_as_they_were_drawn(
    sizes: list[int], n_rows: int, l2: float, seed: int
) -> None:
    X, y = make_rows(n_rows)
    inputs = Inputs.fit("standard", X)
    how = Settings(learning_rate=0.2, batch_size=7, n_epochs=2, l2=l2)
    found = fit_groups(
        in_groups(X, y, sizes), inputs, settings=how, rng=np.random.default_rng(seed)
    )
    rng, seen, weights = np.random.default_rng(seed), inputs.transform(X), np.zeros(4)
    rows = np.split(np.arange(n_rows), np.minimum(np.cumsum(sizes, dtype=int), n_rows))
    for after, mean in zip(found.path, found.loss_history, strict=True):
        losses: list[float] = []
        for number in rng.permutation(len(rows)):
            own = rows[number][rng.permutation(len(rows[number]))] if len(rows[number]) else []
            for first in range(0, len(own), 7):
                batch = own[first : first + 7]
                x, label = np.column_stack([seen[batch], np.ones(len(batch))]), y[batch]
                p = sigmoid(x @ weights)
                losses += (-np.log(np.where(label == 1, p, 1 - p))).tolist()
                slope = x.T @ (p - label) / len(batch) + l2 * weights * [1, 1, 1, 0]
                weights = weights - 0.2 * slope
        assert after == pytest.approx(weights, rel=1e-9, abs=1e-12)
        assert mean == pytest.approx(np.mean(losses), rel=1e-9)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_blocks_threads_and_parts_change_no_weight(
    batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = make_rows(400)
    inputs = Inputs.fit("yeo-johnson", X)
    how = Settings(learning_rate=0.2, batch_size=batch_size, n_epochs=3)

    def run(**more: Any) -> Fit:
        part = more.pop("part", 10)
        groups = in_groups(X, y, [150, 0, 100], part)
        return fit_groups(groups, inputs, settings=how, rng=np.random.default_rng(1), **more)

    whole = run()
    assert same(run(mapped=by_threads(3), part=999), whole)
    monkeypatch.setattr(grouping, "BLOCK", 32)
    monkeypatch.setattr(grouping, "MIXED", 32)
    cut = run(mapped=by_threads(2))
    assert cut.path.tobytes() == whole.path.tobytes()
    assert cut.loss_history == pytest.approx(whole.loss_history, rel=1e-14)


def test_a_large_group_of_one_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = make_rows(100)
    order = np.argsort(y, kind="stable")
    n_zeros = int((y == 0).sum())
    groups = in_groups(X[order], y[order], [n_zeros])
    inputs = Inputs.fit("standard", X)
    assert len(fit_groups(groups, inputs, settings=HOW, rng=np.random.default_rng(0)).path) == 4
    monkeypatch.setattr(grouping, "MIXED", n_zeros)
    with pytest.raises(ValueError, match=f"all {n_zeros} rows of group 1 of 2 are labelled 0"):
        fit_groups(groups, inputs, settings=HOW, rng=np.random.default_rng(0))


def test_rows_that_cannot_be_learnt_from_are_refused() -> None:
    X, y = make_rows(20)
    inputs = Inputs.fit("standard", X)

    def run(groups: list[Any], **more: Any) -> Fit:
        rng = np.random.default_rng(0)
        return fit_groups(groups, inputs, rng=rng, **{"settings": HOW, **more})

    for groups in ([], in_groups(X[:0], y[:0], [])):
        with pytest.raises(ValueError, match="at least 1 row"):
            run(groups)
    with pytest.raises(ValueError, match="label 2 in row"):
        run(in_groups(X, np.where(np.arange(20) == 3, 2, y), []))
    patient = dataclasses.replace(HOW, patience=3)
    with pytest.raises(ValueError, match="patience 3 needs validation rows"):
        run(in_groups(X, y, []), settings=patient)
