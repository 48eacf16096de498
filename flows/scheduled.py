"""What `pulsar serve`, `up` and `down` check and say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.console import out as console_out
from flows.console import print_json
from flows.parameters_file import training_parameters
from flows.server import QUIET, Server, configured_api_url, prefect_home
from schemas.errors import ParameterError, ServerError
from schemas.sources import is_address, require_file
from tasks.files import exclusive

if TYPE_CHECKING:
    from flows.up import Up


_YEAR = 366 * 24 * 3600


def serve_here(**asked: Any) -> None:
    """Serve in this process until it is stopped.

    Raises
    ------
    ServerError
        If no server is named, it does not answer, or another process serves it already.
    """
    words_for(**asked)
    url = configured_api_url()
    if url is None:
        raise ServerError(
            "schedules need a Prefect server that stays: `pulsar up` starts one, or name one with "
            "PREFECT_API_URL"
        )
    Server(url).require()
    os.environ["PREFECT_API_URL"] = url
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from flows.automations import HEARTBEAT_SECONDS
    from flows.serving import Plan, serve_plan

    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", str(HEARTBEAT_SECONDS))
    plan = Plan(**_wholly(asked))
    with alone_on(url, plan.out):
        serve_plan(plan)


@contextmanager
def alone_on(url: str, out: Path) -> Iterator[None]:
    """Be the one process of this user that gives a server its schedules.

    Deployments have fixed names: a second process would take over the first one's, and end its
    runs as left behind.

    Parameters
    ----------
    url : str
        Of the server's API.
    out : Path
        Artifact root, which the other is told.

    Raises
    ------
    ServerError
        If there is another.
    """
    folder = prefect_home() / "pulsar-serve"
    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    note = folder / f"{name}.txt"

    def refuse() -> None:
        who = note.read_text(encoding="utf-8") if note.is_file() else "one that has just begun"
        raise ServerError(
            f"another `pulsar serve` gives {url} its schedules: {who}; stop that first (`pulsar "
            f"down`, where `pulsar up` started it), or use another server"
        )

    with exclusive(folder, waiting=refuse, name=f"{name}.lock"):
        note.write_text(f"process {os.getpid()}, artifacts in {out}", encoding="utf-8")
        yield


def words_for(**asked: Any) -> list[str]:
    """Check what was asked for, and spell it as the words after `pulsar serve`.

    Raises
    ------
    ParameterError
        If nothing is to be done, or a schedule or a parameter is none.
    SourceNotFoundError
        If there is no such file.
    """
    given = _wholly(asked)
    data, inbox = asked["data"], given["inbox"]
    if data is None and inbox is None:
        raise ParameterError("nothing to do: name --data to train on, --inbox to score, or both")
    if data is not None:
        require_file(data, name=str(data))
        training_parameters({"data": str(data)}, file=asked["parameters"])
    _require_cron(asked["train_cron"])
    for name in ("train_every", "score_every", "settle_seconds"):
        _require_seconds(name, asked[name])
    if inbox is not None and not is_address(inbox):
        Path(inbox).mkdir(parents=True, exist_ok=True)
    return [
        word
        for name, value in given.items()
        if value is not None
        for word in ("--" + name.replace("_", "-"), str(value))
    ]


def _wholly(asked: dict[str, Any]) -> dict[str, Any]:
    """Give whole paths: the process that looks may run elsewhere."""
    paths = {name: asked[name] and asked[name].resolve() for name in ("data", "parameters", "out")}
    return {**asked, **paths, "inbox": _whole(asked["inbox"])}


def _whole(inbox: str | None) -> str | None:
    if inbox is None or "://" in inbox:
        return inbox
    return str(Path(inbox).expanduser().resolve())


def _require_cron(text: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=text)
    except ValueError:
        raise ParameterError(
            f"--train-cron {text!r} is no schedule; '0 3 * * *' is every night at three"
        ) from None


def _require_seconds(name: str, value: float | None) -> None:
    if value is not None and value > _YEAR:
        raise ParameterError(
            f"--{name.replace('_', '-')} {value:g} is no number of seconds up to a year, {_YEAR:,}"
        )


def print_up(found: Up, *, as_json: bool) -> None:
    """Say what runs and where to look."""
    ui = found.url.removesuffix("/api")
    if as_json:
        print_json(
            {
                "url": found.url,
                "ui": ui,
                "started": found.started,
                "server": found.server.pid,
                "flows": found.flows.pid,
                "logs": [found.server.log, found.flows.log],
            }
        )
        return
    console = console_out()
    word = " and ".join(found.started) or "nothing"
    console.print(f"Started  {word}; up are server {found.server.pid}, flows {found.flows.pid}")
    console.print(f"Look     {ui}", markup=False)
    console.print(f"Logs     {found.server.log}\n         {found.flows.log}", soft_wrap=True)
    console.print("Stop     pulsar down")


def print_down(stopped: list[str], *, as_json: bool) -> None:
    """Say what was stopped."""
    if as_json:
        print_json({"stopped": stopped})
        return
    console_out().print(f"Stopped  {' and '.join(stopped) or 'nothing; nothing was up'}")
