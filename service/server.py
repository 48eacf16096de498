"""Which Prefect server a command talks to: the one it is told of, or a private one.

Starting a server costs seconds of imports, and so do the flows; the private server is therefore
started first, as a process of its own, and loads while this process imports. It listens on
loopback, keeps its history where Prefect keeps it (PREFECT_HOME), and ends with the command.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO
from urllib.parse import urlsplit

from schemas import ParameterError, ServerError, SettingsError, for_place, require_http
from service.answering import Server, is_loopback
from service.notes import running_url
from service.own_eyes import what_others_could_read
from service.secret import read_secret
from service.server_of_up import is_of_up, server_of_up, wait_for_up
from service.settings import (
    ANOTHER_HOME,
    QUIET,
    WRITE_IN_BATCHES,
    configured,
    place_of,
    prefect_home,
    private_log,
)

_ONLY_WHAT_A_RUN_NEEDS = {
    **WRITE_IN_BATCHES,
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
}

_OPEN = (
    "pulsar: anybody on this machine can use the Prefect server at {url}, which an older version "
    "started; `pulsar down`, then `pulsar up` shuts it"
)
_NO_PROXY = ("no_proxy", "NO_PROXY")  # where both are set, the first is read
_TOLD = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", *_NO_PROXY)
_HERE = ("127.0.0.1", "localhost", "::1")
_STOP_SECONDS = 10.0


def named_server() -> Server | None:
    """Find the server that the settings name, with its password; None where they name none.

    Raises
    ------
    SettingsError
        If what they name is no address.
    """
    url = configured("url")
    if not url:
        return None
    try:
        require_http(url)
    except ParameterError:
        raise SettingsError(
            f"PREFECT_API_URL {for_place(url)!r} is no address of a server, such as "
            f"http://127.0.0.1:4200/api; correct it in {place_of('PREFECT_API_URL')}, or take it "
            f"out there to use a private server"
        ) from None
    url = url.rstrip("/")  # as Prefect's own client takes it
    known = configured("auth_string")
    return Server(url, secret=known if known or not is_of_up(url) else read_secret())


def require(server: Server) -> None:
    """Have a server answer and let us in; that of `up` is waited for, as it may be starting.

    Raises
    ------
    ServerError
        If it does not.
    """
    up = running_url()
    if up and is_of_up(server.url):
        wait_for_up(up)  # `/api` may be wanting in what was named
    server.require()


@contextmanager
def prefect_server(warn: Callable[[str], None] | None = None) -> Iterator[Server]:
    """Have a Prefect server for the length of the block.

    Enter it before importing Prefect: it sets environment variables that Prefect reads once.

    Parameters
    ----------
    warn : callable, optional
        Called with a sentence, should anybody on this machine be able to use the server, or have
        been able to read its database.

    Yields
    ------
    Server
        A private one may not be ready yet.

    Raises
    ------
    ServerError
        If the server that the settings name does not answer, or does not let us in.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    server = named_server() or server_of_up()
    if server is not None:
        require(server)
        # Anybody on this machine can use it, as that of an older `pulsar up`.
        if warn and server.url == running_url() and not server.secret and server.lets_in(None):
            warn(_OPEN.format(url=server.url))
        with told_of(server):
            yield server
        return
    if warn:
        for sentence in what_others_could_read():
            warn(sentence)
    with _private_server() as server, told_of(server):
        yield server


@contextmanager
def told_of(server: Server) -> Iterator[None]:
    """Tell Prefect of a server by the environment, for the length of the block."""
    before = {name: os.environ.get(name) for name in _TOLD}
    os.environ["PREFECT_API_URL"] = server.url
    if server.secret:
        os.environ["PREFECT_API_AUTH_STRING"] = server.secret
    os.environ.update(straight_here(server.url))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def straight_here(url: str) -> dict[str, str]:
    """Give the settings by which nobody asks a proxy for what lies on this machine.

    Parameters
    ----------
    url : str
        Of a server, which may have an address of its own here.
    """
    known = next((os.environ[name] for name in _NO_PROXY if name in os.environ), "")
    if known.strip() == "*":  # nobody asks one at all
        return dict.fromkeys(_NO_PROXY, known)
    host = urlsplit(url).hostname if is_loopback(url) else None
    hosts = dict.fromkeys([*filter(None, known.split(",")), *_HERE, *filter(None, [host])])
    return dict.fromkeys(_NO_PROXY, ",".join(hosts))


def own_pages(url: str, secret: str) -> dict[str, str]:
    """Give the settings by which a server lets in only who has the password, and its own pages.

    Parameters
    ----------
    url : str
        Of its API.
    secret : str
        The password. By the environment, which only its user can read, and not as an argument.
    """
    return {
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url.removesuffix("/api"),
    }


@contextmanager
def _private_server() -> Iterator[Server]:
    secret = secrets.token_urlsafe(32)
    with socket.create_server(("127.0.0.1", 0)) as listener, _open_log() as log:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        process = subprocess.Popen(  # noqa: S603 - this interpreter, this project's own module
            [sys.executable, "-P", "-m", "service.private_server", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            env={**os.environ, **_ONLY_WHAT_A_RUN_NEEDS, **own_pages(url, secret)},
            # Ctrl-C is for the command; the server must outlive it to take the last messages.
            start_new_session=True,
        )
    try:
        yield Server(url, process, secret)
    finally:
        _stop(process)


def _open_log() -> BinaryIO:
    try:
        private_log().parent.mkdir(parents=True, exist_ok=True)
        return private_log().open("wb")
    except OSError as error:
        raise ServerError(
            f"Prefect cannot keep its history in {prefect_home()} ({error.strerror}); "
            f"{ANOTHER_HOME}"
        ) from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
