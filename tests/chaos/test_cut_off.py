"""Cut off in the middle of a run: it waits and ends alike, or says one sentence and goes on."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from command.demonstration import write_simulation
from schemas.errors import ServerError
from tasks.plumbing.watchers import Watcher, watching

pytestmark = pytest.mark.slow  # it waits; `make chaos` runs it too


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


class Onlooker(Watcher):
    """Looks on like the terminal, and does something at a line that begins with a word."""

    def __init__(self, word: str, do: Callable[[], None]) -> None:
        super().__init__()
        self.outcome: Any = None
        self.lines: list[str] = []
        self._word, self._do = word, do

    def said(self, line: str) -> None:
        if line.startswith(self._word) and not any(o.startswith(self._word) for o in self.lines):
            self._do()
        self.lines.append(line)

    def came_to(self, outcome: object) -> None:
        self.outcome = outcome


@pytest.fixture
def wire(prefect_server: str) -> Wire:
    return Wire(prefect_server)


def go_through(
    url: str, flow: Callable[[Any], Any], asked: object, onlooker: Onlooker, *, retries: int = 5
) -> Any:
    """Run a flow in this process as the command does."""
    from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    from command.insisting import insist
    from service.answering import Server
    from service.tuning import prefect_tuned

    settings = {PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: retries}
    with temporary_settings(settings), watching(onlooker), prefect_tuned():
        return insist(flow, asked, server=Server(url), shown=onlooker)  # type: ignore[arg-type]


def train_through(
    url: str, sky: Path, out: Path, onlooker: Onlooker, *, retries: int = 5
) -> dict[str, Any]:
    from flows.training import train
    from pulsars.store.runs import load_run
    from schemas.parameters import TrainingParameters

    asked = TrainingParameters(data=str(sky), out=str(out))
    return load_run(Path(go_through(url, train, asked, onlooker, retries=retries).path)).summary()


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
    assert sum(line.startswith("reading 600") for line in onlooker.lines) == 1


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
