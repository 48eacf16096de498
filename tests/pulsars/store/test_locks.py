"""One at a time below a folder."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsars.store.locks import exclusive
from schemas.errors import ParameterError


def _hold(folder: str, started: object, release: object) -> None:
    with exclusive(Path(folder), waiting=lambda: None):
        started.set()  # type: ignore[attr-defined]
        release.wait(300)  # type: ignore[attr-defined]


def test_one_run_at_a_time_works_below_a_folder_and_a_dead_one_holds_nothing(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    started, release = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path), started, release))
    holder.start()
    assert started.wait(300)
    waited: list[bool] = []

    def waiting() -> None:
        waited.append(holder.is_alive())
        holder.kill()

    with exclusive(tmp_path, waiting=waiting):
        assert waited == [True]
    holder.join()


def test_a_free_folder_is_not_waited_for(tmp_path: Path) -> None:
    with exclusive(tmp_path / "new", waiting=lambda: pytest.fail("waited")):
        assert (tmp_path / "new").is_dir()


def _file(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file"


def _folder_for_a_lock(folder: Path) -> Path:
    (folder / ".lock").mkdir()
    return folder


def _link_to_itself(folder: Path) -> Path:
    (folder / "link").symlink_to("link")
    return folder / "link"


@pytest.mark.parametrize(
    "make",
    [
        lambda _: Path("/dev/null/pulsar"),
        lambda _: Path("/proc/pulsar"),
        lambda folder: folder / ("a" * 300),
        _file,
        _folder_for_a_lock,
        _link_to_itself,
    ],
)
def test_where_nothing_can_be_written_is_said(make: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = make(tmp_path)
    said = re.escape(f"{folder}: nothing can be written there")
    with (
        pytest.raises(ParameterError, match=said),
        exclusive(folder, waiting=lambda: None),
    ):
        pytest.fail("it is locked")
