"""Cut off in the middle of a run: it waits and ends alike, or says one sentence and goes on."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.demonstration import write_simulation
from schemas.errors import DataError, DownloadError, ServerError

SERVE = (
    "import sys, uvicorn\n"
    "from prefect.server.api.server import create_app\n"
    "uvicorn.run(create_app(), host='127.0.0.1', port=int(sys.argv[1]), log_level='error')"
)


class Wire:
    """Carries bytes between a client and a server, until it is cut."""

    def __init__(self, server: str) -> None:
        host, port = server.removeprefix("http://").removesuffix("/api").split(":")
        self._server = (host, int(port))
        self._open: list[socket.socket] = []
        self._busy = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}/api"
        self._accept()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._break()

    def mend(self) -> None:
        """Take connections again."""
        self._listener = socket.create_server(self._address)
        self._accept()

    def cut_for(self, seconds: float) -> None:
        self.cut()
        threading.Timer(seconds, self.mend).start()

    def answer_busy(self, times: int) -> None:
        """Answer the next artifacts with 503, as a server on SQLite does under load."""
        self._busy = times
        self._break()

    def _break(self) -> None:
        for one in self._open:
            with closing(one), suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open = []

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self._busy and b"/artifacts/" in client.recv(200, socket.MSG_PEEK):
                self._busy -= 1
                threading.Thread(target=refuse, args=(client,), daemon=True).start()
                continue
            server = socket.create_connection(self._server)
            self._open += [client, server]
            for ends in ((client, server), (server, client)):
                threading.Thread(target=carry, args=ends, daemon=True).start()


def carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def refuse(client: socket.socket) -> None:
    with closing(client), suppress(OSError):
        client.recv(65536)
        client.sendall(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )


class Onlooker:
    """Looks on like the terminal, and does something at a line that begins with a word."""

    def __init__(self, word: str, do: Callable[[], None]) -> None:
        self.outcome: Any = None
        self.lines: list[str] = []
        self._word, self._do = word, do

    def said(self, line: str) -> None:
        if line.startswith(self._word) and not any(o.startswith(self._word) for o in self.lines):
            self._do()
        self.lines.append(line)

    def progressed(self, what: str, done: int, total: int) -> None:
        """Nothing to see."""

    def came_to(self, outcome: object) -> None:
        self.outcome = outcome


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=600, prevalence=0.2, seed=3)
    return path


@pytest.fixture(scope="module")
def undisturbed(
    train_here: Callable[..., dict[str, Any]], sky: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    return str(train_here(sky, tmp_path_factory.mktemp("undisturbed"))["model_sha256"])


@pytest.fixture
def wire(prefect_server: str) -> Wire:
    return Wire(prefect_server)


def go_through(
    url: str, flow: Callable[[Any], Any], asked: object, onlooker: Onlooker, *, retries: int = 5
) -> Any:
    """Run a flow in this process as the command does."""
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_CLIENT_MAX_RETRIES,
        temporary_settings,
    )

    from flows.answering import Server
    from flows.insisting import insist
    from flows.tuning import prefect_tuned
    from tasks.watching import watching

    settings = {PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: retries}
    with temporary_settings(settings), watching(onlooker), prefect_tuned():
        return insist(flow, asked, server=Server(url), shown=onlooker)  # type: ignore[arg-type]


def train_through(
    url: str, sky: Path, out: Path, onlooker: Onlooker, *, retries: int = 5
) -> dict[str, Any]:
    from flows.training import train
    from schemas.parameters import TrainingParameters
    from tasks.runs import load_run

    asked = TrainingParameters(data=str(sky), out=str(out))
    return load_run(Path(go_through(url, train, asked, onlooker, retries=retries).path)).summary()


@pytest.fixture
def is_whole(
    undisturbed: str, tally: Callable[[str], Any]
) -> Callable[[Path, dict[str, Any]], bool]:
    """Give a function that says whether a root holds one run, judged, like the undisturbed."""

    def check(out: Path, found: dict[str, Any]) -> bool:
        model = Path(found["path"]) / "model.json"
        whole = (
            [path.name for path in (out / "runs").iterdir()] == [found["run"]]
            and hashlib.sha256(model.read_bytes()).hexdigest() == undisturbed
            and found["verdict"]["decision"] == "promoted"
            and not list((out / "unfinished").iterdir())
        )
        tally("cut off: server").count(lost=int(not whole))
        return whole

    return check


@pytest.fixture
def only_full(size: Callable[[int, int, int], int]) -> None:
    if not size(0, 1, 1):
        pytest.skip("the short form leaves this to `make chaos`")


Whole = Callable[[Path, dict[str, Any]], bool]


@pytest.mark.parametrize(
    "disturb",
    [lambda wire: wire.cut_for(1.0), lambda wire: wire.answer_busy(2)],
    ids=["cut for a second", "answers 503 twice"],
)
def test_a_run_waits_for_a_server_that_heals(
    disturb: Callable[[Wire], None], wire: Wire, sky: Path, is_whole: Whole, tmp_path: Path
) -> None:
    onlooker = Onlooker("split", lambda: disturb(wire))
    found = train_through(wire.url, sky, tmp_path, onlooker)
    assert is_whole(tmp_path, found)
    assert not any("lost" in line for line in onlooker.lines)


def test_a_run_without_patience_left_goes_on_by_itself_when_the_server_is_back(
    wire: Wire, sky: Path, is_whole: Whole, tmp_path: Path
) -> None:
    onlooker = Onlooker("split", lambda: wire.answer_busy(1))
    found = train_through(wire.url, sky, tmp_path, onlooker, retries=0)
    assert is_whole(tmp_path, found)
    assert any(line.startswith("going on in") for line in onlooker.lines)
    assert sum(line.startswith("read 600") for line in onlooker.lines) == 1


@pytest.mark.usefixtures("only_full")
def test_a_server_that_is_gone_is_one_sentence_and_the_same_command_goes_on(
    wire: Wire,
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    is_whole: Whole,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    onlooker = Onlooker("split", wire.cut)
    with pytest.raises(ServerError, match="the same command goes on where it was"):
        train_through(wire.url, sky, tmp_path, onlooker, retries=0)
    assert "Error logging" not in capfd.readouterr().err
    assert not (tmp_path / "runs").exists()
    assert is_whole(tmp_path, train_here(sky, tmp_path))


@pytest.mark.usefixtures("only_full")
def test_a_run_whose_server_is_lost_at_the_very_end_is_done(
    wire: Wire, sky: Path, is_whole: Whole, tmp_path: Path
) -> None:
    """Nothing is left but to tell the server, so that nothing must be done again."""

    class AtTheEnd(Onlooker):
        def came_to(self, outcome: object) -> None:
            super().came_to(outcome)
            wire.cut()

    found = train_through(wire.url, sky, tmp_path, AtTheEnd("nothing", wire.cut), retries=0)
    assert is_whole(tmp_path, found)


@pytest.mark.usefixtures("only_full")
def test_a_pass_over_an_inbox_ends_at_a_lost_server_and_blames_no_file(
    wire: Wire, championed: Callable[[], Path], tmp_path: Path, tally: Callable[[str], Any]
) -> None:
    from flows.inbox import score_inbox
    from schemas.score_parameters import InboxParameters

    out, inbox = championed(), tmp_path / "inbox"
    inbox.mkdir()
    for seed in (1, 2, 3):
        write_simulation(inbox / f"{seed}.csv", rows=600, prevalence=0.2, seed=seed)
        os.utime(inbox / f"{seed}.csv", (1, 1))
    asked = InboxParameters(inbox=str(inbox), out=str(out))
    onlooker = Onlooker("published", wire.cut)
    with pytest.raises(ServerError):
        go_through(wire.url, score_inbox, asked, onlooker, retries=0)
    assert not any("could not be scored" in line for line in onlooker.lines)
    ended = score_inbox(asked)
    scored = len(list((out / "scores").glob("*/manifest.json")))
    tally("cut off: server").count(lost=3 - scored)
    assert scored == 3
    assert (ended["known"], len(ended["scored"]), ended["failed"]) == (1, 2, [])


class OwnServer:
    """A Prefect server of this module's own, with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/api"
        self.start()

    def start(self) -> None:
        env = {**os.environ, "PREFECT_HOME": str(self.home), "PREFECT_UI_ENABLED": "false"}
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(self._port)], env=env)

    def wait(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310 - its own
                return
            time.sleep(0.2)
        raise TimeoutError(self.url)

    def end(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def stop_for(self, seconds: float) -> None:
        self.process.send_signal(signal.SIGSTOP)
        threading.Timer(seconds, self.process.send_signal, [signal.SIGCONT]).start()

    def restart(self) -> None:
        self.end()
        self.start()

    def lock_for(self, seconds: float) -> None:
        """Lock the database, as a backup or another process may."""
        locked = threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(self.home / "prefect.db", timeout=60)) as database:
                database.execute("BEGIN EXCLUSIVE")
                locked.set()
                time.sleep(seconds)

        threading.Thread(target=hold, daemon=True).start()
        assert locked.wait(90)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path_factory.mktemp("own-home"))
    try:
        server.wait()
        yield server
    finally:
        server.end()


