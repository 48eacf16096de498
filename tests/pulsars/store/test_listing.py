"""A folder that cannot be looked at is not an empty one."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.store.champions import read_reigns
from pulsars.store.finding import find_run
from pulsars.store.history import find_history
from pulsars.store.listing import entries, is_there
from pulsars.store.pruning import Pruned, prune, prune_runs
from pulsars.store.published import next_name
from pulsars.store.runs import read_runs
from pulsars.store.score_folders import scored_contents
from pulsars.store.scored import find_scored
from schemas.errors import ParameterError


@pytest.fixture
def out(yesterday: Path) -> Path:
    return yesterday / "artifacts"


def hide(path: Path) -> None:
    """Have nobody look at a file or folder, root no more than others: a link that leads to it."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def pruned(out: Path) -> Pruned:
    return prune(out, keep=1, older_than=timedelta(0), results=None, remove=True)


READERS: list[tuple[str, Callable[[Path], Any]]] = [
    ("runs", read_runs),
    ("runs", lambda out: find_run(out, None)),
    ("runs", lambda out: next_name(out / "runs", request="r")),
    ("runs", find_history),
    ("scores", find_history),
    ("scores", scored_contents),
    ("scores", lambda out: find_scored(out, None)),
    ("verdicts", find_history),
    ("rejected", find_history),
    *((kind, pruned) for kind in ("runs", "unfinished", "sweeps", "rejected", "inboxes")),
]


@pytest.mark.parametrize(("kind", "read"), READERS)
def test_whoever_reads_a_folder_that_cannot_be_listed_is_told(
    kind: str, read: Callable[[Path], Any], out: Path
) -> None:
    hide(out / kind)
    with pytest.raises(OSError, match="symbolic links") as told:
        read(out)
    assert (told.value.errno, told.value.filename) == (errno.ELOOP, str(out / kind))


@pytest.mark.parametrize("kind", ["unfinished", "verdicts"])
def test_no_run_goes_while_what_may_need_it_cannot_be_listed(kind: str, out: Path) -> None:
    before = [run.name for run in read_runs(out)[0]]
    hide(out / kind)
    with pytest.raises(OSError, match=kind):
        prune_runs(out, keep=1, remove=True)
    assert [run.name for run in read_runs(out)[0]] == before


def test_a_run_whose_manifest_cannot_be_looked_at_is_named(out: Path) -> None:
    before, _ = read_runs(out)
    hide(before[0].path / "manifest.json")
    found, damaged = read_runs(out)
    assert [run.name for run in found] == [run.name for run in before[1:]]
    assert [one.path for one in damaged] == [str(before[0].path)]
    assert "manifest.json" in damaged[0].because


@pytest.mark.parametrize("words", [["runs"], ["show"], ["history"], ["prune", "--keep", "1"]])
def test_the_command_names_what_cannot_be_listed(words: list[str], out: Path) -> None:
    hide(out / "runs")
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code != 0
    assert isinstance(done.exception, OSError)
    assert done.exception.filename == str(out / "runs")


def test_what_is_not_there_holds_nothing_and_a_file_in_its_place_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("x")
    names = ("none", "file/runs", "\0", "x" * 300)
    assert [entries(tmp_path / name) for name in names] == [[]] * 4
    assert read_reigns(tmp_path / "\0") == []
    with pytest.raises(ParameterError, match="file is a file"):
        entries(tmp_path / "file")
    assert not is_there(tmp_path / ("x" * 300))
    assert not is_there(tmp_path / "\0")
    assert not is_there(tmp_path / "file" / "x")


def test_names_are_in_order_and_match(tmp_path: Path) -> None:
    for name in ("b.json", ".a.gone", "a.json", "a.JSON"):
        (tmp_path / name).touch()
    assert [path.name for path in entries(tmp_path, "*.json")] == ["a.json", "b.json"]
    assert [path.name for path in entries(tmp_path, ".*.gone")] == [".a.gone"]
    assert [path.name for path in entries(tmp_path, "[!.]*")] == ["a.JSON", "a.json", "b.json"]
