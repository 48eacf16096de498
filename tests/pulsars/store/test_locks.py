"""One at a time below a folder."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from pulsars.store.locks import exclusive
from schemas.errors import ParameterError


def _hold(folder: str, started: object, release: object) -> None:
    with exclusive(Path(folder), waiting=lambda: None):
        started.set()  # type: ignore[attr-defined]
        release.wait(20)  # type: ignore[attr-defined]


def test_one_run_at_a_time_works_below_a_folder_and_a_dead_one_holds_nothing(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    started, release = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path), started, release))
    holder.start()
    assert started.wait(20)
    waited: list[float] = []
    since = time.monotonic()

    def waiting() -> None:
        waited.append(time.monotonic() - since)
        holder.kill()

    with exclusive(tmp_path, waiting=waiting):
        assert len(waited) == 1
    holder.join()


def test_a_free_folder_is_not_waited_for(tmp_path: Path) -> None:
    with exclusive(tmp_path / "new", waiting=lambda: pytest.fail("waited")):
        assert (tmp_path / "new").is_dir()


def test_where_nothing_may_be_written_is_said() -> None:
    folder = "/dev/null/pulsar"
    with (
        pytest.raises(ParameterError, match=f"{folder}: nothing can be written there"),
        exclusive(Path(folder), waiting=lambda: None),
    ):
        pytest.fail("it is locked")
