"""A server that ended because nothing more could be written is not what is blamed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import ServerError, SettingsError
from service.answering import Server
from service.background import start, wait_until

NOWHERE = "http://127.0.0.1:9/api"


@pytest.fixture
def _full() -> Iterator[None]:
    """A limit on the size of a file stands in for the disk: both fail as bytes are written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    return tmp_path


def ended() -> Server:
    process = subprocess.Popen(["false"])
    process.wait()
    return Server(NOWHERE, process)


@pytest.mark.usefixtures("_full")
def test_of_a_private_server_that_ended_the_disk_is_named(home: Path) -> None:
    with pytest.raises(OSError, match="too large") as short:
        ended().wait()
    assert not isinstance(short.value, ServerError)
    assert short.value.filename == str(home)


@pytest.mark.usefixtures("_full")
def test_of_a_process_of_up_that_ended_the_disk_is_named(home: Path) -> None:
    log, note = home / "up" / "log", home / "note.json"
    process = start(["false"], log=log, env=dict(os.environ), note=note)
    with pytest.raises(OSError, match="too large") as short:
        wait_until(lambda: False, process, "the server", since=0)
    assert not isinstance(short.value, ServerError)
    assert short.value.filename == str(home / "up")


def test_where_there_is_room_the_server_is_named_and_nothing_is_left(home: Path) -> None:
    with pytest.raises(ServerError, match=r"ended .*pulsar-private-server\.log"):
        ended().wait()
    assert not list(home.iterdir())


def test_where_its_settings_ended_it_they_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise SettingsError("PREFECT_API_REQUEST_TIMEOUT")

    monkeypatch.setattr("service.answering.load_prefect", refuse)
    with pytest.raises(SettingsError):
        ended().wait()
    assert not list(home.iterdir())
