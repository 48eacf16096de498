"""A server that ended because nothing more could be written is not what is blamed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas import ServerError, SettingsError
from service.answering import Server
from service.background import start, wait_until

NOWHERE = "http://127.0.0.1:9/api"


_FULL = """
import resource, signal
from tests.service import test_full_disk as here
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    here.{}()
except Exception as error:
    print(type(error).__name__, error.errno, error.filename, sep="|")
"""


def said_where_it_is_full(what: str) -> list[str]:
    """Do something in a process with a limit on the size of a file, which stands in for the disk.

    Both fail as bytes are written; in this process the limit would cut short the logs of others.
    """
    words = [sys.executable, "-c", _FULL.format(what)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.strip().split("|")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    return tmp_path


def ended() -> Server:
    process = subprocess.Popen(["false"])
    process.wait()
    return Server(NOWHERE, process)


def wait_for_a_private_server() -> None:
    ended().wait()


def wait_for_a_process_of_up() -> None:
    home = Path(os.environ["PREFECT_HOME"])
    log, note = home / "up" / "log", home / "note.json"
    process = start(["false"], log=log, env=dict(os.environ), note=note)
    wait_until(lambda: False, process, "the server", since=0)


@pytest.mark.parametrize(
    ("what", "below"), [("wait_for_a_private_server", ""), ("wait_for_a_process_of_up", "up")]
)
def test_of_a_process_that_ended_the_full_disk_is_named(what: str, below: str, home: Path) -> None:
    said = said_where_it_is_full(what)
    assert said == ["OSError", str(errno.EFBIG), str(home / below)]


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
