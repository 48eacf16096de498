"""A model applied to rows, once for all who measure, explain or keep what it says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slp import Perceptron, sigmoid


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model says of rows.

    Attributes
    ----------
    logit : ndarray of shape (n_rows,), float64
    probability : ndarray of shape (n_rows,), float64
        Of a pulsar.
    called : ndarray of shape (n_rows,), bool
        Whether the row is called a pulsar: its probability reaches the model's threshold.
    """

    logit: np.ndarray
    probability: np.ndarray
    called: np.ndarray

    @classmethod
    def of(cls, model: Perceptron, X: np.ndarray) -> Predicted:
        """Apply a model to rows of shape (n_rows, 8)."""
        return cls.by(model, model.decision_function(X))

    @classmethod
    def by(cls, model: Perceptron, logit: np.ndarray) -> Predicted:
        """Say what follows from a model's logits, shape (n_rows,)."""
        probability = np.asarray(sigmoid(logit), dtype=np.float64)
        return cls(logit, probability, probability >= model.threshold)

    def __getitem__(self, rows: np.ndarray) -> Predicted:
        """Give what it says of some of them, by their numbers."""
        return Predicted(self.logit[rows], self.probability[rows], self.called[rows])
