"""The book's printed digits, and its arithmetic step by step in an implementation of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from slp.book import replay
from slp.measures.metrics import measure

if TYPE_CHECKING:
    from pathlib import Path

PRINTED = {
    "plain": {"accuracy": "0.976"},
    "extended": {"accuracy": "0.967", "precision": "0.976", "recall": "0.649", "f1": "0.780"},
    "balanced": {"accuracy": "0.915", "precision": "0.909", "recall": "0.919", "f1": "0.914"},
}
ON_THE_TRUE_MIX = {"accuracy": "0.903", "precision": "0.485", "recall": "0.921", "f1": "0.636"}


@pytest.fixture(scope="module")
def table(data_dir: Path) -> Any:
    return np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")


class Notebook:
    """The notes' arithmetic, one batch after the other, on a generator that goes on."""

    def __init__(self) -> None:
        self.random = np.random.RandomState(1234)

    def lay_out(self, table: Any, *, by_class: bool, adjust_ratio: bool) -> Any:
        rows = table.astype(np.float32)
        if not by_class:
            return rows
        stars, pulsars = rows[rows[:, 8] == 0], rows[rows[:, 8] == 1]
        if adjust_ratio:
            pulsars = pulsars[np.arange(len(stars)) % len(pulsars)]
        return np.vstack([stars, pulsars]).astype(np.float64)

    def run(self, rows: Any) -> list[tuple[float, ...]]:
        weight, bias = self.random.normal(0, 0.003, (8, 1)), np.zeros(1)
        order = np.arange(len(rows))
        self.random.shuffle(order)
        n_train = int(len(rows) * 0.8) // 10 * 10
        printed = []
        for _ in range(10):
            self.random.shuffle(order[:n_train])
            losses = []
            for start in range(0, n_train, 10):
                batch = rows[order[start : start + 10]]
                x, y = batch[:, :-1], batch[:, -1:]
                logit = x @ weight + bias
                decay = np.exp(-np.abs(logit))
                losses.append(
                    np.mean(np.where(logit > 0, logit, 0) - logit * y + np.log(1 + decay))
                )
                slope = (np.where(logit > 0, 1, decay) / (1 + decay) - y) / 10
                weight, bias = weight - 0.001 * (x.T @ slope), bias - 0.001 * slope.sum(axis=0)
            test = rows[order[n_train:]]
            called, truth = (test[:, :-1] @ weight + bias > 0)[:, 0], test[:, -1] > 0.5
            tp, fp = np.sum(called & truth), np.sum(called & ~truth)
            fn, tn = np.sum(~called & truth), np.sum(~called & ~truth)
            precision, recall = tp / (tp + fp) if tp + fp else 0.0, tp / (tp + fn)
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
            printed.append((np.mean(losses), (tp + tn) / len(test), precision, recall, f1))
        self.weights = np.append(weight, bias)
        return printed


@pytest.mark.parametrize(
    "run",
    [
        "plain",
        pytest.param("extended", marks=pytest.mark.slow),
        pytest.param("balanced", marks=pytest.mark.slow),
    ],
)
def test_every_epoch_is_the_notebooks(table: Any, run: Any) -> None:
    notebook = Notebook()
    by_class = run != "plain"
    expected = notebook.run(notebook.lay_out(table, by_class=by_class, adjust_ratio=False))
    if run == "balanced":
        expected = notebook.run(notebook.lay_out(table, by_class=True, adjust_ratio=True))
    got = replay(table[:, :8], table[:, 8], run=run)
    assert [row.epoch for row in got.epochs] == list(range(1, 11))
    rows = [(row.loss, row.accuracy, row.precision, row.recall, row.f1) for row in got.epochs]
    assert np.array(rows) == pytest.approx(np.array(expected), rel=1e-9)
    weights = [*got.model.coef, got.model.intercept]
    assert weights == pytest.approx(notebook.weights, rel=1e-7)
    for name, digits in PRINTED[run].items():
        assert f"{getattr(got.epochs[-1], name):.3f}" == digits
    if run == "balanced":
        rounded = table[:, :8].astype(np.float32).astype(np.float64)
        honest = measure(table[:, 8], got.model.predict_proba(rounded), threshold=0.5)
        assert {name: f"{honest[name]:.3f}" for name in ON_THE_TRUE_MIX} == ON_THE_TRUE_MIX
        assert honest["tp"] + honest["fn"] == 1_639
        assert honest["tn"] + honest["fp"] == 16_259


@pytest.mark.parametrize(
    ("run", "n_train", "n_test"), [("plain", 14_310, 3_588), ("balanced", 26_010, 6_508)]
)
def test_rows_are_named_by_their_place_in_the_file(
    table: Any, run: Any, n_train: int, n_test: int
) -> None:
    X, y = table[:, :8], table[:, 8]
    got = replay(X, y, run=run)
    train, test = got.train_indices, got.test_indices
    assert (len(train), len(test)) == (n_train, n_test)
    # What the last epoch printed follows from the rows that are named and the weights alone.
    called = got.model.decision_function(X[test].astype(np.float32)) > 0
    assert np.mean(called == y[test]) == got.epochs[-1].accuracy
    both = np.intersect1d(train, test)
    if run == "plain":
        assert np.unique([*train, *test]).tolist() == list(range(17_898))
        assert len(both) == 0
    else:
        assert np.mean(y[np.concatenate([train, test])]) == 0.5
        assert set(both) == set(test[y[test] == 1])  # every pulsar tested on was trained on


def small_table() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 3)), np.arange(60) % 4 == 0


def test_features_are_rounded_to_single_precision_first() -> None:
    X, y = small_table()
    got, rounded = (replay(rows, y, run="extended") for rows in (X, X.astype(np.float32)))
    assert got.model.coef.tolist() == rounded.model.coef.tolist()
    assert got.epochs == rounded.epochs


def test_a_replay_leaves_the_global_generator_alone() -> None:
    X, y = small_table()
    np.random.seed(0)  # noqa: NPY002 - the global generator is what is watched
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - likewise
    replay(X, y, run="plain")
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002 - likewise


def test_what_cannot_be_replayed_is_refused() -> None:
    X, y = small_table()
    with pytest.raises(ValueError, match="run 'second' is none of plain, extended, balanced"):
        replay(X, y, run="second")  # type: ignore[arg-type]  # the wrong name is the point
    with pytest.raises(ValueError, match="12 rows do not fill a batch of 10"):
        replay(X[:12], y[:12], run="plain")
    for label in (0, 1):
        with pytest.raises(ValueError, match="the 60 rows are all of one class"):
            replay(X, np.full(60, label), run="balanced")
    far = X.copy()
    far[7, 2] = -1e39
    with pytest.raises(ValueError, match=r"feature -1e\+39 in row 7, column 2 .*3\.40282e\+38"):
        replay(far, y, run="plain")
    with pytest.raises(ValueError, match="there are 59 labels for 60 rows"):
        replay(X, y[:59], run="plain")
