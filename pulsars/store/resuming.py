"""What an earlier try of the same request published, and did not live to finish.

A manifest says which request a folder answers, and by its token from which private directory it
came. A token dies with its directory, so what bears the token of a directory that is still there
was published by a try that was cut short after it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pulsars.store.champions import crown, read_reigns
from pulsars.store.listing import entries
from pulsars.store.published import require_as_listed
from pulsars.store.runs import PublishedRun
from pulsars.store.stored import read_record
from pulsars.store.verdicts import promotions, read_verdict
from pulsars.store.workplace import clear
from schemas import Answer, DamagedRecordError, Job, Published, TrainingJob

_log = logging.getLogger(__name__)


def published_from(job: Job, folder: Path) -> Path | None:
    """Find what was published from a job's own private directory; None when nothing was.

    Parameters
    ----------
    job : Job
        The request, and the directory that it works in.
    folder : Path
        Of everything published of its kind, such as `runs`.
    """
    found = (path for path, manifest in _answers(job, folder) if manifest["token"] == job.token)
    return next(found, None)


def find_unjudged(job: TrainingJob) -> Published | None:
    """Find the last run that answers the same request, whole, when nothing was decided on it."""
    out = Path(job.parameters.out)
    for path, manifest in _answers(job, out / "runs"):
        if not _is_settled(out, path.name) and _is_whole(path, manifest["files"]):
            clear(job)
            _log.info("published before and not judged yet: %s", path)
            sha256 = manifest["files"]["model.json"]
            return Published(run=path.name, path=str(path), model_sha256=sha256)
        return None
    return None


def finish_first(out: Path, run: PublishedRun) -> None:
    """Crown the first champion that an earlier version was cut short of, after the verdict.

    That wrote the pointer last. Where another run was promoted too, or may have been, the pointer
    was there once and is lost, which a person has to mend.

    Parameters
    ----------
    out : Path
        Artifact root; the caller holds `pulsars.store.champions.pointer_lock`.
    run : PublishedRun
        That is about to challenge.
    """
    said, damaged = promotions(out)
    if damaged or [one.run for one in said] != [run.name] or said[0].by != "gate":
        return
    if said[0].against is None and not read_reigns(out, may_be_lost=True):
        crown(out, run, how="gate", because=said[0].because)


def _answers(job: Job, folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give what answers a request, the last first; names begin with the time."""
    for path in reversed(entries(folder, f"[!.]*-{job.request[:8]}")):
        try:
            manifest = read_record(path / "manifest.json", Answer)
        except DamagedRecordError:
            continue  # not ours, damaged, or of an earlier version: the run is made anew
        if manifest["request"] == job.request:
            yield path, manifest


def _is_settled(out: Path, run: str) -> bool:
    """Whether a run has its verdict, and what that decided has been done."""
    verdict = read_verdict(out, run)
    if verdict is None:
        return False
    reigns = read_reigns(out, may_be_lost=True)  # which the challenge finds out, or finishes
    return verdict.decision != "promoted" or any(reign.run == run for reign in reigns)


def _is_whole(path: Path, files: dict[str, str]) -> bool:
    try:
        require_as_listed(path, files)
    except DamagedRecordError:
        return False
    return "model.json" in files
