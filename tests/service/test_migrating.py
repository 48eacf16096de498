"""No two servers bring one database up to date at the same time."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service import migrating, up_server


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Give what a server does in an empty home, with neither database nor port, in its order."""
    from prefect.settings import PREFECT_HOME, temporary_settings

    happened: list[str] = []

    def migrate() -> None:
        with (tmp_path / "home" / "pulsar-migration.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                happened.append("migrated alone")
            else:
                happened.append("migrated beside others")

    def serve(*_: Any, **__: Any) -> None:
        happened.append("served")

    monkeypatch.setattr(migrating, "migrate", migrate)
    monkeypatch.setattr(up_server, "keep_from_others", lambda: None)  # this process is the tests'
    monkeypatch.setattr(up_server, "application", lambda **_: None)
    monkeypatch.setattr("uvicorn.run", serve)
    monkeypatch.setattr(sys, "argv", ["up_server", "1"])
    monkeypatch.setattr(sys, "path", sys.path[:])
    with temporary_settings({PREFECT_HOME: tmp_path / "home"}):
        yield happened


def test_the_server_of_up_migrates_as_the_private_one_does_then_serves(seen: list[str]) -> None:
    up_server.main()
    assert seen == ["migrated alone", "served"]


def test_the_server_of_up_leaves_a_database_alone_that_others_migrate(seen: list[str]) -> None:
    from prefect.settings import PREFECT_API_DATABASE_MIGRATE_ON_START, temporary_settings

    with temporary_settings({PREFECT_API_DATABASE_MIGRATE_ON_START: False}):
        up_server.main()
    assert seen == ["served"]
