"""The sweep on a real server and at the command line, and parameters from a file."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from command.show_sweep import print_swept
from flows.sweep import sweep
from pulsars.reading.parameters_file import training_parameters
from pulsars.store.sweeps import PublishedSweep, load_sweep
from schemas.errors import ParameterError
from schemas.sweep_parameters import SweepParameters

pytestmark = pytest.mark.usefixtures("undrawn")

Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]

ARTIFACTS = {
    "data-quality": "table",
    "sweep-progress": "progress",
    "score-procedure-progress": "progress",
    "sweep-settings": "table",
    "nested-cross-validation": "table",
    "sweep-heat-map": "markdown",
    "report": "markdown",
}


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from command.demonstration import write_simulation

    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=800, prevalence=0.1, seed=3)
    return path


@pytest.fixture(scope="module")
def finished(prefect_server: str, sky: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ARG001 - the flow needs a server
    """A finished run of the flow: its state, which holds the result."""
    asked = SweepParameters(
        data=str(sky), out=str(tmp_path_factory.mktemp("out")), seed=4, n_folds=3, n_epochs=2,
        inputs=("standard", "quadratic"), l2=(1e-3, 1e-2), learning_rate=(0.1,),
    )  # fmt: skip
    state = sweep(asked, return_state=True)
    assert state.is_completed(), state.message
    return state


@pytest.fixture(scope="module")
def swept(finished: Any) -> PublishedSweep:
    return load_sweep(Path(finished.result().path))


def test_the_sweep_leaves_its_artifacts_in_the_ui(finished: Any) -> None:
    run_id = finished.state_details.flow_run_id
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        found = client.read_artifacts(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
        )
    assert run.name == "sky.csv, seed 4"
    assert {each.key: each.type for each in found if each.key} == ARTIFACTS
    tables = {each.key: json.loads(each.data) for each in found if each.type == "table"}
    assert len(tables["sweep-settings"]) == 16
    assert len(tables["nested-cross-validation"]) == 3 + 1
    for key in ("sweep-settings", "nested-cross-validation"):
        assert all(isinstance(cell, str) for row in tables[key] for cell in row.values())
    marked = [each for each in found if each.key and each.key.startswith("sweep-heat")]
    assert "SIMULATED" in marked[0].description


def test_a_published_sweep_is_whole_and_nothing_private_is_left(swept: PublishedSweep) -> None:
    assert {path.name for path in swept.path.iterdir()} == {
        "manifest.json", "settings.json", "sweep.csv", "best.json", "nested.json", "sweep.html",
        "split.npz", "quality.json", "quarantine.csv", "quarantine.parquet",
    }  # fmt: skip
    for name, sha256 in swept.manifest["files"].items():
        assert hashlib.sha256((swept.path / name).read_bytes()).hexdigest() == sha256
    assert swept.path.parent.name == "sweeps"
    assert not list((swept.path.parent.parent / "unfinished").iterdir())


def test_settings_are_the_best_first_and_the_csv_says_the_same(swept: PublishedSweep) -> None:
    losses = [row["mean"]["log_loss"] for row in swept.settings]
    assert losses == sorted(losses)
    with (swept.path / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["log_loss_mean"]) for row in rows] == losses
    assert [row["solver"] for row in rows] == [row["solver"] for row in swept.settings]


@pytest.mark.usefixtures("prefect_server")
def test_the_best_setting_trains_and_its_test_part_is_one_the_sweep_never_saw(
    swept: PublishedSweep, sky: Path, tmp_path: Path
) -> None:
    import numpy as np

    from flows.training import train

    given = {"data": str(sky), "out": str(tmp_path), "n_resamples": 100}
    asked = training_parameters(given, file=swept.parameters_file)
    best = swept.settings[0]
    assert (asked.inputs, asked.solver, asked.l2) == (best["inputs"], best["solver"], best["l2"])
    assert asked.seed == 4
    run = Path(train(asked).path)
    with np.load(run / "split.npz") as ours, np.load(swept.path / "split.npz") as theirs:
        np.testing.assert_array_equal(ours["test"], theirs["test"])


@pytest.mark.slow
def test_the_command_shows_the_best_and_the_words_that_train_by_it(
    served: Pulsar, data_dir: Path, tmp_path: Path
) -> None:
    small = ("--solver", "newton", "--inputs", "standard", "--l2", "1e-3", "--l2", "1e-4")
    words = ("sweep", data_dir / "HTRU_2.csv", *small, "--oversample", "none", "--n-folds", 3)
    done = served(*words, "--best-to", "best set.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 best of 2 settings" in done.stdout
    assert "outer folds" in done.stdout
    (again,) = re.findall(r"^Train +pulsar (.*)$", done.stdout, re.MULTILINE)
    trained = served(*shlex.split(again), "--json", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    asked = json.loads(trained.stdout)["parameters"]
    best = json.loads((tmp_path / "best set.json").read_text())
    assert best.items() <= asked.items()


@pytest.mark.usefixtures("prefect_server")
def test_without_nesting_the_json_says_so(
    sky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = SweepParameters(
        data=str(sky), out=str(tmp_path), nested=False, n_epochs=1,
        solver=("sgd",), inputs=("raw",), l2=(0.0,), learning_rate=(0.001,),
    )  # fmt: skip
    swept = load_sweep(Path(sweep(asked).path))
    print_swept(swept, parameters_file=swept.parameters_file, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["nested"] is None
    assert len(said["settings"]) == 2
    assert said["best"] == said["settings"][0]
    kept = json.loads(Path(said["parameters_file"]).read_text())
    assert kept["patience"] is None
    assert kept["learning_rate"] == 0.001
    assert not (Path(said["path"]) / "nested.json").exists()


def unnamed(said: str, *named: str) -> list[str]:
    """Give the options, values, bounds and ways out that do not stand in a sentence."""
    return [one for one in named if not re.search(rf"(?<![\w.-]){re.escape(one)}(?!\w)", said)]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--l2", "-1"], ["--l2 -1.0", "0"]),
        (
            ["--inputs", "raw", "--inputs", "cubic", "--batch-size", "0"],
            [
                "--inputs 'cubic'", "'raw'", "'standard'", "'yeo-johnson'", "'quadratic'",
                "'yeo-johnson-quadratic'", "--batch-size 0", "1",
            ],
        ),
        (["--l2", "1e-4", "--l2", "1e-4"], ["l2", "0.0001", "once"]),
        (
            ["--l2", "5", "--learning-rate", "0.3"],
            ["l2 5", "learning_rate", "3.33333", "sgd", "every weight"],
        ),
        (["--solver", "newton", "--n-epochs", "3"], ["n_epochs", "no effect", "newton", "sgd"]),
        (["--by", "accuracy"], ["--by 'accuracy'", "'f1'", "'average_precision'", "'log_loss'"]),
        (["--n-folds", "1"], ["--n-folds 1", "2"]),
        (["--best-to", "."], ["--best-to .", "folder", "file"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_a_sentence(
    words: list[str], named: list[str], sky: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from command import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["pulsar", "sweep", str(sky), *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    found = " ".join(capsys.readouterr().err.split())
    assert found.startswith("pulsar: ")
    assert unnamed(found, *named) == []
    asked = {one.split()[0] for one in named if one.startswith("--")}
    assert set(re.findall(r"--[a-z][a-z0-9-]*", found)) == asked, "of no other is anything said"


BAD_FILES: list[tuple[str | None, list[str]]] = [
    (None, ["cannot be read", os.strerror(errno.ENOENT), "best.json"]),
    ("{", ["no JSON"]),
    ("[" * 200_000, ["nested", "object"]),
    ('{"seed": 1, "l2": 1, "seed": 2}', ["seed", "once", "leave the others out"]),
    ('{"chosen_by": {"seed": 1, "seed": 2}}', ["seed", "once"]),
    ('{"seed": true}', ["seed true", "no parameter"]),
    ('{"l2": false}', ["l2 false", "no parameter"]),
    ('{"chosen_by": {"seed": true}}', ["chosen_by.seed True", "integer"]),
    ('{"l2": NaN}', ["l2 nan", "no number", "1000000"]),
    ('{"drop": ["id", 3]}', ["drop 3", "string"]),
    (f'{{"seed": {"9" * 5000}}}', ["5,000 digits"]),
    ("[1, 2]", ["[1, 2]", "no object"]),
    ('{"learning_rat": 1}', ["learning_rat", "no parameter", "columns", "drop", "learning_rate"]),
    ('{"data": "x.csv"}', ["data", "command line"]),
    ('{"l2": -1}', ["l2 -1", "0"]),
    ('{"threshold": "best"}', ["threshold 'best'", "expected-f1", "f1", "recall:R"]),
    ('{"n_epochs": 5}', ["options", "n_epochs", "no effect", "newton", "sgd"]),
]


@pytest.mark.parametrize(
    ("text", "named"), BAD_FILES, ids=[str(text)[:40] for text, _ in BAD_FILES]
)
def test_a_parameters_file_that_cannot_be_used_is_a_sentence(
    text: str | None, named: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ParameterError) as refused:
        training_parameters({"data": "x.csv"}, file=file)
    assert refused.value.exit_code == 2
    said = str(refused.value)
    assert said.startswith(f"--parameters {file}")
    assert unnamed(said.removeprefix(f"--parameters {file}"), *named) == []
    assert "\n" not in said


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(ParameterError) as refused:
        training_parameters({"data": "x.csv"}, file=pipe)
    said = str(refused.value)
    assert said.startswith(f"--parameters {pipe}: ")
    assert unnamed(said, "no ordinary file", "JSON", "best.json") == []


def test_an_option_beside_a_file_is_said_as_without_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text("{}")
    with pytest.raises(ParameterError) as refused:
        training_parameters({"data": "x.csv", "l2": 2e6}, file=file)
    said = str(refused.value)
    assert said.startswith("--l2 2000000.0: ")
    assert unnamed(said, "1000000") == []
    assert str(file) not in said


def test_what_a_sweep_cannot_write_are_sweeps(sky: Path) -> None:
    from command.running import run_sweep

    with pytest.raises(ParameterError, match=r"^--out .*: sweeps cannot be written there"):
        run_sweep(SweepParameters(data=str(sky), out=str(sky)), copy_to=None)


def test_what_the_command_line_says_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"l2": 0.5, "seed": 3, "drop": ["id"], "inputs": "raw"}')
    found = training_parameters({"data": "x.csv", "l2": 0.25}, file=file)
    assert (found.data, found.l2, found.seed, found.drop) == ("x.csv", 0.25, 3, ("id",))
    with pytest.raises(ParameterError, match=r"^--inputs 'cubic': "):
        training_parameters({"data": "x.csv", "inputs": "cubic"}, file=file)


def test_a_file_is_named_at_the_command_line(
    pulsar_here: Pulsar, sky: Path, tmp_path: Path
) -> None:
    done = pulsar_here("train", sky, "--parameters", "none.json", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert "none.json" in json.loads(done.stdout)["message"]
