"""`pulsar labels`, and what `pulsar review` and `pulsar prune` refuse."""

from __future__ import annotations

import csv
import json
import signal
import stat
import subprocess
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from command.cli import app
from command.opening import page_opener
from pulsars.review.labels import append_statement
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.review_records import ShownIn, Statement
from service.notes import write_plan
from service.plan import Plan
from tests.pulsars.review.said import statement
from tests.reviewed import publish_scores


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    for of, words in enumerate([("pulsar", "pulsar"), ("pulsar", "not"), ("not", "unsure")]):
        for who, value in zip(("anna", "=ben"), words, strict=True):
            append_statement(path, statement(value, who=who, of=of, name=f"-J{of}"))
    return path


def test_labels_say_who_differs_and_how_far_people_agree(labels: Path) -> None:
    told = json.loads(run("labels", "--out", labels.parent, "--json").stdout)
    counts = {name: told[name] for name in ("pulsar", "not", "unsure", "conflict", "settled")}
    assert counts == {"pulsar": 1, "not": 1, "unsure": 0, "conflict": 1, "settled": 2}
    assert told["people"]["=ben"] == {"pulsar": 1, "not": 1, "unsure": 1}
    assert [one["words"] for one in told["conflicts"]] == [{"anna": "pulsar", "=ben": "not"}]
    (pair,) = told["agreement"]
    assert (pair["people"], pair["n_both"], pair["n_alike"]) == (["=ben", "anna"], 2, 1)
    assert pair["kappa"] == 0.0
    shown = run("labels", "--labels", labels).stdout
    assert "-J1" in shown
    assert "0.00" in shown


def test_a_candidate_without_a_name_of_which_people_differ_can_be_found_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "labels.jsonl"
    at = ShownIn(folder="night-1", line=23, rank=4, probability=0.9, model_sha256="a" * 64)
    append_statement(path, statement("pulsar", who="anna"))
    append_statement(path, statement("not", who="ben", scores=at))
    (one,) = json.loads(run("labels", "--labels", path, "--json").stdout)["conflicts"]
    assert one["shown"] == {"folder": "night-1", "line": 23, "rank": 4}
    assert all(word in run("labels", "--labels", path).stdout for word in ("night-1", "23"))


def test_the_table_has_a_label_where_it_is_settled_and_no_formula(labels: Path) -> None:
    path = labels.with_suffix(".csv")
    for _ in range(2):  # its own table it may write over
        assert run("labels", "--out", labels.parent, "--export", path).exit_code == 0
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [row["label"] for row in rows] == ["1", "", "0"]
    assert [row["said"] for row in rows] == ["pulsar", "conflict", "not"]
    assert [float(row[name]) for row in rows for name in FEATURE_NAMES[:1]] == [0, 1, 2]
    assert {row["name"] for row in rows} == {"'-J0", "'-J1", "'-J2"}
    assert rows[1]["words"] == "anna: pulsar;' =ben: not"


def test_a_table_of_something_else_is_left_alone(labels: Path) -> None:
    path = labels.with_name("mine.csv")
    path.write_text("a,b\n")
    assert run("labels", "--out", labels.parent, "--export", path).exit_code != 0
    assert path.read_text() == "a,b\n"


@pytest.mark.parametrize("name", ["x.parquet", "x", "nowhere/x.csv", "labels.jsonl/x.csv"])
def test_a_table_is_exported_as_csv_to_a_folder_that_is_there(labels: Path, name: str) -> None:
    before = sorted(labels.parent.iterdir())
    done = run("labels", "--out", labels.parent, "--export", labels.parent / name)
    assert type(done.exception).__name__ == "ParameterError"
    assert name in str(done.exception)
    assert sorted(labels.parent.iterdir()) == before


