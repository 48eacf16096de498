"""A run is measured, explained and proved from arrays alone: no file, no handle and no Prefect."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from pulsars.learning.evaluating import measure_run
from pulsars.learning.measuring import measure_parts
from pulsars.learning.predicting import Predicted
from pulsars.learning.proofs import Proof
from pulsars.store.arrays import Rows
from pulsars.store.runs import MEANING
from schemas.parameters import TrainingParameters
from slp.inputs import Inputs
from slp.perceptron import Perceptron
from slp.training.newton import fit_newton


def test_what_is_measured_by_hand_is_what_a_run_says_of_itself() -> None:
    rng = np.random.default_rng(3)
    y = (rng.random(600) < 0.2).astype(np.int8)
    X = rng.normal(size=(600, 8)) + 0.2 * y[:, None] * np.arange(8)
    train, validation, test = np.split(rng.permutation(600), [360, 480])
    indices = {"train": train, "validation": validation, "test": test}
    inputs = Inputs.fit("standard", X[train])
    fitted = fit_newton(inputs.transform(X[train]), y[train], l2=1e-3)
    model = Perceptron(fitted.coef, fitted.intercept, inputs, 0.5)
    predicted = Predicted.of(model, X)
    named = pd.DataFrame({"name": [f"beam {row}" for row in range(600)]})
    heard: list[tuple[int, int]] = []
    found = measure_run(
        TrainingParameters(data="x", threshold="0.5", solver="sgd"),
        (model, None),
        (Rows(X, y, np.arange(600) + 2), named, indices),
        predicted,
        prevalence={"trained_prevalence": 0.2, "true_prevalence": 0.2},
        proofs=lambda: [Proof("every row is in one part", True, "said")],  # noqa: FBT003
        notes=["said first"],
        on_part=lambda done, of: heard.append((done, of)),
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    by_hand = measure_parts(y, predicted.probability, indices, threshold=0.5, by=predicted.logit)
    assert found["parts"] == by_hand
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert set(MEANING) <= set(found)
    assert found["proofs"] == [{"name": "every row is in one part", "holds": True, "text": "said"}]
    assert found["notes"][0] == "said first"
    worst = found["mistakes"]["missed"][0]
    row = worst["line"] - 2
    assert row in test
    assert worst["carried"] == {"name": f"beam {row}"}
