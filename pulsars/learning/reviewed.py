"""Candidates that people reviewed, and what of them a training learns from.

A list that a model has chosen is no random sample of the sky: what is reviewed teaches the weights,
and nothing is chosen or measured on it. Whether a candidate was looked at hangs on its features
alone, and a model of the label given the features is then learnt without a correction: Zadrozny
(2004), "Learning and Evaluating Classifiers under Sample Selection Bias", ICML, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pulsars.store import read_arrays
from schemas import FEATURE_NAMES, Reviewed
from slp import Beside, Chunk, Chunks, near_in_units

Fate = Literal["added", "in training", "held out", "contradicted"]
"""Of a reviewed candidate: learnt from beside the rows of the file; among those learnt from, and so
its label is what people say; among those held out, and so not learnt from; or nearly another one
of which people say the opposite, and so not learnt from either."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """What people say of candidates, one label each.

    Attributes
    ----------
    names : sequence of str
        Hash of the content of each, rising.
    X : ndarray of shape (n_candidates, 8), float64
        Finite.
    y : ndarray of shape (n_candidates,), int8
        1 for a pulsar.
    """

    names: Sequence[str]
    X: NDArray[np.float64]
    y: NDArray[np.int8]

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {"candidates": list(self.names), "X": self.X.tolist(), "y": self.y.tolist()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Labelled:
        """Read what `to_dict` gave."""
        X = np.array(stored["X"], dtype=np.float64).reshape(-1, len(FEATURE_NAMES))
        return cls(stored["candidates"], X, np.array(stored["y"], dtype=np.int8))


@dataclass(frozen=True, eq=False)
class Reviews:
    """What of them is learnt from.

    Attributes
    ----------
    X, y : ndarray of shape (n_added, 8), float64, and (n_added,), int8
        Candidates that are no row of the file.
    rows, labels : ndarray of shape (n_known,), int64, rising, and int8
        Rows of the file that are learnt from, by number, and what people say that they are.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int8]

    @classmethod
    def nothing(cls) -> Reviews:
        """Give those of a training without."""
        none = np.empty(0, dtype=np.int8)
        return cls(np.empty((0, len(FEATURE_NAMES))), none, none.astype(np.int64), none)

    @classmethod
    def load(cls, reviewed: Reviewed | None) -> Reviews:
        """Read what a training kept, after checking its hash; nothing, where nobody reviewed."""
        return cls(**read_arrays(reviewed.file)) if reviewed else cls.nothing()

    def labelled(self, y: NDArray[np.integer], *, first: int = 0) -> NDArray[np.integer]:
        """Give labels of rows, from row `first` on, with what people say in place of the file's."""
        begin, end = np.searchsorted(self.rows, [first, first + len(y)])
        changed = y.copy()
        changed[self.rows[begin:end] - first] = self.labels[begin:end]
        return changed

    def beside(
        self, X: NDArray[np.float64], y: NDArray[np.integer]
    ) -> tuple[NDArray[np.float64], NDArray[np.integer]]:
        """Give all rows of the file as they are learnt from, and below them those added."""
        if not len(self.y) and not len(self.rows):
            return X, y
        return np.concatenate([X, self.X]), np.concatenate([self.labelled(y), self.y])

    def among(self, parts: dict[str, NDArray[np.int64]], n_rows: int) -> dict[str, np.ndarray]:
        """Give row numbers of the parts of so many rows, those added in the training part."""
        added = np.arange(n_rows, n_rows + len(self.y))
        return {**parts, "train": np.concatenate([parts["train"], added])}


@dataclass(frozen=True, eq=False)
class Joined:
    """How reviewed candidates meet the rows of a file.

    Attributes
    ----------
    reviews : Reviews
    fates : list of str
        As of `Fate`, of each candidate.
    n_relabelled : int
        Rows of which the file says otherwise.
    n_learnt : ndarray of shape (2,), int64
        Rows learnt from in all, by what they are then.
    """

    reviews: Reviews
    fates: list[Fate]
    n_relabelled: int
    n_learnt: NDArray[np.int64]

    def counts(self) -> dict[str, int]:
        """Count each fate, and the rows that have another label than in the file."""
        fates = {f"n_{fate.replace(' ', '_')}": self.fates.count(fate) for fate in get_args(Fate)}
        return {**fates, "n_relabelled": self.n_relabelled}


