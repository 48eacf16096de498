"""What docs/files.md says is left is what a run, a sweep and scores leave, entry by entry."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import app
from tests.published import trained
from tests.rooms import ROOT

PAGE = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
KINDS = {"run": "A run", "sweep": "A sweep", "scores": "Scores"}
SWEPT = pytest.param("sweep", marks=pytest.mark.slow)

Folder = Callable[[str], Path]


def rows_below(heading: str) -> list[list[str]]:
    """Give the cells of the table below a heading, without its head."""
    (section,) = re.findall(rf"^##+ {re.escape(heading)}.*\n((?:(?!#).*\n)*)", PAGE, re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def named(rows: list[list[str]], column: int = 0) -> set[str]:
    return {row[column].strip("`") for row in rows}


def unasked(rows: list[list[str]]) -> list[list[str]]:
    """Leave out what is there on request alone; tests/flows/test_reviewed.py asks."""
    return [row for row in rows if not any("with `--labels`" in cell for cell in row)]


@pytest.fixture(scope="module")
def folder(
    prefect_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Folder:
    """Give a function that gives the folder of a kind, as the command leaves it."""
    run, out = trained(11), str(tmp_path_factory.mktemp("out"))
    sky, runs = str(run.parents[1] / "sky.csv"), str(run.parents[1])
    setting = ["--inputs", "raw", "--oversample", "none", "--solver", "newton", "--l2", "0.1"]
    words = {
        "sweep": ["sweep", sky, "--out", out, *setting, "--n-folds", "2"],
        "scores": ["score", sky, "--out", runs, "--run", run.name],
    }

    @cache
    def left(kind: str) -> Path:
        if kind == "run":
            return run
        told = {"PREFECT_API_URL": prefect_server}
        done = CliRunner(env=told).invoke(app, [*words[kind], "--json"])
        assert done.exit_code == 0, done.output
        return Path(json.loads(done.stdout)["path"])

    return left


@pytest.mark.parametrize("kind", ["run", SWEPT, "scores"])
def test_every_file_is_named_and_no_other(folder: Folder, kind: str) -> None:
    found = {path.name for path in folder(kind).iterdir()}
    assert len(found) > 8
    assert named(unasked(rows_below(KINDS[kind]))) == found


@pytest.mark.parametrize("kind", ["run", SWEPT, "scores"])
def test_every_entry_of_a_manifest_is_named_and_no_other(folder: Folder, kind: str) -> None:
    rows = [row for row in rows_below("manifest.json") if kind in row[1].split(", ")]
    left = set(json.loads((folder(kind) / "manifest.json").read_text()))
    assert named(unasked(rows)) == left


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("run", "model.json"),
        ("run", "metrics.json"),
        ("run", "quality.json"),
        ("run", "reference.json"),
        pytest.param("sweep", "quality.json", marks=pytest.mark.slow),
        ("scores", "quality.json"),
        ("scores", "drift.json"),
    ],
)
def test_every_entry_of_a_record_is_named_and_no_other(
    folder: Folder, kind: str, file: str
) -> None:
    stored = json.loads((folder(kind) / file).read_text())
    assert named(rows_below(file)) == set(stored)


@pytest.mark.slow
def test_every_array_is_named_with_its_type_and_no_other(folder: Folder) -> None:
    import numpy as np

    found = {}
    for path in [*folder("run").glob("*.npz"), folder("sweep") / "split.npz"]:
        with np.load(path, allow_pickle=False) as stored:
            shapes = {name: "(n, 8)" if stored[name].ndim == 2 else "(n,)" for name in stored.files}
            found |= {(path.name, name): f"{stored[name].dtype} {shapes[name]}" for name in shapes}
    said = {(row[0].strip("`"), row[1].strip("`")): row[2] for row in rows_below("Arrays")}
    assert said == found


@pytest.mark.slow
def test_what_the_page_says_of_settings_and_the_score_of_the_procedure_is_there(
    folder: Folder,
) -> None:
    (row,) = [row for row in rows_below("A sweep") if row[0] == "`settings.json`"]
    setting = json.loads((folder("sweep") / "settings.json").read_text())[0]
    assert set(setting) <= set(re.findall(r"`(\w+)`", row[1]))
    nested = json.loads((folder("sweep") / "nested.json").read_text())
    (row,) = [row for row in rows_below("A sweep") if row[0] == "`nested.json`"]
    assert {"mean", "spread", "chosen", "measured"} == set(re.findall(r"`(\w+)`", row[1]))
    assert set(nested["folds"][0]) == {"chosen", "measured"}


def test_no_file_of_arrays_holds_anything_that_would_be_run(folder: Folder) -> None:
    arrays = [*folder("run").glob("*.npz")]
    assert arrays
    for path in arrays:
        assert all(name.endswith(".npy") for name in zipfile.ZipFile(path).namelist())
