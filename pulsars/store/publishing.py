"""How a folder is completed, and appears in one step."""

from __future__ import annotations

import logging
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from pulsars.store.arithmetic import linear_algebra
from pulsars.store.arrays import load_model, load_rows
from pulsars.store.files import named, read_arrays, read_json, sync_folder, write_text
from pulsars.store.run_names import next_name
from pulsars.store.seals import sealed
from pulsars.store.versions import PACKAGES, code_version
from schemas import (
    NOT_DECIDING,
    Accepted,
    Evaluated,
    FileRef,
    GateError,
    Job,
    Parts,
    Record,
    SplitJob,
    Trained,
)

_log = logging.getLogger(__name__)


def require_made(folder: Path, *made: Record) -> None:
    """Refuse to publish what is not as its steps made it, and remove what none of them did.

    Parameters
    ----------
    folder : Path
        What will be published; the half of a file that a crash left may lie there too.
    *made : Record
        What the steps handed on. Only their files in the folder are looked at.

    Raises
    ------
    FingerprintError
        If a file changed since its step wrote it.
    """
    files = [file for record in made for file in record.files()]
    kept = {file.verified() for file in files if Path(file.path).parent == folder}
    for path in folder.iterdir():
        if path not in kept:
            path.unlink()


def audit(
    accepted: Accepted, trained: Trained, evaluated: Evaluated, *, preset: str | None
) -> None:
    """Refuse to publish a run that does not hold together.

    Raises
    ------
    FingerprintError
        If a file that this opens changed since its step wrote it.
    GateError
        If a proof does not hold, or the model file does not repeat the scores that were
        measured. A preset replays the book's protocol, leak and all, and says so in its report.
    """
    again = load_model(trained.model).predict_proba(load_rows(accepted).X)
    if not np.array_equal(again, read_arrays(evaluated.scores)["probability"]):
        raise GateError("the model file does not repeat the scores that were measured from it")
    broken = [p for p in read_json(evaluated.metrics)["proofs"] if not p["holds"]]
    if broken and not preset:
        sentences = "; ".join(f"{p['name']}: {p['text']}" for p in broken)
        raise GateError(f"not published, for what the run has to prove does not hold: {sentences}")


def describe(job: SplitJob, accepted: Accepted, parts: Parts, **found: Any) -> dict[str, Any]:
    """Say what decided every byte of what is published, what was found, and what it ran on."""
    return {
        **provenance(job, accepted),
        "rows": {**accepted.row_counts, **parts.row_counts},
        "seed": job.parameters.seed,
        **found,
    }


def provenance(job: Job, accepted: Accepted) -> dict[str, Any]:
    """Say which candidates and parameters were given, and which code took them."""
    return {
        "format": 1,
        "request": job.request,
        "token": job.token,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "origin": job.source.origin,
            "name": job.source.name,
            "sha256": job.source.file.sha256,
            "fingerprint": accepted.fingerprint,
            "simulated": accepted.simulated,
        },
        "parameters": job.parameters.model_dump(mode="json", exclude=set(NOT_DECIDING)),
        "code_version": code_version(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "linear_algebra": linear_algebra(),
    }


def appear(folder: Path, runs: Path, manifest: dict[str, Any], *, request: str) -> Path:
    """Complete a folder with its manifest and rename it into place.

    Parameters
    ----------
    folder : Path
        Everything that will be published, on the same file system as `runs`.
    runs : Path
        Folder of published runs.
    manifest : dict
        Completed here with the sha256 of every file.
    request : str
        Ends the run's name, after the time.

    Returns
    -------
    Path
        The published run.
    """
    path = runs / next_name(runs, request=request)
    put_in_place(folder, path, {"run": path.name, **manifest})
    return path


def put_in_place(folder: Path, path: Path, manifest: dict[str, Any]) -> None:
    """Complete a folder with its manifest and rename it, in one step.

    Raises
    ------
    OSError
        If there is something at `path` already: nothing published is ever replaced.
    """
    files = {p.name: FileRef.of(p).sha256 for p in sorted(folder.iterdir())}
    write_text(folder / "manifest.json", sealed({**manifest, "files": files}))
    path.parent.mkdir(parents=True, exist_ok=True)
    with named(path):
        folder.rename(path)
        if not sync_folder(path.parent):
            _log.info("%s may not outlast a power cut: its file system cannot say", path.parent)
