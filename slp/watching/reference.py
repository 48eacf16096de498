"""What the training rows looked like, in a few numbers a feature that a run can carry.

Scoring needs no training data then: `slp.watching.drift` compares new candidates with this summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import (
    check_entries,
    check_features,
    check_labels,
    check_table,
    check_vector,
    frozen,
)
from slp.scaling import Scale
from slp.watching.earlier import today
from slp.watching.grid import BINS, EDGES, BinGrid
from slp.watching.spread import Spread
from slp.watching.tally import Tally

CLASSES = ("non-pulsar", "pulsar")

REFERENCE_FORMAT = 2
"""Of what `Reference.to_dict` gives. The first knew no classes, see `slp.watching.earlier`."""

_ENTRIES = ("mean", "std", "low", "high", "edges", "counts", "areas")


@dataclass(frozen=True, eq=False)
class Reference:
    """The training rows, feature by feature and class by class.

    Attributes
    ----------
    scale : Scale
        Mean and standard deviation of all rows, in the units of the features.
    low, high : ndarray of shape (n_features,), float64, read-only
        The training range, in the units of the features.
    edges : ndarray of shape (n_features, 49), float64, read-only
        Between 50 bins with a fiftieth of all rows each, in the units of the features; a bin holds
        its upper edge. Two equal edges have a bin between them that nothing can fall into.
    counts : ndarray of shape (n_classes, n_features, 50), int64, read-only
        Training rows in each bin: of the non-pulsars and of the pulsars, or of both as one.
    areas : ndarray of shape (n_classes, n_features, 50), float64, read-only
        As of `slp.watching.grid.BinGrid`.
    """

    scale: Scale
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    areas: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse what no training rows give."""
        n_features = len(self.scale.mean)
        for name in ("low", "high"):
            vector = check_vector(name, getattr(self, name), length=n_features)
            object.__setattr__(self, name, vector)
        object.__setattr__(self, "edges", check_table("edges", self.edges, (n_features, EDGES)))
        # Edges are values of training rows, so they rise from the lowest to the highest at most.
        if (np.diff(np.column_stack([self.low, self.edges, self.high]), axis=1) < 0).any():
            raise ValueError(
                "low, edges, high do not rise; take the reference of the training rows"
            )
        shapes = [(len(CLASSES), n_features, BINS), (1, n_features, BINS)]
        for name in ("counts", "areas"):
            object.__setattr__(self, name, check_table(name, getattr(self, name), *shapes))
        if self.areas.shape != self.counts.shape:
            raise ValueError(f"areas have shape {self.areas.shape}, counts {self.counts.shape}")
        if (self.areas < 0).any():
            raise ValueError("areas are not all 0 or more")
        self._check_counts()

    def _check_counts(self) -> None:
        if (self.counts < 0).any() or (self.counts % 1).any():
            raise ValueError("counts are not all whole numbers of 0 or more")
        object.__setattr__(self, "counts", frozen(self.counts.astype(np.int64)))
        rows = self.counts.sum(axis=2)
        if (rows == 0).any() or (rows != rows[:, :1]).any():
            raise ValueError(
                f"counts add up to {rows.tolist()} rows; one number a class, not 0, is needed"
            )

    @property
    def n_rows(self) -> int:
        """Training rows that were summarised."""
        return int(self.counts[:, 0].sum())

    @property
    def knows_classes(self) -> bool:
        """Whether pulsars and non-pulsars were counted apart."""
        return len(self.counts) == len(CLASSES)

    @cached_property
    def spread(self) -> Spread:
        """The training rows at every share of pulsars that is tried."""
        return Spread.of(self.counts, self.areas, np.diff(self.scaled_edges, axis=1))

    @cached_property
    def grid(self) -> BinGrid:
        """Where other rows are counted."""
        return BinGrid.of(self.scale, self.low, self.high, self.edges)

    @property
    def scaled_edges(self) -> NDArray[np.float64]:
        """Edges in standard deviations from the mean, (n_features, 49)."""
        return self.grid.scaled_edges

    @classmethod
    def of(cls, X: ArrayLike, y: ArrayLike | None = None) -> Reference:
        """Summarise the training rows, before any resampling.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite; at least one row.
        y : array-like of shape (n_samples,), optional
            Labels, 1 pulsar, 0 not. Without them, and where all are of one class, the two are not
            told apart.

        Raises
        ------
        ValueError
            When there is no row, a number is not finite, a label is neither 0 nor 1, or a spread
            overflows.
        """
        features = check_features(X).astype(np.float64)
        # Sorted, so that no last bit of a sum depends on the order of the rows.
        ordered = np.sort(features, axis=0)
        scale = Scale.fit(ordered)
        shares = np.arange(1, BINS) / BINS
        edges = np.quantile(ordered, shares, axis=0, method="inverted_cdf").T
        parts = [features]
        if y is not None:
            labels = check_labels(y, n_samples=len(features))
            parts = [part for side in (0, 1) if len(part := features[labels == side])]
            parts = parts if len(parts) == len(CLASSES) else [features]
        grid = BinGrid.of(scale, ordered[0], ordered[-1], edges)
        counted = [grid.count(part) for part in parts]
        return cls(
            scale=scale,
            low=ordered[0],
            high=ordered[-1],
            edges=edges,
            counts=np.array([counts for counts, _ in counted]),
            areas=np.array([grid.areas(*each) for each in counted]),
        )

    def tally(self, X: ArrayLike) -> Tally:
        """Count other rows on the edges of these.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite; at least one row. What lies more than ten standard deviations beyond the
            training range counts as ten in the areas, so that no single row decides over a file.

        Raises
        ------
        ValueError
            When there is no row, the number of columns is another, or a number is not finite.
        """
        features = self._checked(X)
        if len(features) == 0:
            raise ValueError("a comparison needs at least 1 candidate; there are 0")
        beyond = [
            (column < low, column > high)
            for column, low, high in zip(features.T, self.low, self.high, strict=True)
        ]
        below, above = np.array(beyond).swapaxes(0, 1)
        counts, sums = self.grid.count(features)
        return Tally(
            grid=self.grid,
            counts=counts,
            sums=sums,
            below=below.sum(axis=1),
            above=above.sum(axis=1),
            outside=int((below | above).any(axis=0).sum()),
        )

    def outside(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Tell where a candidate lies beyond what the model has seen.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite.

        Returns
        -------
        ndarray of shape (n_samples, n_features), bool
            True where the value is below the lowest or above the highest of the training rows;
            ``.any(axis=1)`` marks the candidates.

        Raises
        ------
        ValueError
            When the number of columns is another, or a number is not finite.
        """
        features = self._checked(X)
        return (features < self.low) | (features > self.high)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists, ready for JSON; `from_dict` restores every bit."""
        arrays = (self.low, self.high, self.edges, self.counts, self.areas)
        values = (self.scale.mean, self.scale.std, *arrays)
        listed = {name: array.tolist() for name, array in zip(_ENTRIES, values, strict=True)}
        return {"format": REFERENCE_FORMAT, **listed}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Reference:
        """Restore a reference from what `to_dict` gave, in this version or an earlier one.

        Raises
        ------
        ValueError
            When an entry is missing, is not what its attribute can be, or the format is
            a later one.
        """
        if "groups" in record:
            record = today(record)
        check_entries("reference", record, ("format", *_ENTRIES))
        if record["format"] != REFERENCE_FORMAT:
            raise ValueError(
                f"reference has format {record['format']!r}; {REFERENCE_FORMAT} is known"
            )
        mean, std, *arrays = (record[name] for name in _ENTRIES)
        return cls(Scale(mean, std), *arrays)

    def _checked(self, X: ArrayLike) -> NDArray[np.float64]:
        features = check_features(X, n_features=len(self.low), order="K")
        return features.astype(np.float64, copy=False)
