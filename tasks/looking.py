"""See what arrived in an inbox, put aside what is refused, and tell what a pass came to."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext

from pulsars.inbox import Pass, copy_of, list_arrivals, remember_refusal, set_aside
from schemas import Arrival, Arrivals, FileRef, InboxParameters
from tasks.plumbing.observing import announce_file, harmless_table
from tasks.plumbing.steps import LONG_IO

_log = logging.getLogger(__name__)


@task(name="look", task_run_name="look into {parameters.inbox}", **LONG_IO)
def look(parameters: InboxParameters) -> Arrivals:
    """List the files of an inbox by name, and hash what is new or changed of those that settled."""
    found = list_arrivals(parameters)
    _log.info("files: %d settled, %d waiting", len(found.settled), len(found.waiting))
    return found


@task(name="copy", task_run_name="copy {arrival.title}", **LONG_IO)
def copy(parameters: InboxParameters, arrival: Arrival) -> FileRef | None:
    """Copy a file, so that nobody changes what is scored; None when it is another by now."""
    return copy_of(parameters, arrival)


@task(name="set aside", task_run_name="set aside {arrival.title}", **LONG_IO)
def move_aside(parameters: InboxParameters, arrival: Arrival) -> bool:
    """Move what was refused out of the way; False when it stays, for it is no longer that."""
    return set_aside(parameters, arrival)


@task(name="reject", task_run_name="reject {arrival.title}", **LONG_IO)
def reject(parameters: InboxParameters, arrival: Arrival, error: dict[str, Any]) -> None:
    """Remember why a file was refused, and tell of it."""
    remember_refusal(Path(parameters.out), parameters.inbox, arrival, error)
    _log.info("rejected %s: %s", arrival.name, error["message"])
    announce_file("pulsar.inbox.rejected", arrival.name, arrival.sha256, because=error["message"])


def report_pass(found: Pass) -> None:
    """Log what became of the files, tell of those that failed, and leave the table `inbox`."""
    counts = [len(of) for of in (found.scored, found.rejected, found.failed, found.waiting)]
    _log.info("%d scored, %d rejected, %d failed, %d wait, %d known", *counts, found.known)
    if found.no_champion:
        _log.info("no champion yet: %s", found.unscorable())
    for one in found.failed:  # in each pass anew, until somebody has helped
        announce_file("pulsar.inbox.failed", one["name"], one["sha256"], because=one["message"])
    rows = found.table()
    if rows and FlowRunContext.get() is not None:
        create_table_artifact(
            harmless_table(rows), key="inbox", description=f"{found.known} known already"
        )
