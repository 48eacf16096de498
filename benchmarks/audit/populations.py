"""Populations of scored candidates whose every measure is known, for they can be counted out.

Each is a table of a million candidates. A sample is drawn from it with replacement, so that what
the table measures is the truth, to the last digit, and the number of pulsars varies as it would.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from slp.choosing.thresholds import choose_threshold
from slp.inputs import Inputs
from slp.kinds import ThresholdSpec
from slp.measures.budget import recall_at_budget
from slp.measures.metrics import measure
from slp.perceptron import sigmoid
from slp.splitting.folds import stratified_folds
from slp.training.newton import fit_newton

N_ROWS = 1_000_000
N_POPULATIONS = 5

Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""From labels, draw a score for each row, and give its log likelihood ratio."""


@dataclass(frozen=True, eq=False)
class Population:
    """Candidates with labels and probabilities, and the truth about them.

    Attributes
    ----------
    name : str
        Which kind.
    y, probability : ndarray of shape (n_rows,)
        The table.
    threshold : float
        With the best F1 over all of it; a sample has no say in it.
    truth : dict of str to float
        Its measures.
    curve : ndarray of shape (n_rows,)
        Share of its pulsars among the k + 1 likeliest rows.
    """

    name: str
    y: np.ndarray
    probability: np.ndarray
    threshold: float
    truth: dict[str, float]
    curve: np.ndarray

    @classmethod
    def of(cls, name: str, y: np.ndarray, probability: np.ndarray) -> Population:
        """Measure a table."""
        threshold = choose_threshold(y, probability, ThresholdSpec("f1"))
        truth = measure(y, probability, threshold=threshold)
        curve = recall_at_budget(y, probability, np.arange(1, len(y) + 1))
        return cls(name, y, probability, threshold, truth, curve)

    def size_for(self, n_pulsars: int) -> int:
        """How many rows hold so many pulsars on average."""
        return round(n_pulsars / float(self.y.mean()))

    def draw(self, n_rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and probabilities of a sample."""
        rows = rng.integers(len(self.y), size=n_rows)
        return self.y[rows], self.probability[rows]


@cache
def populations(n_rows: int = N_ROWS) -> tuple[Population, ...]:
    """Make all five, the same each time; the last is of HTRU2 where PULSAR_DATA_DIR has it.

    Of the made ones each probability is right (Bayes' rule on known densities). `normal` is what
    textbooks draw; of `buried` one pulsar in eight looks like noise; `capped` has tails so heavy
    that no candidate is sure; `weak` hardly tells its many pulsars from the rest; and `rounded`,
    in place of HTRU2, has probabilities of two digits, so many ties, and none that is sure.
    """
    rng = np.random.default_rng(11)
    made = [
        _made("normal", 0.092, _normal(3.2), n_rows, rng),
        _made("buried", 0.092, _buried, n_rows, rng),
        _made("capped", 0.03, _capped, n_rows, rng),
        _made("weak", 0.3, _normal(1.7), n_rows, rng),
    ]
    path = Path(os.environ.get("PULSAR_DATA_DIR", "data")) / "HTRU_2.csv"
    if path.exists():
        return (*made, _htru2(path, n_rows, rng))
    plain = made[0]
    rounded = np.clip(np.round(plain.probability, 2), 0.01, 0.99)
    return (*made, Population.of("rounded", plain.y, rounded))


def _made(name: str, share: float, draw: Draw, n_rows: int, rng: np.random.Generator) -> Population:
    y = (np.arange(n_rows) < round(share * n_rows)).astype(np.int64)
    prior = np.log(share / (1 - share))
    return Population.of(name, y, sigmoid(prior + draw(y, rng)))


def _normal(distance: float) -> Draw:
    def draw(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        score = rng.normal(distance * y, 1.0)
        return distance * score - distance**2 / 2

    return draw


def _buried(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    hidden, near, far = 0.12, 0.3, 4.2
    means = np.where(rng.random(len(y)) < hidden, near, far) * y
    score = rng.normal(means, 1.0)
    logits: np.ndarray = np.logaddexp(
        np.log(hidden) + near * score - near**2 / 2, np.log(1 - hidden) + far * score - far**2 / 2
    )
    return logits


def _capped(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    distance = 6.0
    score = rng.logistic(distance * y, 1.0)
    return distance + 2 * (np.logaddexp(0, -score) - np.logaddexp(0, distance - score))


def _htru2(path: Path, n_rows: int, rng: np.random.Generator) -> Population:
    """Smooth what models of four folds say of the fifth: logits with a little noise."""
    rows = np.loadtxt(path, delimiter=",")
    X, y = rows[:, :8], rows[:, 8].astype(np.int64)
    fold = stratified_folds(X, y, n_folds=5, rng=rng)
    logits = np.empty(len(y))
    for held in (fold == k for k in range(5)):
        inputs = Inputs.fit("yeo-johnson-quadratic", X[~held])
        model = fit_newton(inputs.transform(X[~held]), y[~held], l2=1e-4)
        logits[held] = inputs.transform(X[held]) @ model.coef + model.intercept
    drawn = rng.integers(len(y), size=n_rows)
    return Population.of("HTRU2", y[drawn], sigmoid(logits[drawn] + rng.normal(0, 0.3, n_rows)))
