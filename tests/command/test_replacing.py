"""What a person names to be written to is not written over where it is something else."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import app
from command.console import explain
from command.demonstration import write_folds, write_simulation
from command.launching import require_room
from command.looking import look_at
from command.show_compared import write_compared
from command.show_history import write_page
from pulsars.store.champions import pointer_lock
from pulsars.store.files import require_ours
from pulsars.store.history import find_history
from schemas.errors import ParameterError
from service.notes import one_at_a_time

LABELLED = "1,2,3,4,5,6,7,8,1\n" * 20_000


@pytest.mark.parametrize("name", ["survey.csv", "survey.parquet"])
def test_a_simulation_replaces_a_simulation_and_no_survey(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    for seed in (1, 2):
        write_simulation(target, rows=500, prevalence=0.2, seed=seed)
    target.write_text(LABELLED)
    with pytest.raises(ParameterError, match=f"{target} .*another file"):
        write_simulation(target, rows=500, prevalence=0.2, seed=3)
    assert target.read_text() == LABELLED


def test_a_history_replaces_a_page_and_no_survey(tmp_path: Path) -> None:
    page, survey = tmp_path / "history.html", tmp_path / "survey.csv"
    for _ in range(2):
        write_page(find_history(tmp_path), page, root=tmp_path)
    survey.write_text(LABELLED)
    with pytest.raises(ParameterError, match="another file"):
        write_page(find_history(tmp_path), survey, root=tmp_path)
    assert survey.read_text() == LABELLED


def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"  # a device is neither, as these are
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(ParameterError, match=f"{path} is there already and is no file"):
            write_page(find_history(tmp_path), path, root=tmp_path)
        with pytest.raises(ParameterError, match="is no file"):
            require_ours(path, b"")
    assert pipe.is_fifo()
    assert folder.is_dir()


def test_where_nothing_can_be_written_is_said_before_anything_is_done(tmp_path: Path) -> None:
    for path in (Path("/proc/survey.csv"), tmp_path / ("b" * 300), Path("/dev/null/survey.csv")):
        with pytest.raises(ParameterError, match=f"{path} cannot be written"):
            require_ours(path, b"")
    with pytest.raises(ParameterError, match="--folds /proc"):
        write_folds(Path("/proc/folds"), rows=1, prevalence=0.1, seed=0)


def test_a_root_without_room_is_no_root_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "tmp1"))

    monkeypatch.setattr("command.launching.TemporaryFile", refuse)
    with pytest.raises(OSError, match="No space") as short:
        require_room(tmp_path, "runs")
    assert (short.value.errno, short.value.filename) == (errno.ENOSPC, str(tmp_path))
    assert explain(short.value, as_json=False) == 1


@pytest.mark.parametrize("what", ["up", "serve"])
@pytest.mark.parametrize("option", ["--data", "--inbox"])
def test_nothing_is_scheduled_where_nothing_can_be_written(
    what: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in ("service.bring_up", "service.serve_here"):
        monkeypatch.setattr(start, lambda *_, **__: pytest.fail("started"))
    (tmp_path / "survey.csv").write_text(LABELLED)
    named = tmp_path / "survey.csv" if option == "--data" else tmp_path
    words = [what, option, str(named), "--out", "/proc/nowhere"]
    with pytest.raises(ParameterError, match=r"--out /proc/nowhere: (runs|scores) cannot"):
        CliRunner().invoke(app, words, catch_exceptions=False, standalone_mode=False)


def test_what_is_advised_where_nothing_can_be_written_leads_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Path("/proc/nowhere")
    (tmp_path / "compare.html").write_text("mine")
    for root in (tmp_path, nowhere):  # no other page can be named
        with pytest.raises(ParameterError, match="; leave --html out, or "):
            write_compared([], [], root / "compare.html", root=root)
    with pytest.raises(ParameterError, match="name a file elsewhere with --labels"):
        look_at(None, nowhere)  # type: ignore[arg-type] - it is not come to
    with pytest.raises(ParameterError, match="a copy, that has a champion"):
        require_room(nowhere, "scores")
    with pytest.raises(ParameterError, match=r"made writable$"), pointer_lock(nowhere):
        pass
    monkeypatch.setenv("PREFECT_HOME", str(nowhere))
    with pytest.raises(ParameterError, match="set PREFECT_HOME to"), one_at_a_time():
        pass


def test_the_best_setting_replaces_no_survey_and_the_data_least_of_all(
    pulsar_here: Callable[..., object], tmp_path: Path
) -> None:
    survey = tmp_path / "survey.csv"
    survey.write_text(LABELLED)
    done = pulsar_here("sweep", survey, "--best-to", survey, cwd=tmp_path)
    assert done.returncode == 2  # type: ignore[attr-defined]
    assert survey.read_text() == LABELLED
    best = tmp_path / "best.json"
    best.write_text('{"l2": 1, "chosen_by": {}}')
    require_ours(best, b'"chosen_by"')
