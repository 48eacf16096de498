"""Runs that the tasks of a training published, and copies of them that differ where a test says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from schemas.handles import sha256_of

N_ROWS = 1200


@cache
def _root() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="published-")  # gone with the process


@cache
def trained(seed: int) -> Path:
    """Give the folder of a run on simulated candidates that every task had its hand in."""
    from command.demonstration import write_simulation
    from schemas.parameters import TrainingParameters
    from tasks.evaluating import evaluate
    from tasks.fitting import fit
    from tasks.preparing import fetch, prepare
    from tasks.publishing import publish
    from tasks.reading import read, validate
    from tasks.reporting import report
    from tasks.splitting import oversample, split

    out = Path(_root().name) / str(seed)
    out.mkdir()
    write_simulation(out / "sky.csv", rows=N_ROWS, prevalence=0.1, seed=seed)
    asked = TrainingParameters(
        data=str(out / "sky.csv"), out=str(out), inputs="standard", n_resamples=100
    )
    job = prepare.fn(fetch.fn(asked), asked)
    accepted = validate.fn(job, read.fn(job))
    parts = split.fn(job, accepted)
    rows = oversample.fn(job, accepted, parts)
    model = fit.fn(job, accepted, parts, rows)
    evaluated = evaluate.fn(job, accepted, parts, rows, model)
    reported = report.fn(job, accepted, parts, model, evaluated)
    return Path(publish.fn(job, accepted, parts, model, evaluated, reported).path)


def published_as(
    out: Path,
    name: str,
    contents: Mapping[str, Any] | None = None,
    *,
    of: int = 11,
    **manifest: Any,
) -> Path:
    """Publish a copy of a trained run under another name.

    Parameters
    ----------
    out : Path
        Artifact root.
    name : str
        Of the run.
    contents : mapping, optional
        By the name of a file: arrays for an NPZ, else what takes the place of entries of a JSON.
    of : int
        Seed of the run.
    **manifest : Any
        What takes the place of entries of the manifest; of a dict, of the entries in it.
    """
    from pulsars.store.files import write_arrays, write_json

    folder = out / "runs" / name
    shutil.copytree(trained(of), folder)
    for file, content in (contents or {}).items():
        if file.endswith(".npz"):
            write_arrays(folder / file, content)
        else:
            write_json(folder / file, json.loads((folder / file).read_text()) | content)
    vouch_for(folder, run=name, **manifest)
    return folder


def vouch_for(folder: Path, **manifest: Any) -> None:
    """Have the manifest of a published folder say what is in it now, and `manifest` besides."""
    from pulsars.store.files import write_text
    from pulsars.store.seals import sealed

    said = json.loads((folder / "manifest.json").read_text())
    del said["seal"]
    said["files"] = {file: sha256_of(folder / file) for file in said["files"]}
    for entry, value in manifest.items():
        said[entry] = {**said[entry], **value} if isinstance(value, dict) else value
    write_text(folder / "manifest.json", sealed(said))
