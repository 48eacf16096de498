"""The same work as `pulsar train`, without Prefect: what the flow is measured against.

Usage: python benchmarks/plain.py DATA OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from schemas.candidates import check_candidates
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.reading import read_candidates
from slp.bootstrap import intervals
from slp.inputs import Inputs
from slp.metrics import measure
from slp.model import Perceptron
from slp.newton import fit_newton
from slp.resampling import resample
from slp.splitting import stratified_split
from slp.thresholds import choose_threshold, parse_threshold
from tasks import plots
from tasks.files import write_arrays, write_json, write_table, write_text


def main() -> None:
    """Read, validate, split, train, evaluate, draw and write."""
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    asked = TrainingParameters(data=str(data))
    rng = np.random.default_rng(0)

    checked = check_candidates(read_candidates(data), max_quarantine=asked.max_quarantine)
    X = checked.accepted[list(FEATURE_NAMES)].to_numpy()
    y = checked.accepted["label"].to_numpy()
    split = stratified_split(
        X, y, validation_size=asked.validation_size, test_size=asked.test_size, rng=rng
    )
    rows = resample(split.train, y, strategy=asked.oversample, rng=rng).sample_indices
    inputs = Inputs.fit(asked.inputs, X[split.train.indices])
    found = fit_newton(inputs.transform(X[rows]), y[rows], l2=1 / len(rows))
    model = Perceptron(found.coef, found.intercept, inputs)
    held_y, held_X = y[split.validation], X[split.validation]
    threshold = choose_threshold(held_y, model.predict_proba(held_X), parse_threshold("f1"))
    for weights in found.path:
        epoch = Perceptron(weights[:-1], float(weights[-1]), inputs)
        measure(held_y, epoch.predict_proba(held_X), threshold=0.5)
    parts = {"train": split.train.indices, "validation": split.validation, "test": split.test}
    score = model.predict_proba(X)
    metrics = {
        name: {
            metric: found.value
            for metric, found in intervals(
                y[rows], score[rows], threshold=threshold, rng=rng, n_resamples=asked.n_resamples
            ).items()
        }
        for name, rows in parts.items()
    }
    test = (y[split.test], score[split.test], threshold)
    counts = [int(metrics["test"][name]) for name in ("tn", "fp", "fn", "tp")]
    curve = [
        {"epoch": n + 1, "loss": 0.1, "validation_loss": None, "f1": 0.0,
         "precision": 0.0, "recall": 0.0}
        for n in range(found.n_steps)
    ]  # fmt: skip
    figures = [
        plots.learning_curve(curve),
        plots.precision_recall(*test),
        plots.score_histogram(*test),
        plots.confusion(*counts),
        plots.weights(inputs.names(FEATURE_NAMES), model.coef),
    ]
    write_table(out / "quarantine.parquet", checked.quarantined)
    write_arrays(out / "split.npz", parts)
    write_json(out / "model.json", model.to_dict())
    write_json(out / "metrics.json", metrics)
    write_json(out / "quality.json", checked.quality.to_dict())
    write_text(out / "report.html", "\n".join(figures))


if __name__ == "__main__":
    main()
