"""When the deployments of one machine run, and that a killed process does not hold them up."""

from __future__ import annotations

import errno
import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging.configuration import DEFAULT_LOGGING_SETTINGS_PATH, load_logging_config
from prefect.states import Running

from flows.training import train
from pulsars.inbox.arrivals import list_arrivals
from schemas.errors import ParameterError, ServerError
from schemas.parameters import TrainingParameters
from schemas.score_parameters import InboxParameters
from service.answering import Server
from service.asked import plan_of
from service.deployed import asked_for_work
from service.foreground import _make_inbox, naming_a_lost
from service.leftovers import end_left_runs, end_overtaken_runs
from service.plan import Plan
from service.serving import deployments
from service.settings import WITH_DATES
from tasks.publishing import publish


def plan(folder: Path, **changes: Any) -> Plan:
    (folder / "labelled.csv").write_text("1\n")
    asked = {"out": str(folder / "art"), "data": str(folder / "labelled.csv"), **changes}
    return plan_of(asked, file=asked.pop("file", None))


def test_an_inbox_is_made_but_none_that_held_files_for_its_share_may_not_be_mounted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = tmp_path / "mnt" / "in"
    asked = InboxParameters(inbox=str(inbox), out=str(tmp_path / "out"), settle_seconds=0)
    _make_inbox(asked)
    assert str(inbox) in capsys.readouterr().err
    (inbox / "night.csv").write_text("1")
    list_arrivals(asked)
    (tmp_path / "mnt").rename(tmp_path / "share")
    with pytest.raises(ParameterError, match="held 1 file when"):
        _make_inbox(asked)
    assert not inbox.exists()
    (tmp_path / "share").rename(tmp_path / "mnt")
    _make_inbox(asked)
    assert capsys.readouterr().err == ""


def test_trainings_come_by_the_clock_or_every_so_many_seconds(tmp_path: Path) -> None:
    nightly, _ = deployments(plan(tmp_path))
    often, _ = deployments(plan(tmp_path, train_every=25.0))
    assert [one.schedule.cron for one in nightly.schedules or []] == ["0 3 * * *"]  # type: ignore[union-attr]
    assert [one.schedule.interval for one in often.schedules or []] == [timedelta(seconds=25)]  # type: ignore[union-attr]


def test_trainings_on_a_schedule_go_by_a_file_of_parameters(tmp_path: Path) -> None:
    (tmp_path / "best.json").write_text(json.dumps({"l2": 0.01, "inputs": "standard"}))
    made, _ = deployments(plan(tmp_path, file=tmp_path / "best.json"))
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
    nightly, decide = deployments(plan(tmp_path, file=tmp_path / "best.json"))
    asked = TrainingParameters.model_validate((nightly.parameters or {})["parameters"])
    assert asked.when_undecided == expected
    assert decide.parameters == {"out": asked.out}


def start(folder: Path, name: str, given: dict[str, Any]) -> FlowRun:
    """Deploy what is served, and start a run of one of it."""
    served = deployments(plan(folder, inbox=str(folder / "in")))
    (one,) = [one for one in served if one.full_name == name]
    deployed: Any = one.apply()
    with get_client(sync_client=True) as client:
        return client.create_flow_run_from_deployment(deployed, parameters=given)


def sky(**changes: Any) -> dict[str, Any]:
    return {"parameters": {"data": "/sky.csv", "out": "/art", **changes}}


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("train/nightly", {"seed": 3}, "'seed'"),
        ("train/nightly", {"parameters": {"data": "/sky.csv", "runner": "dask"}}, "'out'"),
        ("train/nightly", {"parameters": {"data": "/sky.csv", "out": "art"}}, "parameters.out"),
        ("train/nightly", sky(labels="labels.jsonl"), "parameters.labels"),
        ("train/nightly", sky(data="sky.csv"), "parameters.data"),
        ("inbox/inbox", {"parameters": {"inbox": "/in"}}, "'out'"),
        ("inbox/inbox", {"parameters": {"inbox": "in", "out": "/art"}}, "parameters.inbox"),
        ("decide/decide", {"run": "r", "name": "Ada"}, "'name'"),
        ("decide/decide", {"run": "r", "out": "art"}, "'art'"),
    ],
)
def test_a_run_of_parameters_that_are_unknown_or_lead_elsewhere_is_refused_as_it_is_started(
    name: str, given: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(PrefectHTTPStatusError) as refused:
        start(tmp_path, name, given)
    assert refused.value.response.status_code == 409
    assert said in refused.value.response.text


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("train/nightly", {}),
        pytest.param("train/nightly", sky(), marks=pytest.mark.slow),
        ("train/nightly", sky(labels="~/labels.jsonl", data="s3://survey/sky.csv")),
        pytest.param("train/nightly", sky(labels=None), marks=pytest.mark.slow),
        ("inbox/inbox", {}),
        ("decide/decide", {"run": "r"}),
    ],
)
def test_a_run_that_names_no_root_of_its_own_has_that_of_its_deployment(
    name: str, given: dict[str, Any], tmp_path: Path
) -> None:
    run = start(tmp_path, name, given)
    out = run.parameters.get("parameters", run.parameters)["out"]
    assert out == given.get("parameters", {}).get("out", str(tmp_path / "art"))


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


