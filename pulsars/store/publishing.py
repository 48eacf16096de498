"""How a folder is completed, and appears in one step."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulsars.store.arithmetic import linear_algebra
from pulsars.store.arrays import load_model, load_rows
from pulsars.store.files import named, read_arrays, read_json, sync_folder, write_text
from pulsars.store.published import next_name
from pulsars.store.seals import sealed
from pulsars.store.threads import in_threads
from pulsars.store.versions import PACKAGES, code_version, package_versions
from schemas import (
    NOT_DECIDING,
    Accepted,
    Compared,
    Evaluated,
    FileRef,
    GateError,
    Job,
    Parts,
    Record,
    Scored,
    ScoreJob,
    SplitJob,
    Trained,
    sha256_of,
)
from slp import repeats

_log = logging.getLogger(__name__)


def require_made(folder: Path, *made: Record) -> dict[str, str]:
    """Refuse to publish what is not as its steps made it, and remove what none of them did.

    Parameters
    ----------
    folder : Path
        What will be published; the half of a file that a crash left may lie there too.
    *made : Record
        What the steps handed on. Only their files in the folder, and in folders in it, are looked
        at.

    Returns
    -------
    dict of str to str
        The path of each file within the folder, and its sha256.

    Raises
    ------
    FingerprintError
        If a file changed since its step wrote it.
    """
    files = [
        file for record in made for file in record.files() if Path(file.path).is_relative_to(folder)
    ]
    checked = in_threads()(FileRef.verified, files)
    kept = {path: file.sha256 for path, file in zip(checked, files, strict=True)}
    for path in _files_in(folder):
        if path not in kept:
            path.unlink()
    return {_within(folder, path): sha256 for path, sha256 in sorted(kept.items())}


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


def _within(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


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
    if not repeats(again, read_arrays(evaluated.scores)["probability"]):
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


def describe_scores(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored
) -> dict[str, Any]:
    """Say the same of scores, with the model that they are by."""
    chosen = job.chosen
    return {
        **provenance(job, accepted),
        "model": {
            "run": chosen.run,
            "sha256": chosen.model.sha256,
            "reference_sha256": chosen.reference.sha256,
            "threshold": chosen.threshold,
            "simulated": chosen.simulated,
        },
        "rows": accepted.row_counts,
        "carried": list(accepted.carried),
        "converted": list(accepted.converted),
        "drift": compared.level,
        "ranked_by": scored.ranked_by,
        "n_called": scored.n_called,
        "n_learnt": scored.n_learnt,
        "known": scored.known,
    }


def provenance(job: Job, accepted: Accepted) -> dict[str, Any]:
    """Say which candidates and parameters were given, and which code took them."""
    versions = package_versions()
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
            **({"folds": accepted.folds} if accepted.folds else {}),
        },
        "parameters": job.parameters.model_dump(mode="json", exclude=set(NOT_DECIDING)),
        "code_version": code_version(),
        "python": versions["python"],
        "packages": {name: versions[name] for name in PACKAGES},
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


def put_in_place(
    folder: Path, path: Path, manifest: dict[str, Any], *, files: Mapping[str, str] | None = None
) -> None:
    """Complete a folder with its manifest and rename it, in one step.

    Parameters
    ----------
    folder : Path
        Everything that will be published, on the same file system as `path`.
    path : Path
        Where it will be.
    manifest : dict
        Completed here with the sha256 of every file.
    files : mapping of str to str, optional
        As `require_made` has just given it, so that no file is read once more.

    Raises
    ------
    OSError
        If there is something at `path` already: nothing published is ever replaced.
    """
    if files is None:
        files = {_within(folder, file): sha256_of(file) for file in _files_in(folder)}
    write_text(folder / "manifest.json", sealed({**manifest, "files": dict(files)}))
    path.parent.mkdir(parents=True, exist_ok=True)
    with named(path):
        folder.rename(path)
        if not sync_folder(path.parent):
            _log.info("%s may not outlast a power cut: its file system cannot say", path.parent)
