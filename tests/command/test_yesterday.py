"""What an earlier version left on disk is listed, scored with, challenged, migrated and pruned."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.gate.rescoring import repeats_its_scores
from pulsars.store.arrays import load_companion, load_model
from pulsars.store.runs import kept, load_run
from pulsars.store.scores import load_scores
from pulsars.store.sweeps import load_sweep
from slp import repeats

Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]

RUNS = [
    "20261125-030409-894-8911d011",
    "20261125-030419-025-6735e3ea",
    "20261125-030427-815-ff5b61ce",
]
FIRST, SECOND, REPLAY = RUNS


def said(out: Path, *words: object) -> str:
    done = CliRunner().invoke(app, [*map(str, words), "--out", str(out)])
    assert done.exit_code == 0, done.exception
    return done.stdout


def of(out: Path, *words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(out, *words, "--json"))
    return found


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def out(yesterday: Path) -> Path:
    return yesterday / "artifacts"


def test_yesterdays_runs_files_and_champions_are_listed_and_no_byte_is_changed(out: Path) -> None:
    before = content(out)
    listed = of(out, "runs")
    assert ([run["run"] for run in listed["runs"]], listed["damaged"]) == (RUNS, [])
    assert listed["champion"] == FIRST
    for name in RUNS:
        shown = of(out, "show", name)
        assert shown["rows"]["read"] == 500
        assert shown["data"]["name"] == "survey.csv"
        assert name in said(out, "show", name)
    assert [of(out, "show", name)["verdict"]["decision"] for name in RUNS] == [
        "promoted", "promoted", "kept",
    ]  # fmt: skip
    assert FIRST in said(out, "runs")
    told = of(out, "history")
    assert [reign["how"] for reign in told["reigns"]] == ["gate", "person", "rollback"]
    assert [one["name"] for one in told["scored"]] == ["night2.csv", "night3.csv", "good.csv"]
    assert [one["name"] for one in told["rejected"]] == ["bad.csv"]
    assert told["damaged"] == []
    page = out.parent / "page.html"
    said(out, "history", page, "--html")
    assert all(name in page.read_text() for name in (*RUNS, "night2.csv", "bad.csv"))
    assert of(out, "compare", FIRST, SECOND)["verdict"] == "undecided"
    for folder in (out / "scores").glob("*-*"):
        assert load_scores(folder).summary()["rows"]["accepted"] == 150
    for folder in (out / "sweeps").glob("*-*"):
        assert len(load_sweep(folder).summary()["settings"]) > 1
    assert content(out) == before


def test_yesterdays_models_score_as_they_did_beyond_their_range_too_and_have_no_companion(
    out: Path,
) -> None:
    for name in RUNS:
        run = load_run(out / "runs" / name)
        file = kept(run, "model.json")
        model = load_model(file)
        with np.load(run.path / "test.npz") as test:
            assert repeats(model.predict_proba(test["X"]), test["probability"])
        assert model.inputs.low is model.inputs.high is None
        assert load_companion(file) is None
        assert repeats_its_scores(run.path)
        assert of(out, "show", name)["companion"] is None


def test_in_a_narrow_terminal_a_number_stays_in_one_line_and_prune_says_why_it_keeps(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert len(re.findall(r" 0\.\d{3}–[01]\.\d{3} ", said(out, "runs"))) == len(RUNS)
    assert "Kept beside the newest: the champion" in said(out, "prune", "--keep", "1")


def test_a_terminal_that_is_too_narrow_for_a_table_loses_none_of_it(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (["runs"], ["history"], ["compare", FIRST, SECOND, REPLAY]):
        shown = {}
        for columns in ("20", "72"):
            monkeypatch.setenv("COLUMNS", columns)
            shown[columns] = said(out, *words)
        assert shown["20"] == shown["72"]
        assert " run " in shown["72"]
        assert re.search(r"│ 202[0-9]", shown["72"])  # what names a row, or its begin


def test_yesterdays_champion_is_rolled_on_and_back_and_what_nobody_needs_is_pruned(
    out: Path,
) -> None:
    assert of(out, "promote", SECOND, "--because", "once more")["champion"]["run"] == SECOND
    assert of(out, "rollback", "--because", "no")["champion"]["run"] == FIRST
    assert len(of(out, "history")["reigns"]) == 5
    shutil.copytree(out / "runs" / REPLAY, out / "runs" / f"{REPLAY[:-1]}0")
    pruned = of(out, "prune", "--keep", "1", "--yes")
    assert pruned["gone"] == [SECOND, f"{REPLAY[:-1]}0"]
    assert pruned["kept"] == [FIRST, REPLAY]
    assert of(out, "runs")["champion"] == FIRST


@pytest.mark.slow
def test_yesterdays_home_is_migrated_its_champion_scores_and_is_challenged(
    yesterday: Path, pulsar: Pulsar
) -> None:
    home = yesterday / "prefect"
    before = flow_runs(home)
    kept = content(yesterday / "artifacts" / "runs")
    env = {"PREFECT_HOME": str(home)}
    scored = pulsar("score", "night3.csv", "--json", cwd=yesterday, env=env)
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["run"] == FIRST
    trained = pulsar("train", "survey.csv", "--seed", "5", "--json", cwd=yesterday, env=env)
    assert trained.returncode == 0, trained.stderr
    verdict = json.loads(trained.stdout)["verdict"]
    assert (verdict["against"], verdict["decision"]) == (FIRST, "undecided")
    assert flow_runs(home) == before + 2
    after = content(yesterday / "artifacts" / "runs")
    assert {name: after[name] for name in kept} == kept
    assert len(of(yesterday / "artifacts", "runs")["runs"]) == 4


def flow_runs(home: Path) -> int:
    with sqlite3.connect(home / "prefect.db") as database:
        (count,) = database.execute("select count(*) from flow_run").fetchone()
    return int(count)


def not_moved(yesterday: Path) -> None:
    """Have what was scheduled yesterday look for its folders where they are in this test."""
    with sqlite3.connect(yesterday / "prefect" / "prefect.db") as database:
        for table in ("flow_run", "deployment"):
            database.execute(
                f"update {table} set parameters = replace(parameters, ?, ?)",  # noqa: S608
                ("/srv/observatory", str(yesterday)),
            )


@pytest.mark.slow
def test_up_goes_on_where_yesterdays_was_cut_off(yesterday: Path, pulsar: Pulsar) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    env = {"PREFECT_HOME": str(yesterday / "prefect")}
    shutil.copy(yesterday / "night4.csv", yesterday / "inbox" / "again.csv")
    (yesterday / "inbox" / "new.csv").write_text(
        (yesterday / "night4.csv").read_text().rsplit("\n", 2)[0] + "\n"
    )
    not_moved(yesterday)
    words = ("--inbox", "inbox", "--score-every", 5, "--settle-seconds", 0, "--port", port)
    done = pulsar("up", *words, "--json", cwd=yesterday, env=env)
    try:
        assert done.returncode == 0, done.stderr
        scores = yesterday / "artifacts" / "scores"
        deadline = time.monotonic() + 300
        while len(list(scores.glob("*/manifest.json"))) < 4 and time.monotonic() < deadline:
            time.sleep(0.5)
        names = [one["name"] for one in of(yesterday / "artifacts", "history")["scored"]]
        assert sorted(names) == ["good.csv", "new.csv", "night2.csv", "night3.csv"]
    finally:
        stopped = pulsar("down", cwd=yesterday, env=env)
    assert stopped.returncode == 0, stopped.stderr
