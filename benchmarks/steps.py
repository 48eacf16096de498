"""The work of `pulsar train` in six plain functions: what every orchestrator here is given.

No Prefect, no cache, no atomic publishing: arrays and models pass from hand to hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from schemas.candidates import Checked, check_candidates
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.reading import Reading, read_candidates
from slp.bootstrap import intervals
from slp.inputs import Inputs
from slp.metrics import measure
from slp.model import Perceptron
from slp.newton import fit_newton
from slp.splitting import stratified_split
from slp.thresholds import choose_threshold, parse_threshold
from tasks import plots
from tasks.files import write_arrays, write_json, write_table, write_text

Parts = dict[str, np.ndarray]


def read(data: str) -> Reading:
    """Read the file."""
    return read_candidates(Path(data))


def validate(reading: Reading) -> Checked:
    """Check every row."""
    return check_candidates(reading)


def arrays(checked: Checked) -> tuple[np.ndarray, np.ndarray]:
    """Give features and labels."""
    table = checked.accepted
    return table[list(FEATURE_NAMES)].to_numpy(), table["label"].to_numpy()


def split(checked: Checked) -> Parts:
    """Split the rows."""
    asked = TrainingParameters(data="x")
    X, y = arrays(checked)
    sizes = {"validation_size": asked.validation_size, "test_size": asked.test_size}
    found = stratified_split(X, y, rng=np.random.default_rng(0), **sizes)
    return {"train": found.train.indices, "validation": found.validation, "test": found.test}


def train(checked: Checked, parts: Parts) -> tuple[Perceptron, list[dict[str, Any]]]:
    """Fit inputs and weights, measure each step, choose the threshold."""
    X, y = arrays(checked)
    rows, held = parts["train"], parts["validation"]
    inputs = Inputs.fit(TrainingParameters(data="x").inputs, X[rows])
    found = fit_newton(inputs.transform(X[rows]), y[rows], l2=1 / len(rows))
    model = Perceptron(found.coef, found.intercept, inputs)
    epochs = []
    for number, weights in enumerate(found.path):
        epoch = Perceptron(weights[:-1], float(weights[-1]), inputs)
        measured = measure(y[held], epoch.predict_proba(X[held]), threshold=0.5)
        names = ("f1", "precision", "recall")
        scores = {name: measured[name] for name in names}
        loss = measured["log_loss"]
        epochs.append({"epoch": number + 1, "loss": loss, "validation_loss": loss, **scores})
    threshold = choose_threshold(y[held], model.predict_proba(X[held]), parse_threshold("f1"))
    return model.with_threshold(threshold), epochs


def evaluate(checked: Checked, parts: Parts, model: Perceptron) -> dict[str, dict[str, float]]:
    """Measure every part with intervals."""
    X, y = arrays(checked)
    rng, score = np.random.default_rng(0), model.predict_proba(X)
    return {
        name: {
            metric: one.value
            for metric, one in intervals(
                y[rows], score[rows], threshold=model.threshold, rng=rng, n_resamples=1000
            ).items()
        }
        for name, rows in parts.items()
    }


def report(
    out: str,
    checked: Checked,
    parts: Parts,
    model: Perceptron,
    epochs: list[dict[str, Any]],
    metrics: dict[str, dict[str, float]],
) -> str:
    """Draw the figures and write the files."""
    folder = Path(out)
    X, y = arrays(checked)
    test = parts["test"]
    scored = (y[test], model.predict_proba(X[test]), model.threshold)
    counts = [int(metrics["test"][name]) for name in ("tn", "fp", "fn", "tp")]
    figures = [
        plots.learning_curve(epochs),
        plots.precision_recall(*scored),
        plots.score_histogram(*scored),
        plots.confusion(*counts),
        plots.weights(model.inputs.names(FEATURE_NAMES), model.coef),
    ]
    write_table(folder / "quarantine.parquet", checked.quarantined)
    write_arrays(folder / "split.npz", parts)
    write_json(folder / "model.json", model.to_dict())
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "quality.json", checked.quality.to_dict())
    write_text(folder / "report.html", "\n".join(figures))
    return str(folder)
