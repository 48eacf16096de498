"""Who is said to be champion now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.store.champions import crown
from pulsars.store.runs import load_run
from pulsars.store.verdicts import Verdict, keep_verdict
from schemas.errors import ExitCode
from tests.published import published_as


def two_reigns(out: Path, *, simulated: bool) -> None:
    """Let two runs reign one after another, the first of the two simulated or not."""
    for name, made in (("first", simulated), ("second", False)):
        other = {"model.json": {"kind": name}}  # another file, so another model
        folder = published_as(out, name, other, data={"simulated": made})
        crown(out, load_run(folder), how="gate", because="a test")


@pytest.mark.parametrize("simulated", [False, True])
def test_a_rollback_to_one_of_no_sky_is_warned_of(tmp_path: Path, *, simulated: bool) -> None:
    two_reigns(tmp_path, simulated=simulated)
    done = CliRunner().invoke(app, ["rollback", "--because", "x", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "first, rollback: x" in done.stdout
    assert ("SIMULATED" in done.stdout) == simulated


def test_a_machine_is_told_too(tmp_path: Path) -> None:
    two_reigns(tmp_path, simulated=True)
    done = CliRunner().invoke(app, ["rollback", "--because", "x", "--out", str(tmp_path), "--json"])
    found = json.loads(done.stdout)
    assert found["simulated"] is True
    assert found["champion"]["run"] == "first"


def lose(pointer: Path) -> None:
    pointer.unlink()


def damage(pointer: Path) -> None:
    pointer.write_text("")


@pytest.mark.parametrize("harm", [lose, damage])
def test_the_runs_are_listed_though_nobody_can_tell_which_of_them_reigns(
    harm: Callable[[Path], None], tmp_path: Path
) -> None:
    two_reigns(tmp_path, simulated=False)
    keep_verdict(tmp_path, load_run(tmp_path / "runs" / "second"), Verdict("promoted", "x"))
    harm(tmp_path / "champion.json")
    done = CliRunner().invoke(app, ["runs", "--out", str(tmp_path), "--json"])
    assert done.exit_code == ExitCode.USAGE
    found = json.loads(done.stdout)
    assert [run["run"] for run in found["runs"]] == ["first", "second"]
    assert (found["champion"], found["anchor"]) == (None, None)
    assert [one["path"] for one in found["damaged"]] == [str(tmp_path / "champion.json")]
    done = CliRunner().invoke(app, ["runs", "--out", str(tmp_path)])
    assert done.exit_code == ExitCode.USAGE
    assert "second" in done.stdout
    assert "pulsar promote" in " ".join(done.stderr.split())
