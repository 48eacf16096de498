"""Trainings of HTRU2 as `pulsar train` does them, in memory and by their seed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.steps import arrays, fit, parts_of, read, validate
from pulsars.learning.learnt import fitted_parts
from schemas.parameters import TrainingParameters
from slp.measures.metrics import measure
from slp.perceptron import Perceptron


@dataclass(frozen=True, eq=False)
class Run:
    """A model and the rows that it was made with.

    Attributes
    ----------
    asked : TrainingParameters
    X, y : ndarray of shape (n_rows, 8) and (n_rows,)
        All rows.
    parts : dict of str to ndarray
        Row numbers of ``train``, ``validation`` and ``test``.
    model : Perceptron
    trained_prevalence : float
        Share of pulsars among the rows trained on, repeats among them.
    """

    asked: TrainingParameters
    X: np.ndarray
    y: np.ndarray
    parts: dict[str, np.ndarray]
    model: Perceptron
    trained_prevalence: float

    @property
    def fitted(self) -> dict[str, np.ndarray]:
        """The parts as the model was fitted by them."""
        return fitted_parts(self.parts, self.asked)

    @property
    def truth(self) -> np.ndarray:
        """Labels of the test part."""
        labels: np.ndarray = self.y[self.parts["test"]]
        return labels

    @property
    def probability(self) -> np.ndarray:
        """What the model says of the test part."""
        return self.model.predict_proba(self.X[self.parts["test"]])

    @property
    def uncorrected(self) -> np.ndarray:
        """The same without the shift back to the true mix."""
        prior = {"trained": self.y[self.fitted["train"]].mean(), "true": self.trained_prevalence}
        return self.model.with_prior(**prior).predict_proba(self.X[self.parts["test"]])

    def measured(self) -> dict[str, float]:
        """Measure it on the test part, at its own threshold."""
        return measure(self.truth, self.probability, threshold=self.model.threshold)


def htru2() -> tuple[np.ndarray, np.ndarray]:
    """Give features and labels of the file in PULSAR_DATA_DIR."""
    return _table("HTRU_2.csv")


def htru1() -> tuple[np.ndarray, np.ndarray]:
    """Give those of a sample of another survey there: 1,100 candidates, 100 pulsars."""
    return _table("other-surveys/HTRU_1_sample.arff")


def few_of_htru2(n_rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw some of HTRU2."""
    X, y = htru2()
    rows = np.random.default_rng(seed).choice(len(y), n_rows, replace=False)
    return X[rows], y[rows]


@cache
def _table(name: str) -> tuple[np.ndarray, np.ndarray]:
    X, y = arrays(validate(read(str(Path(os.environ.get("PULSAR_DATA_DIR", "data")) / name))))
    return X, y.astype(np.int64)


def trained(X: np.ndarray, y: np.ndarray, seed: int, **asked: Any) -> Run:
    """Split, balance and fit as a run with this seed does."""
    parameters = TrainingParameters.model_validate({"data": "x", "seed": seed, **asked})
    parts = parts_of(X, y, parameters)
    fitted, rows = fit(X, y, parts, parameters)
    return Run(parameters, X, y, parts, fitted.model, rows.prevalence)
