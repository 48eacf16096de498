"""Partitions of a large file are read by mapped tasks, on a server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from prefect import flow

from pulsars.reading import partitions
from pulsars.reading.access import opening
from pulsars.simulation.populations import simulate
from pulsars.store.files import read_json
from pulsars.store.tables import read_partitions
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.records import Candidates, TrainingJob
from tasks import reading
from tasks.plumbing.runners import Runner
from tasks.preparing import fetch, prepare
from tasks.reading import read_candidates


@pytest.fixture
def sky(tmp_path: Path) -> Path:
    """600 candidates in row groups of 100, of which two in other groups have torn labels."""
    X, y = simulate(600, prevalence=0.15, rng=np.random.default_rng(5))
    X[555], y[555] = X[10], 1 - y[10]
    X[300, 1] = -1
    columns = dict(zip([*FEATURE_NAMES, "label"], [*X.T, y], strict=True))
    pq.write_table(pa.table(columns), tmp_path / "sky.parquet", row_group_size=100)
    return tmp_path / "sky.parquet"


def job_for(path: Path, out: Path, **more: object) -> TrainingJob:
    asked = TrainingParameters.model_validate({"data": str(path), "out": str(out), **more})
    return prepare.fn(fetch.fn(asked), asked)


@pytest.mark.usefixtures("prefect_server")
def test_partitions_are_read_by_tasks_and_gathered_to_the_same(
    sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = reading.read.fn(job_for(sky, tmp_path / "one"))
    monkeypatch.setattr(partitions, "PARTITION_ROWS", 100)
    monkeypatch.setattr(opening, "PARTITION_ROWS", 100)
    job = job_for(sky, tmp_path / "many")

    @flow
    def alone() -> Candidates:
        return read_candidates(job, Runner("threads", 2, None))

    gathered = alone()
    assert len(at_once.table.partitions) == 1
    assert gathered.table.n_rows == [99, 100, 100, 99, 100, 99]
    assert gathered.intact()
    for name in ("quality", "quarantine", "quarantine_csv"):
        one, many = (getattr(found, name) for found in (at_once, gathered))
        assert Path(many.path).read_bytes() == Path(one.path).read_bytes(), name
    assert read_json(gathered.quality)["rows"] == {
        "read": 600,
        "accepted": 597,
        "quarantined": 3,
    }
    pd.testing.assert_frame_equal(
        read_partitions(gathered.table), read_partitions(at_once.table), check_exact=True
    )