def join_reviewed(
    said: Labelled, chunks: Chunks, learnt: NDArray[np.bool_], units: NDArray[np.float64]
) -> Joined:
    """Find which reviewed candidates are rows of the file, to five digits, and of which part.

    Parameters
    ----------
    said : Labelled
    chunks : callable
        All rows of the file.
    learnt : ndarray of shape (n_rows,), bool
        Which of them are learnt from; the others are held out.
    units : ndarray of shape (n_features,), float64
        As of `slp.units_of` on rows of the file.

    Notes
    -----
    What is near-identical to a row held out is held out too: a copy that was learnt from would be
    tested. Time is that of one pass over the rows.
    """
    near, number, n_learnt = _near(said, chunks, learnt, units)
    if not len(said.y):
        return Joined(Reviews.nothing(), [], 0, n_learnt)
    own, n_said = learnt[number], len(said.y)
    group = near_in_units(np.concatenate([said.X, near.X]), units)
    of_said, of_rows = group[:n_said], group[n_said:]
    pulsar, other = (_marked(group, of_said[said.y == label]) for label in (1, 0))
    held, known = _marked(group, of_rows[~own]), _marked(group, of_rows[own])
    fates: list[Fate] = [
        _fate(*facts)
        for facts in zip((pulsar & other)[of_said], held[of_said], known[of_said], strict=True)
    ]
    added = np.array([fate == "added" for fate in fates], dtype=bool)
    told = own & ~held[of_rows] & (pulsar ^ other)[of_rows]
    labels = pulsar[of_rows[told]].astype(np.int8)
    reviews = Reviews(said.X[added], said.y[added], number[told], labels)
    before, after = (np.bincount(y, minlength=2) for y in (near.y[told], labels))
    n_learnt = n_learnt - before + after + np.bincount(reviews.y, minlength=2)
    return Joined(reviews, fates, int((near.y[told] != labels).sum()), n_learnt)


def _fate(is_contradicted: bool, is_held: bool, is_known: bool) -> Fate:  # noqa: FBT001 - a row
    if is_held:
        return "held out"
    if is_contradicted:
        return "contradicted"
    return "in training" if is_known else "added"


def _near(
    said: Labelled, chunks: Chunks, learnt: NDArray[np.bool_], units: NDArray[np.float64]
) -> tuple[Chunk, NDArray[np.int64], NDArray[np.int64]]:
    """Bring rows into memory that may be reviewed ones, with their numbers; count those learnt."""
    beside = Beside.of(said.X, units) if len(said.y) else None
    found, numbers, counts, start = [], [np.empty(0, dtype=np.int64)], np.zeros(2, np.int64), 0
    for part in chunks():
        own = learnt[start : start + len(part.y)]
        counts += np.bincount(part.y[own], minlength=2)
        some = beside.suspects(part.X) if beside else numbers[0]
        found.append(part.take(np.isin(np.arange(len(part.y)), some)))
        numbers.append(start + some)
        start += len(part.y)
    return Chunk.joined(found), np.concatenate(numbers), counts


def _marked(group: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the groups, by their number, that are among some."""
    marks = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    marks[some] = True
    return marks


def drifted_note(n_drifted: int) -> str:
    """Say that people reviewed candidates which a model of that day did not know."""
    return (
        f"{n_drifted:,} of the reviewed candidates were shown where drift said stop and a "
        f"companion ranked: they may be of another survey. Take their lines out (those with "
        f'"probability": null) unless this model is to know them.'
    )


def reviewed_note(counts: dict[str, int]) -> str:
    """Say in a report what people's reviews had to do with a model."""
    left_out = counts["n_held_out"] + counts["n_contradicted"]
    n_drifted = counts.get("n_drifted", 0)
    return (
        f"People have reviewed {counts['n_reviewed']:,} candidates, {counts['n_pulsars']:,} of "
        f"them pulsars. {counts['n_added']:,} taught this model beside the rows of the file; "
        f"{counts['n_in_training']:,} are rows that taught it, and {counts['n_relabelled']:,} of "
        f"these have the label that people give and not the file's. {left_out:,} were left out, "
        f"for they are rows held out ({counts['n_held_out']:,}) or near-identical ones of which "
        f"people say different things ({counts['n_contradicted']:,}). {counts['n_open']:,} more "
        f"are not settled. Inputs and threshold are those of the file's own rows, and nothing "
        f"here is measured on a candidate that was added."
        + (f" {drifted_note(n_drifted)}" if n_drifted else "")
    )
