"""Every measure of weighted rows, pair by pair: what slopes are held against."""

from __future__ import annotations

import numpy as np

from slp.measures.confusion import Confusion, rates


def measure_weighted(
    y: np.ndarray, score: np.ndarray, weight: np.ndarray, threshold: float
) -> dict[str, float]:
    called = score >= threshold
    cells = [weight[(y == label) & (called == call)].sum() for label in (0, 1) for call in (0, 1)]
    pulsar, other = weight * (y == 1), weight * (y == 0)
    reach = score[None, :] >= score[:, None]  # whether the second scores as high as the first
    beats = (np.sign(score[:, None] - score) + 1) / 2
    loss = -np.log(np.maximum(np.where(y == 1, score, 1 - score), np.finfo(float).eps))
    return {
        **rates(Confusion(*cells)),
        "roc_auc": pulsar @ beats @ other / (pulsar.sum() * other.sum()),
        "average_precision": pulsar @ ((reach @ pulsar) / (reach @ weight)) / pulsar.sum(),
        "brier": np.average((score - y) ** 2, weights=weight),
        "log_loss": np.average(loss, weights=weight),
    }


def slopes_by_hand(y: np.ndarray, score: np.ndarray, threshold: float) -> dict[str, np.ndarray]:
    """Weigh one row after the other a little more and a little less."""
    step = 1e-6
    moved = [
        [measure_weighted(y, score, 1 + sign * step * one, threshold) for sign in (1, -1)]
        for one in np.eye(len(y))
    ]
    return {
        name: np.array([(up[name] - down[name]) / (2 * step) for up, down in moved])
        for name in moved[0][0]
    }
