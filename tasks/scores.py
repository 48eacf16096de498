"""Published scores, as they rest on disk."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.stored import ScoresManifest, StoredDrift, StoredInterval
from tasks.stored import as_written, read_record, require_as_listed

SHA256_DIGITS = 16
"""So many digits of a file's hash begin the name of the folder of its scores."""
_MODEL_DIGITS = 8


@dataclass(frozen=True)
class ScoredFile:
    """One folder below `scores/`, read back.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        What decided the scores: data, model, parameters, files with their sha256.
    drift : dict
        As of `tasks.drift_words.describe_drift`.
    short_list : list of dict
        Rows of `short_list.csv`, the best first; every value is a text.
    metrics : dict or None
        By the file's own labels.
    """

    path: Path
    manifest: dict[str, Any]
    drift: dict[str, Any]
    short_list: list[dict[str, str]]
    metrics: dict[str, dict[str, float | None]] | None

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of scores, as one JSON object."""
        best = self.short_list
        return {
            "run": self.manifest["model"]["run"],
            "model_sha256": self.manifest["model"]["sha256"],
            "path": str(self.path),
            "simulated": self.manifest["data"]["simulated"],
            "data": self.manifest["data"],
            "rows": self.manifest["rows"],
            "drift": {name: self.drift[name] for name in ("verdict", "sentence", "outside")},
            "n_called": self.manifest["n_called"],
            "n_learnt": self.manifest.get("n_learnt"),  # None of scores made by an earlier version
            "short_list": [
                {
                    "line": int(row["line"]),
                    "probability": float(row["probability"]),
                    "rank": int(row["rank"]),
                }
                for row in best
            ],
            "metrics": self.metrics,
        }


def scores_folder(out: Path, file_sha256: str, model_sha256: str) -> Path:
    """Name the folder of the scores of a file by a model: the same content, the same name."""
    return out / "scores" / f"{file_sha256[:SHA256_DIGITS]}-{model_sha256[:_MODEL_DIGITS]}"


def are_published(folder: Path) -> bool:
    """Whether there are scores: a folder appears with its manifest or not at all."""
    return (folder / "manifest.json").is_file()


def scored_contents(out: Path) -> frozenset[str]:
    """Give the first digits of the sha256 of every file that any model has scored."""
    found = (out / "scores").glob("*/manifest.json")
    return frozenset(manifest.parent.name[:SHA256_DIGITS] for manifest in found)


def load_scores(folder: Path) -> ScoredFile:
    """Read published scores back.

    Raises
    ------
    DamagedRecordError
        If a file is not what was published.
    """
    manifest = read_record(folder / "manifest.json", ScoresManifest)
    require_as_listed(folder, manifest["files"])
    drift = read_record(folder / "drift.json", StoredDrift)
    measured = folder / "metrics.json"
    metrics = read_record(measured, dict[str, StoredInterval]) if measured.is_file() else None
    return ScoredFile(folder, manifest, drift, _read_short_list(folder / "short_list.csv"), metrics)


def _read_short_list(path: Path) -> list[dict[str, str]]:
    with as_written(path):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                best = list(csv.DictReader(file))
        except csv.Error as error:
            raise ValueError(str(error)) from None
        for row in best:
            numbers = int(row["line"]), int(row["rank"]), float(row["probability"])
            if not all(map(math.isfinite, numbers)) or None in row.values():
                raise ValueError("a row is not whole")
    return best
