"""A training whose rows are gone over in partitions is the training of the same rows in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from command.demonstration import write_simulation
from flows.training import train
from pulsars.store.learnt import Learnt
from schemas.errors import ParameterError, TableError
from schemas.features import FEATURE_NAMES
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from slp.perceptron import Perceptron

pytestmark = [pytest.mark.usefixtures("prefect_server", "undrawn"), pytest.mark.slow]

ROWS = 2_400
DESCENT = {"solver": "sgd", "inputs": "standard", "n_epochs": 8}


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.parquet"
    write_simulation(path, rows=ROWS, prevalence=0.1, seed=3)
    return path


@pytest.fixture(scope="module")
def runs(sky: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Runs in memory, and in partitions, which measure a part of their training rows."""
    with pytest.MonkeyPatch.context() as patched:
        in_memory = {
            "memory": _trained(sky, tmp_path_factory),
            "descent in memory": _trained(sky, tmp_path_factory, **DESCENT),
        }
        for module in ("access.opening", "partitions"):
            patched.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", 700)
        patched.setattr("pulsars.learning.long_tables.sizes_of_parts.__kwdefaults__", {"most": 600})
        yield {**in_memory, "partitions": _trained(sky, tmp_path_factory)}


def _trained(sky: Path, folders: pytest.TempPathFactory, **asked: object) -> Path:
    given = {"data": str(sky), "out": str(folders.mktemp("out")), "floor": 0.5, **asked}
    return Path(train(TrainingParameters.model_validate(given)).path)


def _model(run: Path) -> Perceptron:
    return Perceptron.from_dict(json.loads((run / "model.json").read_text())["perceptron"])


def test_the_model_gives_the_same_probabilities(runs: dict[str, Path], sky: Path) -> None:
    X = np.column_stack([pq.read_table(sky)[name].to_numpy() for name in FEATURE_NAMES])
    found = [_model(runs[name]).predict_proba(X) for name in ("memory", "partitions")]
    assert found[1] == pytest.approx(found[0], abs=1e-9)


def test_the_test_part_is_the_same_rows_and_measures_the_same(runs: dict[str, Path]) -> None:
    kept = {name: dict(np.load(run / "test.npz")) for name, run in runs.items()}
    assert kept["memory"]["line"].tolist() == kept["partitions"]["line"].tolist()
    measured = {
        name: json.loads((run / "metrics.json").read_text())["parts"]["test"]
        for name, run in runs.items()
    }
    for metric, found in measured["memory"].items():
        for end in ("value", "low", "high"):
            assert measured["partitions"][metric][end] == pytest.approx(found[end], rel=1e-3)


def test_all_rows_are_counted_and_few_of_the_training_part_are_measured(
    runs: dict[str, Path],
) -> None:
    manifest = json.loads((runs["partitions"] / "manifest.json").read_text())
    assert manifest["rows"]["train"] == 1440
    assert sum(manifest["rows"][part] for part in ("train", "validation", "test")) == ROWS
    metrics = json.loads((runs["partitions"] / "metrics.json").read_text())
    assert any("1,440 rows taught" in note and "600 of them" in note for note in metrics["notes"])
    assert all(proof["holds"] for proof in metrics["proofs"])
    assert len(metrics["proofs"]) == 4


def test_what_was_learnt_from_is_known_again(runs: dict[str, Path], sky: Path) -> None:
    X = np.column_stack([pq.read_table(sky)[name].to_numpy() for name in FEATURE_NAMES])
    seen = Learnt.load(FileRef.of(runs["partitions"] / "seen.npz")).holds(X)
    test = np.load(runs["partitions"] / "split.npz")["test"]
    assert np.flatnonzero(~seen).tolist() == sorted(test.tolist())


@pytest.mark.usefixtures("runs")
def test_a_table_of_repeats_is_refused_before_anything_is_learnt(
    sky: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = pq.read_table(sky)
    again = rows.take(np.r_[np.arange(ROWS), np.tile(np.arange(40), 50)])
    pq.write_table(again, tmp_path / "again.parquet")
    with pytest.raises(TableError, match="so many of its rows are identical"):
        _trained(tmp_path / "again.parquet", tmp_path_factory)


def test_descent_in_partitions_ends_near_descent_in_memory_and_where_it_ended_before(
    runs: dict[str, Path], sky: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    several, again = (_trained(sky, tmp_path_factory, **DESCENT) for _ in range(2))
    for name in ("model.json", "epochs.csv", "split.npz", "metrics.json"):
        assert (several / name).read_bytes() == (again / name).read_bytes(), name
    X = np.column_stack([pq.read_table(sky)[name].to_numpy() for name in FEATURE_NAMES])
    found = [_model(run).predict_proba(X) for run in (runs["descent in memory"], several)]
    assert 0 < np.abs(found[1] - found[0]).max() < 0.2  # as near as two orders of the rows come
    assert np.corrcoef(*found)[0, 1] > 0.99
    assert Learnt.load(FileRef.of(several / "seen.npz")).holds(X).sum() == 1440


@pytest.mark.usefixtures("runs")
def test_what_takes_all_rows_at_once_is_refused_by_name(
    sky: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(ParameterError, match="--oversample cycle"):
        _trained(sky, tmp_path_factory, oversample="cycle")
