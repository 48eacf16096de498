"""Have a catalogue of known pulsars, and hold candidates against it."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.reading import load_pulsars, plan_marking, read_pulsars
from pulsars.store import read_columns, read_json
from schemas import (
    Accepted,
    Catalogue,
    FileRef,
    Marking,
    ScoreJob,
    at_home,
    for_name,
)
from tasks.plumbing.steps import LONG_IO, STEP

_log = logging.getLogger(__name__)


@task(name="look up", task_run_name="look up known pulsars", **LONG_IO)
def find_catalogue(known: str) -> Catalogue:
    """Read a catalogue once, so that one that is none is refused before anything is done."""
    path = at_home(known)
    pulsars = read_pulsars(path, name=known)
    file = FileRef.of(path.resolve())
    _log.info("%d known pulsars in %s, sha256 %s…", len(pulsars.names), known, file.sha256[:12])
    return Catalogue(name=for_name(path.name), file=file, n_pulsars=len(pulsars.names))


@task(name="plan marks", task_run_name="plan marks of {job.source.name}", **STEP)
def plan_marks(job: ScoreJob, accepted: Accepted) -> Marking:
    """Tell from the whole file what of its candidates is held against known pulsars."""
    carried = read_json(accepted.quality)["carried"]
    sources = {name: carried[name]["source"] for name in accepted.carried if name in carried}
    marking = plan_marking(
        load_pulsars(job.catalogue),
        sources,
        lambda columns: (read_columns(part, columns) for part in accepted.table.partitions),
    )
    for note in marking.notes:
        _log.info("known pulsars: %s", note)
    return marking
