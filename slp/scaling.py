"""Standardisation (표준화): each feature in its own standard deviations from its own mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.blocks import add_by_twos, in_blocks
from slp.checks import Floats, check_features, check_vector
from slp.scalars import check_whole


class Moments(NamedTuple):
    """Number of rows and, of each feature, mean, sum of squared distances from it, and range.

    Two are added as by Chan, Golub and LeVeque (1983), "Algorithms for computing the sample
    variance", The American Statistician 37, 242, equation 2.1: nothing cancels.
    """

    n_rows: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, features: Floats) -> Moments:
        """Take them of rows in C order, at least one."""
        return cls.of_columns(features, np.ascontiguousarray(features.T))

    @classmethod
    def of_columns(cls, features: Floats, columns: Floats) -> Moments:
        """Take them of rows that are held as columns too, which tell their range faster."""
        with np.errstate(over="ignore", invalid="ignore"):  # `scale` refuses it, by value
            mean = features.mean(axis=0, dtype=np.float64)
            distances = features - mean
            squares = np.multiply(distances, distances, out=distances).sum(axis=0)
        low, high = (end.astype(np.float64) for end in (columns.min(axis=1), columns.max(axis=1)))
        return cls(len(features), mean, squares, low, high)

    def plus(self, other: Moments) -> Moments:
        """Give those of these rows and the other ones."""
        n_rows = self.n_rows + other.n_rows
        with np.errstate(over="ignore", invalid="ignore"):
            apart = other.mean - self.mean
            mean = self.mean + apart * (other.n_rows / n_rows)
            between = apart * apart * (self.n_rows * other.n_rows / n_rows)
            squares = self.squares + other.squares + between
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Moments(n_rows, mean, squares, low, high)

    def scale(self) -> Scale:
        """Give mean and standard deviation; 1 for that of a constant feature.

        Raises
        ------
        ValueError
            When a spread is larger than a float holds, or its square smaller.
        """
        # Rounding can give a constant column a spread of 1e-17, so constancy is asked for itself.
        constant = self.low == self.high
        std = np.sqrt(self.squares / self.n_rows)
        lost = np.flatnonzero(~constant & ~((std > 0) & np.isfinite(std)))
        if len(lost):
            at = lost[0]
            raise ValueError(
                f"column {at} lies between {self.low[at]} and {self.high[at]}, a spread whose "
                f"square no float holds; give it in another unit"
            )
        return Scale(np.where(constant, self.low, self.mean), np.where(constant, 1.0, std))


@dataclass(frozen=True, eq=False)
class Scale:
    """Standardisation (표준화): subtract `mean`, divide by `std`, feature by feature.

    Attributes
    ----------
    mean, std : ndarray of shape (n_features,), float64, read-only
        In the units of the features; `std` is positive.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse what no scale can be."""
        object.__setattr__(self, "mean", check_vector("mean", self.mean))
        object.__setattr__(self, "std", check_vector("std", self.std, length=len(self.mean)))
        if (self.std <= 0).any():
            raise ValueError(f"std {self.std.min()} is not positive")

    @classmethod
    def fit(cls, X: ArrayLike) -> Scale:
        """Take mean and standard deviation (divisor n) of each column of `X`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The training rows, at least one.

        Returns
        -------
        Scale
            With a `std` of 1 where a column is constant, so that it is scaled to 0.

        Raises
        ------
        ValueError
            When there is no row, a number is not finite, or a spread overflows.
        """
        blocks = in_blocks([(check_features(X),)])
        return add_by_twos((Moments.of(features) for (features,) in blocks), Moments.plus).scale()

    @classmethod
    def identity(cls, n_features: int) -> Scale:
        """Leave `n_features` features as they are; ValueError where these are not 1 or more."""
        n_features = check_whole("n_features", n_features)
        if n_features < 1:
            raise ValueError(f"n_features {n_features} is below 1")
        return cls(np.zeros(n_features), np.ones(n_features))

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Scale the rows of `X`, of shape (n_samples, n_features), into a new float64 array."""
        return (check_features(X, n_features=len(self.mean)) - self.mean) / self.std

    def to_dict(self) -> dict[str, Any]:
        """Give plain lists, ready for JSON; `from_dict` restores every bit."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_dict(cls, name: str, record: Any) -> Scale:
        """Restore a scale from what `to_dict` gave; an error calls it by `name`.

        Raises
        ------
        ValueError
            When an entry is missing or is not what its attribute can be.
        """
        if not isinstance(record, Mapping) or not {"mean", "std"} <= set(record):
            raise ValueError(f"the {name} have no mean and std of each feature")
        return cls(record["mean"], record["std"])
