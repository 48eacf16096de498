"""Who looks on while work is done: handlers of the standard log, to which everything is told.

Lines are for whoever reads a log. How far a task is, and what a flow came to, are records too, of
the level of debugging, that a terminal knows how to show.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from schemas import for_log

T = TypeVar("T")

HOUSE = ("flows", "tasks", "pulsars")
"""Loggers of what works."""

_log = logging.getLogger(__name__)


class Watcher(logging.Handler):
    """Somebody who looks on while tasks work, such as the terminal."""

    def said(self, line: str) -> None:
        """Take one line that was logged, harmless as it stands."""

    def progressed(self, what: str, done: int, total: int) -> None:
        """Take how far a task is; a total of 0 is not known yet."""

    def came_to(self, outcome: object) -> None:
        """Take what a flow came to."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on to whichever it is for."""
        if hasattr(record, "progress"):
            self.progressed(*record.progress)
        elif hasattr(record, "outcome"):
            self.came_to(record.outcome)
        elif record.levelno >= logging.INFO:
            self.said(for_log(record.getMessage()))


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Have a watcher told of log lines and progress within the block."""
    listen(watcher, logging.DEBUG)
    try:
        yield
    finally:
        for name in HOUSE:
            logging.getLogger(name).removeHandler(watcher)


def listen(handler: logging.Handler, level: int) -> None:
    """Have a handler told of what is logged from a level on."""
    for name in HOUSE:
        logger = logging.getLogger(name)
        logger.addHandler(handler)  # a second time is none
        if not logger.isEnabledFor(level):
            logger.setLevel(level)


def progressed(what: str, done: int, total: int) -> None:
    """Tell whoever looks on how far a task is."""
    _log.debug("%s: %d of %d", what, done, total, extra={"progress": (what, done, total)})


def came_to(outcome: T) -> T:
    """Tell whoever looks on what a flow came to, and give that back."""
    _log.debug("came to %s", outcome, extra={"outcome": outcome})
    return outcome
