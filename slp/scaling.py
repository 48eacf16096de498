"""Standardisation (표준화): each feature in its own standard deviations from its own mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slp.checks import check_features, check_vector

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


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
        features = check_features(X)
        if len(features) == 0:
            raise ValueError("a scale needs at least 1 row; there are 0")
        # Rounding can give a constant column a spread of 1e-17, so constancy is asked for itself.
        constant = (features == features[0]).all(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):  # refused just below, by value
            mean, std = (
                features.mean(axis=0, dtype=np.float64),
                features.std(axis=0, dtype=np.float64),
            )
        return cls(np.where(constant, features[0], mean), np.where(constant, 1.0, std))

    @classmethod
    def identity(cls, n_features: int) -> Scale:
        """Leave `n_features` features as they are."""
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
        if not isinstance(record, dict) or not {"mean", "std"} <= set(record):
            raise ValueError(f"the {name} have no mean and std of each feature")
        return cls(record["mean"], record["std"])