@pytest.fixture
def cut_during(
    own_server: OwnServer,
    command: tuple[str, ...],
    environment: dict[str, str],
    sky: Path,
    tmp_path: Path,
) -> Callable[[Callable[[OwnServer], None]], tuple[int, float, str]]:
    """Give a function that does something to the server of a training.

    It gives the exit code, how many seconds that took from then on, and what was said.
    """
    if own_server.process.poll() is not None:
        own_server.start()
    own_server.wait()
    env, log = {**environment, "PREFECT_API_URL": own_server.url}, tmp_path / "said"

    def run(fault: Callable[[OwnServer], None]) -> tuple[int, float, str]:
        words = [*command, "train", str(sky), "--out", str(tmp_path / "out")]
        with log.open("wb") as file:
            process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=file)
        try:
            while "working in" not in log.read_text() and process.poll() is None:
                time.sleep(0.02)
            fault(own_server)
            since = time.monotonic()
            code = process.wait(500)
        finally:
            process.kill()
            process.wait()
        return code, time.monotonic() - since, log.read_text()

    return run


Cut = Callable[[Callable[[OwnServer], None]], tuple[int, float, str]]
FAULTS: dict[str, Callable[[OwnServer], None]] = {
    "stopped for 20 s": lambda server: server.stop_for(20),
    "killed and started again": OwnServer.restart,
    "its database locked for 15 s": lambda server: server.lock_for(15),
}


