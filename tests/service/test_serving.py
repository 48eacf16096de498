"""When the deployments of one machine run, and that a killed process does not hold them up."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Running

from flows.training import train
from schemas.parameters import TrainingParameters
from service.leftovers import end_left_runs
from service.serving import Plan, deployments
from tasks.publishing import publish


def plan(folder: Path, **changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "out": folder / "art", "data": folder / "labelled.csv", "parameters": None, "inbox": None,
        "train_cron": "0 3 * * *", "train_every": None, "score_every": 300.0,
        "settle_seconds": 30.0, "webhook": None,
    }  # fmt: skip
    return Plan(**fields | changes)


def test_trainings_come_by_the_clock_or_every_so_many_seconds(tmp_path: Path) -> None:
    nightly, _ = deployments(plan(tmp_path))
    often, _ = deployments(plan(tmp_path, train_every=25.0))
    assert [one.schedule.cron for one in nightly.schedules or []] == ["0 3 * * *"]  # type: ignore[union-attr]
    assert [one.schedule.interval for one in often.schedules or []] == [timedelta(seconds=25)]  # type: ignore[union-attr]


def test_trainings_on_a_schedule_go_by_a_file_of_parameters(tmp_path: Path) -> None:
    (tmp_path / "best.json").write_text(json.dumps({"l2": 0.01, "inputs": "standard"}))
    made, _ = deployments(plan(tmp_path, parameters=tmp_path / "best.json"))
    asked = (made.parameters or {})["parameters"]
    assert (asked["l2"], asked["inputs"]) == (0.01, "standard")
    assert asked["data"] == str(tmp_path / "labelled.csv")


@pytest.mark.parametrize(
    ("file", "expected"),
    [({}, "ask"), ({"when_undecided": "ask"}, "ask"), ({"when_undecided": "leave"}, "leave")],
)
def test_a_scheduled_training_asks_a_person_unless_the_file_says_otherwise(
    file: dict[str, str], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "best.json").write_text(json.dumps(file))
    nightly, decide = deployments(plan(tmp_path, parameters=tmp_path / "best.json"))
    asked = TrainingParameters.model_validate((nightly.parameters or {})["parameters"])
    assert asked.when_undecided == expected
    assert decide.parameters == {"out": asked.out}


@pytest.mark.usefixtures("prefect_server")
def test_a_run_that_a_killed_process_left_is_ended_with_its_child_and_no_other(
    tmp_path: Path,
) -> None:
    served, _ = deployments(plan(tmp_path))
    with get_client(sync_client=True) as client:
        deployment = served.apply()
        left = begun(client, client.create_flow_run_from_deployment(deployment).id)  # type: ignore[arg-type]
        step = client.create_task_run(publish, flow_run_id=left, dynamic_key="0")
        child = begun(client, client.create_flow_run(train, parent_task_run_id=step.id).id)
        other = begun(client, client.create_flow_run(train).id)
        assert end_left_runs(["train/nightly"]) == 1
        assert state(client, left) == state(client, child) == StateType.CRASHED
        assert state(client, other) == StateType.RUNNING, "somebody else's run is left alone"
        again = begun(client, client.create_flow_run_from_deployment(deployment).id)  # type: ignore[arg-type]
        assert state(client, again) == StateType.RUNNING
        assert end_left_runs(["train/nightly"]) == 1
        assert end_left_runs(["train/nightly"]) == 0


def begun(client: SyncPrefectClient, run_id: Any) -> Any:
    client.set_flow_run_state(run_id, Running(), force=True)
    return run_id


def state(client: SyncPrefectClient, run_id: Any) -> StateType | None:
    return client.read_flow_run(run_id).state_type
