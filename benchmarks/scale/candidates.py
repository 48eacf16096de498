"""Simulated candidates, as many as are asked for: drawn once, then jittered row group by row group.

Drawing one takes a folded profile and a DM curve, 5 microseconds; the jitter keeps what physics
asks of the eight statistics, and makes no two rows equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from pulsars.simulation import simulate
from schemas import FEATURE_NAMES, LABEL
from schemas.features import FULL_SCALE

DRAWN = 200_000
GROUP = 1 << 18
_JITTER = 1e-2


def write_candidates(path: Path, n_rows: int, *, seed: int = 0, labelled: bool = True) -> Path:
    """Write simulated candidates as Parquet or, by the ending ``.csv``, as CSV, in row groups."""
    if path.is_file():
        return path
    part = path.with_name(f".{path.name}.part")
    tables = _tables(n_rows, seed, labelled=labelled)
    first = next(tables)
    writer = (
        pc.CSVWriter(part, first.schema)
        if path.suffix == ".csv"
        else pq.ParquetWriter(part, first.schema)
    )
    with writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    return part.rename(path)


def _tables(n_rows: int, seed: int, *, labelled: bool) -> Iterator[pa.Table]:
    rng = np.random.default_rng(seed)
    X, y = simulate(min(n_rows, DRAWN), rng=rng)
    for start in range(0, n_rows, GROUP):
        rows = np.arange(start, min(start + GROUP, n_rows)) % len(X)
        columns = dict(zip(FEATURE_NAMES, _jittered(X[rows], rng).T, strict=True))
        yield pa.table({**columns, **({LABEL: y[rows]} if labelled else {})})


def _jittered(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move by about a hundredth: deviations down, kurtoses up, means towards half of full scale.

    Skewness stays, for both inequalities hold as they did then.
    """
    moved = np.array(X)
    by = np.minimum(np.abs(rng.normal(scale=_JITTER, size=X.shape)), 0.1)
    for column, name in enumerate(FEATURE_NAMES):
        if name.endswith("_mean"):
            towards = np.where(moved[:, column] < FULL_SCALE / 2, 1, -1)
            moved[:, column] *= 1 + towards * by[:, column]
        elif name.endswith("_stdev"):
            moved[:, column] *= 1 - by[:, column]
        elif name.endswith("_kurtosis"):
            moved[:, column] += by[:, column]
    return moved
