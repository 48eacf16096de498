"""What a person changed in the Prefect UI is there when the same is served again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from pulsars.reading.parameters_file import training_parameters
from schemas.score_parameters import InboxParameters
from service import serving
from service.deployed import NAMES, deployment, pause_all_but
from service.kept import changes_kept
from service.plan import Plan
from service.serving import deployments

pytestmark = pytest.mark.usefixtures("prefect_server")
Serve = Callable[..., str]
MONDAYS = CronSchedule(cron="30 5 * * 1", timezone="UTC")


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
        for name in NAMES:
            found = deployment(client, name)
            if found:
                client.delete_deployment(found.id)


@pytest.fixture
def serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Serve:
    """Give a function that serves, all but the waiting, until killed or stopped; and what it says.

    `serve` does this with each deployment before it waits.
    """

    begun = []

    def start(*, stopped: bool = False, **changes: Any) -> str:
        out = changes.pop("out", tmp_path / "art")
        file = changes.pop("parameters", None)
        given = {"data": str(tmp_path / "sky.csv"), "out": str(out), "when_undecided": "ask"}
        inbox = {"inbox": str(tmp_path / "in"), "out": str(out), **changes.pop("inbox", {})}
        asked = {
            "training": training_parameters(given, file=file),
            "inbox": InboxParameters(**inbox),
        }
        planned = deployments(Plan(**asked | changes))
        begun.append(changes_kept(planned))  # and held: what is let go of, stops
        begun[-1].__enter__()
        for one in planned:
            one.apply()
        if stopped:
            begun[-1].__exit__(None, None, None)
        return capsys.readouterr().err

    return start


def change(client: SyncPrefectClient, name: str, **parameters: object) -> None:
    """Edit parameters as the form in the UI does: all are sent, the changed and the others."""
    found = there(client, name)
    inner = {**found.parameters["parameters"], **parameters}
    client.update_deployment(found.id, DeploymentUpdate(parameters={"parameters": inner}))


def there(client: SyncPrefectClient, name: str) -> Any:
    found = deployment(client, name)
    assert found is not None
    return found


def parameters(client: SyncPrefectClient, name: str) -> dict[str, Any]:
    found: dict[str, Any] = there(client, name).parameters["parameters"]
    return found


@pytest.mark.parametrize(
    "stopped",
    [
        pytest.param(True, id="stopped"),
        pytest.param(False, id="killed", marks=pytest.mark.slow),
    ],
)
def test_a_schedule_and_a_parameter_of_the_ui_outlive_a_start(
    client: SyncPrefectClient, serve: Serve, *, stopped: bool
) -> None:
    assert serve(stopped=stopped) == ""
    nightly, inbox = there(client, "train/nightly"), there(client, "inbox/inbox")
    client.update_deployment_schedule(
        nightly.id,
        nightly.schedules[0].id,
        schedule=MONDAYS,
    )
    client.update_deployment_schedule(inbox.id, inbox.schedules[0].id, active=False)
    change(client, "train/nightly", l2=0.25)
    change(client, "inbox/inbox", settle_seconds=5.0)
    for _ in range(2):
        said = serve(stopped=stopped)
        nightly, inbox = there(client, "train/nightly"), there(client, "inbox/inbox")
        assert [one.schedule.cron for one in nightly.schedules] == ["30 5 * * 1"]
        assert [one.active for one in inbox.schedules] == [False]
        assert parameters(client, "train/nightly")["l2"] == 0.25
        assert parameters(client, "inbox/inbox")["settle_seconds"] == 5.0
        assert inbox.paused == nightly.paused == stopped
        lines = said.splitlines()
        assert all(line.startswith("pulsar: ") for line in lines)
        for words in ("30 5 * * 1", "switched off", "l2 0.25", "settle_seconds 5.0"):
            assert len([line for line in lines if words in line]) == 1


def test_what_is_asked_for_otherwise_is_served_and_what_gives_way_is_said(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    nightly = there(client, "train/nightly")
    client.update_deployment_schedule(
        nightly.id,
        nightly.schedules[0].id,
        schedule=MONDAYS,
    )
    change(client, "train/nightly", l2=0.25)
    change(client, "inbox/inbox", settle_seconds=5.0)
    said = serve(train_cron="0 4 * * *", inbox={"settle_seconds": 60.0})
    assert [one.schedule.cron for one in there(client, "train/nightly").schedules] == ["0 4 * * *"]
    assert parameters(client, "train/nightly")["l2"] == 0.25, "nobody asked for another one"
    assert parameters(client, "inbox/inbox")["settle_seconds"] == 60.0
    for old, new in (("30 5 * * 1", "0 4 * * *"), ("5.0", "60.0")):
        (line,) = [line for line in said.splitlines() if old in line]
        assert f"{new}" in line
        assert "now, not" in line


def test_an_interval_goes_on_from_the_moment_that_it_was_counted_from(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    before = there(client, "inbox/inbox").schedules[0].schedule
    assert before.interval == timedelta(seconds=300)
    assert serve() == ""
    assert there(client, "inbox/inbox").schedules[0].schedule.anchor_date == before.anchor_date


def test_a_schedule_that_was_added_or_deleted_stays_so(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    nightly, inbox = there(client, "train/nightly"), there(client, "inbox/inbox")
    hourly = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(hours=1)))
    client.create_deployment_schedules(nightly.id, [hourly])
    client.delete_deployment_schedule(inbox.id, inbox.schedules[0].id)
    said = serve()
    assert len(there(client, "train/nightly").schedules) == 2
    assert there(client, "inbox/inbox").schedules == []
    assert "every 3600 s" in said
    assert "never" in said


def test_what_a_person_paused_stays_paused_and_what_a_stop_paused_runs_again(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve(stopped=True)
    assert there(client, "inbox/inbox").paused
    assert serve() == ""
    assert not there(client, "inbox/inbox").paused
    client.pause_deployment(there(client, "inbox/inbox").id)
    for stopped in (True, False):
        assert "inbox/inbox: stays paused" in serve(stopped=stopped)
        assert there(client, "inbox/inbox").paused
    client.resume_deployment(there(client, "inbox/inbox").id)
    assert serve(stopped=True) == ""
    pause_all_but(["train/nightly"])
    assert serve() == ""
    assert not there(client, "inbox/inbox").paused


@pytest.mark.parametrize("stopped", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_what_was_scheduled_and_is_no_longer_is_named_once(
    client: SyncPrefectClient, serve: Serve, *, stopped: bool
) -> None:
    serve(stopped=stopped)
    assert pause_all_but(["inbox/inbox"]) == ["train/nightly"]  # `decide` has no schedule
    assert pause_all_but(["inbox/inbox"]) == []
    assert there(client, "train/nightly").paused
    assert serve(stopped=stopped) == ""
    assert there(client, "train/nightly").paused == stopped
    if not stopped:
        client.pause_deployment(there(client, "train/nightly").id)  # by a person, who wants it so
        assert pause_all_but(["inbox/inbox"]) == []  # nothing was due
        assert "train/nightly: stays paused" in serve()


def test_of_each_deployment_it_can_be_said_what_schedules_it() -> None:
    assert set(serving.OPTIONS) == set(NAMES)


def test_whoever_serves_is_told_what_is_scheduled_no_more(
    client: SyncPrefectClient, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    serve(stopped=True)
    monkeypatch.setattr(serving, "serve", lambda *_, **__: None)
    asked = InboxParameters(inbox=str(tmp_path / "in"), out=str(tmp_path / "art"))
    for said in ("pulsar: train/nightly is scheduled no more: --data is not named\n", ""):
        serving.serve_plan(Plan(inbox=asked), tell=lambda: None)
        assert capsys.readouterr().err == said
    assert there(client, "train/nightly").paused


def test_the_artifact_root_is_as_asked_for(
    client: SyncPrefectClient, serve: Serve, tmp_path: Path
) -> None:
    serve()
    change(client, "train/nightly", out="/elsewhere", l2=0.25)
    serve()
    assert parameters(client, "train/nightly")["out"] == str(tmp_path / "art")
    serve(out=tmp_path / "other")
    assert parameters(client, "train/nightly")["out"] == str(tmp_path / "other")
    assert parameters(client, "train/nightly")["l2"] == 0.25
    assert there(client, "decide/decide").parameters == {"out": str(tmp_path / "other")}


@pytest.mark.parametrize(
    "version",
    [
        "0c1d2e3f",
        pytest.param(None, marks=pytest.mark.slow),
        pytest.param("stopped", marks=pytest.mark.slow),
    ],
)
def test_what_an_earlier_version_served_is_put_back_and_said(
    client: SyncPrefectClient, serve: Serve, version: str | None
) -> None:
    serve()
    inbox = there(client, "inbox/inbox")
    inner = {**inbox.parameters["parameters"], "settle_seconds": 5.0}
    client.update_deployment(
        inbox.id,
        DeploymentUpdate(version=version, paused=True, parameters={"parameters": inner}),
    )
    assert "settle_seconds" in serve()
    assert parameters(client, "inbox/inbox")["settle_seconds"] == 30.0
    assert not there(client, "inbox/inbox").paused


def test_parameters_that_this_version_does_not_know_give_way(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    inbox = there(client, "inbox/inbox")
    inner = {**inbox.parameters["parameters"], "of_old": 1, "inbox": "https://u:S3CRET@h/x"}
    client.update_deployment(
        inbox.id,
        DeploymentUpdate(parameters={"parameters": inner}, enforce_parameter_schema=False),
    )
    said = serve()
    assert "of_old" in said
    assert "S3CRET" not in said
    assert "of_old" not in parameters(client, "inbox/inbox")


def test_a_path_that_is_not_whole_gives_way_alone_and_the_reason_is_said(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    nightly = there(client, "train/nightly")
    changed = {"labels": "art/labels.jsonl", "more": ["/m.csv", "n.csv"], "l2": 0.25}
    inner = {**nightly.parameters["parameters"], **changed}
    client.update_deployment(
        nightly.id,
        DeploymentUpdate(parameters={"parameters": inner}, enforce_parameter_schema=False),
    )
    said = serve()
    values = {"l2": "0.25", "labels": '"art/labels.jsonl"', "more": '["/m.csv", "n.csv"]'}
    lines = {}
    for name, value in values.items():
        (lines[name],) = (line for line in said.splitlines() if value in line)
        assert re.search(rf"\b{name}\b", lines[name].replace(value, ""))
    assert sorted(said.splitlines()) == sorted(lines.values())
    assert {name for name, line in lines.items() if "Prefect UI" in line} == {"l2"}
    assert {name for name, line in lines.items() if "default" in line} >= {"labels", "more"}
    assert {name for name, line in lines.items() if "no whole path" in line} == {"labels", "more"}
    found = parameters(client, "train/nightly")
    assert found["l2"] == 0.25
    assert not {"labels", "more"} & found.keys()
    assert [line for line in serve().splitlines() if line not in lines.values()] == []


def test_what_goes_only_with_a_path_that_is_put_back_goes_with_all_the_others(
    client: SyncPrefectClient, serve: Serve
) -> None:
    serve()
    change(client, "inbox/inbox", known_within=1.0, settle_seconds=5.0)
    inbox = there(client, "inbox/inbox")
    inner = {**inbox.parameters["parameters"], "known": "cat.csv"}
    client.update_deployment(
        inbox.id,
        DeploymentUpdate(parameters={"parameters": inner}, enforce_parameter_schema=False),
    )
    said = serve()
    assert said.count("is run with") == 3
    assert '"cat.csv", which is no whole path' in said
    found = parameters(client, "inbox/inbox")
    assert (found["known"], found["settle_seconds"]) == (None, 30.0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": "labels.jsonl"}, "labels is labels.jsonl, which is no whole path"),
        ({"out": None}, "out is artifacts, which is no whole path"),
        pytest.param({"labels": "/l.jsonl"}, None, marks=pytest.mark.slow),
        pytest.param({"of_old": 1}, None, marks=pytest.mark.slow),
    ],
)
def test_a_schedule_whose_runs_will_be_refused_is_told_of_at_once(
    client: SyncPrefectClient, serve: Serve, changed: dict[str, Any], said: str | None
) -> None:
    serve()
    nightly = there(client, "train/nightly")
    inner = {**nightly.parameters["parameters"], **changed}
    own = {"parameters": {name: value for name, value in inner.items() if value is not None}}
    (one,) = nightly.schedules
    client.request(
        "PATCH",
        "/deployments/{id}/schedules/{schedule_id}",
        path_params={"id": nightly.id, "schedule_id": one.id},
        json={"parameters": own},
    )
    told = serve()
    assert "is due as the Prefect UI has it" in told
    assert ("will fail" in told) == (said is not None)
    assert (said or "") in told
    kept = there(client, "train/nightly").schedules
    assert [each.parameters for each in kept] == [own]
