"""A name that somebody gives leads to a regular file, or to an error; nothing is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pulsars.store.regular import NoRegularFileError, regular


@pytest.mark.parametrize("content", [b"", b"abc"])
def test_a_regular_file_is_given_with_its_length(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with regular(tmp_path / "a") as (file, size):
        assert (file.read(), size) == (content, len(content))


def test_what_has_content_and_no_length_is_given_as_empty() -> None:
    assert Path("/proc/self/status").read_bytes()
    with regular(Path("/proc/self/status")) as (file, size):
        assert (file.read(), size) == (b"", 0)


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    before = os.stat(tmp_path / "a")  # noqa: PTH116 - as what is tested asks
    os.mkfifo(tmp_path / "b")
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", lambda *_, **__: before)
        with pytest.raises(NoRegularFileError), regular(tmp_path / "b"):
            pass


def test_pipes_devices_and_sockets_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "socket", Path("/dev/zero")):
            with pytest.raises(NoRegularFileError) as refused, regular(path):
                pass
            assert refused.value.filename == str(path)


def test_a_folder_and_nothing_are_errors_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), regular(tmp_path):
        pass
    with pytest.raises(FileNotFoundError), regular(tmp_path / "gone"):
        pass
