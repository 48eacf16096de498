"""What `up` was asked is one record: kept as JSON, compared whole, and read from before."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cronsim import CronSim
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule
from prefect.types.entrypoint import EntrypointType
from pydantic import ValidationError

from flows.training import train
from schemas.errors import ParameterError, ServerError, SourceNotFoundError
from service.asked import plan_of, plan_of_words
from service.background import Background, start
from service.notes import plan_file, read_plan, scheduled_labels, scheduled_run, write_plan
from service.plan import Plan, Times
from service.serving import deployments

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

SAMPLE = str(Path(__file__).resolve().parents[2] / "data" / "sample.csv")
WRITTEN_BEFORE = [
    "--data", "DIR/sky.csv", "--inbox", "DIR/in", "--out", "DIR/art", "--train-cron", "0 3 * * *",
    "--score-every", "300.0", "--settle-seconds", "30.0",
]  # fmt: skip
"""As the version before spelled `up --data sky.csv --inbox in --out art`."""


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    (tmp_path / "sky.csv").write_text("1\n")
    return [word.replace("DIR", str(tmp_path)) for word in WRITTEN_BEFORE]


def asked(folder: Path, **more: Any) -> dict[str, Any]:
    places = {"data": folder / "sky.csv", "inbox": folder / "in", "out": folder / "art"}
    return {name: str(place) for name, place in places.items()} | more


def test_a_plan_comes_back_from_json_as_it_was(words: list[str], tmp_path: Path) -> None:
    assert words
    plan = plan_of(
        asked(tmp_path, drop=("id",), seed=7, time_zone="Asia/Seoul", inbox_columns="1,2", budget=9)
    )
    again = Plan.model_validate_json(plan.model_dump_json())
    assert again == plan
    assert again != plan_of(asked(tmp_path, drop=("id",), seed=7))


def test_a_run_that_is_named_by_its_folder_is_so_wherever_who_serves_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    whole = str(tmp_path / "art/runs/some")
    for given, kept in (("art/runs/some", whole), ("some", "some"), ("champion", "champion")):
        plan = plan_of({"inbox": "in", "out": "art", "run": given})
        assert plan.inbox is not None
        assert plan.inbox.run == kept


def test_of_a_part_that_one_plan_lacks_only_what_it_is_about_is_told(tmp_path: Path) -> None:
    (tmp_path / "sky.csv").write_text("1\n")
    (tmp_path / "in").mkdir()
    both = plan_of(asked(tmp_path))
    trained = plan_of({name: it for name, it in asked(tmp_path).items() if name != "inbox"})
    place = str(tmp_path / "in")
    assert both.differences(trained) == f"inbox.inbox is {place!r} and not None"
    assert trained.differences(both) == f"inbox.inbox is None and not {place!r}"
    assert "inbox.budget is 100 and not 9" in both.differences(plan_of(asked(tmp_path, budget=9)))


def test_a_folder_and_a_pattern_are_kept_by_their_whole_path_for_each_training_to_look_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "night").mkdir()
    (tmp_path / "night" / "a.csv").write_text("1\n")
    monkeypatch.chdir(tmp_path)
    plan = plan_of({"data": "night/*.csv", "more": ("night",), "out": "art"})
    assert plan.training
    assert plan.training.data == f"{tmp_path}/night/*.csv"
    assert plan.training.more == (f"{tmp_path}/night",)
    with pytest.raises(SourceNotFoundError):
        plan_of({"data": "night/*.parquet", "out": "art"})


def test_labels_are_kept_by_their_whole_path_and_may_come_with_the_first_word(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words
    monkeypatch.chdir(tmp_path)
    plan = plan_of(asked(tmp_path, labels="art/labels.jsonl"))
    assert plan.training
    assert plan.training.labels == f"{tmp_path}/art/labels.jsonl"
    (tmp_path / "asked.json").write_text('{"labels": "said.jsonl"}')
    plan = plan_of(asked(tmp_path), file=tmp_path / "asked.json")
    assert plan.training
    assert plan.training.labels == f"{tmp_path}/said.jsonl"
    with pytest.raises(ValidationError, match="labels is an address"):
        plan_of(asked(tmp_path, labels="https://u:secret@host/labels.jsonl"))


def test_a_catalogue_of_known_pulsars_is_kept_by_its_whole_path_for_the_inbox_alone(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words
    (tmp_path / "known.csv").write_text("1\n")
    monkeypatch.chdir(tmp_path)
    plan = plan_of(asked(tmp_path, known="known.csv", known_within=0.1))
    assert plan.inbox
    assert (plan.inbox.known, plan.inbox.known_within) == (f"{tmp_path}/known.csv", 0.1)
    with pytest.raises(SourceNotFoundError):
        plan_of(asked(tmp_path, known="nowhere.csv"))
    with pytest.raises(ParameterError, match="no effect without --inbox"):
        plan_of({"data": str(tmp_path / "sky.csv"), "known": "known.csv"})


def test_what_is_for_both_is_overruled_for_the_inbox_alone(
    words: list[str], tmp_path: Path
) -> None:
    assert words
    plan = plan_of(asked(tmp_path, columns="1,2", drop=("id",), inbox_columns="3,4"))
    assert plan.training
    assert plan.inbox
    assert (plan.training.columns, plan.inbox.columns) == ("1,2", "3,4")
    assert plan.training.drop == plan.inbox.drop == ("id",)
    with pytest.raises(ParameterError, match=r"^--inbox-max-quarantine 7"):
        plan_of(asked(tmp_path, inbox_max_quarantine=7))


def test_a_copy_goes_to_one_place_wherever_the_flow_runs(words: list[str], tmp_path: Path) -> None:
    assert words
    here = plan_of(asked(tmp_path, copy_to="copies")).inbox
    there = plan_of(asked(tmp_path, copy_to="s3://survey/copies")).inbox
    assert here
    assert here.copy_to == str(Path("copies").resolve())
    assert there
    assert there.copy_to == "s3://survey/copies"


@pytest.mark.parametrize(
    ("missing", "option"), [("data", "seed"), ("inbox", "budget"), ("inbox", "inbox_columns")]
)
def test_an_option_of_what_does_not_run_is_refused(
    missing: str, option: str, words: list[str], tmp_path: Path
) -> None:
    assert words
    given = asked(tmp_path, **{option: 1})
    del given[missing]
    spelled = option.replace("_", "-")
    with pytest.raises(ParameterError, match=f"--{spelled} has no effect without --{missing}"):
        plan_of(given)


@pytest.mark.parametrize(
    ("missing", "times"),
    [
        ("data", {"train_cron": "0 5 * * *"}),
        ("data", {"time_zone": "Asia/Seoul"}),
        ("data", {"train_every": 60}),
        ("inbox", {"score_every": 60}),
    ],
)
def test_a_time_of_what_does_not_run_is_refused(
    missing: str, times: dict[str, Any], words: list[str], tmp_path: Path
) -> None:
    assert words
    given = asked(tmp_path, **times)
    assert plan_of(given)
    del given[missing]
    (spelled,) = (name.replace("_", "-") for name in times)
    with pytest.raises(ParameterError, match=f"--{spelled} has no effect without --{missing}"):
        plan_of(given)


def test_a_file_of_parameters_without_a_training_and_two_times_are_refused(
    words: list[str], tmp_path: Path
) -> None:
    assert words
    given = asked(tmp_path, train_cron="0 5 * * *", train_every=60)
    with pytest.raises(ParameterError, match="--train-cron and --train-every"):
        plan_of(given)
    given = asked(tmp_path, time_zone="Asia/Seoul", train_every=60)
    with pytest.raises(ParameterError, match="--time-zone has no effect beside --train-every"):
        plan_of(given)
    given = asked(tmp_path)
    del given["data"]
    with pytest.raises(ParameterError, match="--parameters has no effect without --data"):
        plan_of(given, file=Path("nowhere.json"))


def test_a_plan_that_cannot_be_read_is_no_plan_to_agree_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    assert read_plan() is None
    assert scheduled_run(tmp_path) is None
    write_plan(plan_of({"inbox": str(tmp_path / "in"), "out": str(tmp_path / "art"), "run": "r"}))
    assert scheduled_run(tmp_path / "art") == "r"
    assert scheduled_run(tmp_path / "other") is None
    assert scheduled_labels(tmp_path / "art") == []
    (tmp_path / "sky.csv").write_text("1\n")
    labels = {"labels": str(tmp_path / "words.jsonl"), "data": str(tmp_path / "sky.csv")}
    write_plan(plan_of({"out": str(tmp_path / "art"), **labels}))
    assert scheduled_labels(tmp_path / "art") == [tmp_path / "words.jsonl"]
    assert scheduled_labels(tmp_path / "other") == []
    plan_file().write_text("{")
    with pytest.raises(ServerError, match="pulsar down"):
        read_plan()


@pytest.mark.parametrize(
    "cron",
    ["0 3 * * *", "*/7 1-5 * * MON", "0 0 1,15 * 5", "5/20 * L 2 *", "0 3 29 2 *", "1 2 * * 7"],
)
def test_a_schedule_that_is_taken_means_the_same_to_prefect(cron: str) -> None:
    assert Times(train_cron=cron).train_cron == cron
    CronSchedule(cron=cron)
    from prefect._vendor.croniter import croniter

    moment = datetime(2026, 11, 25, 15, tzinfo=UTC)
    ours, theirs = CronSim(cron, moment), croniter(cron, moment)
    assert [next(ours) for _ in range(20)] == [theirs.get_next(datetime) for _ in range(20)]


@pytest.mark.parametrize("cron", ["@daily", "@hourly", "@weekly"])
def test_a_schedule_may_have_a_nickname(cron: str) -> None:
    assert CronSchedule(cron=Times(train_cron=cron).train_cron).cron == cron


@pytest.mark.parametrize(
    "cron", ["0 3 LW * *", "0 3 * * 5L", "0 0 3 * * *", "H 3 * * *", "60 3 * * *", ""]
)
def test_what_is_no_schedule_to_one_of_both_is_refused(cron: str) -> None:
    with pytest.raises(ValidationError, match="is no schedule"):
        Times(train_cron=cron)


@pytest.mark.parametrize("cron", ["0 3 31 2 *", "0 0 30 2 *", "1 1 31 4,6 *"])
def test_a_date_that_never_comes_is_refused(cron: str) -> None:
    with pytest.raises(ValidationError, match="never comes"):
        Times(train_cron=cron)


@pytest.mark.parametrize("zone", ["Asia/Seuol", "Asia", "", "../etc/passwd", "KST", "UTC+5"])
def test_an_unknown_time_zone_is_refused_by_name(
    zone: str, pulsar_here: Pulsar, tmp_path: Path
) -> None:
    done = pulsar_here("up", "--data", SAMPLE, "--time-zone", zone, cwd=tmp_path)
    assert done.returncode == 2
    assert f"--time-zone {zone!r}" in done.stderr
    assert re.search(r"; (?!UTC )[\w/+-]+ is one, and UTC", done.stderr)


def test_trainings_go_by_the_clock_of_the_time_zone(words: list[str], tmp_path: Path) -> None:
    assert words
    nightly, *_ = deployments(plan_of(asked(tmp_path, time_zone="Asia/Seoul")))
    (made,) = nightly.schedules or []
    assert (made.schedule.cron, made.schedule.timezone) == ("0 3 * * *", "Asia/Seoul")  # type: ignore[union-attr]


def test_the_words_of_the_version_before_are_the_plan_of_the_same_options(
    words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "best.json").write_text('{"l2": 0.01}')
    file = tmp_path / "best.json"
    assert plan_of_words(words) == plan_of(asked(tmp_path))
    assert plan_of_words([*words, "--parameters", str(file)]) == plan_of(asked(tmp_path), file=file)
    often = ["--train-every", "60", "--time-zone", "Asia/Seoul"]  # it took both
    assert plan_of_words([*words, *often]) == plan_of(asked(tmp_path, train_every=60))


@pytest.fixture
def before(words: list[str], tmp_path: Path) -> Iterator[Background]:
    """Give the flows as the version before left them: words in a note, and a process."""
    notes = tmp_path / "home" / "pulsar-up"
    notes.mkdir(parents=True)
    (notes / "words.json").write_text(json.dumps(words))
    env = dict(os.environ)
    process = start(["sleep", "100"], log=notes / "log", env=env, note=notes / "flows.json")
    yield process
    process.stop()


@pytest.mark.slow
def test_up_and_down_know_the_flows_that_the_version_before_started(
    before: Background, pulsar: Pulsar, tmp_path: Path
) -> None:
    env = {"PREFECT_HOME": str(tmp_path / "home")}
    up = ["up", "--data", "sky.csv", "--inbox", "in", "--out", "art"]
    other = pulsar(*up, "--score-every", "7", cwd=tmp_path, env=env)
    assert other.returncode == 2
    assert "score_every is 300.0 and not 7.0" in other.stderr
    assert "pulsar down" in other.stderr
    (tmp_path / "sky.csv").unlink()
    gone = pulsar("up", "--inbox", "in", "--out", "art", cwd=tmp_path, env=env)
    assert gone.returncode == 2
    assert "sky.csv" in gone.stderr
    assert "pulsar down" in gone.stderr
    assert before.alive(), "nothing was touched"
    assert json.loads(pulsar("down", "--json", env=env).stdout) == {"stopped": ["flows"]}
    assert not before.alive()


@pytest.mark.usefixtures("prefect_server")
def test_a_deployment_of_the_version_before_is_updated_and_not_doubled(
    words: list[str], tmp_path: Path
) -> None:
    assert words
    old: Any = train.to_deployment(
        name="nightly", cron="0 3 * * *", entrypoint_type=EntrypointType.MODULE_PATH,
        parameters={"parameters": {"data": "old.csv"}},
    )  # fmt: skip
    first = old.apply()
    nightly, *_ = deployments(plan_of(asked(tmp_path, time_zone="Asia/Seoul")))
    assert nightly.apply() == first
    with get_client(sync_client=True) as client:
        found = client.read_deployment(first)
        (kept,) = found.schedules
        client.delete_deployment(first)
    assert (kept.schedule.cron, kept.schedule.timezone) == ("0 3 * * *", "Asia/Seoul")  # type: ignore[union-attr]
    assert found.parameters["parameters"]["data"] == str(tmp_path / "sky.csv")
