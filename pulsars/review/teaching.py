"""Which scored candidates would teach the model most, from a sample of them that stays small.

What the model is in doubt about lies near its threshold. Of a table of any size the rows nearest
to it are looked for in a few partitions spread over the whole, and of these the most informative
are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.review.candidates import Candidate, candidates_of
from pulsars.store import ScoredFile, as_written, read_batches
from schemas import FEATURE_NAMES, FileRef
from slp import most_informative

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

N_TAUGHT = 100
"""So many are chosen at most."""

N_NEAREST = 10_000
"""So many of those nearest to the threshold are chosen from."""

_N_PARTITIONS = 4
_N_KNOWN = 2_000


@dataclass(frozen=True, eq=False)
class Nearest:
    """The rows nearest to the threshold among those that were looked at.

    Attributes
    ----------
    rows : Table
        At most `N_NEAREST`, in the order of the file.
    n_looked_at : int
        Of how many.
    """

    rows: pa.Table
    n_looked_at: int


def find_nearest(scores: ScoredFile) -> Nearest:
    """Find rows that the model is in doubt about.

    Parameters
    ----------
    scores : ScoredFile
        Ranked by the model: a companion gives no probability.

    Raises
    ------
    DamagedRecordError, FingerprintError
        If a partition that is looked at is not what was published.
    """
    import pyarrow as pa

    threshold = scores.manifest["model"]["threshold"]
    nearest: pa.Table | None = None
    n_looked_at = 0
    for file in _partitions(scores):
        path = file.verified()
        with as_written(path):
            for batch in read_batches(path):
                n_looked_at += len(batch)
                group = pa.Table.from_batches([batch])
                nearest = _nearest(pa.concat_tables(filter(None, [nearest, group])), threshold)
    if nearest is None:
        raise ValueError("scores without a row are not published")
    return Nearest(nearest, n_looked_at)


def _partitions(scores: ScoredFile) -> list[FileRef]:
    """Give a few partitions of the scores, the first and the last among them."""
    files = [
        FileRef(path=str(scores.path / name), sha256=sha256)
        for name, sha256 in sorted(scores.manifest["files"].items())
        if name.split("/")[0] == "scores.parquet"
    ]
    at = np.linspace(0, len(files) - 1, min(len(files), _N_PARTITIONS)).round().astype(int)
    return [files[n] for n in at]


def _nearest(rows: pa.Table, threshold: float) -> pa.Table:
    if len(rows) <= N_NEAREST:
        return rows
    distance = np.abs(rows["probability"].to_numpy() - threshold)
    kept = np.argsort(distance, kind="stable")[:N_NEAREST]
    return rows.take(np.sort(kept)).combine_chunks()


def choose_to_teach(
    nearest: Nearest, scores: ScoredFile, *, known: Sequence[Sequence[float]]
) -> list[Candidate]:
    """Choose what would teach most.

    Parameters
    ----------
    nearest : Nearest
        Of these scores.
    scores : ScoredFile
    known : sequence of 8 floats each
        Features of candidates that people have spoken of; the last 2,000 count.

    Returns
    -------
    list of Candidate
        At most `N_TAUGHT`, the most informative first.
    """
    with as_written(scores.path / "scores.parquet"):
        X = np.column_stack([nearest.rows[name].to_numpy() for name in FEATURE_NAMES])
        spread = X.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        p: NDArray[Any] = nearest.rows["probability"].to_numpy()
        places = np.array(known[-_N_KNOWN:]).reshape(-1, X.shape[1])
        chosen = most_informative(p, X / scale, N_TAUGHT, known=places / scale)
        return _candidates(nearest.rows.take(chosen), scores)


def all_nearest(nearest: Nearest, scores: ScoredFile) -> list[Candidate]:
    """Give every candidate that may ever be chosen to teach."""
    with as_written(scores.path / "scores.parquet"):
        return _candidates(nearest.rows, scores)


def _candidates(rows: pa.Table, scores: ScoredFile) -> list[Candidate]:
    carried = [name for name in scores.manifest.get("carried", []) if name in rows.column_names]
    return candidates_of(rows.to_pylist(), scores, carried=carried)
