"""Published scores that people can look at, made without a model."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pulsars.simulation.populations import simulate
from pulsars.store.files import csv_text, write_json, write_table, write_text
from pulsars.store.scores import ScoredFile, load_scores
from pulsars.store.tables import partition_path
from schemas.features import FEATURE_NAMES
from schemas.handles import sha256_of

MODEL = "d" * 64
THRESHOLD = 0.5


def scored_rows(n: int = 60, *, seed: int = 0, names: bool = True) -> pd.DataFrame:
    """Draw candidates and give each a probability, as a table of scores has them."""
    rng = np.random.default_rng(seed)
    X, _ = simulate(n, prevalence=0.2, rng=rng)
    rows = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    rows.insert(0, "line", np.arange(2, n + 2))
    if names:
        rows["name"] = [f"PSR {k}" for k in range(n)]
    rows["logit"] = rng.permutation(np.linspace(-4, 4, n))
    rows["probability"] = 1 / (1 + np.exp(-rows["logit"]))
    rows["decision"] = np.where(rows["probability"] >= THRESHOLD, "pulsar", "non-pulsar")
    rows["rank"] = rows["logit"].rank(ascending=False).astype(int)
    rows["ranked_by"], rows["outside"], rows["intercept"] = "model", "", 0.0
    for k, name in enumerate(FEATURE_NAMES):
        rows[f"contribution_{name}"] = rows["logit"] * (k - 3) / 4
    return rows


def publish_scores(
    out: Path, rows: pd.DataFrame | None = None, *, best: int = 10, parts: int = 1, **changed: Any
) -> ScoredFile:
    """Publish scores, and read them back.

    Parameters
    ----------
    out : Path
        Artifact root.
    rows : DataFrame, optional
        As of `scored_rows`.
    best : int
        Rows of the short list.
    parts : int
        Partitions of the table.
    **changed
        What takes the place of entries of the manifest.
    """
    rows = scored_rows() if rows is None else rows
    folder = out / "scores" / f"{changed.pop('folder', 'a' * 16 + '-' + MODEL[:8])}"
    cuts = np.linspace(0, len(rows), parts + 1).astype(int)
    for number, (first, last) in enumerate(pairwise(cuts)):
        path = folder / "scores.parquet"
        write_table(partition_path(path, number) if parts > 1 else path, rows[first:last])
    write_text(folder / "short_list.csv", csv_text(rows.sort_values("rank")[:best]))
    drift = {"verdict": "ok", "sentence": "As ever.", "outside": 0.0,
             "features": {"dm_mean": {"psi": 0.0, "psi_noise": 0.0}}}  # fmt: skip
    write_json(folder / "drift.json", drift)
    files = [path for path in folder.rglob("*") if path.is_file()]
    manifest = {
        "created": "2026-11-26T00:00:00+00:00",
        "data": {"origin": "night.csv", "name": "night.csv", "simulated": True},
        "files": {path.relative_to(folder).as_posix(): sha256_of(path) for path in files},
        "model": {"run": "r1", "sha256": MODEL, "threshold": THRESHOLD, "simulated": True},
        "rows": {"read": len(rows), "accepted": len(rows), "quarantined": 0},
        "carried": ["name"] if "name" in rows else [],
        "ranked_by": "model",
        "n_called": 0,
        "parameters": {},
    }
    write_json(folder / "manifest.json", manifest | changed)
    return load_scores(folder)
