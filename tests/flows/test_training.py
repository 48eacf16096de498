"""The flow on a real server: names, states, artifacts, refusals."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import LogSort

from command.demonstration import write_simulation
from flows.training import train
from pulsars.gate.comparing import fair_rows
from pulsars.store.runs import load_run
from schemas.errors import QuarantineRateError
from schemas.parameters import TrainingParameters
from tests.rooms import ROOT

ARTIFACTS = {
    "metrics": "table",
    "confusion-matrix": "table",
    "data-quality": "table",
    "learning-curve": "markdown",
    "precision-recall": "markdown",
    "calibration": "markdown",
    "budget": "markdown",
    "projection": "table",
    "leak-control": "table",
    "worst-mistakes": "table",
    "model-card": "markdown",
    "verdict": "markdown",
    "report": "markdown",
    "training-progress": "progress",
}


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated file that says of itself that it is simulated."""
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=800, prevalence=0.1, seed=3)
    return path


@pytest.fixture(scope="module")
def run(prefect_server: str, sky: Path, tmp_path_factory: pytest.TempPathFactory) -> FlowRun:  # noqa: ARG001 - the flow needs a server
    """A finished run of the flow, as the server remembers it."""
    asked = TrainingParameters(
        data=str(sky), out=str(tmp_path_factory.mktemp("out")), seed=4, n_resamples=100
    )
    state = train(asked, return_state=True)
    assert state.is_completed(), state.message
    with get_client(sync_client=True) as client:
        return client.read_flow_run(state.state_details.flow_run_id)


def artifacts_of(run: FlowRun) -> list[Any]:
    with get_client(sync_client=True) as client:
        return client.read_artifacts(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        )


@pytest.mark.slow
def test_a_table_in_two_files_gives_the_model_of_the_table_in_one(
    prefect_server: str,  # noqa: ARG001 - the flow needs a server
    sky: Path,
    tmp_path: Path,
) -> None:
    lines = sky.read_text().splitlines()
    first = next(at for at, line in enumerate(lines) if not line.startswith("#")) + 1
    (tmp_path / "night").mkdir()
    for name, rows in (("1.csv", lines[first:300]), ("2.csv", lines[300:])):
        (tmp_path / "night" / name).write_text("\n".join([*lines[:first], *rows]))
    done = [
        train(TrainingParameters(data=str(data), out=str(tmp_path / "out"), n_resamples=100))
        for data in (sky, tmp_path / "night")
    ]
    models = [(Path(one.path) / "model.json").read_bytes() for one in done]
    assert models[0] == models[1]
    metrics = [json.loads((Path(one.path) / "metrics.json").read_text()) for one in done]
    alone, night = (
        [*one["mistakes"]["missed"], *one["mistakes"]["false_alarms"]] for one in metrics
    )

    def stands(line: int) -> tuple[str, int]:
        return ("1.csv", line) if line <= 300 else ("2.csv", line - 300 + first)

    expected = [stands(row["line"]) for row in alone]
    assert [(row["carried"]["file"], row["line"]) for row in night] == expected
    assert {file for file, _ in expected} == {"1.csv", "2.csv"}

    in_one, in_two = (load_run(Path(one.path)) for one in done)
    of_one, of_two = fair_rows(in_one, in_two), fair_rows(in_two, in_one)
    assert set(of_one.file) == {sky.name}
    compared = list(zip(of_two.file.tolist(), of_two.line.tolist(), strict=True))
    assert compared == [stands(line) for line in of_one.line.tolist()]


def test_a_runs_name_tells_data_and_seed(run: FlowRun) -> None:
    assert run.name == "sky.csv, seed 4"


def test_every_step_shows_as_a_task_with_a_name_of_its_own(run: FlowRun) -> None:
    steps = {
        "fetch", "prepare", "read", "validate", "split", "oversample", "train", "evaluate",
        "report", "publish", "challenge",
    }  # fmt: skip
    deadline = time.monotonic() + 120  # the server writes them once a second
    while (names := names_of_tasks(run)) != steps and time.monotonic() < deadline:
        time.sleep(0.1)
    assert names == steps


def names_of_tasks(run: FlowRun) -> set[str]:
    from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterFlowRunId

    with get_client(sync_client=True) as client:
        found = client.read_task_runs(
            task_run_filter=TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[run.id]))
        )
    return {task.name.split()[0] for task in found}


