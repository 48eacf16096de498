"""How a task speaks: log lines, progress, and artifacts that only a real run leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from prefect.artifacts import (
    create_image_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.context import TaskRunContext
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger


class Watcher(Protocol):
    """Somebody who looks on while tasks work, such as the terminal."""

    def said(self, line: str) -> None:
        """Take one line that a task logged."""

    def progressed(self, what: str, done: int, total: int) -> None:
        """Take how far a task is; a total of 0 is not known yet."""


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


def say(message: str, *values: Any) -> None:
    """Log one line for a person, in the run's log when there is a run."""
    watcher = _watcher.get()
    if watcher:
        watcher.said(message % values)
    try:
        logger: Any = get_run_logger()
    except MissingContextError:
        logger = logging.getLogger("pulsar")
    logger.info(message, *values)


def _in_a_run() -> bool:
    return TaskRunContext.get() is not None


def leave_table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """Leave a table in the Prefect UI; cells are plain finite Python values."""
    if _in_a_run():
        create_table_artifact(rows, key=key, description=description)


def leave_markdown(key: str, text: str, description: str) -> None:
    """Leave a Markdown page in the Prefect UI."""
    if _in_a_run():
        create_markdown_artifact(text, key=key, description=description)


def leave_image(key: str, uri: str, description: str) -> None:
    """Leave a picture, as a data URI, in the Prefect UI."""
    if _in_a_run():
        create_image_artifact(uri, key=key, description=description)


@contextmanager
def progress_artifact(key: str, description: str) -> Iterator[Callable[[float], None]]:
    """Show a bar in the Prefect UI; the block is given a function that moves it to a percentage."""
    if not _in_a_run():
        yield lambda _percent: None
        return
    artifact = create_progress_artifact(0.0, key=key, description=description)
    yield lambda percent: _moved(artifact, percent)
    _moved(artifact, 100.0)


def _moved(artifact: Any, percent: float) -> None:
    update_progress_artifact(artifact, progress=percent)
