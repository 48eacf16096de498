"""What a training asks of all rows costs as much more as there are more of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pulsars.learning.explaining import influence
from pulsars.learning.meaning import budget, calibration
from pulsars.learning.measuring import measure_rows
from pulsars.learning.predicting import Predicted
from pulsars.learning.twins import Twins
from pulsars.report.figures import draw_figures
from pulsars.report.plots import MAX_POINTS, precision_recall_steps
from pulsars.store.learnt import Learnt
from slp.inputs import Inputs
from slp.measures.alone import roc_auc_of_each
from slp.perceptron import Perceptron
from slp.splitting.near import near_identical
from slp.splitting.split import stratified_split
from slp.watching.reference import Reference

N_ROWS = 40_000
MODEL = Perceptron(np.full(8, 0.5), -3.0, Inputs.raw(8))

pytestmark = pytest.mark.slow  # guards of growth, seconds each


def sky(n_rows: int) -> tuple[Any, Any, Any]:
    """Overlapping clouds of eight features, and what `MODEL` says of them."""
    rng = np.random.default_rng(0)
    y = (rng.random(n_rows) < 0.1).astype(np.int64)
    X = rng.normal(size=(n_rows, 8)) + y[:, None]
    return X, y, MODEL.predict_proba(X)


STEPS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "split": lambda X, y, _: stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0),
    "rows alike": lambda X, _y, _s: near_identical(X),
    "proof of no leak": lambda X, _y, _s: Twins.of(X),
    "features alone": lambda X, y, _: roc_auc_of_each(X, y),
    "measures": lambda _, y, score: measure_rows(y, score, threshold=0.5),
    "calibration": lambda _, y, score: calibration(y, score, uncorrected=score),
    "budget": lambda _, y, score: budget(y, score, n_called=100),
    "influence": lambda X, _y, _s: influence(MODEL, X),
    "learnt rows": lambda X, _y, _s: Learnt.of(X),
    "reference": lambda X, y, _: Reference.of(X, y),
    "tally": lambda X, _y, _s: Reference.of(X[:1000]).tally(X),
}


def seconds(step: Callable[[Any, Any, Any], Any], rows: tuple[Any, Any, Any]) -> float:
    took = []
    for _ in range(3):
        started = time.process_time()
        step(*rows)
        took.append(time.process_time() - started)
    return min(took)


@pytest.mark.parametrize("name", STEPS)
def test_four_times_the_rows_take_far_less_than_sixteen_times_as_long(name: str) -> None:
    """As squares would; what shares the core may cost half as much again, and that not evenly."""
    few, many = (seconds(STEPS[name], sky(n_rows)) for n_rows in (N_ROWS, 4 * N_ROWS))
    assert many <= 10 * few + 0.05


def test_the_figures_of_two_hundred_thousand_rows_are_those_of_a_thousand_in_size() -> None:
    sizes = []
    for n_rows in (1000, 200_000):
        X, y, score = sky(n_rows)
        measured = {
            "parts": {"test": measure_rows(y, score, threshold=0.5)},
            "calibration": calibration(y, score, uncorrected=None),
            "budget": budget(y, score, n_called=100),
        }
        epochs = [
            dict.fromkeys(("epoch", "loss", "validation_loss", "precision", "recall", "f1"), at)
            for at in range(1, n_rows // 10)
        ]
        started = time.process_time()
        said = Predicted.of(MODEL, X)
        figures = draw_figures(MODEL, y, said, epochs=epochs, best_epoch=1, measured=measured)
        took = time.process_time() - started
        sizes.append(sum(map(len, figures.values())))
    assert took < 2  # 0.4 s here
    assert sizes[1] < min(4 * sizes[0], 500_000)
    assert len(precision_recall_steps(y, score)[0]) <= MAX_POINTS