def test_the_artifacts_a_person_looks_for_are_there(run: FlowRun) -> None:
    found = {artifact.key: artifact.type for artifact in artifacts_of(run) if artifact.key}
    assert found == ARTIFACTS


def test_no_table_holds_what_a_browser_cannot_show(run: FlowRun) -> None:
    found = artifacts_of(run)
    tables = [json.loads(artifact.data) for artifact in found if artifact.type == "table"]
    assert len(tables) == list(ARTIFACTS.values()).count("table")
    for rows in tables:
        assert rows
        for row in rows:
            for cell in row.values():
                assert isinstance(cell, (str, int))
                assert cell not in {"NaN", "inf", "nan"}
    (progress,) = (artifact.data for artifact in found if artifact.type == "progress")
    assert math.isclose(progress, 100.0)


def test_a_run_on_simulated_candidates_is_marked_wherever_it_shows(run: FlowRun) -> None:
    found = {artifact.key: artifact for artifact in artifacts_of(run)}
    assert "SIMULATED" in found["learning-curve"].description
    assert "simulated" in found["model-card"].data.lower()
    assert "simulated" in found["data-quality"].data.lower()


def test_the_parameters_show_as_a_form_and_unknown_ones_are_rejected() -> None:
    schema = train.parameters.model_dump()
    fields = schema["definitions"]["TrainingParameters"]
    assert fields["additionalProperties"] is False
    assert all("description" in field for field in fields["properties"].values())
    with pytest.raises(ValueError, match="learning_rat"):
        TrainingParameters.model_validate({"data": "x", "learning_rat": 1})


@pytest.mark.usefixtures("prefect_server")
def test_bad_data_fails_once_and_publishes_nothing(tmp_path: Path, sky: Path) -> None:
    lines = sky.read_text().splitlines()
    for at in range(5, 405):
        lines[at] = lines[at].replace(",", ",?", 1)
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(lines))
    asked = TrainingParameters(data=str(bad), out=str(tmp_path / "out"))
    state = train(asked, return_state=True)
    assert state.is_failed()
    with pytest.raises(QuarantineRateError, match="400 of 800"):
        state.result()
    assert len(str(state.message)) < 2_000
    assert not (tmp_path / "out" / "runs").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server", "undrawn")
def test_seed_zero_is_a_seed(sky: Path, tmp_path: Path) -> None:
    hashes = {
        train(
            TrainingParameters(data=str(sky), out=str(tmp_path), seed=s, n_resamples=100)
        ).model_sha256
        for s in (0, 0, 1)
    }
    assert len(hashes) == 2


def test_each_line_stands_once_in_the_log_of_the_run_and_names_its_task(run: FlowRun) -> None:
    of_this = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    for _ in range(600):  # the log is sent in batches
        with get_client(sync_client=True) as client:
            lines = client.read_logs(of_this, sort=LogSort.TIMESTAMP_ASC)
        if any(line.message.startswith("promoted") for line in lines):
            break
        time.sleep(0.2)
    said = [line for line in lines if not line.name.startswith("prefect.") or line.task_run_id]
    for word in ("found", "working in", "read", "accepted", "trained", "published", "promoted"):
        found = [line for line in said if line.message.startswith(word)]
        assert len(found) == 1, word
        assert found[0].task_run_id is not None, word


TRAIN = """
import sys
from command.demonstration import write_simulation
from flows.training import train
from pulsars.gate.comparing import fair_rows
from pulsars.store.runs import load_run
from schemas.parameters import TrainingParameters
print(train(TrainingParameters(data=sys.argv[1], out=sys.argv[2], n_resamples=100)).path)
"""


@pytest.mark.slow
def test_a_model_has_the_same_bytes_however_many_threads_the_environment_allows(
    prefect_server: str, tmp_path: Path
) -> None:
    write_simulation(tmp_path / "sky.csv", rows=4000, prevalence=0.1, seed=3)
    made = set()
    for threads in ("1", "2"):
        env = {**os.environ, "PREFECT_API_URL": prefect_server, "OPENBLAS_NUM_THREADS": threads}
        words = [sys.executable, "-c", TRAIN, "sky.csv", f"out-{threads}"]
        done = subprocess.run(
            words, cwd=tmp_path, env={**env, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        run = tmp_path / done.stdout.split()[-1]
        manifest = json.loads((run / "manifest.json").read_text())
        assert [one["threads"] for one in manifest["linear_algebra"]] == [1]
        made.add(manifest["files"]["model.json"])
    assert len(made) == 1
