"""The single-layer perceptron (단층 퍼셉트론): eight weights, a bias, a scale and a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slp.checks import check_features, frozen
from slp.losses import sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

NOTHING_REACHES = float(np.nextafter(1.0, 2.0))
"""The highest threshold a model can have: no probability reaches it."""


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
        object.__setattr__(self, "mean", _vector("mean", self.mean))
        object.__setattr__(self, "std", _vector("std", self.std, length=len(self.mean)))
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


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A trained single-layer perceptron.

    Attributes
    ----------
    coef : ndarray of shape (n_features,), float64, read-only
        Weights on the scaled features, in logits a standard deviation.
    intercept : float
        The bias (편향), in logits.
    scale : Scale
        What is done to the features first.
    threshold : float
        The probability from which on a candidate is called a pulsar, in [0, 1], or
        `NOTHING_REACHES` to call none.
    """

    coef: NDArray[np.float64]
    intercept: float
    scale: Scale
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Freeze the weights; refuse what no model can be."""
        object.__setattr__(self, "coef", _vector("coef", self.coef, length=len(self.scale.mean)))
        object.__setattr__(self, "intercept", _finite("intercept", self.intercept))
        object.__setattr__(self, "threshold", _finite("threshold", self.threshold))
        if not 0 <= self.threshold <= NOTHING_REACHES:
            raise ValueError(f"threshold {self.threshold} is outside [0, {NOTHING_REACHES}]")

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the logit (로짓) of each row: the log-odds that it is a pulsar.

        A row's logit is the same to the last bit whatever rows stand beside it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Unscaled features, finite.

        Returns
        -------
        ndarray of shape (n_samples,), float64

        Raises
        ------
        ValueError
            When the number of columns is another, or a number is not finite.
        """
        # A matrix product would let the last bit depend on the number of rows.
        total: NDArray[np.float64] = self.contributions(X).sum(axis=1) + self.intercept
        return total

    def contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Split each row's logit into its features' parts: their sum plus `intercept` is the logit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Unscaled features, finite.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64
            In logits; positive speaks for a pulsar.
        """
        return self.scale.transform(X) * self.coef

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the probability that each row is a pulsar, shape (n_samples,), in [0, 1]."""
        return np.asarray(sigmoid(self.decision_function(X)), dtype=np.float64)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Give 1 for each row whose probability reaches `threshold`, else 0; shape (n_samples,)."""
        return (self.predict_proba(X) >= self.threshold).astype(np.int64)

    def with_threshold(self, threshold: float) -> Perceptron:
        """Give the same model with another threshold."""
        return replace(self, threshold=threshold)

    def with_prior(self, *, trained: float, true: float) -> Perceptron:
        """Move the intercept from the prevalence trained on to the true one.

        Parameters
        ----------
        trained, true : float
            Share of pulsars among the (resampled) training rows, and where the model is used;
            both in (0, 1).

        Returns
        -------
        Perceptron
            With `prior_shift` added to the intercept.

        Raises
        ------
        ValueError
            When a prevalence is outside (0, 1).
        """
        return replace(self, intercept=self.intercept + prior_shift(trained=trained, true=true))

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists, ready for JSON; `from_dict` restores every bit."""
        return {
            "coef": self.coef.tolist(),
            "intercept": self.intercept,
            "mean": self.scale.mean.tolist(),
            "std": self.scale.std.tolist(),
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Perceptron:
        """Restore a model from what `to_dict` gave.

        Parameters
        ----------
        record : mapping
            The five entries of `to_dict`; others are not looked at.

        Raises
        ------
        ValueError
            When an entry is missing, or is not what its attribute can be.
        """
        names = ("coef", "intercept", "mean", "std", "threshold")
        missing = [name for name in names if name not in record]
        if missing:
            raise ValueError(f"the model has no {', '.join(missing)}; it needs {', '.join(names)}")
        return cls(
            record["coef"],
            record["intercept"],
            Scale(record["mean"], record["std"]),
            record["threshold"],
        )


def prior_shift(*, trained: float, true: float) -> float:
    """Give what a change of prevalence adds to every logit.

    Parameters
    ----------
    trained, true : float
        Prevalence among the training rows, and where the model is used; both in (0, 1).

    Returns
    -------
    float
        ``log(true / (1 - true)) - log(trained / (1 - trained))``.

    Raises
    ------
    ValueError
        When a prevalence is outside (0, 1).

    References
    ----------
    King and Zeng (2001), "Logistic Regression in Rare Events Data", Political Analysis 9,
    section 4.1; Saerens, Latinne and Decaestecker (2002), Neural Computation 14, section 2.
    """
    return _log_odds(true) - _log_odds(trained)


def _log_odds(prevalence: float) -> float:
    if not 0 < prevalence < 1:
        raise ValueError(f"prevalence {prevalence} is outside (0, 1)")
    return math.log(prevalence) - math.log1p(-prevalence)


def _vector(name: str, values: ArrayLike, *, length: int | None = None) -> NDArray[np.float64]:
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} {values!r} is not a list of numbers") from None
    if vector.ndim != 1 or len(vector) == 0:
        raise ValueError(f"{name} has shape {vector.shape}; one number a feature is needed")
    if length is not None and len(vector) != length:
        raise ValueError(f"{name} has {len(vector)} numbers; {length} are needed, one a feature")
    if not np.isfinite(vector).all():
        raise ValueError(f"{name} {vector.tolist()} is not finite throughout")
    return frozen(vector)


def _finite(name: str, value: Any) -> float:
    # float() would take "1" and True, which no writer of a model means.
    if isinstance(value, (bool, str, bytes)):
        raise ValueError(f"{name} {value!r} is not a number")  # noqa: TRY004 - slp raises ValueError
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} {value!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} {number} is not finite")
    return number
