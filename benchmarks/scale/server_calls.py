"""What mapped steps ask of the Prefect server: calls, messages and refusals a step, and the time.

A flow maps a step that does nothing, kept by content like all others, once for none and once for
many, by threads and by processes, on a server of its own (SQLite, as a command starts it); the
difference is what a step costs. Refusals are answers of 503, which a client waits for a second.

Usage: python -m benchmarks.scale.server_calls [--steps N] [--set NAME=VALUE ...]

With settings of the server, to try some.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.audit.line import Line, Size
from benchmarks.command import ROOT, server
from benchmarks.harness import leave

N_STEPS = 200
BOUND = 1.0
"""Requests a step: states go as messages of one websocket, so a step needs no request at all."""

_SAID = ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_LOGGING_INTERNAL_LEVEL")

COUNTING = (sys.executable, "-m", "benchmarks.scale.counting_server")

RUNNERS = (("threads", 1), ("threads", 2), ("threads", 8), ("processes", 2))


def counts(url: str) -> Counter[str]:
    """Ask what was asked so far, and answered."""
    import httpx

    found: dict[str, int] = httpx.get(f"{url}/counts").raise_for_status().json()
    return Counter(found)


def asked_of(url: str, runner: str, n_workers: int, n_steps: int) -> tuple[Counter[str], float]:
    """Run a flow in a process of its own; give what it asked, and the seconds of its map."""
    before = counts(url)
    words = [sys.executable, "-m", "benchmarks.scale.mapped", runner, str(n_workers), str(n_steps)]
    quiet = dict.fromkeys(_SAID, "CRITICAL")
    env = {**os.environ, **quiet, "PREFECT_API_URL": url}
    done = subprocess.run(words, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    time.sleep(1.5)  # what the server writes once a second
    return counts(url) - before, float(done.stdout.split()[-1])


def line_of(runner: str, n_workers: int, n_steps: int, url: str) -> Line:
    """Judge the requests a step of a runner."""
    none, _ = asked_of(url, runner, n_workers, 0)
    many, seconds = asked_of(url, runner, n_workers, n_steps)
    extra = many - none
    messages = sum(n for name, n in extra.items() if name.startswith("message"))
    requests = (extra.total() - messages) / n_steps
    refused = sum(n for name, n in many.items() if name.endswith(" 503"))
    return Line(
        f"{n_steps} steps that do nothing by {n_workers} {runner}: requests a step",
        f"at most {BOUND:g}",
        f"{requests:.2f} ({messages / n_steps:.2f} messages, {refused} refused, "
        f"{1000 * seconds / n_steps:.1f} ms)",
        requests <= BOUND,
    )


def measure(size: Size) -> list[Line]:
    """Measure each runner, on as many steps whatever the size."""
    del size
    return lines(N_STEPS, {})


def lines(n_steps: int, settings: dict[str, str]) -> list[Line]:
    """Measure each runner on a server with these settings."""
    from service.server import _ONLY_WHAT_A_RUN_NEEDS
    from service.settings import QUIET

    os.environ.update(QUIET)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PREFECT_HOME"] = str(Path(folder) / "client")
        settings = {**_ONLY_WHAT_A_RUN_NEEDS, **settings}
        with server(Path(folder) / "server", COUNTING, **settings) as url:
            return [line_of(*runner, n_steps, url) for runner in RUNNERS]


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=N_STEPS)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args()
    leave("server_calls", lines, asked.steps, dict(each.split("=", 1) for each in asked.set))


if __name__ == "__main__":
    main()
