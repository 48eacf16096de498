"""A proxy that the environment names is asked for nothing that lies on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import ClassVar

import httpx
import pytest

from schemas.errors import ServerError
from service.answering import Server
from service.server import told_of
from tests.hosts import QuietHandler, serving


class Listener(QuietHandler):
    """Keeps what it is asked, and by whom."""

    heard: ClassVar[list[tuple[int, str, str | None]]] = []

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        self.heard.append((port, self.path, self.headers["Authorization"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Ports of a proxy and of a server."""
    Listener.heard.clear()
    with serving(Listener) as proxy, serving(Listener) as server:
        yield proxy, server


@pytest.fixture(autouse=True)
def _through_a_proxy(ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{ports[0]}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_password_of_a_server_here_goes_to_no_proxy(host: str, ports: tuple[int, int]) -> None:
    server = Server(f"http://{host}:{ports[1]}/api", secret="s3cret")  # noqa: S106 - a test's own
    assert server.answers(5)
    assert server.lets_in("s3cret")
    assert [port for port, _, _ in Listener.heard] == [ports[1]] * 2


def test_a_server_elsewhere_is_asked_through_the_proxy(ports: tuple[int, int]) -> None:
    assert Server("http://prefect.invalid/api").answers(5)
    assert Listener.heard == [(ports[0], "http://prefect.invalid/api/health", None)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_neither_does_prefects_own_client_send_it_there(host: str, ports: tuple[int, int]) -> None:
    async def ask(url: str) -> None:
        async with httpx.AsyncClient() as client:
            await client.get(url)

    server = Server(f"http://{host}:{ports[1]}/api", secret="s3cret")  # noqa: S106 - a test's own
    with told_of(server):
        httpx.get(f"{server.url}/health")
        asyncio.run(ask(f"{server.url}/health"))
    assert [port for port, _, _ in Listener.heard] == [ports[1]] * 2


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize("before", [None, "", "example.org", "*"])
def test_who_is_asked_without_a_proxy_is_kept_and_put_back(
    name: str, before: str | None, ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is not None:
        monkeypatch.setenv(name, before)
    was = dict(os.environ)
    with told_of(Server(f"http://127.0.0.1:{ports[1]}/api")):
        known = os.environ["no_proxy"].split(",")
        assert known == os.environ["NO_PROXY"].split(",")
        assert "*" in known or "127.0.0.1" in known
        assert not before or before in known
    assert dict(os.environ) == was


class OnlyBelowApi(QuietHandler):
    """Answers as a Prefect server does, whose pages take every other path."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.mark.parametrize("slash", ["", "/"])
def test_whoever_leaves_api_out_of_the_address_is_told_so(slash: str) -> None:
    with serving(OnlyBelowApi) as port:
        with pytest.raises(ServerError, match=f"one does at http://127.0.0.1:{port}/api: "):
            Server(f"http://127.0.0.1:{port}{slash}").require()
        assert Server(f"http://127.0.0.1:{port}/api").answers(5)


def test_where_nobody_answers_at_all_it_is_said_how_to_start_one(ports: tuple[int, int]) -> None:
    with serving(OnlyBelowApi) as port:
        gone = port
    assert gone not in ports
    with pytest.raises(ServerError, match="prefect server start"):
        Server(f"http://127.0.0.1:{gone}").require()
