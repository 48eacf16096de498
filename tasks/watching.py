"""Who looks on while work is done: a terminal shows lines and bars, a server run needs nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watcher(Protocol):
    """Somebody who looks on while tasks work, such as the terminal."""

    def said(self, line: str) -> None:
        """Take one line that a task logged."""

    def progressed(self, what: str, done: int, total: int) -> None:
        """Take how far a task is; a total of 0 is not known yet."""

    def came_to(self, outcome: object) -> None:
        """Take what a flow came to."""


_watcher: ContextVar[Watcher | None] = ContextVar("pulsar_watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Have a watcher told of log lines and progress within the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def progressed(what: str, done: int, total: int) -> None:
    """Tell the watcher, if there is one, how far a task is."""
    watcher = _watcher.get()
    if watcher:
        watcher.progressed(what, done, total)


def said(line: str) -> None:
    """Tell the watcher, if there is one, a line that was logged."""
    watcher = _watcher.get()
    if watcher:
        watcher.said(line)


def came_to(outcome: T) -> T:
    """Tell the watcher, if there is one, what a flow came to, and give that back."""
    watcher = _watcher.get()
    if watcher:
        watcher.came_to(outcome)
    return outcome
