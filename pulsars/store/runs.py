"""Published runs, as they rest on disk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pulsars.store.epochs import read_epoch_rows
from pulsars.store.listing import is_there
from pulsars.store.published import PublishedFolder, published_in, require_as_listed
from pulsars.store.stored import Damaged, as_written, read_each, read_record
from pulsars.store.verdicts import read_verdict
from schemas import (
    NOT_DECIDING,
    FileRef,
    Manifest,
    Measured,
    RunNotFoundError,
    TrainingParameters,
    VerdictRecord,
)

MEANING = ("calibration", "projection", "budget", "leak", "mistakes", "influence")
"""What `metrics.json` says beside the metrics."""

_NO_SETTINGS = frozenset({"data", "more", "origin", "out", "n_resamples", *NOT_DECIDING})
"""Which candidates, and where to; and what is of no effect any more."""

_LONGEST = 256  # of a name that file systems take


@dataclass(frozen=True)
class PublishedRun(PublishedFolder):
    """One folder below `runs/`, read back.

    Attributes
    ----------
    measured : dict
        Threshold, metrics of each part, proofs, notes.
    """

    measured: dict[str, Any]

    @property
    def model_sha256(self) -> str:
        """What its model is known by, under whatever name."""
        return str(self.manifest["files"]["model.json"])

    @property
    def settings(self) -> dict[str, Any]:
        """Name the settings that are not the default."""
        return settings_of(self.manifest["parameters"])

    @property
    def failing_proofs(self) -> list[str]:
        """Name the proofs that do not hold."""
        return [proof["name"] for proof in self.measured.get("proofs", []) if not proof["holds"]]

    @property
    def failing(self) -> str:
        """Say how many of its proofs do not hold; empty when all do."""
        n, of = len(self.failing_proofs), len(self.measured.get("proofs", []))
        return f"{n} of {of} proofs {'does' if n == 1 else 'do'} not hold" if n else ""

    def interval(self, metric: str, part: str = "test") -> tuple[float, float, float]:
        """Give a metric's value and the ends of its 95 % interval; NaN where undefined."""
        found = self.measured["parts"][part][metric]
        value, low, high = (
            float("nan") if found[key] is None else float(found[key])
            for key in ("value", "low", "high")
        )
        return value, low, high

    def count(self, metric: str) -> int:
        """Give a number of candidates in the test part, such as ``tp``."""
        with as_written(self.path / "metrics.json"):
            return int(self.interval(metric)[0])

    def verdict(self) -> VerdictRecord | None:
        """Read what became of it as a challenger; None when it was never one."""
        return read_verdict(self.path.parent.parent, self.name)

    def epochs(self) -> list[dict[str, Any]]:
        """Read the learning curve."""
        path = self.path / "epochs.csv"
        with as_written(path):
            rows = read_epoch_rows(path)
            if not all(math.isfinite(cell) for row in rows for cell in row.values() if cell):
                raise ValueError("a number is not finite")
        return rows

    @property
    def learnt_from(self) -> list[str]:
        """The parts that the weights were fitted to; runs of before there was a refit: one."""
        parts: list[str] = self.measured.get("learnt_from", ["train"])
        return parts

    def brief(self) -> dict[str, Any]:
        """Say what a list of runs says of each, as one JSON object."""
        return {
            "run": self.name,
            "path": str(self.path),
            "model_sha256": self.model_sha256,
            "simulated": self.simulated,
            "failing": self.failing,
            "data": self.manifest["data"],
            "seed": self.manifest["seed"],
            "settings": self.settings,
            "rows": self.manifest["rows"],
            "metrics": {"test": self.measured["parts"]["test"]},
        }

    def listable(self) -> Self:
        """Give itself when it has all that a list shows; else raise as `load_run`."""
        _ = self.brief(), self.interval("f1"), self.manifest["data"]["name"]
        return self

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of a run, as one JSON object."""
        verdict = self.verdict()
        return {
            **self.brief(),
            "parameters": self.manifest["parameters"],
            "threshold": self.measured["threshold"],
            "learnt_from": self.learnt_from,
            "metrics": self.measured["parts"],
            **{name: self.measured[name] for name in MEANING if name in self.measured},
            "companion": self.measured.get("companion"),  # None of an earlier version
            "proofs": self.measured["proofs"],
            "notes": self.measured["notes"],
            "verdict": verdict.model_dump(mode="json") if verdict else None,
            "best_epoch": self.manifest["best_epoch"],
            "epochs": self.epochs(),
        }


def read_runs(out: Path) -> tuple[list[PublishedRun], list[Damaged]]:
    """Read every run that `run_folders` names, or raise as it does; and name the damaged."""
    return read_each(run_folders(out), load_run)


def load_run(folder: Path) -> PublishedRun:
    """Read a published run's manifest and metrics.

    Raises
    ------
    DamagedRecordError
        If one of the two is not what was written.
    RunNotFoundError
        If the folder is not a published run.
    """
    path = folder / "manifest.json"
    if not is_there(path):
        raise RunNotFoundError(f"{folder} is not a published run; `pulsar runs` lists them")
    manifest = read_record(path, Manifest)
    measured = read_record(folder / "metrics.json", Measured)
    shown = {name: of for name, of in manifest["files"].items() if name == "metrics.json"}
    require_as_listed(folder, shown)
    return PublishedRun(folder, manifest, measured)


def require_unchanged(run: PublishedRun) -> PublishedRun:
    """Give a run back of which every file is what its manifest says.

    Raises
    ------
    DamagedRecordError
        If one is gone or was changed.
    """
    require_as_listed(run.path, run.manifest["files"])
    return run


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


def run_folders(out: Path) -> list[Path]:
    """Name the folders of published runs, the oldest first; OSError as of `published_in`."""
    return published_in(out / "runs")


def settings_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Name the settings of a training that are not the default of today.

    Parameters
    ----------
    parameters : mapping
        Of the manifest of a run. What an earlier version did not write, and what this one does not
        know, is left out; what a preset fixes stands behind its name.
        Of the sweep that chose them ``chosen_by`` is the name.

    Examples
    --------
    >>> settings_of({"data": "night.csv", "solver": "sgd", "seed": 0, "inputs": "standard"})
    {'solver': 'sgd', 'inputs': 'standard'}
    """
    usual = TrainingParameters(data="-").model_dump(mode="json")
    return {
        name: value["sweep"] if name == "chosen_by" else value
        for name, value in parameters.items()
        if name in usual and name not in _NO_SETTINGS and value != usual[name]
    }


def sweep_below(out: Path, settings: Mapping[str, Any]) -> str:
    """Name the sweep that chose settings, where its page lies below an artifact root."""
    name = str(settings.get("chosen_by", ""))
    is_name = 0 < len(name) < _LONGEST and name.isascii() and name.isprintable() and "/" not in name
    return name if is_name and (out / "sweeps" / name / "sweep.html").is_file() else ""


Estimate = Mapping[str, float | None]
"""``value``, ``low`` and ``high``; None where there is none."""
