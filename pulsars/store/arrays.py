"""From handles to the arrays that slp works on, and the random streams of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.store.files import read_arrays
from pulsars.store.stored import as_written, read_record
from pulsars.store.tables import read_batches, read_partitions
from schemas import (
    FEATURE_NAMES,
    LABEL,
    SAME_SOURCE,
    Accepted,
    FileRef,
    Parts,
    StoredModel,
    TableRef,
    TrainingRows,
)
from slp import REFERENCE_FORMAT, Chunk, Chunks, Perceptron, Reference, Resampled

if TYPE_CHECKING:
    import pandas as pd

MODEL_FORMAT = 3
"""Of `model.json`, see `describe_model`; from 3 on with training range and companion."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Accepted rows, loaded once by whoever needs them; the arrays are read-only.

    Attributes
    ----------
    X : ndarray of shape (n_rows, 8), float64
        Canonical columns.
    y : ndarray of shape (n_rows,), int8
        1 for pulsar; of length 0 where there are no labels.
    line : ndarray of shape (n_rows,), int64
        Where each row stands in the user's file, 1-based.
    source : ndarray of shape (n_rows,), int64, optional
        Number of the source that a row shares with another; -1, the default, for a row of its own.
    """

    X: np.ndarray
    y: np.ndarray
    line: np.ndarray
    source: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if len(self.source) != len(self.line):
            object.__setattr__(self, "source", np.full(len(self.line), -1, dtype=np.int64))

    def __getitem__(self, rows: np.ndarray) -> Rows:
        """Give some of them, by their numbers."""
        return Rows(self.X[rows], self.y[rows], self.line[rows], self.source[rows])


def load_rows(accepted: Accepted) -> Rows:
    """Load the accepted rows after checking the hash of their table."""
    return load_named_rows(accepted)[0]


def load_named_rows(accepted: Accepted) -> tuple[Rows, pd.DataFrame]:
    """Load them with what says which candidate a row is, and ``same_source``, by line."""
    table = read_partitions(accepted.table)
    labels = table[LABEL] if LABEL in table else table["line"][:0]
    rows = Rows(
        table[list(FEATURE_NAMES)].to_numpy(dtype=np.float64),
        labels.to_numpy(dtype=np.int8),
        table["line"].to_numpy(),
        (table[SAME_SOURCE] if SAME_SOURCE in table else table["line"][:0]).to_numpy(),
    )
    for array in (rows.X, rows.y, rows.line, rows.source):
        array.setflags(write=False)
    names = [*accepted.carried, *(name for name in (SAME_SOURCE,) if name in table)]
    return rows, table.set_index("line")[names]


def rows_in_chunks(table: TableRef) -> Chunks:
    """Give the rows of a table again and again, a few at a time, as `partitions_in_chunks` does."""
    partitions = partitions_in_chunks(table)
    return lambda: chain.from_iterable(chunks() for chunks in partitions)


def partitions_in_chunks(table: TableRef) -> list[Chunks]:
    """Give, for each partition, its rows again and again, a few at a time.

    A partition's hash is checked when it is first read, and those of its pages whenever it is.
    The only one of a table rests in memory, 73 bytes a row, from the second time on.
    """
    checked: set[str] = set()
    kept: list[list[Chunk]] = []

    def chunks(file: FileRef) -> Iterator[Chunk]:
        if kept:
            yield from kept[0]
            return
        read: Iterator[Chunk] = map(_chunk, read_batches(Path(file.path)))
        if file.path not in checked:
            file.verified()
            checked.add(file.path)
        elif len(table.partitions) == 1:
            kept.append(list(read))
            read = iter(kept[0])
        yield from read

    return [partial(chunks, file) for file in table.partitions]


def _chunk(rows: Any) -> Chunk:
    X = np.column_stack([rows[name].to_numpy() for name in FEATURE_NAMES])
    shared = SAME_SOURCE in rows.schema.names
    source = rows[SAME_SOURCE].to_numpy() if shared else np.full(len(X), -1)
    return Chunk(X, rows[LABEL].to_numpy(), source)


def part_indices(parts: Parts) -> dict[str, np.ndarray]:
    """Load the row indices of the parts that have rows, by name."""
    stored = read_arrays(parts.file)
    names = ("train", "validation", "test")
    return {name: stored[name] for name in names if stored[name].size}


def load_resampled(rows: TrainingRows) -> Resampled:
    """Load the rows that the model sees."""
    stored = read_arrays(rows.file)
    noise = stored["noise"] if stored["noise"].size else None
    return Resampled(stored["sample_indices"], noise, rows.prevalence)


def row_hashes(X: np.ndarray) -> np.ndarray:
    """Name each row by its content, whatever file it stands in.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64

    Returns
    -------
    ndarray of shape (n_rows,), uint64
        Two different rows have the same name once in 10^19 pairs.
    """
    rows = np.ascontiguousarray(X, dtype="<f8") + 0.0  # -0.0 is 0.0
    contents = rows.view(f"V{rows.strides[0]}")[:, 0].tolist()
    names, empty = [], hashlib.blake2b(digest_size=8)
    for content in contents:
        name = empty.copy()  # sooner made than a new one
        name.update(content)
        names.append(name.digest())
    return np.frombuffer(b"".join(names), dtype="<u8")


def describe_model(
    model: Perceptron, companion: Perceptron | None, accepted: Accepted
) -> dict[str, Any]:
    """Give the content of `model.json`: the model, its companion, and what they learnt from.

    Parameters
    ----------
    model : Perceptron
    companion : Perceptron or None
        See `pulsars.learning.companion`.
    accepted : Accepted
        The rows that were given.
    """
    return {
        "format": MODEL_FORMAT,
        "kind": "single-layer perceptron",
        "features": list(FEATURE_NAMES),
        "perceptron": model.to_dict(),
        "companion": companion.to_dict() if companion else None,
        "trained_on": {
            "fingerprint": accepted.fingerprint,
            "n_rows": accepted.rows_accepted,
            "n_pulsars": accepted.n_pulsars,
            "simulated": accepted.simulated,
        },
    }


def load_model(file: FileRef) -> Perceptron:
    """Load a model that rests as JSON.

    Raises
    ------
    DamagedRecordError
        If what its hash vouches for is no model of the eight features.
    FingerprintError
        If the file was changed.
    """
    path = file.verified()
    return _layer(path, read_record(path, StoredModel, newest=MODEL_FORMAT), "perceptron")


def load_companion(file: FileRef) -> Perceptron | None:
    """Load the companion beside a model, see `pulsars.learning.companion`; raises as `load_model`.

    None where there is none: an earlier version made the model, or its rows gave no companion.
    """
    path = file.verified()
    stored = read_record(path, StoredModel, newest=MODEL_FORMAT)
    return _layer(path, stored, "companion") if stored.get("companion") else None


def _layer(path: Path, stored: Mapping[str, Any], entry: str) -> Perceptron:
    with as_written(path), np.errstate(all="ignore"):
        if tuple(stored.get("features", FEATURE_NAMES)) != FEATURE_NAMES:
            raise ValueError("its features are others")
        model = Perceptron.from_dict(stored[entry])
        if not np.isfinite(model.decision_function(np.ones((1, len(FEATURE_NAMES))))).all():
            raise ValueError("its numbers are so large that it cannot score")
    return model


def load_reference(file: FileRef) -> Reference:
    """Load what a model learnt from, as it rests as JSON; raises as `load_model`."""
    path = file.verified()
    stored = read_record(path, dict[str, Any], newest=REFERENCE_FORMAT)
    with as_written(path):
        reference = Reference.from_dict(stored)
        reference.outside(np.ones((1, len(FEATURE_NAMES))))
    return reference
