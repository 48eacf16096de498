"""What the training rows looked like, in a few numbers a feature that a run can carry.

Scoring needs no training data then: `slp.watching.drift` compares new candidates with this summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slp.checks import check_entries, check_features, check_vector, frozen
from slp.inputs import FARTHEST
from slp.scaling import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

BINS = 10
"""Bins of equal mass that a feature's training rows are counted in."""

GROUPS = 200
"""Groups of equal mass whose means stand for a feature's distribution."""

_ENTRIES = ("mean", "std", "low", "high", "edges", "counts", "groups")


@dataclass(frozen=True, eq=False)
class Reference:
    """The training rows, feature by feature.

    Attributes
    ----------
    scale : Scale
        Mean and standard deviation, in the units of the features.
    low, high : ndarray of shape (n_features,), float64, read-only
        The training range, in the units of the features.
    edges : ndarray of shape (n_features, 9), float64, read-only
        Between the bins, in the units of the features; a bin holds its upper edge. Two equal
        edges have a bin between them that nothing can fall into.
    counts : ndarray of shape (n_features, 10), int64, read-only
        Training rows in each bin.
    groups : ndarray of shape (n_features, 200), float64, read-only
        Means of the groups, rising, in standard deviations from the mean.
    """

    scale: Scale
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    groups: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse what no training rows give."""
        n_features = len(self.scale.mean)
        for name in ("low", "high"):
            vector = check_vector(name, getattr(self, name), length=n_features)
            object.__setattr__(self, name, vector)
        for name, width in (("edges", BINS - 1), ("counts", BINS), ("groups", GROUPS)):
            table = _table(name, getattr(self, name), (n_features, width))
            object.__setattr__(self, name, table)
        # Edges are values of training rows, so they rise from the lowest to the highest at most.
        rising = np.column_stack([self.low, self.edges, self.high])
        for name, table in (("low, edges, high", rising), ("groups", self.groups)):
            if (np.diff(table, axis=1) < 0).any():
                raise ValueError(f"{name} do not rise; take the reference of the training rows")
        if (self.counts < 0).any() or (self.counts % 1).any():
            raise ValueError("counts are not all whole numbers of 0 or more")
        object.__setattr__(self, "counts", frozen(self.counts.astype(np.int64)))
        rows = self.counts.sum(axis=1)
        if rows[0] == 0 or (rows != rows[0]).any():
            raise ValueError(f"counts add up to {rows.tolist()} rows; one number, not 0, is needed")

    @property
    def n_rows(self) -> int:
        """Training rows that were summarised."""
        return int(self.counts[0].sum())

    @classmethod
    def of(cls, X: ArrayLike) -> Reference:
        """Summarise the training rows, before any resampling.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite; at least one row.

        Raises
        ------
        ValueError
            When there is no row, a number is not finite, or a spread overflows.
        """
        # Sorted, so that no last bit of a sum depends on the order of the rows.
        features = np.sort(check_features(X).astype(np.float64), axis=0)
        scale = Scale.fit(features)
        shares = np.arange(1, BINS) / BINS
        edges = np.quantile(features, shares, axis=0, method="inverted_cdf").T
        return cls(
            scale=scale,
            low=features.min(axis=0),
            high=features.max(axis=0),
            edges=edges,
            counts=_counts(features, edges),
            groups=_groups(scale.transform(features)),
        )

    def count(self, X: ArrayLike) -> NDArray[np.int64]:
        """Count the rows of `X`, (n_samples, n_features), in each bin: (n_features, 10)."""
        return _counts(self._checked(X, least=1), self.edges)

    def group(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the groups' means of other rows, on the scale of these.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            At least one row. What lies more than a million standard deviations out counts as a
            million.

        Returns
        -------
        ndarray of shape (n_features, 200), float64
        """
        with np.errstate(over="ignore"):  # the bound comes next
            scaled = self.scale.transform(self._checked(X, least=1))
        return _groups(np.clip(scaled, -FARTHEST, FARTHEST))

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
        arrays = (self.low, self.high, self.edges, self.counts, self.groups)
        values = (self.scale.mean, self.scale.std, *arrays)
        return {name: array.tolist() for name, array in zip(_ENTRIES, values, strict=True)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Reference:
        """Restore a reference from what `to_dict` gave.

        Raises
        ------
        ValueError
            When an entry is missing, or is not what its attribute can be.
        """
        check_entries("reference", record, _ENTRIES)
        mean, std, *arrays = (record[name] for name in _ENTRIES)
        return cls(Scale(mean, std), *arrays)

    def _checked(self, X: ArrayLike, *, least: int = 0) -> NDArray[np.float64]:
        features = check_features(X, n_features=len(self.low)).astype(np.float64)
        if len(features) < least:
            raise ValueError("a comparison needs at least 1 candidate; there are 0")
        return features


def _table(name: str, values: ArrayLike, shape: tuple[int, int]) -> NDArray[np.float64]:
    try:
        table = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} are not lists of numbers, one list a feature") from None
    if table.shape != shape:
        raise ValueError(f"{name} have shape {table.shape}; {shape} is needed")
    if not np.isfinite(table).all():
        raise ValueError(f"{name} are not finite throughout")
    return frozen(table)


def _counts(features: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = [np.searchsorted(cut, column) for cut, column in zip(edges, features.T, strict=True)]
    return np.array([np.bincount(column, minlength=BINS) for column in bins], dtype=np.int64)


def _groups(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut each sorted column into groups of equal mass, a row into parts where it must be."""
    n = len(scaled)
    ends = np.arange(GROUPS + 1) * (n / GROUPS)
    below = np.vstack([np.zeros(scaled.shape[1]), np.cumsum(np.sort(scaled, axis=0), axis=0)])
    sums = [np.diff(np.interp(ends, np.arange(n + 1), column)) for column in below.T]
    # Differences of long sums may cross in their last bits.
    means: NDArray[np.float64] = np.sort(np.array(sums) * (GROUPS / n), axis=1)
    return means