def test_what_was_due_and_waited_is_not_run_as_it_was_asked_for_before(
    prefect_server: str, tmp_path: Path
) -> None:
    before, now = (
        deployments(plan(tmp_path, out=str(tmp_path / out), train_every=3600.0))[0]
        for out in ("before", "now")
    )
    began = datetime.now(UTC)
    hours = {name: str(began + timedelta(hours=n)) for name, n in BY_THE_SCHEDULER.items()}
    with get_client(sync_client=True) as client:
        deployment = before.apply()
        httpx.post(f"{prefect_server}/deployments/{deployment}/schedule", json=hours)
        asked = client.create_flow_run_from_deployment(deployment).id  # type: ignore[arg-type]
        assert end_overtaken_runs([before]) == 0
        assert end_overtaken_runs([now]) == 3
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))  # type: ignore[list-item]
        )
        assert state(client, asked) == StateType.SCHEDULED, "a person asked for that one"
        for run in runs:
            due = run.auto_scheduled and run.expected_start_time < began  # type: ignore[operator]
            assert (run.state_type == StateType.CANCELLED) == due


BY_THE_SCHEDULER = {"start_time": -3, "end_time": 3}


def begun(client: SyncPrefectClient, run_id: Any) -> Any:
    client.set_flow_run_state(run_id, Running(), force=True)
    return run_id


def state(client: SyncPrefectClient, run_id: Any) -> StateType | None:
    return client.read_flow_run(run_id).state_type


def test_flows_whose_server_is_gone_for_good_end_with_a_sentence_and_others_with_what_it_was(
    prefect_server: str,
) -> None:
    given_up = ExceptionGroup("of the poller", [RuntimeError("Service exceeded error threshold.")])
    silent = Server("http://127.0.0.1:1/api")
    for error in (given_up, httpx.ConnectError("refused"), ConnectionResetError()):
        with pytest.raises(ServerError, match=r"127.0.0.1:1/api .*nothing is scheduled") as lost:
            end_with(error, silent)
        assert lost.value.__cause__ is error
    for other in (OSError(errno.ENOSPC, "full"), MemoryError(), PermissionError(), KeyError()):
        with pytest.raises(type(other)):
            end_with(other, silent)
        with pytest.raises(ExceptionGroup):
            end_with(ExceptionGroup("both", [given_up, other]), silent)
    with pytest.raises(ExceptionGroup) as met:
        end_with(given_up, Server(prefect_server))
    assert met.value is given_up
    with pytest.raises(ServerError, match="another serves"):
        end_with(ServerError("another serves"), silent)


def end_with(error: Exception, server: Server) -> None:
    with naming_a_lost(server):
        raise error


def test_the_lines_of_the_logs_have_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WITH_DATES.items():
        monkeypatch.setenv(name, value)
    formatters = load_logging_config(DEFAULT_LOGGING_SETTINGS_PATH)["formatters"]
    found = [one["datefmt"] for one in formatters.values() if "datefmt" in one]
    assert found == list(WITH_DATES.values())


@pytest.mark.slow
def test_serve_tells_a_machine_once_when_all_is_in_place(
    command: tuple[str, ...], served_environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "labelled.csv").write_text("1\n")
    words = ["serve", "--data", "labelled.csv", "--inbox", "in", "--out", "art", "--json"]
    began = datetime.now(UTC)
    process = subprocess.Popen(
        [*command, *words, "--train-cron", "0 3 29 2 *"], cwd=tmp_path, env=served_environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        deadline = time.monotonic() + 300
        while not asked_for_work(Server(told["url"]), names=told["deployments"], since=began):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=300)
    assert (rest, process.returncode) == ("", 0), "one object"
    assert told == {
        "url": served_environment["PREFECT_API_URL"],
        "out": str(tmp_path / "art"),
        "deployments": ["train/nightly", "decide/decide", "inbox/inbox"],
    }