@pytest.mark.usefixtures("only_full")
@pytest.mark.parametrize("fault", FAULTS)
def test_the_command_survives_a_server_that_was(
    fault: str, request: pytest.FixtureRequest, is_whole: Whole, tmp_path: Path
) -> None:
    cut_during: Cut = request.getfixturevalue("cut_during")  # no server where this is skipped
    code, _, said = cut_during(FAULTS[fault])
    assert code == 0, said
    from tasks.runs import list_runs

    (run,) = list_runs(tmp_path / "out")
    assert is_whole(tmp_path / "out", run.summary())


@pytest.mark.usefixtures("only_full")
def test_the_command_says_within_minutes_that_its_server_died_for_good(
    request: pytest.FixtureRequest,
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    is_whole: Whole,
    tmp_path: Path,
) -> None:
    cut_during: Cut = request.getfixturevalue("cut_during")
    code, took, said = cut_during(OwnServer.end)
    assert code == 2, said
    assert said.splitlines()[-1].endswith("the same command goes on where it was")
    for raw in ("Error logging", "Event(", "Traceback", "internal"):
        assert raw not in said
    assert took < 300
    assert is_whole(tmp_path / "out", train_here(sky, tmp_path / "out"))


class Host(BaseHTTPRequestHandler):
    """A host that serves a file well, by half, too slowly, or says that another thing is it."""

    content = b""
    faults: tuple[str, ...] = ()

    def do_GET(self) -> None:
        fault, type(self).faults = (*self.faults, "")[0], self.faults[1:]
        body = b"<html><body>Please log in.</body></html>" if fault == "lies" else self.content
        start = 0
        given = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if given and fault != "lies":
            start = int(given[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        left = body[start:]
        self.wfile.write(left[: len(left) // 2] if fault in {"halves", "stalls"} else left)
        if fault == "stalls":
            time.sleep(8)
        self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def host(sky: Path) -> Iterator[str]:
    Host.content, Host.faults = sky.read_bytes(), ()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sky.csv"
    server.shutdown()


@pytest.mark.usefixtures("prefect_server")
def test_a_download_that_was_cut_ends_with_the_same_rows(
    host: str, sky: Path, tmp_path: Path, tally: Callable[[str], Any]
) -> None:
    from tasks.fetching import obtain

    for fault in ("halves", "stalls"):
        Host.faults = (fault,)
        try:
            source = obtain(host, tmp_path / fault, patience=4)
        except DownloadError:
            source = obtain(host, tmp_path / fault, patience=60)
        same = Path(source.file.path).read_bytes() == sky.read_bytes()
        tally("cut off: download").count(wrong=int(not same))
        assert same, fault


def test_a_page_in_place_of_the_file_is_refused_and_the_file_itself_is_taken_later(
    host: str,
    train_here: Callable[..., dict[str, Any]],
    undisturbed: str,
    tmp_path: Path,
    tally: Callable[[str], Any],
) -> None:
    Host.faults = ("lies",)
    with pytest.raises(DataError):
        train_here(host, tmp_path)
    found = train_here(host, tmp_path)
    tally("cut off: download").count(wrong=int(found["model_sha256"] != undisturbed))
    assert found["model_sha256"] == undisturbed
