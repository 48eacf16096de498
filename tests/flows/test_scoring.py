"""Scoring on a real server: what is published, once each, and what is not."""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterName
from prefect.exceptions import ParameterTypeError
from typer.testing import CliRunner

from command.cli import app
from command.show_files import print_pass
from flows.inbox import score_inbox
from flows.scoring import REJECTED, score
from pulsars.inbox.rejected import name_aside
from pulsars.store.results import is_ours
from pulsars.store.scores import load_scores
from schemas.errors import (
    ChampionError,
    ColumnsError,
    DriftError,
    QuarantineRateError,
    SourceNotFoundError,
)
from schemas.features import FEATURE_NAMES
from schemas.handles import sha256_of
from schemas.score_parameters import InboxParameters, ScoreParameters
from service.automations import notifications, zombies
from tests.chaos.mounts import read_only, why_not

pytestmark = pytest.mark.usefixtures("prefect_server", "undrawn")

Root = Callable[[], Path]
Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]


def sky(path: Path, *, rows: int = 700, seed: int = 5, labelled: bool = False) -> Path:
    from pulsars.simulation.populations import simulate

    X, y = simulate(rows, prevalence=0.1, rng=np.random.default_rng(seed))
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    path.parent.mkdir(parents=True, exist_ok=True)
    (table.assign(label=y) if labelled else table).to_csv(path, index=False)
    return path


def other_scale(path: Path) -> Path:
    """A survey that scales its DM curves to a tenth."""
    table = pd.read_csv(sky(path))
    table[["dm_mean", "dm_stdev"]] /= 10
    table.to_csv(path, index=False)
    return path


def asked(data: Path, out: Path, **more: object) -> ScoreParameters:
    return ScoreParameters.model_validate({"data": str(data), "out": str(out), **more})


def passed(inbox: Path | str, out: Path, **more: object) -> dict[str, Any]:
    parameters = {"inbox": str(inbox), "out": str(out), "settle_seconds": 0, **more}
    return score_inbox(InboxParameters.model_validate(parameters))


def folders(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "scores").iterdir() if path.is_dir())


def artifacts_of(run_id: Any) -> dict[str | None, Any]:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
        )
    return {artifact.key: artifact for artifact in found}


def test_several_files_are_scored_as_one_and_found_again_by_their_contents(
    championed: Root, tmp_path: Path
) -> None:
    out, night = championed(), tmp_path / "night"
    for name, seed in (("b.csv", 5), ("a.csv", 6)):
        sky(night / name, seed=seed)
    done = score(asked(night, out))
    scores = pd.read_parquet(Path(done.path) / "scores.parquet")
    assert scores["file"].value_counts().to_dict() == {"a.csv": 700, "b.csv": 700}
    assert scores.groupby("file")["line"].max().to_dict() == {"a.csv": 701, "b.csv": 701}
    assert not score(asked(Path(f"{night}/*.csv"), out)).anew
    assert not score(asked(night / "a.csv", out, more=[str(night / "b.csv")])).anew
    assert score(asked(night / "b.csv", out, more=[str(night / "a.csv")])).anew


def test_a_file_is_scored_by_the_champion_and_shows_what_a_person_looks_for(
    championed: Root, tmp_path: Path
) -> None:
    out = championed()
    state = score(asked(sky(tmp_path / "sky.csv"), out, budget=20), return_state=True)
    done = state.result()
    assert {path.name for path in Path(done.path).iterdir()} == {
        "scores.parquet", "scores.csv", "short_list.csv", "drift.json", "quality.json",
        "quarantine.parquet", "quarantine.csv", "report.html", "faces.html", "manifest.json",
    }  # fmt: skip
    found = load_scores(Path(done.path)).summary()
    assert found["run"].endswith("champion")
    assert found["drift"]["verdict"] == "ok"
    assert [one["rank"] for one in found["short_list"]] == list(range(1, 21))
    assert found["metrics"] is None
    assert list((out / "unfinished").iterdir()) == []
    run_id = state.state_details.flow_run_id
    left = artifacts_of(run_id)
    assert set(left) >= {"drift", "short-list", "data-quality", "score-histogram"}
    assert all(
        isinstance(cell, str) for row in json.loads(left["drift"].data) for cell in row.values()
    )
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run_id).name == "sky.csv by 20260101-000000-000-champion"


