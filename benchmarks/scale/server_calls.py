"""What mapped steps ask of the Prefect server: calls, messages and refusals a step, and the time.

A flow maps a step that does nothing, kept by content like all others, once for none and once for
many, by threads and by processes, on a server of its own (SQLite, as a command starts it); the
difference is what a step costs. Refusals are answers of 503, which a client waits for a second.

Ends with exit code 1 when a step asks more than the bound.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
N_STEPS = 200
BOUND = 1.0
"""Requests a step: states go as messages of one websocket, so a step needs no request at all."""

_SAID = ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_LOGGING_INTERNAL_LEVEL")

RUNNERS = (("threads", 1), ("threads", 2), ("threads", 8), ("processes", 2))


@contextmanager
def counting_server(home: Path, settings: dict[str, str]) -> Iterator[str]:
    """Run a server that counts; give its address without ``/api``."""
    from service.answering import Server
    from service.server import _ONLY_WHAT_A_RUN_NEEDS

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scale.counting_server", str(listener.fileno())],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
            env={**os.environ, "PREFECT_HOME": str(home), **_ONLY_WHAT_A_RUN_NEEDS, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        Server(f"{url}/api", process).wait()
        yield url
    finally:
        process.terminate()
        process.wait(30)


def counts(url: str) -> Counter[str]:
    """Ask what was asked so far, and answered."""
    import httpx

    found: dict[str, int] = httpx.get(f"{url}/counts").raise_for_status().json()
    return Counter(found)


def measure(url: str, runner: str, n_workers: int, n_steps: int) -> tuple[Counter[str], float]:
    """Run a flow in a process of its own; give what it asked, and the seconds of its map."""
    before = counts(url)
    words = [sys.executable, "-m", "benchmarks.scale.mapped", runner, str(n_workers), str(n_steps)]
    quiet = dict.fromkeys(_SAID, "CRITICAL")
    env = {**os.environ, **quiet, "PREFECT_API_URL": f"{url}/api"}
    done = subprocess.run(words, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    time.sleep(1.5)  # what the server writes once a second
    return counts(url) - before, float(done.stdout.split()[-1])


def tell(runner: str, n_workers: int, n_steps: int, url: str) -> float:
    """Print a line of a runner; give the requests a step."""
    none, _ = measure(url, runner, n_workers, 0)
    many, seconds = measure(url, runner, n_workers, n_steps)
    extra = many - none
    requests = sum(n for name, n in extra.items() if not name.startswith("message"))
    messages = sum(n for name, n in extra.items() if name.startswith("message"))
    refused = sum(n for name, n in many.items() if name.endswith(" 503"))
    print(
        f"{runner:>9} {n_workers:2}  {requests / n_steps:5.2f} requests  {messages / n_steps:5.2f} "
        f"messages  {refused:3} refused  {1000 * seconds / n_steps:6.1f} ms a step"
    )
    for name, n in extra.most_common(4):
        print(f"               {n:5}  {name}")
    return requests / n_steps


def main() -> int:
    """Measure each runner, print, judge."""
    from service.settings import QUIET

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=N_STEPS)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args()
    os.environ.update(QUIET)
    settings: dict[str, Any] = dict(each.split("=", 1) for each in asked.set)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PREFECT_HOME"] = str(Path(folder) / "client")
        with counting_server(Path(folder) / "server", settings) as url:
            print(f"{asked.steps} steps that do nothing, on a server with SQLite")
            worst = max(tell(*runner, asked.steps, url) for runner in RUNNERS)
    print(f"requests a step at most {worst:.2f}, bound {BOUND:.0f}")
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
