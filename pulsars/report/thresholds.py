"""What other thresholds than the one in use would give."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TRIED = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
"""Probabilities from which on a candidate would be called."""


def threshold_rows(
    y: NDArray[np.int64], score: NDArray[np.float64], in_use: float
) -> list[dict[str, Any]]:
    """Measure calls at some thresholds, and at the one in use.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 1 pulsar, 0 not.
    score : ndarray of shape (n_samples,)
        Probability of pulsar, in [0, 1].
    in_use : float
        The threshold of the model.

    Returns
    -------
    list of dict
        By rising ``threshold``: ``recall`` (None without a pulsar), ``precision`` (None where
        nothing is called), ``flagged``, the share that is called, ``n_flagged``, and ``in_use``.
    """
    rows = []
    for threshold in sorted({*TRIED, in_use}):
        called = score >= threshold
        found, n_flagged = int(y[called].sum()), int(called.sum())
        rows.append(
            {
                "threshold": threshold,
                "recall": found / int(y.sum()) if y.any() else None,
                "precision": found / n_flagged if n_flagged else None,
                "flagged": n_flagged / max(len(y), 1),
                "n_flagged": n_flagged,
                "in_use": threshold == in_use,
            }
        )
    return rows