def test_the_same_content_is_scored_once_a_model_whatever_its_name(
    championed: Root, tmp_path: Path
) -> None:
    out = championed()
    first = sky(tmp_path / "sky.csv")
    second = tmp_path / "again.csv"
    second.write_bytes(first.read_bytes())
    one, same = score(asked(first, out)), score(asked(second, out))
    assert (one.anew, same.anew) == (True, False)
    assert same.path == one.path
    other = score(asked(first, out, run="another0"))
    assert other.anew
    assert len(folders(out)) == 2


def test_a_file_that_is_read_by_other_options_is_scored_anew_and_each_reading_once(
    championed: Root, tmp_path: Path
) -> None:
    out, data = championed(), sky(tmp_path / "sky.csv", labelled=True)
    as_named = score(asked(data, out))
    # An earlier version put what it read otherwise into the folder without further digits.
    assert re.fullmatch("[0-9a-f]{16}-[0-9a-f]{8}", Path(as_named.path).name)
    more = {"columns": "5,6,7,8,1,2,3,4", "despite_drift": True}
    with pytest.raises(DriftError, match="--columns 1,2,3,4,5,6,7,8") as refused:
        score(asked(data, out, columns=more["columns"]))
    assert "--despite-drift" not in str(refused.value)  # the order would be upside down
    exchanged = score(asked(data, out, **more))
    assert "--columns 1,2,3,4,5,6,7,8" in load_scores(Path(exchanged.path)).drift["sentence"]
    assert exchanged.anew
    assert score(asked(data, out, **more, budget=7)).path == exchanged.path
    assert score(asked(data, out)).path == as_named.path
    read = [pd.read_parquet(Path(one.path) / "scores.parquet") for one in (as_named, exchanged)]
    assert (read[0]["profile_mean"] == read[1]["dm_mean"]).all()
    assert len(folders(out)) == 2


def test_another_survey_is_refused_unless_somebody_insists(
    championed: Root, tmp_path: Path
) -> None:
    out, far = championed(), other_scale(tmp_path / "far.csv")
    with pytest.raises(DriftError, match=r"dm_\w+ .*above the limit .*--despite-drift"):
        score(asked(far, out))
    assert folders(out) == []
    refused = score(asked(far, out), return_state=True)
    left = artifacts_of(refused.state_details.flow_run_id)
    assert "](data:image/svg+xml;base64," in str(left["drift-features"].data)
    done = score(asked(far, out, despite_drift=True))
    assert done.ranked_by == "companion"
    assert load_scores(Path(done.path)).drift["verdict"] == "stop"
    again = score(asked(far, out, despite_drift=True))
    assert (again.anew, again.ranked_by) == (False, "companion")


