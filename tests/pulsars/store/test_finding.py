"""Which run somebody means: by a name, a part of it, its folder, or as the champion."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.gate.by_hand import promote_by_hand
from pulsars.run import load_run
from pulsars.store.finding import answers_to, find_run
from schemas.errors import ChampionError, ParameterError, RunNotFoundError
from tests.published import published_as

A, B = (f"2026110{n}-030000-000-0000000{n}" for n in (1, 2))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs; the commands stand beside their root."""
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "artifacts"
    for name in (A, B):
        published_as(out, name)
    return out


def test_the_champion_is_a_name_of_whoever_has_that_place(root: Path) -> None:
    with pytest.raises(ChampionError, match="no champion yet"):
        find_run(root, "champion")
    for name in (B, A):
        promote_by_hand(root, name, because="a test")
        assert find_run(root, "champion").name == load_run("champion").name == name
    shown = CliRunner().invoke(app, ["show", "champion", "--json"])
    assert f'"run": "{A}"' in shown.stdout


@pytest.mark.parametrize("begin", ["{root}/runs/", "artifacts/runs/", "./artifacts//runs/"])
@pytest.mark.parametrize("end", ["", "/", "//"])
def test_a_run_is_named_by_its_folder_as_commands_print_it(
    root: Path, begin: str, end: str
) -> None:
    named = begin.format(root=root) + A + end
    assert find_run(root, named).name == A
    assert answers_to(A, named), "whom a schedule names so is kept"


def test_a_root_that_is_reached_by_a_link_has_the_same_runs(root: Path) -> None:
    Path("linked").symlink_to(root)
    assert find_run(root, f"linked/runs/{A}").name == A
    assert find_run(Path("linked"), f"{root}/runs/{A}").name == A


def test_a_folder_elsewhere_is_refused_with_the_way_to_it(root: Path, tmp_path: Path) -> None:
    other = published_as(tmp_path / "other", A)
    for named in (str(other), "artifacts", "artifacts/runs", f"artifacts/runs/{A}/report.html"):
        with pytest.raises(ParameterError, match="name"):
            find_run(root, named) if "/" in named else find_run(root, f"./{named}")
    Path("loop").symlink_to("loop")
    for named in (str(other), f"loop/runs/{A}", f"{'x' * 5000}/{A}"):
        with pytest.raises(ParameterError, match="--out"):
            find_run(root, named)
    for named in (f"{A}x", A[:8], A[-8:], "champion"):  # a folder is there or not
        with pytest.raises(RunNotFoundError):
            find_run(root, f"artifacts/runs/{named}")


def test_of_runs_of_one_request_the_last_is_meant(root: Path) -> None:
    later = f"{A[:-9].replace('20261101', '20261103')}-{A[-8:]}"
    published_as(root, later)
    assert find_run(root, A[-8:]).name == later
    assert find_run(root, A).name == A
    with pytest.raises(RunNotFoundError, match="2 runs"):
        find_run(root, A[-7:])
