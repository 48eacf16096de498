"""Have a catalogue of known pulsars, and hold candidates against it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from prefect import task

from pulsars.learning import count_known
from pulsars.reading import Marker, Pulsars, plan_marking, read_pulsars
from pulsars.store import read_columns, read_json
from schemas import (
    Accepted,
    Catalogue,
    CatalogueError,
    FileRef,
    Marking,
    ScoreJob,
    StoredKnown,
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

    def tables(columns: Sequence[str]) -> Iterator[pa.Table]:
        for part in accepted.table.partitions:
            yield read_columns(part, columns)

    sources = {name: carried[name]["source"] for name in accepted.carried if name in carried}
    marking = plan_marking(_pulsars(job.catalogue), sources, tables)
    for note in marking.notes:
        _log.info("known pulsars: %s", note)
    return marking


def marker_of(job: ScoreJob, marking: Marking | None) -> Marker | None:
    """Load what marks the rows of a partition; None without a catalogue."""
    if job.catalogue is None or marking is None:
        return None
    return Marker(_pulsars(job.catalogue), marking, job.parameters.known_within)


def known_in(
    job: ScoreJob, marking: Marking | None, best: pa.Table, *, n_marked: int
) -> StoredKnown | None:
    """Say what came of a catalogue; None without one."""
    if job.catalogue is None or marking is None:
        return None
    return {
        "name": job.catalogue.name,
        "sha256": job.catalogue.file.sha256,
        "n_pulsars": job.catalogue.n_pulsars,
        "within": job.parameters.known_within,
        "by": marking.by,
        "n_marked": n_marked,
        "n_listed": count_known(best),
        "notes": [*marking.notes],
    }


def _pulsars(catalogue: Catalogue | None) -> Pulsars:
    if catalogue is None:
        raise CatalogueError("there is no catalogue to hold candidates against; name one: --known")
    file = catalogue.file
    if not file.matches():
        raise CatalogueError(
            f"--known {catalogue.name} was changed, or is gone, since the scoring began; start it "
            "again"
        )
    return read_pulsars(Path(file.path), name=catalogue.name)
