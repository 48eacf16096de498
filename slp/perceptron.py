"""The single-layer perceptron (단층 퍼셉트론): weights, a bias, inputs and a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slp.checks import check_vector
from slp.inputs import Inputs
from slp.losses import sigmoid
from slp.scaling import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

NOTHING_REACHES = float(np.nextafter(1.0, 2.0))
"""The highest threshold a model can have: no probability reaches it."""


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A trained single-layer perceptron.

    Attributes
    ----------
    coef : ndarray of shape (n_outputs,), float64, read-only
        One weight for each output of `inputs`; in logits a standard deviation, unless these are
        raw.
    intercept : float
        The bias (편향), in logits.
    inputs : Inputs
        What is made of the features first.
    threshold : float
        The probability from which on a candidate is called a pulsar, in [0, 1], or
        `NOTHING_REACHES` to call none.
    """

    coef: NDArray[np.float64]
    intercept: float
    inputs: Inputs
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Freeze the weights; refuse what no model can be."""
        object.__setattr__(
            self, "coef", check_vector("coef", self.coef, length=self.inputs.n_outputs)
        )
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
            Features as they are in the file, finite.

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
        """Split each row's logit into its inputs' parts: their sum plus `intercept` is the logit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs), float64
            In logits; positive speaks for a pulsar. `Inputs.names` names the columns.
        """
        return self.inputs.transform(X) * self.coef

    def feature_contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Split each row's logit into its features' parts: their sum plus `intercept` is the logit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64
            In logits. The part of a product goes half to each of its two features, that of a
            square whole to its one.

        Notes
        -----
        A product belongs to two features at once, and halves are one convention among several.
        They are the Shapley values of a game in which a feature that is absent makes every input
        with it 0, its mean (Lundberg and Lee, 2017, "A Unified Approach to Interpreting Model
        Predictions", section 2). Without products there is nothing to share: these are the
        `contributions`.
        """
        return self.inputs.share_out(self.contributions(X))

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
            "inputs": self.inputs.to_dict(),
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Perceptron:
        """Restore a model from what `to_dict` gave, now or when models only knew a scale.

        Parameters
        ----------
        record : mapping
            The four entries of `to_dict`, or, in format 1, `mean` and `std` in place of `inputs`;
            others are not looked at.

        Raises
        ------
        ValueError
            When an entry is missing, or is not what its attribute can be.
        """
        first_format = "inputs" not in record and "mean" in record
        names = ("coef", "intercept", *(("mean", "std") if first_format else ("inputs",)))
        missing = [name for name in (*names, "threshold") if name not in record]
        if missing:
            raise ValueError(
                f"the model has no {', '.join(missing)}; it needs {', '.join(names)}, threshold"
            )
        inputs = (
            Inputs.of(Scale(record["mean"], record["std"]))
            if first_format
            else Inputs.from_dict(record["inputs"])
        )
        return cls(record["coef"], record["intercept"], inputs, record["threshold"])


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
