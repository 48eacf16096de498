"""Which rows a model learns from, and what the others may not change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pulsars.learning.fitting import Fitted, fit_perceptron
from pulsars.learning.learnt import fitted_parts, learnt_from, split_to_fit
from pulsars.learning.solving import rng_for
from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from slp.choosing.thresholds import choose_threshold
from slp.kinds import parse_threshold
from slp.measures.metrics import measure
from slp.splitting.parts import TrainingPart
from slp.splitting.resampling import resample
from slp.splitting.split import stratified_split

N_ROWS = 600
REFIT = {"threshold": "expected-f1"}
HELD_OUT = {"threshold": "f1"}


def sky() -> tuple[np.ndarray, np.ndarray]:
    """Two overlapping clouds of eight features."""
    y = (np.arange(N_ROWS) % 5 == 0).astype(np.int64)
    return np.random.default_rng(0).normal(size=(N_ROWS, 8)) + y[:, None], y


def parts_of(X: np.ndarray, y: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    found = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=seed)
    return {"train": found.train.indices, "validation": found.validation, "test": found.test}


PARTS = parts_of(*sky())


def fitted(
    X: np.ndarray, y: np.ndarray, parts: dict[str, np.ndarray] = PARTS, **asked: Any
) -> Fitted:
    parameters = TrainingParameters.model_validate({"data": "x", **asked})
    rows = resample(
        split_to_fit(parts, parameters).train,
        y,
        strategy=parameters.oversample,
        rng=rng_for(parameters.seed, "oversample"),
        X=X,
    )
    return fit_perceptron(X, y, parts, rows, parameters, on_epoch=lambda *_: None)


def test_features_too_small_to_scale_are_refused_in_words() -> None:
    X, y = sky()
    with pytest.raises(ParameterError, match="to weights: column 3 lies between"):
        fitted(X * [1, 1, 1, 1e-200, 1, 1, 1, 1], y)


def scrambled(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the sky with features and labels of one part in another order."""
    X, y = sky()
    rows = PARTS[part]
    order = np.random.default_rng(1).permutation(len(rows))
    X[rows], y[rows] = X[rows[order]], y[rows[order[::-1]]]
    return X, y


@pytest.mark.parametrize(
    ("asked", "refits"),
    [
        ({}, True),
        ({"threshold": "expected-f1"}, True),
        ({"threshold": "0.5"}, True),
        ({"threshold": "f1"}, False),
        ({"threshold": "recall:0.9"}, False),
        ({"threshold": "budget:30"}, False),
        ({"solver": "sgd"}, False),
        ({"solver": "sgd", "threshold": "0.5"}, False),
        ({"preset": "book"}, False),
    ],
)
def test_the_validation_part_is_learnt_from_where_it_has_nothing_to_choose(
    asked: Any, refits: Any
) -> None:
    parameters = TrainingParameters.model_validate({"data": "x", **asked})
    parts = fitted_parts(PARTS, parameters)
    both = np.sort(np.concatenate([PARTS["train"], PARTS["validation"]]))
    assert parameters.refits is refits
    assert learnt_from(parameters) == (["train", "validation"] if refits else ["train"])
    assert parts["train"].tolist() == (both if refits else PARTS["train"]).tolist()
    assert ("validation" in parts) is not refits
    assert parts["test"].tolist() == PARTS["test"].tolist()
    assert isinstance(split_to_fit(PARTS, parameters).train, TrainingPart)


@pytest.mark.parametrize("asked", [REFIT, HELD_OUT, {"oversample": "jitter"}, {"solver": "sgd"}])
def test_no_bit_of_a_model_depends_on_the_test_part(asked: Any) -> None:
    one, other = fitted(*sky(), **asked), fitted(*scrambled("test"), **asked)
    assert one.model.to_dict() == other.model.to_dict()
    assert one.epochs == other.epochs


def test_a_refit_learns_from_the_validation_part_and_f1_only_chooses_on_it() -> None:
    one, other = (fitted(*rows, **REFIT).model for rows in (sky(), scrambled("validation")))
    assert one.intercept != other.intercept
    one, other = (fitted(*rows, **HELD_OUT).model for rows in (sky(), scrambled("validation")))
    assert one.coef.tolist() == other.coef.tolist()
    assert one.intercept == other.intercept
    assert one.threshold != other.threshold


def test_a_refit_is_the_model_of_both_parts_as_one() -> None:
    X, y = sky()
    both = np.concatenate([PARTS["train"], PARTS["validation"]])
    alone = {"train": both, "test": PARTS["test"]}
    merged = fitted(X, y, parts=alone, **REFIT)
    assert merged.model.to_dict() == fitted(X, y, **REFIT).model.to_dict()


@pytest.mark.parametrize("oversample", ["none", "cycle"])
def test_the_expected_f1_is_that_of_the_rows_learnt_from_each_once(oversample: str) -> None:
    X, y = sky()
    found = fitted(X, y, oversample=oversample, **REFIT).model
    both = np.sort(np.concatenate([PARTS["train"], PARTS["validation"]]))
    asked = parse_threshold("expected-f1")
    assert found.threshold == choose_threshold(y[both], found.predict_proba(X[both]), asked)


def test_expected_f1_of_a_descent_is_that_of_the_rows_held_out() -> None:
    X, y = sky()
    found = fitted(X, y, solver="sgd", **REFIT).model
    rows = PARTS["validation"]
    asked = parse_threshold("expected-f1")
    assert found.threshold == choose_threshold(y[rows], found.predict_proba(X[rows]), asked)


def test_a_loss_of_rows_learnt_from_is_not_called_a_validation_loss() -> None:
    assert {row["validation_loss"] for row in fitted(*sky(), **REFIT).epochs} == {None}
    assert all(row["validation_loss"] > 0 for row in fitted(*sky(), **HELD_OUT).epochs)


@pytest.mark.parametrize("oversample", ["none", "cycle", "random", "jitter", "undersample"])
def test_probabilities_add_up_to_the_pulsars_however_classes_were_balanced(
    oversample: str, data_dir: Path
) -> None:
    """On the rows learnt from, in their true mix: noise on plain features gives 0.87 of them."""
    text = (data_dir / "HTRU_2.csv").read_text().split()
    table = np.array([line.split(",") for line in text], dtype=np.float64)
    X, y = table[:, :8], table[:, 8].astype(np.int64)
    parts = parts_of(X, y)
    found = fitted(X, y, parts=parts, oversample=oversample).model
    rows = np.concatenate([parts["train"], parts["validation"]])
    assert found.predict_proba(X[rows]).sum() / y[rows].sum() == pytest.approx(1, abs=0.03)


def test_an_epoch_that_was_learnt_from_on_all_rows_counts_the_calls_of_its_own_layer() -> None:
    X, y = sky()
    found, parameters = fitted(X, y, **REFIT), TrainingParameters(data="x", **REFIT)
    own = split_to_fit(PARTS, parameters).train.indices
    last = measure(y[own], found.model.predict_proba(X[own]), threshold=0.5)
    assert found.best_epoch == len(found.epochs)
    for name in ("accuracy", "precision", "recall", "f1"):
        assert found.epochs[-1][name] == last[name]
