"""The confusion matrix (혼동 행렬) and the rates that follow from it alone; 0/0 is 0."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels
from slp.scalars import check_number

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Confusion:
    """Counts of a confusion matrix (혼동 행렬): truth first, then call; positive is pulsar.

    Attributes
    ----------
    tn, fp : float
        Non-pulsars left alone, and called pulsars.
    fn, tp : float
        Pulsars missed, and found. Whole numbers, but where part of a row is added to each.
    """

    tn: float
    fp: float
    fn: float
    tp: float


def confusion(y_true: ArrayLike, y_pred: ArrayLike) -> Confusion:
    """Count true against predicted labels.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels, 0 or 1.

    Raises
    ------
    ValueError
        When a label is neither 0 nor 1, there is none, or the lengths differ.
    """
    truth = check_labels(y_true)
    called = check_labels(y_pred, n_samples=len(truth))
    tn, fp, fn, tp = np.bincount(2 * truth + called, minlength=4).tolist()
    return Confusion(tn, fp, fn, tp)


def calls_of(score: Numbers, threshold: float) -> NDArray[np.bool_]:
    """Say which scores reach a threshold; infinity is one, which none reaches.

    Raises
    ------
    ValueError
        When the threshold is no number, of which nothing could be said.
    """
    if threshold not in (math.inf, -math.inf):
        check_number("threshold", threshold)
    reached: NDArray[np.bool_] = score >= threshold
    return reached


def rates(counts: Confusion) -> dict[str, float]:
    """Give the counts and what follows from them alone, `tn` to `balanced_accuracy`.

    Raises
    ------
    ValueError
        When a count is no number, or below 0.
    """
    tn, fp, fn, tp = (check_number("count", count) for count in astuple(counts))
    if min(tn, fp, fn, tp) < 0:
        raise ValueError(f"{counts} has a count below 0")
    recall, specificity = ratio(tp, tp + fn), ratio(tn, tn + fp)
    margins = math.sqrt((tp + fp) * (tp + fn)) * math.sqrt((tn + fp) * (tn + fn))
    return {
        "tn": tn,
        "fp": fp,
        "fn": fn,
        "tp": tp,
        "accuracy": ratio(tp + tn, tp + tn + fp + fn),
        "precision": ratio(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "mcc": max(-1.0, min(1.0, ratio(tp * tn - fp * fn, margins))),  # past which it may round
        "g_mean": math.sqrt(recall * specificity),
        "balanced_accuracy": (recall + specificity) / 2,
    }


def slopes_of(counts: Confusion) -> dict[str, Numbers]:
    """Give how much a row more of each cell changes what `rates` gives.

    Parameters
    ----------
    counts : Confusion
        With at least one row.

    Returns
    -------
    dict of str to ndarray of shape (4,), float64
        By the names of `rates`: the slope of a measure over the weight of a row that is counted in
        tn, fp, fn and tp, as of `slp.measures.influence.Influence`, so that the slopes of all rows
        add up to 0. What stays 0/0 has no slope.
    """
    cells, eye = np.array(astuple(counts), dtype=np.float64), np.eye(4)
    shares = {name: _share_slopes(cells, *parts) for name, parts in _SHARES.items()}
    value = rates(counts)
    recall, specificity = shares["recall"], shares["specificity"]
    product = value["specificity"] * recall + value["recall"] * specificity
    return {
        **{
            name: eye[k] - cells[k] / cells.sum() for k, name in enumerate(("tn", "fp", "fn", "tp"))
        },
        **shares,
        "mcc": _mcc_slopes(cells, value["mcc"]),
        "g_mean": product / (2 * value["g_mean"] or np.inf),
        "balanced_accuracy": (recall + specificity) / 2,
    }


_SHARES = {
    "accuracy": ((1, 0, 0, 1), (1, 1, 1, 1)),
    "precision": ((0, 0, 0, 1), (0, 1, 0, 1)),
    "recall": ((0, 0, 0, 1), (0, 0, 1, 1)),
    "specificity": ((1, 0, 0, 0), (1, 1, 0, 0)),
    "f1": ((0, 0, 0, 2), (0, 1, 1, 2)),
}
"""Which cells count above the line, and which below it."""


def _share_slopes(cells: Numbers, above: tuple[int, ...], below: tuple[int, ...]) -> Numbers:
    top, bottom = np.array(above), np.array(below)
    whole = cells @ bottom
    slopes: Numbers = (top - ratio(cells @ top, whole) * bottom) / (whole or np.inf)
    return slopes


def _mcc_slopes(cells: Numbers, value: float) -> Numbers:
    tn, fp, fn, tp = cells
    margins = np.array([[0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0]])
    sums = margins @ cells
    if not sums.all():
        return np.zeros(4)
    crossed = np.array([tp, -fn, -fp, tn]) / np.sqrt(sums).prod()
    slopes: Numbers = crossed - value / 2 * (1 / sums) @ margins
    return slopes


def ratio(numerator: float, denominator: float) -> float:
    """Divide, with 0 for 0/0."""
    return numerator / (denominator or 1.0)
