"""What Prefect's client says of a lost server, and what a machine runs out of, is a sentence."""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.exceptions import Abort, CrashedRun, PrefectHTTPStatusError

from command.console import explain, what_was_short
from command.demonstration import write_simulation
from command.out_of_memory import no_memory
from pulsars.store import files
from schemas.errors import DownloadError, ServerError
from service.secret import secret_file
from tasks.plumbing.server_lost import lost_server

REQUEST = httpx.Request("POST", "http://user:secret@127.0.0.1:4200/api/flow_runs/")


def answered(code: int) -> Exception:
    error = httpx.HTTPStatusError("no", request=REQUEST, response=httpx.Response(code))
    return PrefectHTTPStatusError(str(error), request=REQUEST, response=error.response)


def wrapped(error: BaseException) -> Exception:
    crashed = CrashedRun("the run crashed")
    crashed.__cause__ = error
    return crashed


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused", request=REQUEST),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("closed", request=REQUEST),
        answered(503),
        answered(500),
        answered(429),
        wrapped(httpx.ConnectError("refused", request=REQUEST)),
        wrapped(answered(503)),
        ExceptionGroup("several", [ValueError("x"), answered(502)]),
        Abort("This run has already made this state transition."),
    ],
    ids=repr,
)
def test_a_lost_server_is_told_from_whatever_it_is_wrapped_in(error: BaseException) -> None:
    lost = lost_server(error)
    assert isinstance(lost, ServerError)
    assert "the same command goes on where it was" in str(lost)
    assert "secret" not in str(lost)


@pytest.mark.parametrize(
    "error", [answered(404), answered(422), ValueError("x"), wrapped(KeyError("x"))], ids=repr
)
def test_what_is_no_fault_of_the_server_is_not_laid_at_its_door(error: Exception) -> None:
    assert lost_server(error) is None


@pytest.mark.parametrize("code", [401, 403])
def test_a_server_that_no_longer_lets_us_in_is_said_with_where_its_password_is(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "my home's"))
    secret_file().parent.mkdir(parents=True)
    secret_file().write_text("it's\n")
    shut = lost_server(wrapped(answered(code)), password_in=secret_file())
    assert isinstance(shut, ServerError)
    advised = re.findall(r'export .*\)"', str(shut))[0]
    echo = f'{advised}; printf %s "$PREFECT_API_AUTH_STRING"'
    assert subprocess.run(["sh", "-c", echo], capture_output=True, check=True).stdout == b"it's"
    assert "http://127.0.0.1:4200" in str(shut)
    assert "user:secret" not in str(shut)
    assert explain(wrapped(answered(code)), as_json=False) == 2
    assert "internal" not in capsys.readouterr().err


def test_a_lost_server_is_a_usage_error_and_no_internal_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explain(httpx.ConnectError("refused", request=REQUEST), as_json=True) == 2
    said = capsys.readouterr()
    assert "127.0.0.1:4200" in said.err
    assert "internal" not in said.err
    assert '"error": "ServerError"' in said.out


def test_a_refusal_stays_what_it_is_whatever_it_came_from() -> None:
    refusal = DownloadError("no answer")
    refusal.__cause__ = httpx.ConnectError("refused", request=REQUEST)
    assert explain(refusal, as_json=False) == 3


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EROFS, "writable"),
        (errno.EACCES, "name another folder"),
    ],
    ids=str,
)
def test_what_ran_short_is_said_with_what_helps(number: int, word: str) -> None:
    said = what_was_short(OSError(number, os.strerror(number), "/out/x"))
    assert said.startswith(f"/out/x: {os.strerror(number)}; ")
    assert word in said
    assert said.endswith("the same command goes on where it was")


def test_a_file_that_is_not_whole_yet_is_called_as_it_would_be() -> None:
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/out/.history.html.part")
    assert what_was_short(error).startswith("/out/history.html: ")
    assert explain(error, as_json=False) == 2


SILENT = RuntimeError("generator didn't yield")
NEAR, FAR = 1 << 20, 1 << 50
"""Limits of memory that these tests have passed already, and that nobody ever reaches."""


def after(cause: Exception) -> Exception:
    error = ValueError("no result")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "limit", "words"),
    [
        (MemoryError(), resource.RLIM_INFINITY, "not enough memory"),
        (after(MemoryError()), resource.RLIM_INFINITY, "not enough memory"),
        (RuntimeError("can't start new thread"), resource.RLIM_INFINITY, "not enough memory"),
        (SILENT, NEAR, "not enough memory"),
        (SILENT, FAR, ""),
        (SILENT, resource.RLIM_INFINITY, ""),
        (SystemError("returned NULL"), NEAR, "not enough memory"),
        (SystemError("returned NULL"), FAR, ""),
        (SystemError("returned NULL"), resource.RLIM_INFINITY, ""),
        (after(ValueError()), NEAR, ""),
    ],
)
def test_what_came_of_a_shortage_of_memory_is_called_so(
    error: Exception, limit: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    said = no_memory(error)
    assert words in said if said else not words


def test_a_full_disk_is_said_with_the_file_and_leaves_no_half(tmp_path: Path) -> None:
    """A limit on the size of a file stands in for the disk: both fail as bytes are written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            files.write_bytes(tmp_path / "metrics.json", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(tmp_path / "metrics.json")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_synced_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert files.write_bytes(tmp_path / "x", b"1").matches()


FEW = (
    "import resource, sys\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv.pop(1)),) * 2)\n"
    "from command.cli import main\n"
    "main()\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [16, 22, 34, 40])
def test_a_run_with_few_files_to_open_ends_well_or_says_so_and_goes_on(
    limit: int,
    served_environment: dict[str, str],
    train_here: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    sky, out = tmp_path / "sky.csv", tmp_path / "out"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    done = subprocess.run(
        [sys.executable, "-c", FEW, str(limit), "train", str(sky), "--out", str(out)],
        env=served_environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1)
    if done.returncode:
        assert "ulimit -n" in done.stderr.splitlines()[-1]
        found = train_here(sky, out)
        assert found["verdict"]["decision"] == "promoted"
    assert len(list((out / "runs").iterdir())) == 1
