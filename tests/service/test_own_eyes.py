"""What a server writes no other user of the machine can read, nor what an earlier version wrote."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

from service import own_eyes, private_server, up_server
from service.own_eyes import keep_from_others, what_others_could_read


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """A process whose files are everybody's, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def kept_at() -> Iterator[Callable[[str], object]]:
    """Have Prefect's database at an address."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, temporary_settings

    with ExitStack() as stack:
        yield lambda url: stack.enter_context(
            temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: url})
        )


class _EnoughError(Exception):
    pass


@pytest.mark.parametrize("server", [up_server, private_server])
def test_before_a_server_makes_its_database_it_writes_for_its_owner_alone(
    server: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def migrate() -> None:
        (tmp_path / "prefect.db").write_text("the key and the blocks")
        raise _EnoughError

    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(sys, "argv", ["server", str(os.dup(listener.fileno()))])
        monkeypatch.setattr(sys, "path", sys.path[:])
        monkeypatch.setattr(private_server.threading.Thread, "start", lambda _: None)
        monkeypatch.setattr(server, "migrate_alone", migrate)
        with pytest.raises(_EnoughError):
            server.main()
    assert (tmp_path / "prefect.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("query", ["", "?timeout=60"])
def test_a_database_that_others_could_read_is_shut_and_named(
    query: str,
    tmp_path: Path,
    kept_at: Callable[[str], object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    open_to_all = [tmp_path / f"prefect.db{end}" for end in ("", "-wal", "-shm")]
    for path in open_to_all:
        path.write_text("")
        path.chmod(0o644)
    (tmp_path / "other.db").write_text("")
    kept_at(f"sqlite+aiosqlite:///{tmp_path}/prefect.db{query}")
    keep_from_others()
    said = capsys.readouterr().err
    assert str(open_to_all[0]) in said
    assert {path.stat().st_mode & 0o777 for path in open_to_all} == {0o600}
    assert (tmp_path / "other.db").stat().st_mode & 0o777 == 0o666
    keep_from_others()
    assert not capsys.readouterr().err


def test_a_command_says_itself_that_others_could_read_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    for mode, said in ((None, 0), (0o600, 0), (0o644, 1)):
        if mode:
            (tmp_path / "prefect.db").touch()
            (tmp_path / "prefect.db").chmod(mode)
        found = what_others_could_read()
        assert len(found) == said
    assert str(tmp_path / "prefect.db") in found[0]


def test_a_database_of_another_user_is_left_alone(
    tmp_path: Path, kept_at: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "prefect.db"
    path.write_text("")
    kept_at(f"sqlite+aiosqlite:///{path}")
    monkeypatch.setattr(own_eyes.os, "geteuid", lambda: os.getuid() + 1)
    keep_from_others()
    assert path.stat().st_mode & 0o777 == 0o666


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://host/prefect", "postgresql+asyncpg:///prefect", "sqlite://"]
)
def test_a_database_that_is_no_file_is_no_file_here(
    url: str, tmp_path: Path, kept_at: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prefect").write_text("")
    monkeypatch.chdir(tmp_path)
    kept_at(url)
    keep_from_others()
    assert (tmp_path / "prefect").stat().st_mode & 0o777 == 0o666


def test_the_log_that_a_server_writes_is_shut_too_and_a_device_is_not(tmp_path: Path) -> None:
    """An error of a database is logged with what it was asked to keep."""
    script = (
        "from service.own_eyes import keep_from_others, what_others_could_read; keep_from_others()"
    )
    device = Path(os.devnull).stat().st_mode
    env = {**os.environ, "PREFECT_HOME": str(tmp_path / "home")}
    with (tmp_path / "server.log").open("wb") as log:
        for stream in (log, subprocess.DEVNULL):
            subprocess.run([sys.executable, "-c", script], stderr=stream, env=env, check=True)
    assert (tmp_path / "server.log").stat().st_mode & 0o777 == 0o600
    assert Path(os.devnull).stat().st_mode == device
