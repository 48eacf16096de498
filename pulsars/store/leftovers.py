"""What rests beside the runs and nobody needs any more: by its age, and by what refers to it.

Only what bears a name that we give is looked at. What is damaged stays, to be named by whoever
reads it.
"""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pulsars.store.champions import read_reigns
from pulsars.store.listing import entries
from pulsars.store.published import published_in
from pulsars.store.reigns import in_line
from pulsars.store.results import RESULT, is_ours, works_on
from pulsars.store.score_folders import SHA256_DIGITS
from pulsars.store.stored import read_each, read_record
from pulsars.store.verdicts import awaits_a_person, load_verdict
from pulsars.store.workplace import REJECTED, RESUMABLE, UNFINISHED, can_go_on, job_in
from schemas import DamagedRecordError, Job, StoredMemory

_REQUEST = 8  # with which those of sweeps end

_NAMES = {
    UNFINISHED: r"[0-9a-f]{16}",
    "downloads": r"[0-9a-f]{64}(\.arrived|\.stdin)?|\.[0-9a-f]{16}\.part(\.json)?",
    "scores": r"[0-9a-f]{16}(-[0-9a-f]{8}){1,4}",
    "sweeps": r"\d{8}-\d{6}-\d{3}-[0-9a-f]{8}",
    REJECTED: r"[0-9a-f]{16}\.json",
    "verdicts": r"[^.].*\.json",
    "inboxes": r"[0-9a-f]{16}\.json",
}
"""By the folder below the artifact root, which is also the kind: what we call what is in it."""

KINDS = tuple(_NAMES)


@dataclass(frozen=True)
class Leftover:
    """Something that nobody needs.

    Attributes
    ----------
    kind : str
        The folder below the artifact root that it is in; `results` for a step's result that Prefect
        keeps.
    path : str
        The file or folder.
    n_bytes : int
        How much it holds.
    """

    kind: str
    path: str
    n_bytes: int


def find_leftovers(
    out: Path,
    *,
    older_than: timedelta,
    gone: Collection[str],
    results: Path | None,
    reviewed: Collection[str] = (),
) -> list[Leftover]:
    """Find what has not been touched for some time, and nothing that stays refers to.

    Parameters
    ----------
    out : Path
        Artifact root; the caller has it alone, see `pulsars.store.alone`.
    older_than : timedelta
        Since it was last touched. What can no longer be gone on with is found after `RESUMABLE`
        already, where that is shorter. A pass over an inbox counts for as long at least.
    gone : collection of str
        Runs that are there and count as gone.
    results : Path or None
        Where Prefect keeps results on this machine, also those of other artifact roots.
    reviewed : collection of str, optional
        Names of the scores that what people said refers to: they stay.
    """
    now = time.time()
    before = now - older_than.total_seconds()
    resumable = now - RESUMABLE.total_seconds()
    jobs = [
        job
        for job in filter(None, map(job_in, _named(out / UNFINISHED, _NAMES[UNFINISHED])))
        if can_go_on(job) and touched_and_bytes(Path(job.folder))[0] >= resumable
    ]
    looked = min(before, resumable)  # a pass counts for a week, or the next would score anew
    since = {UNFINISHED: max(before, resumable), "inboxes": looked}
    needed = _needed(out, looked, gone, jobs)
    found = [
        one
        for kind, pattern in _NAMES.items()
        for one in _old(
            kind,
            _named(out / kind, pattern),
            since.get(kind, before),
            needed[kind],
        )
        if kind != "scores" or Path(one.path).name not in reviewed
    ]
    if results:
        found += _old(
            "results",
            _named(results, RESULT),
            max(before, resumable),
            lambda path: not is_ours(path) or _serves(path, resumable),
        )
    return found


def touched_and_bytes(path: Path) -> tuple[float, int]:
    """Say when what a file or folder holds was last changed, and how many bytes that is."""
    try:
        found = [one.lstat() for one in (path, *path.rglob("*"))]
    except FileNotFoundError:  # somebody else takes it away
        return float("inf"), 0
    n_bytes = sum(one.st_size for one in found if stat.S_ISREG(one.st_mode))
    return max(one.st_mtime for one in found), n_bytes


def _named(folder: Path, pattern: str) -> Iterator[Path]:
    return (path for path in entries(folder) if re.fullmatch(pattern, path.name))


def _old(
    kind: str, paths: Iterator[Path], before: float, needed: Callable[[Path], bool]
) -> Iterator[Leftover]:
    for path in paths:
        touched, n_bytes = touched_and_bytes(path)
        if touched < before and not needed(path):
            yield Leftover(kind, str(path), n_bytes)


def _needed(
    out: Path, looked: float, gone: Collection[str], jobs: list[Job]
) -> dict[str, Callable[[Path], bool]]:
    """Give, by kind, what tells whether anything that stays refers to a thing."""
    working = {Path(job.folder).name for job in jobs}
    fetched = {Path(file.path).name for job in jobs for file in job.source.files()}
    in_an_inbox = _lies_in_an_inbox(out, looked)
    requests = {job.request[:_REQUEST] for job in jobs} | set(_sweeps_behind_runs(out, gone))
    line = in_line(read_reigns(out))
    return {
        UNFINISHED: lambda path: path.name in working,
        "downloads": lambda path: path.name in fetched,
        "scores": in_an_inbox,
        REJECTED: in_an_inbox,
        "sweeps": lambda path: path.name[-_REQUEST:] in requests,
        "verdicts": lambda path: _still_counts(path, gone, line),
        "inboxes": lambda _path: False,
    }


def _lies_in_an_inbox(out: Path, looked: float) -> Callable[[Path], bool]:
    """Give what tells whether a content lay in an inbox when a pass last looked, since then."""
    paths = _named(out / "inboxes", _NAMES["inboxes"])
    young = (path for path in paths if touched_and_bytes(path)[0] >= looked)
    memories, damaged = read_each(young, lambda path: read_record(path, StoredMemory)["files"])
    held = {str(sha256)[:SHA256_DIGITS] for files in memories for _, sha256 in files.values()}
    return lambda path: bool(damaged) or path.name[:SHA256_DIGITS] in held  # who knows what lies


def _sweeps_behind_runs(out: Path, gone: Collection[str]) -> Iterator[str]:
    """Give the sweeps that chose the settings of runs that stay."""
    stay = (run for run in published_in(out / "runs") if run.name not in gone)
    manifests, damaged = read_each(
        stay, lambda run: read_record(run / "manifest.json", dict[str, Any])
    )
    if damaged:  # who knows which sweep is behind those
        yield from (path.name[-_REQUEST:] for path in published_in(out / "sweeps"))
    for manifest in manifests:
        chosen_by = manifest.get("parameters", {}).get("chosen_by")
        if chosen_by:
            yield str(chosen_by["sweep"])


def _still_counts(path: Path, gone: Collection[str], line: Collection[str]) -> bool:
    """Whether a verdict is on a run that stays, is open, or is a person's on who may reign."""
    run = path.stem
    if run not in gone and (path.parent.parent / "runs" / run).is_dir():
        return True
    try:
        said = load_verdict(path)
    except DamagedRecordError:
        return True
    return awaits_a_person(said) or (said.by == "person" and said.against in line)


def _serves(path: Path, resumable: float) -> bool:
    """Whether an interrupted run could go on from a result: it is kept, and so are its files."""
    return touched_and_bytes(path)[0] >= resumable and works_on(path)
