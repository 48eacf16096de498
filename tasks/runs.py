"""Published runs, as they rest on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import RunNotFoundError
from schemas.handles import FileRef
from schemas.verdict_records import VerdictRecord
from tasks.epochs import read_epoch_rows
from tasks.verdicts import read_verdict

MEANING = ("calibration", "projection", "budget", "leak", "mistakes", "influence")
"""What `metrics.json` says beside the metrics: `tasks.meaning` and `tasks.leak` measure it."""


@dataclass(frozen=True)
class PublishedRun:
    """One folder below `runs/`, read back.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        What decided the run: data, parameters, code version, files with their sha256.
    measured : dict
        Threshold, metrics of each part, proofs, notes.
    """

    path: Path
    manifest: dict[str, Any]
    measured: dict[str, Any]

    @property
    def name(self) -> str:
        """The run's name: when it was published, and the request that it answers."""
        return self.path.name

    @property
    def simulated(self) -> bool:
        """Whether it learnt from simulated candidates."""
        return bool(self.manifest["data"]["simulated"])

    def interval(self, metric: str, part: str = "test") -> tuple[float, float, float]:
        """Give a metric's value and the ends of its 95 % interval; NaN where undefined."""
        found = self.measured["parts"][part][metric]
        value, low, high = (
            float("nan") if found[key] is None else float(found[key])
            for key in ("value", "low", "high")
        )
        return value, low, high

    def verdict(self) -> VerdictRecord | None:
        """Read what became of it as a challenger; None when it was never one."""
        return read_verdict(self.path.parent.parent, self.name)

    def epochs(self) -> list[dict[str, Any]]:
        """Read the learning curve."""
        return read_epoch_rows(self.path / "epochs.csv")

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of a run, as one JSON object."""
        verdict = self.verdict()
        return {
            "run": self.name,
            "path": str(self.path),
            "model_sha256": self.manifest["files"]["model.json"],
            "simulated": self.simulated,
            "data": self.manifest["data"],
            "seed": self.manifest["seed"],
            "parameters": self.manifest["parameters"],
            "rows": self.manifest["rows"],
            "threshold": self.measured["threshold"],
            "metrics": self.measured["parts"],
            **{name: self.measured[name] for name in MEANING if name in self.measured},
            "proofs": self.measured["proofs"],
            "notes": self.measured["notes"],
            "verdict": verdict.model_dump(mode="json") if verdict else None,
            "best_epoch": self.manifest["best_epoch"],
            "epochs": self.epochs(),
        }


def list_runs(out: Path) -> list[PublishedRun]:
    """Read every published run below an artifact root, the oldest first."""
    return [load_run(folder) for folder in _folders(out)]


def find_run(out: Path, name: str | None) -> PublishedRun:
    """Read one run by its name or the start or end of it; the newest when no name is given.

    Raises
    ------
    RunNotFoundError
        If no run, or more than one, answers to the name.
    """
    folders = _folders(out)
    if not folders:
        raise RunNotFoundError(f"{out} holds no published run yet; `pulsar train DATA` makes one")
    if name is None:
        return load_run(folders[-1])
    found = [f for f in folders if f.name == name] or [
        f for f in folders if f.name.startswith(name) or f.name.endswith(name)
    ]
    if len(found) != 1:
        word = "no run" if not found else f"{len(found)} runs"
        raise RunNotFoundError(f"{word} below {out} answer to {name!r}; `pulsar runs` lists them")
    return load_run(found[0])


def load_run(folder: Path) -> PublishedRun:
    """Read a published run's manifest and metrics.

    Raises
    ------
    RunNotFoundError
        If the folder is not a published run.
    """
    try:
        manifest, measured = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("manifest.json", "metrics.json")
        )
    except (OSError, ValueError) as error:
        raise RunNotFoundError(
            f"{folder} is not a published run ({error}); remove it, or train again"
        ) from None
    whole = isinstance(manifest, dict) and {"data", "files", "parameters"} <= manifest.keys()
    if not whole or not isinstance(measured, dict):
        raise RunNotFoundError(
            f"{folder} is not a published run (its manifest lacks entries); remove it, or train "
            f"again"
        )
    return PublishedRun(folder, manifest, measured)


def kept(run: PublishedRun, name: str) -> FileRef:
    """Give the handle of a file of a published run, as its manifest vouches for it.

    Raises
    ------
    RunNotFoundError
        If the run has no such file: an earlier version published it.
    """
    sha256 = run.manifest["files"].get(name)
    if sha256 is None:
        raise RunNotFoundError(
            f"run {run.name} has no {name}: an earlier version of pulsar published it; train anew"
        )
    return FileRef(path=str(run.path / name), sha256=sha256)


def _folders(out: Path) -> list[Path]:
    runs = out / "runs"
    # Whatever has no manifest is somebody else's: runs appear with theirs.
    # A hidden folder is a run on its way out: see `tasks.pruning`.
    found = (manifest.parent for manifest in runs.glob("*/manifest.json"))
    return sorted(folder for folder in found if not folder.name.startswith("."))