def test_what_is_ranked_despite_drift_says_so_in_every_output(
    championed: Root, tmp_path: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    out, far = championed(), other_scale(tmp_path / "inbox" / "far.csv")
    found = passed(far.parent, out, despite_drift=True)
    assert [one["ranked_by"] for one in found["scored"]] == ["companion"]
    shutil.rmtree(found["scored"][0]["path"])
    state = score(asked(far, out, despite_drift=True), return_state=True)
    artifacts = artifacts_of(state.state_details.flow_run_id)
    assert "ranked by the companion" in artifacts["short-list"].description.lower()
    rows = json.loads(artifacts["short-list"].data)
    assert {row["ranked by"] for row in rows} == {"companion"}
    assert not {"probability", "decision"} & set(rows[0])
    assert "score-histogram" not in artifacts
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    words = ["score", str(far), "--out", str(out), "--despite-drift"]
    shown = run(app, words).stdout
    for word in ("without probabilities and without decisions", "none called a pulsar", "outside"):
        assert word in shown
    for word in ("probability ", "threshold", "nan", "None"):
        assert word not in shown
    told = json.loads(run(app, [*words, "--json"]).stdout)
    assert (told["ranked_by"], told["n_called"]) == ("companion", None)
    assert {one["probability"] for one in told["short_list"]} == {None}
    history = run(app, ["history", "--out", str(out)]).stdout
    assert "700 ranked by the companion, none called" in history
    run(app, ["history", "--out", str(out), "--html"])
    assert "ranked by the companion" in (out / "history.html").read_text()


def test_labels_give_metrics_and_one_class_is_enough(championed: Root, tmp_path: Path) -> None:
    out = championed()
    table = pd.read_csv(sky(tmp_path / "sky.csv", rows=400, labelled=True))
    table[table["label"] == 0].head(60).to_csv(tmp_path / "noise.csv", index=False)
    scored = load_scores(Path(score(asked(tmp_path / "noise.csv", out)).path))
    assert scored.metrics is not None
    assert scored.metrics["tn"]["value"] + scored.metrics["fp"]["value"] == 60
    assert scored.metrics["roc_auc"]["value"] is None
    assert scored.drift["verdict"] in {"ok", "watch"}
    assert scored.manifest["n_learnt"] == 0


def test_without_a_champion_nothing_is_scored(tmp_path: Path) -> None:
    with pytest.raises(ChampionError, match="pulsar train"):
        score(asked(sky(tmp_path / "sky.csv", rows=20), tmp_path / "out"))


def test_a_pass_scores_the_good_and_sets_the_bad_aside(championed: Root, tmp_path: Path) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    good = sky(inbox / "b-good.csv", rows=60)
    (inbox / "z-same-as-good.csv").write_bytes(good.read_bytes())
    (inbox / "a-empty.csv").touch()
    (inbox / "c-binary.csv").write_bytes(b"1,2\0,3\n" * 50)
    pd.read_csv(good).drop(columns="dm_mean").to_csv(inbox / "d-seven.csv", index=False)
    lines = good.read_text().splitlines()
    bad = [line.replace(line.split(",")[0], "bright", 1) for line in lines[1:]]
    (inbox / "e-words.csv").write_text("\n".join([lines[0], *bad]))
    other_scale(inbox / "f-far.csv")
    for name in (".hidden.csv", "half.csv.part", "half.csv.tmp", "old.csv~"):
        (inbox / name).write_text("half")
    found = passed(inbox, out)
    assert [one["name"] for one in found["scored"]] == ["b-good.csv"]
    assert {one["name"]: one["exit_code"] for one in found["rejected"]} == {
        "a-empty.csv": 3, "c-binary.csv": 3, "d-seven.csv": 3, "e-words.csv": 3, "f-far.csv": 4,
    }  # fmt: skip
    assert (found["known"], found["waiting"], found["failed"]) == (1, [], [])
    assert len(folders(out)) == 1
    for one in found["rejected"]:
        aside = inbox / "rejected" / f"{one['sha256'][:16]}-{one['name']}"
        assert aside.is_file()
        report = aside.with_name(f"{aside.name}.report.txt").read_text()
        assert report == f"{one['message']}\n"
        assert f"inbox/{one['name']}" in report
        record = json.loads((out / "rejected" / f"{one['sha256'][:16]}.json").read_text())
        assert record["message"] == one["message"]
    assert {p.name for p in inbox.iterdir() if p.is_file()} == {
        "b-good.csv", "z-same-as-good.csv", ".hidden.csv", "half.csv.part", "half.csv.tmp",
        "old.csv~",
    }  # fmt: skip
    assert list((out / "downloads").iterdir()) == list((out / "unfinished").iterdir()) == []
    (inbox / "g-empty-too.csv").touch()
    again = passed(inbox, out)
    assert (again["scored"], again["rejected"], again["known"]) == ([], [], 3)
    assert not (inbox / "g-empty-too.csv").exists()


@pytest.mark.slow
def test_packed_files_that_arrive_are_scored_and_a_torn_one_is_set_aside(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    content = sky(inbox / "sky.csv", rows=60).read_bytes()
    (inbox / "sky.csv").unlink()
    (inbox / "a.csv.gz").write_bytes(gzip.compress(content))
    (inbox / "b.csv").write_bytes(gzip.compress(content[:5000]) + gzip.compress(content[5000:]))
    (inbox / "torn.csv.gz").write_bytes(gzip.compress(content)[:-40])
    found = passed(inbox, out)
    assert [one["name"] for one in found["scored"]] == ["a.csv.gz", "b.csv"]
    lists = [Path(one["path"], "short_list.csv").read_bytes() for one in found["scored"]]
    assert lists[0] == lists[1]
    assert [one["name"] for one in found["rejected"]] == ["torn.csv.gz"]
    assert "damaged gzip archive (it ends too early)" in found["rejected"][0]["message"]


def test_of_a_refused_file_the_pass_tells_and_no_run_that_failed(
    championed: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    seven = pd.read_csv(sky(inbox / "seven-9f.csv", rows=60)).drop(columns="dm_mean")
    seven.to_csv(inbox / "seven-9f.csv", index=False)
    told: list[str] = []
    monkeypatch.setattr("tasks.looking.announce_file", lambda event, *_, **__: told.append(event))
    (refused,) = passed(inbox, out)["rejected"]
    assert refused["error"] == "ColumnsError"
    assert told == ["pulsar.inbox.rejected"]
    with get_client(sync_client=True) as client:
        wanted = FlowRunFilter(name=FlowRunFilterName(like_="seven-9f.csv by"))
        (run,) = client.read_flow_runs(flow_run_filter=wanted)
    assert run.state
    assert (run.state.type.value, run.state.name) == ("FAILED", REJECTED)
    assert refused["message"] in str(run.state.message)
    failures, _ = notifications(uuid4())
    assert f"prefect.flow-run.{run.state.name}" not in failures.trigger.expect
    assert f"prefect.flow-run.{run.state.name}" in zombies().trigger.expect
    with pytest.raises(ColumnsError):
        score(asked(next((inbox / "rejected").glob("*.csv")), out))


@contextmanager
def nobody_may_write_in(folder: Path) -> Iterator[None]:
    """Have a folder read-only, also for root, or skip the test where nothing can be mounted."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    why = why_not(folder.with_name("mount"))
    if why and os.environ.get("CI"):
        pytest.fail(f"CI has to be able to mount a tmpfs: {why}")
    if why:
        pytest.skip(f"nothing can be mounted here: {why}")
    with read_only(folder):
        yield


@pytest.mark.parametrize(
    ("stuck", "reasons"),
    [
        ("a file is called rejected", [errno.EEXIST]),
        pytest.param("read-only", [errno.EROFS, errno.EACCES], marks=pytest.mark.slow),
        pytest.param("its place is taken", [], marks=pytest.mark.slow),
    ],
)
def test_a_refused_file_that_cannot_be_moved_is_rejected_once_and_no_failure(
    stuck: str,
    reasons: list[int],
    championed: Root,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "bad.csv").write_text("no table\n")
    if stuck == "its place is taken":
        aside = name_aside(sha256_of(inbox / "bad.csv"), "bad.csv")
        (inbox / "rejected" / aside / "bad.csv").mkdir(parents=True)
    elif stuck != "read-only":
        sky(inbox / "good.csv", rows=20).rename(inbox / "rejected")
    told: list[str] = []
    monkeypatch.setattr("tasks.looking.announce_file", lambda event, *_, **__: told.append(event))
    with nobody_may_write_in(inbox) if stuck == "read-only" else nullcontext():
        found = passed(inbox, out)
        again = passed(inbox, out)
    (one,) = found["rejected"]
    assert (one["name"], one["exit_code"], found["failed"]) == ("bad.csv", 3, [])
    assert not reasons or any(os.strerror(reason) in one["message"] for reason in reasons)
    assert "; it stays in the inbox" in one["message"].replace(".; ", "")
    assert "[Errno" not in one["message"]
    assert (again["rejected"], again["failed"]) == ([], [])
    assert again["known"] == 1 + len(found["scored"])
    assert told == ["pulsar.inbox.rejected"]
    assert (inbox / "bad.csv").exists()


def test_a_file_that_changed_lately_waits(
    championed: Root, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sky(tmp_path / "inbox" / "sky.csv", rows=20)
    found = passed(tmp_path / "inbox", championed(), settle_seconds=600)
    assert (found["waiting"], found["scored"]) == (["sky.csv"], [])
    print_pass(found, as_json=False)
    assert "waits     sky.csv: it was changed in the last 600 s" in capsys.readouterr().out


def test_a_file_that_changes_while_it_is_copied_waits(
    championed: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulsars.inbox import copies as module

    path = sky(tmp_path / "inbox" / "sky.csv", rows=20)
    pour = module.pour

    def grow(source: Any, target: Any) -> None:
        with path.open("a") as file:
            file.write("1,2,3\n")
        pour(source, target)

    monkeypatch.setattr(module, "pour", grow)
    out = championed()
    found = passed(path.parent, out)
    assert (found["waiting"], found["scored"], found["rejected"]) == (["sky.csv"], [], [])
    assert not (out / "scores").exists()


@pytest.mark.parametrize(
    ("shortage", "said"),
    [
        pytest.param(OSError(28, "No space left on device"), "No space", marks=pytest.mark.slow),
        (MemoryError(), r"a\.csv needs more memory than there is"),
    ],
)
def test_a_machine_that_runs_out_of_something_is_no_fault_of_the_file(
    championed: Root,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shortage: Exception,
    said: str,
) -> None:
    import tasks.reading

    out, inbox = championed(), tmp_path / "inbox"
    sky(inbox / "a.csv", rows=20, seed=1)
    sky(inbox / "b.csv", rows=30, seed=2)
    real = tasks.reading.read_all

    def short(plan: Any, ranges: Any, **more: Any) -> Any:
        if ranges.n_rows == 20:
            raise shortage
        return real(plan, ranges, **more)

    monkeypatch.setattr(tasks.reading, "read_all", short)
    found = passed(inbox, out)
    assert [one["name"] for one in found["failed"]] == ["a.csv"]
    assert re.search(said, found["failed"][0]["message"])
    assert [one["name"] for one in found["scored"]] == ["b.csv"]
    assert not (out / "rejected").exists()
    monkeypatch.setattr(tasks.reading, "read_all", real)
    assert [one["name"] for one in passed(inbox, out)["scored"]] == ["a.csv"]


def events(name: str, resource: str) -> list[dict[str, Any]]:
    """Wait for the server to have heard of an event about a resource."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with get_client(sync_client=True) as client:
            asked_for = {"event": {"name": [name]}, "resource": {"id": [resource]}}
            answer = client.request("POST", "/events/filter", json={"filter": asked_for})
        if found := answer.json()["events"]:
            return list(found)
        time.sleep(0.25)
    pytest.fail(f"nobody said {name}")


def test_a_file_that_fails_is_told_once_a_pass_by_its_content(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    path = sky(inbox / "never copied.csv", rows=20)
    (out / "downloads").write_text("in the way")
    assert [one["exit_code"] for one in passed(inbox, out)["failed"]] == [1]
    (one,) = events("pulsar.inbox.failed", f"pulsar.file.{sha256_of(path)[:16]}")
    assert one["resource"]["prefect.resource.name"] == "never copied.csv"
    assert "File exists" in one["payload"]["because"]


def test_the_artifact_root_is_no_inbox_for_the_flow(championed: Root) -> None:
    out = championed()
    before = sorted(path for path in out.rglob("*"))
    asked_for: Any = {"inbox": str(out), "out": str(out), "settle_seconds": 0}
    state = score_inbox(asked_for, return_state=True)
    assert state.is_failed()
    with pytest.raises(ParameterTypeError, match="lies in the artifact root"):
        state.result()
    assert sorted(path for path in out.rglob("*")) == before


@pytest.mark.parametrize("inside", [".", "runs"])
def test_the_artifact_root_is_no_inbox_for_the_command(
    inside: str, championed: Root, pulsar_here: Pulsar
) -> None:
    out = championed()
    done = pulsar_here("inbox", inside, "--out", out, "--settle-seconds", 0, "--json", cwd=out)
    assert done.returncode == json.loads(done.stdout)["exit_code"] == 2
    assert f"the inbox {inside} lies in the artifact root {out}" in done.stderr
    assert {path.name for path in out.iterdir()} == {"champion.json", "runs"}


def test_an_unwieldy_name_is_refused_or_waits_and_every_pass_ends_well(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    inbox.mkdir()
    long = "n" * 251 + ".csv"
    (inbox / long).write_text("bad")
    (inbox / os.fsdecode(b"n\xff.csv")).write_text("bad")
    found = passed(inbox, out)
    assert [one["name"] for one in found["rejected"]] == [long]
    assert (found["failed"], found["waiting"]) == ([], ["n\\udcff.csv"])
    assert len(list((inbox / "rejected").iterdir())) == 2
    assert (inbox / os.fsdecode(b"n\xff.csv")).is_file()


@pytest.mark.slow
def test_what_a_pass_left_that_was_killed_as_its_scores_were_there_goes_with_the_next(
    championed: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    sky(inbox / "night.csv", rows=60)
    with monkeypatch.context() as cut:
        cut.setattr("tasks.score_publishing.clear", lambda _: None)
        assert [one["name"] for one in passed(inbox, out)["scored"]] == ["night.csv"]
    (out / "unfinished" / "emptied").mkdir()
    assert len(list((out / "unfinished").iterdir())) == 2
    assert passed(inbox, out)["known"] == 1
    assert not list((out / "unfinished").iterdir())


@pytest.mark.slow
def test_a_wrong_memory_sets_no_good_file_aside(championed: Root, tmp_path: Path) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    bad, good = inbox / "bad.csv", sky(inbox / "good.csv", rows=20)
    bad.write_text("bad")
    refused, scored = sha256_of(bad), sha256_of(good)
    passed(inbox, out)
    shutil.rmtree(out / "scores")
    (memory,) = (out / "inboxes").iterdir()
    memory.write_text(memory.read_text().replace(scored, refused))
    found = passed(inbox, out)
    assert (found["known"], found["waiting"], found["failed"]) == (0, ["good.csv"], [])
    assert good.is_file()
    assert [one["name"] for one in passed(inbox, out)["scored"]] == ["good.csv"]


def test_an_inbox_may_be_an_address(championed: Root, tmp_path: Path) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/arriving/night.csv", sky(tmp_path / "sky.csv", rows=50).read_bytes())
    files.pipe("/arriving/empty.csv", b"")
    out = championed()
    found = passed("memory://arriving", out)
    manifest = load_scores(Path(found["scored"][0]["path"])).manifest
    assert manifest["data"]["origin"] == "memory:///arriving/night.csv"
    assert manifest["data"]["name"] == "night.csv"
    assert [one["name"] for one in found["rejected"]] == ["empty.csv"]
    assert len(files.glob("/arriving/rejected/*")) == 2
    assert passed("memory://arriving", out)["known"] == 1


def test_a_pass_gives_way_to_another(championed: Root, tmp_path: Path) -> None:
    from pulsars.store.locks import exclusive

    out = championed()
    sky(tmp_path / "inbox" / "sky.csv", rows=20)
    with exclusive(out, waiting=lambda: pytest.fail("waited"), name=".inbox.lock"):
        found = passed(tmp_path / "inbox", out)
    assert found["busy"]
    assert found["scored"] == []


def test_a_pass_over_known_files_opens_none_of_them_and_lists_the_scores_once(
    championed: Root, tmp_path: Path, touched: Callable[[Path], list[tuple[str, str]]]
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    good = sky(inbox / "a.csv", rows=20)
    for name in ("b.csv", "c.csv"):
        (inbox / name).write_bytes(good.read_bytes())
    (inbox / "d.csv").symlink_to("a.csv")
    assert len(passed(inbox, out)["scored"]) == 1
    touched(inbox)
    assert passed(inbox, out)["known"] == 4
    assert [event for event, _ in touched(inbox)] == ["os.scandir"]
    passed(inbox, out)
    assert [path for _, path in touched(out)].count(str(out / "scores")) == 1


@pytest.mark.slow
def test_before_there_is_a_champion_a_pass_completes_and_files_wait(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = tmp_path / "out", tmp_path / "inbox"
    sky(inbox / "a.csv", rows=20, seed=1)
    sky(inbox / "b.csv", rows=20, seed=2)
    asked_for = InboxParameters(inbox=str(inbox), out=str(out), settle_seconds=0)
    state = score_inbox(asked_for, return_state=True)
    assert state.is_completed()
    found = state.result()
    assert found["no_champion"]
    assert (found["waiting"], found["scored"], found["failed"]) == (["a.csv", "b.csv"], [], [])
    (row,) = json.loads(artifacts_of(state.state_details.flow_run_id)["inbox"].data)
    assert row["fate"] == "no champion yet"
    assert row["what"].startswith("2 files wait")
    shutil.copytree(championed(), out, dirs_exist_ok=True)
    found = passed(inbox, out)
    assert not found["no_champion"]
    assert [one["name"] for one in found["scored"]] == ["a.csv", "b.csv"]
    (out / "champion.json").unlink()
    sky(inbox / "c.csv", rows=20, seed=3)
    without = passed(inbox, out)
    assert (without["known"], without["waiting"]) == (2, ["c.csv"])
    assert passed(inbox, out, run="another0")["scored"][0]["name"] == "c.csv"


def test_all_that_passes_leave_in_prefects_storage_is_known_as_ours(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "in"
    storage = Path(os.environ["PREFECT_LOCAL_STORAGE_PATH"])
    before = set(storage.iterdir())
    sky(inbox / "good.csv", rows=20)
    (inbox / "bad.csv").write_text("hello\nworld\n")
    copies = tmp_path / "copies"
    found = passed(inbox, out, copy_to=copies.as_uri())
    assert (len(found["scored"]), len(found["rejected"])) == (1, 1)
    with pytest.raises(SourceNotFoundError):
        passed(tmp_path / "gone", out)
    left = set(storage.iterdir()) - before
    assert len(left) > 5
    assert [path.read_text() for path in left if not is_ours(path)] == []


@pytest.mark.parametrize("damage", ["pointer", "run"])
def test_a_damaged_champion_fails_the_pass(damage: str, championed: Root, tmp_path: Path) -> None:
    out = championed()
    sky(tmp_path / "inbox" / "a.csv", rows=20)
    if damage == "pointer":
        (out / "champion.json").write_text("{")
    else:
        shutil.rmtree(out / "runs" / "20260101-000000-000-champion")
    with pytest.raises(ChampionError, match="pulsar promote"):
        passed(tmp_path / "inbox", out)
    assert not (out / "rejected").exists()


def test_a_person_at_a_terminal_is_told_that_there_is_no_champion(
    tmp_path: Path, pulsar_here: Pulsar
) -> None:
    sky(tmp_path / "inbox" / "a.csv", rows=20)
    done = pulsar_here("inbox", tmp_path / "inbox", "--out", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == told["exit_code"] == 2
    assert told["error"] == "ChampionError"
    said = told["message"]
    assert said.startswith(f"{tmp_path / 'out'} has no champion")
    for way_out in ("`pulsar train DATA`", "`pulsar promote RUN --because WHY`"):
        assert way_out in said
    assert f"--out {tmp_path / 'out'}" in said
    assert said in done.stderr


def test_a_link_is_scored_like_a_file_and_set_aside_when_its_target_is_bad(
    championed: Root, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    inbox.mkdir()
    good, bad = sky(tmp_path / "survey" / "good.csv", rows=20), tmp_path / "survey" / "bad.csv"
    bad.write_bytes(b"1,2\0,3\n")
    (inbox / "night.csv").symlink_to(good)
    (inbox / "broken.csv").symlink_to("nowhere.csv")
    (inbox / "noise.csv").symlink_to("../survey/bad.csv")
    found = passed(inbox, out)
    assert [one["name"] for one in found["scored"]] == ["night.csv"]
    assert [one["name"] for one in found["rejected"]] == ["noise.csv"]
    assert (found["waiting"], found["failed"]) == (["broken.csv"], [])
    (aside,) = (inbox / "rejected").glob("*-noise.csv")
    assert aside.resolve() == bad.resolve()
    assert good.is_file()
    assert {path.name for path in inbox.iterdir()} == {"night.csv", "broken.csv", "rejected"}


HELD = (
    "import os, sys, time\n"
    "hold = sys.argv.pop(1)\n"
    "def hear(event, args):\n"
    "    if event == 'open' and '/.drift.json' in str(args[0]) and os.path.exists(hold):\n"
    "        os.rename(hold, held := f'{hold}.{os.getpid()}')\n"
    "        while os.path.exists(held):\n"
    "            time.sleep(0.02)\n"
    "sys.addaudithook(hear)\n"
    "from command.cli import main\n"
    "main()\n"
)
"""The command, which goes no further than to accept rows while a file is there, and renames it."""


@pytest.mark.slow
def test_of_three_commands_at_once_one_is_killed_and_one_scores(
    championed: Root, tmp_path: Path, served_environment: dict[str, str]
) -> None:
    """One folder, whole; what the killed one had done is gone on from; nothing private is left."""
    out, path, hold = championed(), sky(tmp_path / "sky.csv"), tmp_path / "hold"
    hold.touch()
    command = [sys.executable, "-P", "-c", HELD, str(hold)]
    words = [*command, "score", str(path), "--out", str(out), "--json"]
    logs = [tmp_path / f"{n}.log" for n in range(3)]
    with ExitStack() as stack:
        started = [
            subprocess.Popen(
                words, env=served_environment, text=True, stdout=subprocess.PIPE,
                stderr=stack.enter_context(log.open("w")),
            )
            for log in logs
        ]  # fmt: skip
        for process in started:
            stack.callback(process.kill)
        deadline = time.monotonic() + 300
        while True:
            held, told = [*tmp_path.glob("hold.*")], [log.read_text() for log in logs]
            if held and sum("waiting for another" in text for text in told) == 2:
                break
            assert time.monotonic() < deadline, told
            time.sleep(0.1)
        os.kill(int(held[0].suffix[1:]), signal.SIGKILL)
        said = [process.communicate(timeout=300)[0] for process in started]
    codes = [process.returncode for process in started]
    assert sorted(codes) == [-signal.SIGKILL, 0, 0], said
    killed = codes.index(-signal.SIGKILL)
    assert said.pop(killed) == ""
    assert json.loads(said[0]) == json.loads(said[1])
    told = [log.read_text() for log in logs]
    assert "accepted 7" in told.pop(killed)
    assert sum("already scored" in text for text in told) == 1
    assert sum("going on in" in text for text in told) == 1
    assert len(folders(out)) == 1
    assert list((out / "unfinished").iterdir()) == []


@pytest.mark.slow
def test_the_commands_say_what_they_found(
    championed: Root, tmp_path: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    out, inbox = championed(), tmp_path / "inbox"
    sky(inbox / "sky.csv", labelled=True)
    other_scale(inbox / "far.csv")
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    done = run(app, ["inbox", str(inbox), "--out", str(out), "--settle-seconds", "0"])
    assert done.exit_code == 0, done.exception
    assert "scored    sky.csv" in done.stdout
    assert "rejected  far.csv" in done.stdout
    shown = run(app, ["score", str(inbox / "sky.csv"), "--out", str(out)])
    assert shown.exit_code == 0, shown.exception
    for words in ("Already scored", "Drift    ok", "short_list.csv", "By the file's labels"):
        assert words in shown.stdout
    assert "asked otherwise" not in shown.stderr
    assert "another version" not in shown.stderr
    with monkeypatch.context() as later:
        later.setattr("pulsars.store.scores.code_version", lambda: "a later one")
        shown = run(app, ["score", str(inbox / "sky.csv"), "--out", str(out)])
    assert "another version" in shown.stderr
    shown = run(app, ["score", str(inbox / "sky.csv"), "--out", str(out), "--budget", "7"])
    assert "budget 7 now, 100 then" in shown.stderr.replace("\n", " ")
    told = run(app, ["score", str(inbox / "sky.csv"), "--out", str(out), "--json"])
    assert set(json.loads(told.stdout)) == {
        "run", "model_sha256", "path", "simulated", "data", "rows", "drift", "n_called", "n_learnt",
        "ranked_by", "short_list", "metrics", "converted", "known",
    }  # fmt: skip
    far = next((inbox / "rejected").glob("*-far.csv"))
    refused = run(app, ["score", str(far), "--out", str(out)])
    assert isinstance(refused.exception, DriftError)
    assert refused.exception.exit_code == 4
    assert len(folders(out)) == 1


def test_too_many_bad_rows_stop_a_scoring(championed: Root, tmp_path: Path) -> None:
    path = sky(tmp_path / "sky.csv", rows=50)
    path.write_text(path.read_text().replace("\n", "\nbright", 6))
    with pytest.raises(QuarantineRateError, match="--max-quarantine"):
        score(asked(path, championed()))
