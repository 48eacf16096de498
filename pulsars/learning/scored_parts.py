"""A partition of candidates from its file to the file of its scores, by groups of rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from pulsars.learning.predicting import Predicted
from pulsars.learning.scoring import Explained, Scorer, as_texts, features_of, reader_schema
from pulsars.store import GROUP_ROWS, in_threads, write_columns
from schemas import KNOWN, LABEL, FileRef, Marking, ScoreJob, StoredKnown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import ArrayLike, NDArray

    from slp import Perceptron, Reference, Tally

_BLOCK = 1 << 15
"""Rows that are worked on at once: they stay in the cache."""

BINS = 40

Counts = dict[str, list[int]]
"""Candidates in each of 40 bins of equal width from 0 to 1, by their kind."""


def count_scores(y: ArrayLike | None, probability: ArrayLike) -> Counts:
    """Count scores, shape (n_rows,), by label; without labels all are candidates of one kind."""
    probability = np.asarray(probability)
    if y is None:
        kinds = {"candidates": probability}
    else:
        y = np.asarray(y)
        kinds = {"non-pulsars": probability[y == 0], "pulsars": probability[y == 1]}
    # By their number and range NumPy need not sort; by their edges it would.
    return {
        name: np.histogram(some, bins=BINS, range=(0.0, 1.0))[0].tolist()
        for name, some in kinds.items()
    }


def add_counts(parts: Iterable[Counts]) -> Counts:
    """Add up the counts of the parts of a table; those of none are empty."""
    total: Counts = {}
    for counts in parts:
        for name, some in counts.items():
            so_far = total.get(name, [0] * BINS)
            total[name] = [one + more for one, more in zip(so_far, some, strict=True)]
    return total


def compare_part(
    rows: pa.Table,
    reference: Reference,
    layers: dict[str, Perceptron] | None = None,
    *,
    threads: int | None = None,
) -> tuple[Tally, dict[str, NDArray[np.float64]]]:
    """Count candidates on the edges of the training rows, and let layers say their logits.

    Parameters
    ----------
    rows : Table
        With the eight features; at least one row.
    reference : Reference
        Of the training rows.
    layers : dict of str to Perceptron, optional
        By any names.
    threads : int, optional
        As of `pulsars.store.in_threads`.

    Returns
    -------
    tally : Tally
    logits : dict of str to ndarray of shape (n_rows,), float64
        By the names of the layers.
    """
    layers = layers or {}

    def compare(block: pa.Table) -> tuple[Tally, dict[str, NDArray[np.float64]]]:
        X = features_of(block)
        return reference.tally(X), {
            name: layer.decision_function(X) for name, layer in layers.items()
        }

    found = list(in_threads(threads)(compare, groups_of(rows, _BLOCK)))
    tallies = [tally for tally, _ in found]
    return sum(tallies[1:], tallies[0]), {
        name: np.concatenate([logits[name] for _, logits in found]) for name in layers
    }


def groups_of(rows: pa.Table, size: int) -> list[pa.Table]:
    """Cut a table into groups of so many rows, the last one shorter."""
    return [rows[first : first + size] for first in range(0, len(rows), size)]


@dataclass(eq=False)
class Said:
    """What there is to say of scores that are written: it adds up over groups and partitions.

    Attributes
    ----------
    best : list of Table
        Candidates of the short list of the whole, as texts, in the order of the file.
    n_called, n_outside, n_learnt, n_known : int
        As of `schemas.PartScored`.
    histogram : dict
        As of `count_scores`; of a companion empty.
    """

    best: list[pa.Table] = field(default_factory=list)
    n_called: int = 0
    n_outside: int = 0
    n_learnt: int = 0
    n_known: int = 0
    histogram: Counts = field(default_factory=dict)


def explain_part(
    scorer: Scorer, rows: pa.Table, *, threads: int | None = None
) -> Iterator[Explained]:
    """Say of each group of rows, in turn, what there is to say without ranks."""

    def of_group(group: pa.Table) -> Explained:
        return Explained.joined([scorer.explain(block) for block in groups_of(group, _BLOCK)])

    return iter(in_threads(threads)(of_group, groups_of(rows, GROUP_ROWS)))


def write_part(
    path: Path,
    scorer: Scorer,
    rows: pa.Table,
    explained: Iterable[Explained],
    ranks: NDArray[np.int64],
    *,
    budget: int,
) -> tuple[FileRef, Said]:
    """Write the scores of a partition.

    Parameters
    ----------
    path : Path
        Of the Parquet file.
    scorer : Scorer
    rows : Table
        The partition, as of `Scorer.table`; at least one row.
    explained : iterable of Explained
        By `explain_part` of these rows.
    ranks : ndarray of shape (n_rows,), int64
        Among all candidates.
    budget : int
        How many candidates the short list of the whole names.
    """
    said = Said()
    with ThreadPoolExecutor(1) as beside:
        groups = groups_of(rows, GROUP_ROWS)
        learnt = beside.submit(scorer.learnt.count, map(features_of, groups))
        tables = _tables(scorer, rows, explained, ranks, budget, said)
        first = next(tables)
        file = write_columns(path, reader_schema(first), chain([first], tables))
        said.n_learnt = learnt.result()
    return file, said


def count_known(scores: pa.Table) -> int:
    """Count rows of a table of scores that are known pulsars, or harmonics of one."""
    import pyarrow.compute as pc

    if KNOWN not in scores.column_names:
        return 0
    return int(pc.sum(pc.greater(pc.utf8_length(scores[KNOWN].cast("string")), 0)).as_py() or 0)


def known_in(
    job: ScoreJob, marking: Marking | None, best: pa.Table, *, n_marked: int
) -> StoredKnown | None:
    """Say what came of a catalogue; None without one.

    Parameters
    ----------
    job : ScoreJob
    marking : Marking or None
        How candidates were held against it.
    best : Table
        The short list.
    n_marked : int
        Of all candidates.
    """
    if job.catalogue is None or marking is None:
        return None
    return {
        "name": job.catalogue.name,
        "sha256": job.catalogue.file.sha256,
        "n_pulsars": job.catalogue.n_pulsars,
        "within": job.parameters.known_within,
        "by": marking.by,
        "n_marked": n_marked,
        "n_listed": count_known(best),
        "notes": [*marking.notes],
    }


def _tables(
    scorer: Scorer,
    rows: pa.Table,
    explained: Iterable[Explained],
    ranks: NDArray[np.int64],
    budget: int,
    said: Said,
) -> Iterator[pa.Table]:
    """Give the groups of a table of scores, and keep count."""
    groups = groups_of(rows, GROUP_ROWS)
    for number, (group, found) in enumerate(zip(groups, explained, strict=True)):
        predicted = Predicted.by(scorer.model, found.logit)
        rank = ranks[number * GROUP_ROWS : number * GROUP_ROWS + len(group)]
        table = scorer.table(group, found, predicted, rank)
        listed = rank <= budget
        if listed.any():
            said.best.append(as_texts(table.filter(listed)))
        said.n_outside += int(np.count_nonzero(found.outside))
        said.n_known += count_known(table)
        if scorer.decides:
            labels = group[LABEL].to_numpy() if LABEL in group.column_names else None
            said.n_called += int(predicted.called.sum())
            counted = count_scores(labels, predicted.probability)
            said.histogram = add_counts([said.histogram, counted])
        yield table
