"""Mini-batch gradient descent (미니배치 경사하강법) on the cross-entropy.

The inner loop is written for small batches, where a step costs as much as it has NumPy calls,
whatever their arithmetic. Three substitutions bring a step down to three calls:

- With `half` the halved logit and ``sign = 1 - 2 y``, the slope of the loss over the logit is
  ``p - y = (tanh(half) + sign) / 2``: stable at any size, and no division.
- Rows are stored times ``root = sqrt(learning_rate / (4 batch_size))`` and weights divided by
  ``2 root``. Then ``row @ weights`` is `half`, and the step is plainly
  ``weights - (tanh(half) + sign) @ rows``: learning rate, batch size and halves have cancelled.
- ``sign @ rows`` does not depend on the weights and is taken for the whole epoch at once. With
  it and the weights as two more rows below the batch, a step is one product:
  ``(tanh(half), 1, 1) @ (-rows, -sign @ rows, weights)``.

Halved logits are kept for the whole epoch, so its loss is one vectorised call at the end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from slp.checks import Floats
from slp.perceptron import cross_entropy
from slp.settings import Settings


class Descent:
    """Weights on their way down, with the buffers that a step needs.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32 or float64
        Rows to learn from; copied.
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    weights : ndarray of shape (n_features + 1,)
        Where to start, the bias last.
    settings : Settings
        Only `learning_rate`, `batch_size` and `l2` matter here.
    """

    def __init__(
        self, X: Floats, y: NDArray[np.int64], *, weights: NDArray[np.float64], settings: Settings
    ) -> None:
        self._batch_size = settings.batch_size
        self._root = math.sqrt(settings.learning_rate / (4 * settings.batch_size))
        self._scaled = (weights / (2 * self._root)).astype(X.dtype)
        self._decay = np.ones_like(self._scaled)
        self._decay[:-1] -= settings.learning_rate * settings.l2
        self.turn_to(X, y)

    def turn_to(self, X: Floats, y: NDArray[np.int64]) -> None:
        """Go on with other rows, of as many features and the same precision."""
        self._rows = np.ones((X.shape[0], X.shape[1] + 1), X.dtype)
        self._rows[:, :-1] = X
        self._rows *= self._root
        self._signs = (1 - 2 * y).astype(X.dtype)

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights as they are now, shape (n_features + 1,), the bias last."""
        return self._scaled.astype(np.float64) * (2 * self._root)

    def run_epoch(self, order: NDArray[np.int64]) -> float:
        """Take one step a batch through the rows named by `order`; a last short batch counts.

        Returns
        -------
        float
            Mean loss of these rows, each taken just before its own step.
        """
        rows, signs = self._rows.take(order, axis=0), self._signs.take(order)
        halves = np.empty_like(signs)
        whole = len(order) - len(order) % self._batch_size
        with np.errstate(over="ignore", invalid="ignore"):  # callers ask whether weights are finite
            if whole:  # of a batch beyond all rows there would be room for it alone
                self._take_steps(rows[:whole], signs[:whole], halves[:whole], self._batch_size)
            if whole < len(order):
                self._take_steps(rows[whole:], signs[whole:], halves[whole:], len(order) - whole)
            # A pulsar's loss at a logit is a non-pulsar's at the opposite logit.
            return float(cross_entropy(0, 2 * signs * halves).mean(dtype=np.float64))

    def _take_steps(self, rows: Floats, signs: Floats, halves: Floats, size: int) -> None:
        """Take a step for every `size` rows; leave the halved logits before it in `halves`."""
        batches = rows.reshape(-1, size, rows.shape[1])
        steps = np.empty((len(batches) + 1, size + 2, rows.shape[1]), rows.dtype)
        moves, weights = steps[:-1, :-1], steps[:, -1]
        # `_root` was made for a whole batch: in a short one each row weighs more.
        np.multiply(batches, -self._batch_size / size, moves[:, :-1])
        np.matmul(signs.reshape(-1, 1, size), moves[:, :-1], moves[:, -1:])
        weights[0] = self._scaled
        slope = np.ones(size + 2, rows.dtype)
        tanh, penalised = slope[:-2], self._decay[0] < 1
        for x, half, step, now, after in zip(
            batches, halves.reshape(-1, size), steps[:-1], weights[:-1], weights[1:], strict=True
        ):
            x.dot(now, half)
            np.tanh(half, tanh)
            if penalised:
                np.multiply(now, self._decay, now)
            slope.dot(step, after)  # `now` is the last row of `step`
        self._scaled = weights[-1].copy()
