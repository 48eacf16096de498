"""The command as people and machines run it, on the real file."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
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


def test_nothing_private_is_left_behind(published: dict[str, Any], artifacts: Path) -> None:
    assert Path(published["path"]).is_dir()
    assert not list((artifacts / "work").iterdir())


@pytest.mark.parametrize("name", ["pulsar_stars.csv", "HTRU_2.arff"])
def test_the_same_rows_in_another_dialect_give_the_same_weights(
    name: str, published: dict[str, Any], served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    done = served("train", data_dir / name, "--out", tmp_path, "--json")
    assert json.loads(done.stdout)["model_sha256"] == published["model_sha256"], done.stderr


def test_a_run_killed_after_every_step_goes_on_and_ends_with_the_same_bytes(
    published: dict[str, Any],
    data_dir: Path,
    tmp_path: Path,
    environment: dict[str, str],
    prefect_server: str,
    command: tuple[str, ...],
) -> None:
    """Nine processes, each killed one step later than the one before; the last may finish."""
    env = {**environment, "PREFECT_API_URL": prefect_server}
    words = [*command, "train", str(data_dir / "HTRU_2.csv"), "--out", str(tmp_path), "--json"]
    steps = ("working in", "read ", "accepted ", "split: ", "training on", "trained ", "test F1",
             "report and")  # fmt: skip
    for step in steps:
        process = subprocess.Popen(
            words, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stderr
        wanted = "going on in" if step == "working in" and step != steps[0] else step
        for line in process.stderr:
            if line.startswith(wanted):
                break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not (tmp_path / "runs").exists(), f"half a run was published after {step!r}"
    done = subprocess.run(words, env=env, text=True, capture_output=True, check=True)
    assert "going on in" in done.stderr
    assert "trained" not in done.stderr, "a step that was finished before the kill ran again"
    summary = json.loads(done.stdout)
    assert summary["model_sha256"] == published["model_sha256"]
    again, first = Path(summary["path"]), Path(published["path"])
    for file in ("report.html", "metrics.json", "epochs.csv", "split.npz"):
        assert (again / file).read_bytes() == (first / file).read_bytes(), file


BOOK = {
    "book": {"accuracy": 0.976},
    "book-extended": {"accuracy": 0.967, "precision": 0.976, "recall": 0.649, "f1": 0.780},
    "book-balanced": {"accuracy": 0.915, "precision": 0.909, "recall": 0.919, "f1": 0.914},
}


@pytest.mark.parametrize("preset", BOOK)
def test_a_book_preset_prints_the_book(
    preset: str, served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    words = ("train", data_dir / "HTRU_2.csv", "--out", tmp_path, "--preset", preset, "--json")
    done = served(*words)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    last = summary["epochs"][-1]
    assert {name: round(last[name], 3) for name in BOOK[preset]} == BOOK[preset]
    assert len(summary["epochs"]) == 10
    measured = summary["metrics"]["test"]
    assert {name: round(measured[name]["value"], 3) for name in BOOK[preset]} == BOOK[preset]
    page = (Path(summary["path"]) / "report.html").read_text()
    if preset == "book-balanced":
        note = "accuracy 0.915 → 0.903, precision 0.909 → 0.485, recall 0.919 → 0.921, f1 0.914 → "
        assert note + "0.636" in summary["notes"][0]
        assert note + "0.636" in page


def test_a_file_with_too_many_bad_rows_is_refused_and_says_what_to_do(
    served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    done = served("train", data_dir / "pulsar_data_train.csv", "--out", tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    for word in ("3,255 of 12,528", "dm_kurtosis", "--max-quarantine"):
        assert word in done.stderr
    assert not (tmp_path / "runs").exists()


def test_told_to_go_on_it_trains_on_the_complete_rows(
    served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    words = ("--max-quarantine", 0.3, "--out", tmp_path, "--json")
    done = served("train", data_dir / "pulsar_data_train.csv", *words)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert (rows["read"], rows["accepted"], rows["quarantined"]) == (12_528, 9_273, 3_255)


def test_unlabelled_candidates_are_no_training_data(
    served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    words = ("--out", tmp_path, "--max-quarantine", 0.5)
    done = served("train", data_dir / "pulsar_data_test.csv", *words)
    assert done.returncode == 3
    assert "labels" in done.stderr
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


def test_validate_counts_no_pulsars_where_there_are_no_labels(
    pulsar: Pulsar, data_dir: Path
) -> None:
    done = pulsar("validate", data_dir / "pulsar_data_test.csv", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 3
    assert found["pulsars"] is None
    assert found["verdict"] == "refused"


WRONG_WORDS = [
    (["train"], 2, "DATA"),
    (["train", "x.csv", "--threshold", "2"], 2, "recall:R"),
    (["train", "x.csv", "--seed", "-1"], 2, "seed"),
    (["train", "x.csv", "--max-quarantine", "7"], 2, "max-quarantine"),
    (["train", "x.csv", "--preset", "novel"], 2, "book"),
    (["train", "x.csv", "--preset", "book", "--oversample", "cycle"], 2, "oversample"),
    (["train", "x.csv", "--oversample", "smote"], 2, "jitter"),
    (["train", "ftp://host/x.csv"], 2, "http"),
    (["simulate", "sky.txt"], 2, ".parquet"),
    (["simulate", "sky.csv", "--rows", "0"], 2, "0"),
    (["simulate", "sky.csv", "--prevalence", "2"], 2, "2"),
    (["show", "nothing"], 2, "run"),
    (["train", "no-such-file.csv"], 3, "no-such-file.csv"),
    (["validate", "no-such-file.csv"], 3, "no-such-file.csv"),
]


@pytest.mark.parametrize(("words", "code", "said"), WRONG_WORDS, ids=lambda v: str(v)[:60])
def test_a_wrong_word_gets_a_sentence_and_its_exit_code(
    words: list[str], code: int, said: str, served: Pulsar, tmp_path: Path
) -> None:
    done = served(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("**/runs"))


def test_an_error_is_one_json_object_too(pulsar: Pulsar) -> None:
    done = pulsar("validate", "no-such-file.csv", "--json")
    assert json.loads(done.stdout)["error"] == "SourceNotFoundError"


def test_a_server_that_is_not_there_is_said_at_once(pulsar: Pulsar, data_dir: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    done = pulsar("train", data_dir / "HTRU_2.csv", env=env)
    assert done.returncode == 2
    assert "127.0.0.1:9" in done.stderr
    assert "prefect server start" in done.stderr


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
