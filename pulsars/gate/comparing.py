"""Two published runs on the same candidates, which neither has learnt from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.gate.weighing import Lead
from pulsars.store import Learnt, PublishedRun, as_written, kept, load_model, read_kept_arrays
from schemas import FEATURE_NAMES
from slp import Comparison, Difference, check_features, compare, near_identical, sigmoid

MEASURE = "average_precision"
"""What decides, named before looking: it asks how well a model ranks, at no one threshold."""

MOST_CONTRADICTED = 0.1
"""Of as many candidates as a tenth of the pulsars the files may disagree, as corrections do."""

ENOUGH = 20
"""Pulsars, and non-pulsars, to compare on; with fewer no interval says anything."""


@dataclass(frozen=True, eq=False)
class FairRows:
    """Test rows of two runs that neither has learnt from.

    Attributes
    ----------
    X : ndarray of shape (n_rows, 8), float64
        Canonical features.
    y : ndarray of shape (n_rows,), int64
        1 for pulsar.
    line : ndarray of shape (n_rows,), int64
        Where the candidate stands in its file.
    file : ndarray of shape (n_rows,), str
        The name of that file; of a set of files that an earlier version read, or
        that was read with ``--keep none``, the name of the set.
    n_contradicted : int
        Candidates that are no such row, for they stand there as a pulsar and as none.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int64]
    line: NDArray[np.int64]
    file: NDArray[np.str_]
    n_contradicted: int

    @property
    def n_pulsars(self) -> int:
        """How many of the rows are pulsars."""
        return int(self.y.sum())

    @property
    def contradictory(self) -> bool:
        """Whether so many labels differ that the others say nothing of who is right."""
        return self.n_contradicted > MOST_CONTRADICTED * self.n_pulsars


@dataclass(frozen=True, eq=False)
class Duel:
    """Two runs beside each other.

    Attributes
    ----------
    rows : FairRows
        The candidates compared on.
    champion, challenger : ndarray of shape (n_rows,), float64
        Probabilities.
    comparison : Comparison or None
        None where there are too few pulsars or non-pulsars to compare on.
    """

    rows: FairRows
    champion: NDArray[np.float64]
    challenger: NDArray[np.float64]
    comparison: Comparison | None

    @property
    def lead(self) -> Lead | None:
        """The challenger's lead by `MEASURE`; None where there is too little to compare on."""
        if self.comparison is None:
            return None
        return Lead(self.comparison.differences[MEASURE], self.rows.n_pulsars)

    @property
    def call(self) -> str:
        """Call the challenger by `MEASURE`: better, worse or undecided."""
        return "undecided" if self.comparison is None else self.comparison.call(MEASURE)

    def to_dict(self) -> dict[str, Any]:
        """Say everything as plain JSON values; undefined numbers are None."""
        said: dict[str, Any] = {
            "n_rows": len(self.rows.y),
            "n_pulsars": self.rows.n_pulsars,
            "n_contradicted": self.rows.n_contradicted,
            "measure": MEASURE,
            "verdict": self.call,
        }
        if self.comparison is None:
            return {**said, "differences": {}, "mcnemar": None, "ledger": None}
        calls = self.comparison.calls
        return {
            **said,
            "differences": {n: _plain(d) for n, d in self.comparison.differences.items()},
            "mcnemar": {
                "only_champion": calls.only_champion,
                "only_challenger": calls.only_challenger,
                "mid_p": calls.mid_p,
                "verdict": calls.call(),
            },
            "ledger": {
                "champion_only": self._ledger(self.comparison.champion_only),
                "challenger_only": self._ledger(self.comparison.challenger_only),
            },
        }

    def _ledger(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        return [
            {
                "file": str(self.rows.file[row]),
                "line": int(self.rows.line[row]),
                "champion": float(self.champion[row]),
                "challenger": float(self.challenger[row]),
            }
            for row in rows
        ]


def duel(champion: PublishedRun, challenger: PublishedRun) -> Duel:
    """Compare two runs on the test rows of either that neither has learnt from.

    Parameters
    ----------
    champion, challenger : PublishedRun
        They may have learnt from different files, or from other parts of one.

    Raises
    ------
    RunNotFoundError
        If a run lacks the files that a comparison needs.
    """
    rows = fair_rows(champion, challenger)
    models = [load_model(kept(run, "model.json")) for run in (champion, challenger)]
    logits = [model.decision_function(rows.X) if len(rows.y) else np.empty(0) for model in models]
    first, second = (np.asarray(sigmoid(each), dtype=np.float64) for each in logits)
    found = None
    if min(rows.n_pulsars, len(rows.y) - rows.n_pulsars) >= ENOUGH:
        found = compare(
            rows.y,
            first,
            second,
            thresholds=(models[0].threshold, models[1].threshold),
            by=(logits[0], logits[1]),
        )
    return Duel(rows, first, second, found)


def fair_rows(one: PublishedRun, other: PublishedRun) -> FairRows:
    """Give the test rows of either run that the other has not learnt from, each once.

    Rows are told apart by their eight features, so it does not matter in which file they stand,
    nor whether one file has fewer digits. Where their labels differ, as after a correction, neither
    is taken: whoever learnt from the file that is believed would win.
    """
    parts = [_not_learnt_by(rival, run) for run, rival in ((one, other), (other, one))]
    X, y, line, file = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, first, group = np.unique(near_identical(X), return_index=True, return_inverse=True)
    share = np.bincount(group, y) / np.bincount(group)
    sure = first[(share == 0) | (share == 1)]
    torn = len(first) - len(sure)
    return FairRows(X[sure], y[sure].astype(np.int64), line[sure], file[sure], torn)


def _not_learnt_by(rival: PublishedRun, run: PublishedRun) -> tuple[NDArray[Any], ...]:
    test = kept(run, "test.npz")
    stored = read_kept_arrays(test, "X", "y", "line", if_there=("in_file",))
    file = np.full(len(stored["X"]), run.manifest["data"]["name"])
    with as_written(Path(test.path)):
        check_features(stored["X"], n_features=len(FEATURE_NAMES))
        if "in_file" in stored:
            file = np.char.decode(stored["in_file"], "utf-8")
    fair = ~Learnt.load(kept(rival, "seen.npz")).holds(stored["X"])
    columns = stored["X"], stored["y"], stored["line"], file
    return tuple(column[fair] for column in columns)


def _plain(difference: Difference) -> dict[str, float | None]:
    named = {n: getattr(difference, n) for n in ("value", "low", "high", "error")}
    return {key: float(v) if math.isfinite(v) else None for key, v in named.items()}
