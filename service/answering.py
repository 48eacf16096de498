"""A Prefect server, asked whether it is there and whether it lets us in, without its client."""

from __future__ import annotations

import base64
import ipaddress
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from schemas import ServerError
from service.background import require_space
from service.loading import load_prefect
from service.secret import secret_file
from service.settings import configured, prefect_home
from service.settings import private_log as _log

_START_SECONDS = 300.0  # ten of processor, of a machine that is busy with ten other things
_ANSWER_SECONDS = 30.0  # of one that is busy; one that is not there refuses at once
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Server:
    """A Prefect server that answers, or will.

    Attributes
    ----------
    url : str
        Address of its API.
    process : Popen or None
        The private server; None when the user named one.
    secret : str or None
        Its password, as far as it is known here.
    """

    url: str
    process: subprocess.Popen[bytes] | None = None
    secret: str | None = field(default=None, repr=False)

    def wait(self) -> None:
        """Wait until it answers; call it when there is nothing else to do.

        Raises
        ------
        SettingsError
            If it ended while it started, for Prefect cannot read its settings.
        OSError
            If it ended while it started, and nothing can be written where it writes.
        ServerError
            If it ended while it started, or does not answer in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(_START_SECONDS):
            if self.process and self.process.poll() is not None:
                load_prefect()  # it may be the settings that ended it
                self.require_space()
                raise ServerError(
                    f"the private Prefect server ended while it started; {_log()} has its words"
                )
            if time.monotonic() > deadline:
                raise ServerError(f"no Prefect server answers at {self.url}; {_log()} may say why")
            time.sleep(_POLL_SECONDS)

    def require_space(self) -> None:
        """Have the system say what hinders a private server, if it is a full disk.

        Raises
        ------
        OSError
            With the name of the folder that it writes in.
        """
        if self.process:
            require_space(prefect_home())

    def require(self) -> None:
        """Have an answer at once, and be let in.

        Raises
        ------
        ServerError
            If there is no answer, or it wants a password that is not known here.
        """
        if not self.answers(_ANSWER_SECONDS):
            raise ServerError(f"no Prefect server answers at {self.url}; {self._what_helps()}")
        if self.lets_in(self.secret) is False:
            kept = shlex.quote(str(secret_file()))
            known = " and PREFECT_API_AUTH_STRING is another one" if self.secret else ""
            raise ServerError(
                f"the Prefect server at {self.url} wants its password{known}; where `pulsar up` "
                f'started it, export PREFECT_API_AUTH_STRING="$(cat {kept})", or set '
                f"PREFECT_HOME as it was then"
            )

    def _what_helps(self) -> str:
        api = f"{self.url.rstrip('/')}/api"
        if Server(api).answers(_ANSWER_SECONDS):
            return f"one does at {api}: PREFECT_API_URL ends so"
        return (
            "start one with `prefect server start`, or unset PREFECT_API_URL to use a private one"
        )

    def answers(self, seconds: float) -> bool:
        """Whether it answers within so many seconds; it needs no password for that."""
        return _status(f"{self.url}/health", seconds=seconds, headers={}) == HTTPStatus.OK

    def lets_in(self, secret: str | None) -> bool | None:
        """Whether it lets in somebody with this password, or with none; None if it does not say."""
        asked = _status(
            f"{self.url}/admin/version", seconds=_ANSWER_SECONDS, headers=_credentials(secret)
        )
        answers: dict[int | None, bool] = {HTTPStatus.OK: True, HTTPStatus.UNAUTHORIZED: False}
        return answers.get(asked)


def _credentials(secret: str | None) -> dict[str, str]:
    """Say who asks, as Prefect's own client does: by password, else by the key of an account."""
    if secret:
        return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    key = configured("key")
    return {"Authorization": f"Bearer {key}"} if key else {}


def is_loopback(url: str) -> bool:
    """Tell an address on this machine, which no proxy has to do with."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


def _status(url: str, *, seconds: float, headers: dict[str, str]) -> int | None:
    straight = [urllib.request.ProxyHandler({})] if is_loopback(url) else []
    try:
        asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - the user's own server
        with urllib.request.build_opener(*straight).open(asked, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, HTTPException):
        return None
