"""The command as people and machines run it, on the real file."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

PROMISED = {
    "run", "path", "model_sha256", "simulated", "rows", "metrics", "epochs", "threshold",
}  # fmt: skip
METRICS = [
    "tn", "fp", "fn", "tp", "accuracy", "precision", "recall", "specificity", "f1", "mcc",
    "g_mean", "balanced_accuracy", "roc_auc", "average_precision", "brier", "log_loss",
]  # fmt: skip


def test_a_run_says_all_that_a_machine_may_ask(published: dict[str, Any]) -> None:
    assert published.keys() >= PROMISED
    assert published["simulated"] is False
    assert list(published["metrics"]) == ["train", "validation", "test"]
    for part in published["metrics"].values():
        assert list(part) == METRICS
        for interval in part.values():
            assert interval["low"] <= interval["value"] <= interval["high"]


def test_rows_are_conserved_from_the_file_to_the_parts(published: dict[str, Any]) -> None:
    rows = published["rows"]
    assert rows["read"] == 17_898 == rows["accepted"] + rows["quarantined"]
    assert rows["accepted"] == rows["train"] + rows["validation"] + rows["test"]
    assert all(proof["holds"] for proof in published["proofs"])


def test_every_published_file_has_the_hash_that_the_manifest_says(
    published: dict[str, Any],
) -> None:
    folder = Path(published["path"])
    manifest = json.loads((folder / "manifest.json").read_text())
    found = {p.name for p in folder.iterdir()} - {"manifest.json"}
    assert found == set(manifest["files"])
    assert found >= {
        "metrics.json", "epochs.csv", "model.json", "quarantine.parquet", "quarantine.csv",
        "split.npz", "report.html", "quality.json", "model_card.md",
    }  # fmt: skip
    for name, sha256 in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    assert published["model_sha256"] == manifest["files"]["model.json"]


def test_the_first_run_that_clears_the_floor_is_champion(
    published: dict[str, Any], artifacts: Path, pulsar_here: Pulsar
) -> None:
    assert published["verdict"]["decision"] == "promoted"
    pointer = json.loads((artifacts / "champion.json").read_text())
    assert pointer["history"][0]["run"] == published["run"]
    listed = json.loads(pulsar_here("runs", "--out", artifacts, "--json").stdout)
    assert listed["champion"] == pointer["run"]


def test_a_run_is_not_compared_with_itself(
    published: dict[str, Any], artifacts: Path, pulsar_here: Pulsar
) -> None:
    done = pulsar_here("compare", published["run"], published["run"], "--out", artifacts, "--json")
    assert done.returncode == 2
    assert "is named twice" in done.stderr


def test_nothing_private_is_left_behind(published: dict[str, Any], artifacts: Path) -> None:
    assert Path(published["path"]).is_dir()
    assert not list((artifacts / "unfinished").iterdir())


@pytest.mark.kaggle
def test_too_many_bad_rows_are_a_sentence_and_no_run(
    pulsar_here: Pulsar, prefect_server: str, data_dir: Path, tmp_path: Path
) -> None:
    words = ("train", data_dir / "pulsar_data_train.csv", "--out", tmp_path)
    done = pulsar_here(*words, env={"PREFECT_API_URL": prefect_server})
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    for word in ("3,255 of 12,528", "dm_kurtosis", "--max-quarantine"):
        assert word in done.stderr
    assert not (tmp_path / "runs").exists()


def test_validate_says_what_the_file_is(pulsar: Pulsar, data_dir: Path) -> None:
    done = pulsar("validate", data_dir / "HTRU_2.csv", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["rows"] == {"read": 17_898, "accepted": 17_898, "quarantined": 0}
    assert found["pulsars"] == 1_639
    assert found["verdict"] == "accepted"
    assert found["dialect"]["newline"] == "CR"
    assert found["columns"]["profile_skewness"]["position"] == 3


@pytest.mark.kaggle
def test_validate_counts_no_pulsars_where_there_are_no_labels(
    pulsar_here: Pulsar, data_dir: Path
) -> None:
    done = pulsar_here("validate", data_dir / "pulsar_data_test.csv", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 3
    assert found["pulsars"] is None
    assert found["verdict"] == "refused"


SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample.csv"
WRONG_WORDS = [
    (["train"], 2, "DATA"),
    (["train", "x.csv", "--threshold", "2"], 2, "recall:R"),
    (["train", "x.csv", "--threshold", "recall:0.0"], 2, "recall:R"),
    (["train", "x.csv", "--l2", "inf"], 2, "l2"),
    (["train", "x.csv", "--seed", "-1"], 2, "seed"),
    (["train", "x.csv", "--seed", "1.5"], 2, "'--seed': 1.5: "),
    (["train", "x.csv", "--floor", "nan"], 2, "--floor nan: is no number"),
    (["score", "x.csv", "--known-within", "1"], 2, "--known-within 1 has no effect"),
    (["train", "x.csv", "--max-quarantine", "7"], 2, "max-quarantine"),
    (["train", "x.csv", "--preset", "novel"], 2, "book"),
    (["train", "x.csv", "--preset", "book", "--oversample", "cycle"], 2, "oversample"),
    (["train", "x.csv", "--oversample", "smote"], 2, "jitter"),
    (["train", "x.csv", "--preset", "book", "--labels", "said.jsonl"], 2, "labels"),
    (["train", str(SAMPLE), "--labels", "said.jsonl"], 3, "--labels said.jsonl: there is no such"),
    (["train", str(SAMPLE), "--labels", "http://host/said.jsonl"], 2, "a file on this machine"),
    (["train", "ftp://host/x.csv"], 2, "http"),
    (["train", str(SAMPLE), "--out", str(SAMPLE)], 2, "runs cannot be written there"),
    (["train", str(SAMPLE), "--out", "/proc/nowhere"], 2, "runs cannot be written there"),
    (["train", str(SAMPLE), "--out", "s3://bucket/x"], 2, "--out s3:/bucket/x: is an address"),
    (["runs", "--out", "http://host/x"], 2, "is an address; name a folder"),
    (["sweep", str(SAMPLE), "--best-to", "a/champion.json"], 2, "keeps its champion so"),
    (["simulate", "sky.txt"], 2, ".parquet"),
    (["simulate", "sky.csv", "--rows", "0"], 2, "0"),
    (["simulate", "sky.csv", "--prevalence", "2"], 2, "2"),
    (["show", "nothing"], 2, "run"),
    (["compare", "a", "b"], 2, "run"),
    (["promote", "nothing", "--because", "x"], 2, "run"),
    (["promote", "nothing"], 2, "because"),
    (["rollback", "--because", "x"], 2, "nothing to go back to"),
    (["prune", "--keep", "0"], 2, "keep"),
    (["prune", "--keep", "9", "--out", "nodir"], 2, "--out nodir: there is no such folder"),
    (["runs", "--out", "nodir"], 2, "--out nodir: there is no such folder"),
    (["history", "--out", "nodir", "--html", "made/x.html"], 2, "--out nodir: there is no such"),
    (["labels", "--out", "nodir"], 2, "--out nodir: there is no such folder"),
    (["score", str(SAMPLE), "--out", "nodir"], 2, "--out nodir: there is no such folder"),
    (["promote", "x", "--because", "y", "--out", "nodir"], 2, "--out nodir: there is no such"),
    (["rollback", "--because", "y", "--out", "nodir"], 2, "--out nodir: there is no such folder"),
    (["score", str(SAMPLE)], 2, "no champion yet"),
    (["score", str(SAMPLE), "--copy-to", "memory://x"], 2, "--copy-to 'memory://x': would be gone"),
    (["inbox", "."], 2, "no champion yet; train one with `pulsar train DATA`"),
    (["train", "no-such-file.csv"], 3, "no-such-file.csv"),
    (["validate", "no-such-file.csv"], 3, "no-such-file.csv"),
    (["validate", "~nobody/x.csv"], 3, "~nobody/x.csv"),
    (["inbox", "~nobody"], 3, "~nobody"),
    (["inbox", str(SAMPLE)], 3, "that is a file; name its folder"),
]


@pytest.mark.parametrize(("words", "code", "said"), WRONG_WORDS, ids=lambda v: str(v)[:60])
def test_a_wrong_word_gets_a_sentence_and_its_exit_code(
    words: list[str], code: int, said: str, pulsar_here: Pulsar, prefect_server: str, tmp_path: Path
) -> None:
    done = pulsar_here(*words, cwd=tmp_path, env={"PREFECT_API_URL": prefect_server})
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("**/runs"))
    assert not [one for one in ("made", "nodir") if (tmp_path / one).exists()]


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ("runs", ["runs"]),
        ("runs", ["train", str(SAMPLE)]),
        ("scores", ["history"]),
        ("scores", ["score", str(SAMPLE)]),
        ("sweeps", ["sweep", str(SAMPLE)]),
    ],
)
def test_a_file_in_place_of_a_folder_of_what_is_published_is_named(
    room: str, words: list[str], pulsar_here: Pulsar, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / room).write_text("mine")
    done = pulsar_here(*words, "--out", "root", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"root/{room} is a file" in done.stderr
    assert [path.name for path in (tmp_path / "root").iterdir()] == [room]


def test_the_bare_command_says_what_its_help_says(pulsar_here: Pulsar) -> None:
    asked, bare = pulsar_here("--help"), pulsar_here()
    assert (bare.returncode, bare.stdout, bare.stderr) == (2, "", asked.stdout)


@pytest.mark.parametrize("encoding", ["ascii", pytest.param("euc_kr", marks=pytest.mark.slow)])
def test_a_letter_that_a_terminal_has_not_changes_no_exit_code(
    encoding: str, tmp_path: Path
) -> None:
    _, head, *rows = SAMPLE.read_text().splitlines()
    lines = [f"{head},각도 θ–ü", *(f"{row},{n}.5" for n, row in enumerate(rows))]
    (tmp_path / "angles.csv").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from command.cli import main; main()", "validate", "angles.csv"],
        cwd=tmp_path, capture_output=True, check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(SAMPLE.parents[1])},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize(("words", "code"), [("runs --json", 0), ("--version", 0), ("show no", 2)])
def test_a_stream_that_a_daemon_has_closed_changes_no_exit_code(
    words: str, code: int, closed: str, tmp_path: Path
) -> None:
    pulsar = f"'{sys.executable}' -c 'from command.cli import main; main()'"
    done = subprocess.run(
        ["sh", "-c", f"{pulsar} {words} {closed}"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


UNREAD = [
    (["train", str(SAMPLE), "--columns", "1,2,3,4,5,6,7,8,9,10"], 2, "10 entries"),
    (["train", str(SAMPLE), "--columns", "1,1,3,4,5,6,7,8"], 2, "takes column '1' for both"),
    (["score", str(SAMPLE), "--known", str(SAMPLE)], 3, "no column is the name and period"),
]


@pytest.mark.parametrize(("words", "code", "said"), UNREAD, ids=lambda v: str(v)[-40:])
def test_what_can_be_told_without_the_candidates_is_refused_before_any_lock_is_waited_for(
    words: list[str], code: int, said: str, served: Pulsar, tmp_path: Path
) -> None:
    done = served(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["runs", "history", "labels"])
def test_before_the_first_command_the_default_root_is_empty_and_no_mistake(
    command: str, served: Pulsar, tmp_path: Path
) -> None:
    done = served(command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "code"),
    [(["validate", "no-such-file.csv"], 3), (["train"], 2), (["train", "x.csv", "--bogus"], 2)],
    ids=str,
)
def test_an_error_is_one_json_object_too(words: list[str], code: int, pulsar: Pulsar) -> None:
    done = pulsar(*words, "--json")
    said = json.loads(done.stdout)
    assert said["exit_code"] == done.returncode == code
    assert said["message"]


@pytest.mark.usefixtures("published")
def test_a_full_disk_behind_stdout_is_a_sentence(pulsar: Pulsar, artifacts: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = pulsar("show", "--out", artifacts, "--json", stdout=full)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_that_a_run_prints_at_its_end_shows_it_again(
    pulsar: Pulsar, published: dict[str, Any], artifacts: Path
) -> None:
    first = pulsar("show", published["run"], "--out", artifacts)
    (again,) = re.findall(r"^Again +pulsar (.*)$", first.stdout, re.MULTILINE)
    assert pulsar(*shlex.split(again)).stdout == first.stdout


def test_a_foreign_folder_among_the_runs_is_passed_over(pulsar: Pulsar, tmp_path: Path) -> None:
    (tmp_path / "runs" / "notes").mkdir(parents=True)
    assert json.loads(pulsar("runs", "--out", tmp_path, "--json").stdout) == {
        "champion": None,
        "anchor": None,
        "runs": [],
        "damaged": [],
    }


def test_a_server_that_is_not_there_is_said_at_once(pulsar: Pulsar, data_dir: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    done = pulsar("train", data_dir / "HTRU_2.csv", env=env)
    assert done.returncode == 2
    assert "127.0.0.1:9" in done.stderr
    assert "prefect server start" in done.stderr


@pytest.mark.slow
def test_without_any_server_a_run_is_published_and_kept_in_prefects_history(
    pulsar: Pulsar, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Nothing but simulated candidates, no network, no server: the demo still ends in a run."""
    env = {"PULSAR_DATA_DIR": "", "https_proxy": "http://127.0.0.1:9", "COLUMNS": "200"}
    done = pulsar("demo", "--json", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["simulated"] is True
    assert "SIMULATED" in done.stderr
    assert "simulated" in (Path(tmp_path / summary["path"]) / "report.html").read_text().lower()
    shown = pulsar("show", cwd=tmp_path)
    assert "SIMULATED" in shown.stdout
    listed = pulsar("runs", cwd=tmp_path)
    assert "SIMULATED" in listed.stdout
    history = Path(environment["PREFECT_HOME"]) / "prefect.db"
    assert history.is_file()


def test_linear_algebra_has_one_thread_and_arrow_as_many_as_by_itself() -> None:
    script = """
import os
from command import cli
def tell(app, as_json):
    import pyarrow
    print(pyarrow.cpu_count(), os.environ["OPENBLAS_NUM_THREADS"])
cli.run_command = tell
print(len(os.sched_getaffinity(0)), 1)
cli.main()
"""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    by_itself, in_the_command = done.stdout.splitlines()
    assert in_the_command == by_itself
