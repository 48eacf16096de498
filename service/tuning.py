"""Prefect as a command at a terminal wants it: quiet, quick to end, and patient."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from service.prefect_private import IMPORTED_LATE, send_last_lines, without_heartbeat

_AT_A_TERMINAL = {
    # It would say everything twice, and dump every event that it cannot send.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    # Its client pauses for 2, 4, 8 ... s; what waits together must not come again together.
    "PREFECT_CLIENT_RETRY_JITTER_FACTOR": "0.5",
}


def import_what_tasks_need() -> None:
    """Import now, while the private server starts, what tasks would import one by one later."""
    for name in (
        IMPORTED_LATE,
        "jinja2",
        "matplotlib.backends.backend_svg",
        "matplotlib.figure",
        "pandera.pandas",
        "pyarrow.parquet",
    ):
        importlib.import_module(name)


def quieten() -> None:
    """Leave Prefect's log to its server, and have its client come again at a time of its own."""
    for name, value in _AT_A_TERMINAL.items():
        os.environ.setdefault(name, value)


@contextmanager
def prefect_tuned() -> Iterator[None]:
    """Spare a run at a terminal what only a long deployment needs, and lose none of its log.

    A sync flow waits a second for its heartbeat thread; heartbeats are for runs that nobody
    watches. The last log lines are sent before the private server ends; a server that is gone
    gets none, which is said once, by the command, and not by each line.
    """
    logging.raiseExceptions = False
    with without_heartbeat():
        try:
            yield
        finally:
            send_last_lines(seconds=5)
