"""What `pulsar up` and `down` print."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from command.console import err, print_json, print_places
from command.console import out as console_out
from service import Up


def print_up(found: Up, *, asked_port: int | None, as_json: bool) -> None:
    """Say what runs and where to look."""
    if asked_port not in (None, urlsplit(found.url).port):
        err().print(
            f"already up on {found.url}; the port asked for, {asked_port}, is not used",
            markup=False,
        )
    for sentence in found.said:
        err().print(sentence, markup=False)
    ui = found.url.removesuffix("/api")
    if as_json:
        print_json(
            {
                "url": found.url,
                "ui": ui,
                "secret_file": str(found.secret_file),
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
    password = f"cat {shlex.quote(str(found.secret_file))}"
    logs = {"Logs": found.server.log, "": found.flows.log}
    print_places(console, {"Password": password, **logs})
    console.print("Stop     pulsar down")


def print_down(stopped: list[str], *, as_json: bool) -> None:
    """Say what was stopped."""
    if as_json:
        print_json({"stopped": stopped})
        return
    console_out().print(f"Stopped  {' and '.join(stopped) or 'nothing; nothing was up'}")
