"""A process that has imported all of the command, and forks one try of it after the other.

Run as ``python -P -m tests.chaos.zygote 7 8``, where the numbers are of sockets that were handed
down: there are as many processes as sockets, with one import in common.
Each line that comes asks for one try, as JSON; each line that goes tells how it ended. A try then
costs what the command does, and not the seconds of its imports, so that hundreds can be killed.
"""

from __future__ import annotations

import codecs
import json
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

PARTITION_ROWS = Path("partition-rows")
"""Of the folder of a try: rows of a partition, where it asks for small ones."""

_POLL_SECONDS = 0.002


def main() -> None:
    """Import, then fork until nobody asks any more; in a child, be the command."""
    lines = [int(word) for word in sys.argv[1:]]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command does, before NumPy is imported
    from command.launching import quieten

    quieten()
    _import_all()
    mine = next((line for line in lines[1:] if os.fork() == 0), lines[0])
    for line in lines:
        if line != mine:
            os.close(line)
    _serve(socket.socket(fileno=mine))


def _serve(line: socket.socket) -> None:
    """Answer one request after the other; and in a child, be the command."""
    line.sendall(b"ready\n")
    with line, line.makefile() as requests:
        for request in requests:
            asked = json.loads(request)
            child = os.fork()
            if child == 0:
                break
            line.sendall(f"{json.dumps(_attend(child, asked))}\n".encode())
        else:
            return
    _become(asked)


def _import_all() -> None:
    import flows.inbox
    import flows.scoring
    import flows.sweep
    import flows.training  # noqa: F401
    from command.launching import import_what_tasks_need
    from pulsars.store.versions import code_version

    import_what_tasks_need()
    codecs.lookup("unicode-escape")  # jinja2's, which another user may not be able to import
    code_version()  # reads the source once, and not for every try


def _attend(child: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Wait for a child, and kill it where its time comes."""
    began = time.monotonic()
    ends_at = asked["kill_after"] if asked["kill_after"] is not None else asked["seconds"]
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        taken = time.monotonic() - began
        if pid:
            return {"returncode": os.waitstatus_to_exitcode(status), "seconds": taken}
        if taken >= ends_at:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return {"returncode": -signal.SIGKILL, "seconds": taken}
        time.sleep(_POLL_SECONDS)


def _become(asked: dict[str, Any]) -> None:
    """Be a fresh `pulsar` with these words."""
    os.chdir(asked["folder"])
    _redirect(0, os.devnull, os.O_RDONLY)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        _redirect(descriptor, asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    from command.cli import main as command
    from tests.chaos.reaper import Reaper

    if PARTITION_ROWS.is_file():
        from pulsars.reading import partitions
        from pulsars.reading.access import opening

        for module in (opening, partitions):
            vars(module)["PARTITION_ROWS"] = int(PARTITION_ROWS.read_text(encoding="ascii"))
    if asked["reaper"] is not None:
        Reaper(**asked["reaper"]).watch()
    sys.argv = ["pulsar", *asked["words"]]
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: Path(asked["storage"])}):
        _starve(asked["limits"], asked["user"])
        command()


def _starve(limits: dict[str, int], user: int | None) -> None:
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    for name, limit in limits.items():
        kind = getattr(resource, name)
        taken = 0
        if name == "RLIMIT_AS":
            pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
            taken = int(pages) * resource.getpagesize()
        resource.setrlimit(kind, (taken + limit, resource.getrlimit(kind)[1]))


def _redirect(descriptor: int, path: str, flags: int) -> None:
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, descriptor)
    os.close(opened)


if __name__ == "__main__":
    main()
