"""A splitter's mistakes, planted: the proofs have to find each of them without its help."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.learning.proofs import keeps_prevalence, prove
from pulsars.learning.twins import Twins
from pulsars.store.arrays import Rows
from schemas import Accepted
from slp.splitting.split import stratified_split

LEAK, PREVALENCE = "no leak between parts", "prevalence kept"


def table(n_rows: int = 1000, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(10, 5, size=(n_rows, 8)), np.arange(n_rows) % 10 == 0


def parts_of(X: Any, y: Any, **more: Any) -> dict[str, Any]:
    split = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0, **more)
    return {"train": split.train.indices, "validation": split.validation, "test": split.test}


def proved(X: Any, y: Any, parts: dict[str, Any], groups: Any = None) -> dict[str, Any]:
    accepted = Accepted.model_construct(rows_read=len(y), rows_accepted=len(y), rows_quarantined=0)
    rows = Rows(X, y.astype(int), np.arange(len(y)), *([] if groups is None else [groups]))
    found = prove(accepted, rows, parts, parts["train"])
    return {proof.name: proof for proof in found}


def drawn(n_rows: int) -> dict[str, Any]:
    """Give parts as they were drawn before rows were looked at."""
    parts = np.split(
        np.random.default_rng(1).permutation(n_rows), [n_rows * 3 // 5, n_rows * 4 // 5]
    )
    return dict(zip(("train", "validation", "test"), parts, strict=True))


@given(
    n_rows=st.integers(2, 40),
    spread=st.sampled_from([0.0, 2e-5, 1e-4, 1e-3]),
    n_columns=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_twins_are_those_of_all_pairs_and_of_rows_between_them(
    n_rows: int, spread: float, n_columns: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X = rng.choice([-3.0, 0.0, 1.0, 9.9999, 1000], size=(n_rows, n_columns))
    X = X * (1 + spread * rng.uniform(-1, 1, size=X.shape))
    size = np.maximum(np.abs(X[:, None]), np.abs(X))
    unit = [[10.0 ** (len(f"{int(v)}") - 5) if v >= 1 else 1e-5 for v in row] for row in
            size.reshape(-1, n_columns)]  # fmt: skip
    same = (np.abs(X[:, None] - X) <= np.reshape(unit, size.shape) * (1 + 1e-9)).all(axis=2)
    while (same @ same != same).any():
        same = same @ same
    found = Twins.of(X)
    for row in range(n_rows):
        assert found.of_rows(np.array([row])).tolist() == same[row].tolist()
    assert found.most == same.sum(axis=1).max()


@pytest.mark.parametrize("again", [lambda X: X, lambda X: np.array(
    [[float(f"{v:.6g}") for v in row] for row in X])], ids=["bits", "six digits"])  # fmt: skip
def test_rows_repeated_over_parts_are_a_leak_and_kept_together_are_none(again: Any) -> None:
    X, y = table()
    twice, labels = np.concatenate([X, again(X)]), np.concatenate([y, y])
    leak = proved(twice, labels, drawn(len(labels)))[LEAK]
    assert not leak.holds
    n_shared = int(leak.text.split(" of ")[1].split()[-1].replace(",", ""))
    assert n_shared > 200  # 60 % of the 400 test rows
    assert all(proof.holds for proof in proved(twice, labels, parts_of(twice, labels)).values())


def test_one_row_of_a_training_rows_digits_in_the_test_part_is_found() -> None:
    X, y = table()
    parts = parts_of(X, y)
    assert proved(X, y, parts)[LEAK].holds
    X[parts["test"][7]] = X[parts["train"][3]] * (1 + 4e-6)
    leak = proved(X, y, parts)[LEAK]
    assert not leak.holds
    assert "0 of 200 validation rows, 1 of 200 test rows" in leak.text


def test_rows_that_differ_in_one_feature_are_no_leak() -> None:
    X, y = table()
    parts = parts_of(X, y)
    X[parts["test"]] = X[parts["train"][:200]]
    X[parts["test"], 3] *= 1.0002
    assert proved(X, y, parts)[LEAK].holds


def test_a_source_on_two_sides_is_a_leak() -> None:
    X, y = table()
    groups = np.where(np.arange(1000) < 400, np.arange(1000) // 2, -1)
    assert not proved(X, y, drawn(1000), groups)[LEAK].holds
    assert all(
        proof.holds for proof in proved(X, y, parts_of(X, y, groups=groups), groups).values()
    )
    nobody = np.full(1000, -1)
    assert proved(X, y, drawn(1000), nobody)[LEAK].holds


def test_prevalence_may_be_off_by_the_largest_group_and_no_more_than_a_twentieth() -> None:
    X, y = table()
    rows = np.concatenate([np.flatnonzero(y)[:22], np.flatnonzero(~y)[:178]])
    known = Rows(X, y, np.arange(len(y)))
    assert not keeps_prevalence(known, rows)  # two more than 20
    assert keeps_prevalence(
        Rows(X, y, np.arange(len(y))), np.append(rows[1:], np.flatnonzero(~y)[178])
    )
    many, labels = table(10_000)
    more = np.concatenate([np.flatnonzero(labels)[:204], np.flatnonzero(~labels)[:1796]])
    assert not keeps_prevalence(Rows(many, labels, np.arange(len(labels))), more)  # 4 more than 200
    many[-4:] = many[-1]
    assert keeps_prevalence(Rows(many, labels, np.arange(len(labels))), more)
    most = np.concatenate([np.flatnonzero(labels)[:230], np.flatnonzero(~labels)[:1770]])
    many[-50:] = many[-1]
    assert not keeps_prevalence(Rows(many, labels, np.arange(len(labels))), most)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 2e-6, 2e-5, 1e-3])
def test_four_times_the_rows_that_are_all_nearly_alike_do_not_take_sixteen_times_as_long(
    spread: float,
) -> None:
    took = []
    for n_rows in (4_000, 16_000):
        noise = spread * np.random.default_rng(0).normal(size=(n_rows, 8))
        X = np.array([110.0, 45.0, 0.2, 0.3, 3.0, 20.0, 8.0, 70.0]) * (1 + noise)
        X[::1000] *= 2
        started = time.process_time()
        found = Twins.of(X)
        took.append(time.process_time() - started)
        assert not np.isin(found.group[1:1000], found.group[::1000]).any()
    assert took[1] < 6 * took[0] + 1


@pytest.mark.parametrize(
    "table",
    [
        lambda X: np.repeat(X[:1], len(X), axis=0),
        lambda X: np.concatenate([X[: len(X) // 2], np.repeat(X[:1], len(X) // 2, axis=0)]),
        lambda X: np.column_stack([X[:, :3], np.full((len(X), 5), 7.0)]),
        np.rint,
        lambda X: 1000 + X / 10,
    ],
    ids=["one row", "half of it one row", "constant columns", "whole numbers", "narrow columns"],
)
def test_twins_of_tables_of_few_values_take_no_look_at_every_pair(table: Any) -> None:
    X = table(np.random.default_rng(0).normal(10, 5, size=(50_000, 8)))
    started = time.process_time()
    found = Twins.of(X)
    assert time.process_time() - started < 10  # a quarter of a second here, all pairs an hour
    assert found.most >= np.unique(X, axis=0, return_counts=True)[1].max()


def test_htru2_has_no_twins(data_dir: Path) -> None:
    X = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")[:, :8]
    found = Twins.of(X)
    assert found.most == 1
    assert np.array_equal(found.group, np.arange(len(X)))
