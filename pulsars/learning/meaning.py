"""What a run's numbers mean: calibration, projection to rarer pulsars, recall at a budget.

Everything is measured on the test part and given as plain JSON values. What is not defined, such
as the recall of a part without a pulsar, is None; nothing here is ever NaN or infinite.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from pulsars.learning.explaining import influence, mistakes
from pulsars.learning.measuring import plain_interval
from pulsars.learning.predicting import Predicted
from pulsars.store import Rows
from slp import (
    Perceptron,
    brier_parts,
    expected_calibration_error,
    project,
    recall_intervals,
    reliability,
    wilson,
)

PREVALENCES = (0.01, 0.001, 0.0001)
"""Shares of pulsars that a survey may have."""

N_BUDGETS = 60


def find_meaning(
    model: Perceptron,
    test: Rows,
    predicted: Predicted,
    *,
    trained_prevalence: float,
    true_prevalence: float,
) -> dict[str, Any]:
    """Say what the model's numbers mean, on rows that had no say in it.

    Parameters
    ----------
    model : Perceptron
    test : Rows
        At least one row.
    predicted : Predicted
        What the model says of them.
    trained_prevalence, true_prevalence : float
        Share of pulsars among the rows trained on, and in the training part before any of them
        was repeated; in (0, 1).

    Returns
    -------
    dict
        ``calibration``, ``projection``, ``budget``, ``mistakes`` and ``influence``.
    """
    resampled = trained_prevalence != true_prevalence
    prior = {"trained": true_prevalence, "true": trained_prevalence}
    before = model.with_prior(**prior).predict_proba(test.X) if resampled else None
    score, called = predicted.probability, predicted.called
    return {
        "calibration": calibration(test.y, score, uncorrected=before),
        "projection": projection(test.y, called),
        "budget": budget(test.y, predicted.logit, n_called=int(called.sum())),
        "mistakes": mistakes(model, test, predicted),
        "influence": influence(model, test.X),
    }


def calibration(
    y: np.ndarray, score: np.ndarray, *, uncorrected: np.ndarray | None
) -> dict[str, Any]:
    """Compare probabilities with what came true, in ten bins of equal width.

    Parameters
    ----------
    y, score : ndarray of shape (n_rows,)
        Label and probability.
    uncorrected : ndarray of shape (n_rows,) or None
        By the model before its intercept was moved back to the true mix, where it was moved.

    Returns
    -------
    dict
        ``bins``; ``ece``, the expected calibration error; ``brier``, the score and its parts;
        ``brier_uncorrected``, the score of `uncorrected` or None.
    """
    before = None if uncorrected is None else float(np.mean((uncorrected - y) ** 2))
    bins = reliability(y, score)
    parts = brier_parts(y, score)
    return {
        "bins": [asdict(one) for one in bins],
        "ece": expected_calibration_error(bins),
        "brier": {"score": parts.brier, **asdict(parts)},
        "brier_uncorrected": before,
    }


def projection(y: np.ndarray, called: np.ndarray) -> dict[str, Any] | None:
    """Carry recall and false-alarm rate over to surveys with fewer pulsars.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        1 for pulsar.
    called : ndarray of shape (n_rows,), bool
        Whether the row is called a pulsar.

    Returns
    -------
    dict or None
        ``recall`` and ``false_alarm_rate`` with Wilson intervals, which a count of zero does not
        shrink to a point, and ``surveys``: the part's own prevalence first, then `PREVALENCES`.
        None when a class is missing.
    """
    n_pulsars, n_others = int((y == 1).sum()), int((y == 0).sum())
    if not n_pulsars or not n_others:
        return None
    recall = wilson(int(called[y == 1].sum()), n_pulsars)
    alarms = wilson(int(called[y == 0].sum()), n_others)
    surveys = [
        project(recall, alarms, prevalence=prevalence)
        for prevalence in (n_pulsars / len(y), *PREVALENCES)
    ]
    return {
        "recall": plain_interval(recall),
        "false_alarm_rate": plain_interval(alarms),
        "surveys": [
            {
                "prevalence": survey.prevalence,
                "precision": plain_interval(survey.precision),
                "false_alarms": plain_interval(survey.false_alarms),
                "called": plain_interval(survey.called),
            }
            for survey in surveys
        ],
    }


def budget(y: np.ndarray, score: np.ndarray, *, n_called: int) -> dict[str, Any] | None:
    """Give the share of the pulsars that the N highest-ranked candidates hold.

    Parameters
    ----------
    y, score : ndarray of shape (n_rows,)
        Label, and what the candidates are ranked by: the logit.
    n_called : int
        How many the threshold calls, in [0, n_rows].

    Returns
    -------
    dict or None
        ``n_rows``, ``n_pulsars``; ``called`` and ``round``, points ``{"n", "recall", "low",
        "high"}`` with the ends of the recall's interval, at the threshold and at round numbers;
        ``points``, about 60 of them from 1 to all rows, evenly on a logarithmic axis. None
        without a pulsar.
    """
    n_rows = len(y)
    if not y.any():
        return None
    spread = np.unique(np.geomspace(1, n_rows, N_BUDGETS).round().astype(int))
    tens = [digit * 10**power for power in range(1, 12) for digit in (1, 3)]

    numbers = [n_called, *(n for n in tens if n < n_rows), *spread]
    points = [
        {"n": int(n), "recall": r.value, "low": r.low, "high": r.high}
        for n, r in zip(numbers, recall_intervals(y, score, numbers), strict=True)
    ]
    return {
        "n_rows": n_rows,
        "n_pulsars": int(y.sum()),
        "called": points[0],
        "round": points[1 : -len(spread)],
        "points": points[-len(spread) :],
    }