def test_nobody_has_said_anything_yet(tmp_path: Path) -> None:
    done = run("labels", "--out", tmp_path)
    assert (done.exit_code, "Nobody" in done.stdout) == (0, True)
    assert run("labels", "--out", tmp_path, "--export", tmp_path / "x.csv").exit_code == 0
    assert (tmp_path / "x.csv").read_text().startswith("candidate,name,profile_mean")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("labels", "--labels", "none.jsonl"), "SourceNotFoundError"),
        (("train", "x.csv", "--labels", "none.jsonl"), "SourceNotFoundError"),
        (("labels", "--labels", "."), "LabelsError"),
        (("labels", "--labels", "rubbish.jsonl"), "LabelsError"),
        (
            ("prune", "--keep", "1", "--labels", "none.jsonl", "--out", "scored"),
            "SourceNotFoundError",
        ),
        (("review",), "RunNotFoundError"),
        (("review", "nobody"), "RunNotFoundError"),
        (("review", "--labels", "rubbish.jsonl", "--out", "scored"), "LabelsError"),
        (("prune", "--keep", "1", "--labels", "rubbish.jsonl", "--out", "scored"), "LabelsError"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_anything_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], error: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubbish.jsonl").write_text("\x1b[2J\n")
    publish_scores(tmp_path / "scored")
    assert type(run(*words).exception).__name__ == error


@pytest.mark.parametrize("there", ["a file/labels.jsonl", "a folder"])
def test_where_no_word_can_be_kept_nothing_is_served(tmp_path: Path, there: str) -> None:
    publish_scores(tmp_path)
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "a folder").mkdir()
    refused = run("review", "--out", tmp_path, "--labels", tmp_path / there, "--no-browser")
    assert type(refused.exception).__name__ == "ParameterError"
    assert "--labels" in str(refused.exception)


def test_what_is_said_while_pruning_waits_for_its_turn_keeps_the_scores_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = publish_scores(tmp_path)
    shown = ShownIn(folder=scores.name, line=2, rank=1, probability=0.5, model_sha256="d" * 64)

    @contextmanager
    def somebody_speaks(_: Path, **_more: object) -> Iterator[None]:
        append_statement(tmp_path / "labels.jsonl", statement(scores=shown))
        yield

    words = ("prune", "--keep", "1", "--older-than", "0", "--yes", "--out", tmp_path)
    monkeypatch.setattr("pulsars.store.pruning.nobody_at_work", somebody_speaks)
    assert run(*words).exit_code == 0
    assert scores.path.is_dir()
    (tmp_path / "labels.jsonl").write_text("")
    monkeypatch.undo()
    assert run(*words).exit_code == 0
    assert not scores.path.exists()


def test_scores_that_any_file_of_words_names_are_kept_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    out = tmp_path / "art"
    files = [out / "labels.jsonl", *(tmp_path / f"{name}.jsonl" for name in ("anna", "ben", "up"))]
    said = [publish_scores(out, folder=f"{k}" * 16 + "-dddddddd") for k in range(len(files))]
    for file, scores in zip(files, said, strict=True):
        shown = ShownIn(folder=scores.name, line=2, rank=1, probability=0.5, model_sha256="d" * 64)
        append_statement(file, statement(scores=shown))
    nobody = publish_scores(out, folder="f" * 16 + "-dddddddd")
    training = TrainingParameters(data="x.csv", labels=str(files[-1]), out=str(out))
    write_plan(Plan(training=training))
    named = [word for file in files[1:3] for word in ("--labels", file)]
    done = run("prune", "--keep", "1", "--older-than", "0", "--yes", "--out", out, *named)
    assert done.exit_code == 0
    assert [one.path.is_dir() for one in (*said, nobody)] == [True] * len(said) + [False]


def test_while_a_file_of_words_is_away_that_a_schedule_or_a_link_names_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    out, away = tmp_path / "art", tmp_path / "share" / "words.jsonl"
    scores = publish_scores(out)
    away.parent.mkdir()
    training = TrainingParameters(data="x.csv", labels=str(away), out=str(out))
    looks = ("prune", "--keep", "1", "--older-than", "0", "--out", out)
    write_plan(Plan(training=training))
    refuses_to_remove(looks, away)
    own = out / "labels.jsonl"
    write_plan(Plan(training=training.model_copy(update={"labels": str(own)})))
    own.symlink_to(away)
    refuses_to_remove(looks, away)
    assert scores.path.is_dir()
    away.touch()
    assert run(*looks, "--yes").exit_code == 0
    assert not scores.path.exists()
    own.unlink()
    assert run(*looks, "--yes").exit_code == 0, "comes with the first word"
    own.symlink_to(own)
    assert run(*looks, "--yes").exit_code == 0, "links to itself and holds no word"


def refuses_to_remove(looks: tuple[object, ...], away: Path) -> None:
    looked, refused = run(*looks), run(*looks, "--yes")
    assert (looked.exit_code, str(away) in looked.stderr.replace("\n", "")) == (0, True)
    assert type(refused.exception).__name__ == "SourceNotFoundError"
    assert str(away) in str(refused.exception)


