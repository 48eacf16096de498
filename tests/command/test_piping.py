"""What is piped into a command is a file like any other, and packed files are files too."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from command.cli import app
from command.launching import with_piped
from pulsars.reading.sources.piped import keep_piped
from pulsars.simulation.populations import simulate
from pulsars.store.leftovers import _NAMES
from schemas import FEATURE_NAMES, FileParameters, Limits
from schemas.errors import ExitCode, ParameterError, SizeError, UnreadableFileError

Root = Callable[[], Path]


def table(*, rows: int = 300, seed: int = 5, labelled: bool = False) -> bytes:
    X, y = simulate(rows, prevalence=0.15, rng=np.random.default_rng(seed))
    made = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    return (made.assign(label=y) if labelled else made).to_csv(index=False).encode()


def run(*words: object, piped: bytes | None = None) -> Any:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*map(str, words)], input=piped)


def told(*words: object, piped: bytes | None = None) -> dict[str, Any]:
    done = run(*words, "--json", piped=piped)
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_validate_says_of_what_is_piped_what_it_says_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sky.csv"
    path.write_bytes(table(labelled=True))
    by_name = told("validate", path)
    for content in (path.read_bytes(), gzip.compress(path.read_bytes())):
        piped = told("validate", "-", piped=content)
        assert piped["fingerprint"] == by_name["fingerprint"]
    assert "standard input" in run("validate", "-", piped=path.read_bytes()).stdout
    assert [*tmp_path.iterdir()] == [path]
    beside = told("validate", path, "-", piped=table(seed=6, labelled=True))
    assert beside["rows"]["read"] == 600


@pytest.mark.usefixtures("undrawn")
def test_what_is_piped_is_scored_once_by_its_content(
    championed: Root, tmp_path: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    out, content = championed(), table()
    first = told("score", "-", "--out", out, piped=content)
    assert first["data"]["origin"] == first["data"]["name"] == "standard input"
    (kept,) = (out / "downloads").iterdir()
    assert re.fullmatch(_NAMES["downloads"], kept.name), "or nobody prunes it"
    assert kept.read_bytes() == content
    (tmp_path / "sky.csv").write_bytes(content)
    assert told("score", tmp_path / "sky.csv", "--out", out)["path"] == first["path"]
    packed = told("score", "-", "--out", out, piped=gzip.compress(content))
    assert packed["path"] != first["path"]
    lists = [Path(one["path"], "short_list.csv").read_bytes() for one in (first, packed)]
    assert lists[0] == lists[1]


@pytest.mark.slow
def test_a_run_is_trained_on_what_is_piped(pulsar: Any, data_dir: Path, tmp_path: Path) -> None:
    data = data_dir / "HTRU_2.csv"
    with data.open("rb") as piped:
        one = pulsar("train", "-", "--out", tmp_path / "a", "--json", stdin=piped)
    other = pulsar("train", data, "--out", tmp_path / "b", "--json")
    assert (one.returncode, other.returncode) == (0, 0), one.stderr
    assert json.loads(one.stdout)["model_sha256"] == json.loads(other.stdout)["model_sha256"]


def test_nothing_too_much_and_twice_are_refused(tmp_path: Path) -> None:
    empty = run("train", "-", "--out", tmp_path / "out", piped=b"").exception
    assert isinstance(empty, UnreadableFileError)
    assert "standard input is empty" in str(empty)
    more = run("score", "-", "--out", tmp_path / "out", "--max-bytes", 9, piped=b"x" * 99).exception
    assert isinstance(more, SizeError)
    assert "standard input holds at least 99 bytes" in str(more)
    assert "--max-bytes 99" not in str(more)  # more may be to come
    twice = run("validate", "-", "-", piped=table()).exception
    assert isinstance(twice, ParameterError)
    assert [*(tmp_path / "out" / "downloads").iterdir()] == []


def test_a_closed_input_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(ParameterError, match="is closed"):
        with_piped(FileParameters(data="-"), tmp_path)


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Screen())
    with pytest.raises(ParameterError, match="this terminal"):
        with_piped(FileParameters(data="-"), tmp_path)


def test_a_stream_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        keep_piped(Torn(b"1" * (3 << 20)), tmp_path, limits=Limits())
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("words", [["runs", "--json"], ["runs"], ["train", "--help"]])
def test_whose_reader_goes_away_ends_as_a_shell_says_it_and_says_nothing(
    tmp_path: Path, words: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from command.cli import main; main()", *words]
    if "--help" not in words:
        command += ["--out", str(tmp_path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.returncode == ExitCode.UNREAD
    assert done.stderr == b""
