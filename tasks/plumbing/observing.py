"""How a task speaks: log lines, and artifacts that only a real run leaves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.context import FlowRunContext, TaskRunContext
from prefect.events import emit_event
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel

from pulsars.store import on_one_thread
from schemas import for_log, for_markdown, for_name, for_place
from tasks.plumbing.prefect_private import untagged
from tasks.plumbing.watchers import HOUSE, listen

M = TypeVar("M", bound=BaseModel)

_MOVE_SECONDS = 1.0  # a bar that moves more often costs the server more than a person sees


class _ToRun(logging.Handler):
    """Hands on what is logged to the log of the run that it is logged in, harmless."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(MissingContextError):
            get_run_logger().log(record.levelno, "%s", for_log(record.getMessage()))


_TO_RUN = _ToRun(logging.INFO)


def _in_a_run() -> bool:
    return TaskRunContext.get() is not None


def leave_table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """Leave a table in the Prefect UI; cells are plain finite Python values."""
    if _in_a_run():
        create_table_artifact(harmless_table(rows), key=key, description=for_markdown(description))


def harmless_table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows of a table as the Prefect UI may have them: it reads a cell as Markdown."""
    return [{name: _each(for_markdown, cell) for name, cell in row.items()} for row in rows]


def _each(way: Callable[[str], str], value: Any) -> Any:
    return way(value) if isinstance(value, str) else value


def leave_markdown(key: str, text: str, description: str) -> None:
    """Leave a Markdown page in the Prefect UI."""
    if _in_a_run():
        create_markdown_artifact(text, key=key, description=for_markdown(description))


def leave_image(key: str, uri: str, description: str) -> None:
    """Leave a picture, as a data URI, in the Prefect UI.

    As Markdown: of an image artifact the UI writes out the address, which here is the whole
    picture, all over the page.
    """
    leave_markdown(key, f"![{for_markdown(description)}]({uri})\n", description)


def leave_address(key: str, page: Path, description: str) -> None:
    """Leave the address of a page in the Prefect UI, to be copied: no browser follows it there."""
    path = page.absolute()
    text = f"{for_markdown(for_place(str(path)))}\n\n<{path.as_uri()}>\n"
    leave_markdown(key, text, description)


@contextmanager
def progress_artifact(key: str, description: str) -> Iterator[Callable[[float], None]]:
    """Show a bar in the Prefect UI; the block is given a function that moves it to a percentage."""
    if not (_in_a_run() or FlowRunContext.get()):
        yield lambda _percent: None
        return
    artifact: Any = create_progress_artifact(0.0, key=key, description=description)
    last_moved = time.monotonic()

    def move(percent: float) -> None:
        nonlocal last_moved
        if time.monotonic() - last_moved >= _MOVE_SECONDS:
            update_progress_artifact(artifact, progress=percent)
            last_moved = time.monotonic()

    yield move
    update_progress_artifact(artifact, progress=100.0)


def named(model: type[M], name: Callable[[M], str]) -> Callable[[], str]:
    """Give what names a flow run by the parameters of that model, as the Prefect UI lists it."""

    def name_of_run() -> str:
        return name(model.model_validate(flow_run.parameters["parameters"]))

    return name_of_run


def forward_log() -> None:
    """Have the run that a line is logged in told of it."""
    listen(_TO_RUN, logging.INFO)
    for name in HOUSE:  # or a console of Prefect's would say each line a second time
        logging.getLogger(name).propagate = False


@contextmanager
def working() -> Iterator[None]:
    """Have the same bytes made as everywhere, the run told of it, and its tags kept from tasks.

    For each tag of a task Prefect asks the server twice for a slot.
    """
    on_one_thread()
    forward_log()
    with untagged():
        yield


def announce_file(event: str, name: str, sha256: str, *, because: str) -> None:
    """Emit a Prefect event about a file, which is known by its content whatever its name."""
    announce(event, name, {"because": because}, resource=f"pulsar.file.{sha256[:16]}")


def announce(
    event: str, name: str, payload: dict[str, Any], *, resource: str | None = None
) -> None:
    """Emit a Prefect event, which an automation can act on.

    Parameters
    ----------
    event : str
        What happened.
    name : str
        What it happened to, as people call it: a published run, unless `resource` says otherwise.
    payload : dict
        Plain values.
    resource : str, optional
        Its identifier, where it is no run.
    """
    if _in_a_run() or FlowRunContext.get():
        resource = resource or f"pulsar.run.{name}"
        emit_event(
            event=event,
            resource={"prefect.resource.id": resource, "prefect.resource.name": for_name(name)},
            payload={key: _each(for_log, value) for key, value in payload.items()},
        )