def test_words_are_read_once_and_before_anybody_waits_for_the_pruning(
    labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    parsed = Statement.model_validate_json

    def counted(*given: Any, **how: Any) -> Statement:
        read.append("a line")
        return parsed(*given, **how)

    @contextmanager
    def locked(_: Path) -> Iterator[None]:
        read.append("the lock")
        append_statement(labels, statement(of=9))
        yield

    monkeypatch.setattr(Statement, "model_validate_json", counted)
    monkeypatch.setattr("pulsars.store.pruning.pointer_lock", locked)
    n_lines = len(labels.read_text().splitlines())
    assert run("prune", "--keep", "1", "--yes", "--out", labels.parent).exit_code == 0
    assert read == ["a line"] * n_lines + ["the lock", "a line"]


def test_of_many_conflicts_a_person_is_shown_some_and_a_machine_all(tmp_path: Path) -> None:
    n = 50
    for of in range(n):
        for who, value in (("anna", "pulsar"), ("ben", "not")):
            append_statement(tmp_path / "labels.jsonl", statement(value, who=who, of=of))
    lines = run("labels", "--out", tmp_path).stdout.splitlines()
    assert len(lines) < n
    n_shown = sum("anna: pulsar, ben: not" in line for line in lines)
    assert 0 < n_shown < n
    assert any(f"{n - n_shown:,} more" in line for line in lines)
    assert len(json.loads(run("labels", "--out", tmp_path, "--json").stdout)["conflicts"]) == n


@pytest.mark.parametrize("named", [(), ("--out", "artifacts")])
def test_a_pruning_of_nothing_is_refused_and_one_of_something_says_of_what(
    named: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(tmp_path / "steps"))
    refused = run("prune", "--keep", "1", "--yes", *named)
    assert type(refused.exception).__name__ == "ParameterError"
    assert str(tmp_path) in str(refused.exception)
    (tmp_path / "artifacts").mkdir()
    words = ("prune", "--keep", "1", *named)
    places = [str(tmp_path / "artifacts"), str(tmp_path / "steps")]
    assert all(place in run(*words).stdout for place in places)
    told = json.loads(run(*words, "--json").stdout)
    assert [told["root"], told["results"]] == places


@pytest.mark.parametrize("home", ["home", "none"])
def test_a_browser_is_told_of_a_private_file_and_not_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    told: list[str] = []
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / home))
    monkeypatch.setattr(webbrowser, "open", told.append)
    monkeypatch.setenv("DISPLAY", ":0")
    with page_opener(asked=True) as opened:
        opened("http://127.0.0.1:1/?key=secret")
        page = Path(urlsplit(told[0]).path)
        assert "url=http://127.0.0.1:1/?key=secret" in page.read_text()
        assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
        # A browser in a sandbox may have a /tmp of its own, and sees nothing that is hidden.
        assert (page.parent.parent == tmp_path / "home") is (home == "home")
        assert not page.parent.name.startswith(".")
        assert "secret" not in told[0]
    assert not page.parent.exists()


def test_no_browser_is_opened_where_none_is_wanted_or_there_is_no_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webbrowser, "open", pytest.fail)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    with page_opener(asked=False) as opened:
        opened("http://127.0.0.1:1/")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with page_opener(asked=True) as opened:
        opened("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "sent", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_ctrl_c_is_how_a_review_ends_and_it_says_what_it_kept(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path, sent: signal.Signals
) -> None:
    publish_scores(tmp_path)
    labels = tmp_path / "labels.jsonl"
    append_statement(labels, statement(of=1.0))
    words = [*command, "review", "--out", str(tmp_path), "--no-browser", "--port", "0", "--json"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as review:
        assert review.stdout
        url = json.loads(review.stdout.readline())["url"]
        assert httpx.get(url).status_code == 200
        append_statement(labels, statement(of=2.0))
        review.send_signal(sent)
        assert json.loads(review.stdout.read()) == {"said": 1, "labels": str(labels)}
        assert review.wait(120) == 0


@pytest.mark.slow
def test_the_demo_ends_in_a_review_of_simulated_folds(
    command: tuple[str, ...],
    served_environment: dict[str, str],
    tmp_path: Path,
) -> None:
    words = [*command, "demo", "--review", "--json"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=served_environment, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        told = json.loads(demo.stdout.readline())
        assert httpx.get(told["url"]).status_code == 200
        scores = tmp_path / told["scores"]
        assert (scores / "faces.parquet").is_file()
        assert json.loads((scores / "manifest.json").read_text())["ranked_by"] == "model"
        assert told["labels"] == str(Path("artifacts", "demo", "labels.jsonl"))
        demo.send_signal(signal.SIGINT)
        assert demo.wait(120) == 0
