"""The work of `pulsar train` in six plain functions: what every orchestrator here is given.

They end with the same model, numbers, learning curve and figures, bit for bit
(`benchmarks/command.py` proves it), and with a page and a card of the same templates.
What is left out is what only a pipeline needs: Prefect, handles and hashes between steps, proofs,
the cache, atomic publishing and the champion gate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pulsars.learning.companion import describe_companion, fit_companion
from pulsars.learning.fitting import Fitted, fit_perceptron
from pulsars.learning.leak import find_leak
from pulsars.learning.learnt import fitted_parts, learnt_from, split_to_fit
from pulsars.learning.meaning import find_meaning
from pulsars.learning.measuring import measure_parts
from pulsars.learning.naming import name_mistakes
from pulsars.learning.predicting import Predicted
from pulsars.learning.solving import rng_for
from pulsars.reading.judging.in_memory import Checked, check_candidates
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from pulsars.report.faces import draw_features, draw_mistakes
from pulsars.report.figures import draw_figures, model_facts, threshold_rows
from pulsars.report.training_page import Facts, model_card, render_page
from pulsars.store import package_versions
from pulsars.store.arrays import Rows
from pulsars.store.epochs import write_epoch_rows
from pulsars.store.files import write_arrays, write_json, write_table, write_text
from pulsars.store.learnt import Learnt
from pulsars.store.runs import MEANING
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from slp.perceptron import Perceptron
from slp.splitting.resampling import Resampled, resample
from slp.splitting.split import stratified_split
from slp.watching.reference import Reference

Parts = dict[str, np.ndarray]
Epochs = list[dict[str, Any]]
ASKED = TrainingParameters(data="x")


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
    return parts_of(*arrays(checked), ASKED)


def parts_of(X: np.ndarray, y: np.ndarray, asked: TrainingParameters) -> Parts:
    """Split rows as a run that is asked for so does."""
    sizes = {"validation_size": asked.validation_size, "test_size": asked.test_size}
    found = stratified_split(X, y, seed=asked.seed, **sizes)
    return {"train": found.train.indices, "validation": found.validation, "test": found.test}


def train(checked: Checked, parts: Parts) -> tuple[Perceptron, Epochs]:
    """Fit inputs and weights, measure each step, choose the threshold."""
    fitted, _ = fit(*arrays(checked), parts, ASKED)
    return fitted.model, fitted.epochs


def fit(
    X: np.ndarray, y: np.ndarray, parts: Parts, asked: TrainingParameters
) -> tuple[Fitted, Resampled]:
    """Balance the rows to learn from and fit a model to them."""
    rows = resample(
        split_to_fit(parts, asked).train,
        y,
        strategy=asked.oversample,
        rng=rng_for(asked.seed, "oversample"),
        X=X,
    )
    return fit_perceptron(X, y, parts, rows, asked, on_epoch=lambda *_: None), rows


def companion_of(checked: Checked, parts: Parts) -> Perceptron | None:
    """Fit what ranks where the model must not."""
    X, y = arrays(checked)
    both = np.concatenate([parts["train"], parts["validation"]])
    return fit_companion(X[both], y[both])


def evaluate(checked: Checked, parts: Parts, model: Perceptron) -> dict[str, Any]:
    """Measure every part with intervals, and say what the numbers mean."""
    X, y = arrays(checked)
    fitted = fitted_parts(parts, ASKED)
    test, prevalence = parts["test"], float(y[fitted["train"]].mean())
    lines = checked.accepted["line"].to_numpy()
    predicted, companion = Predicted.of(model, X), companion_of(checked, parts)
    found = {
        "threshold": model.threshold,
        "parts": measure_parts(
            y,
            predicted.probability,
            parts,
            threshold=model.threshold,
            by=predicted.logit,
        ),
        **find_meaning(
            model,
            Rows(X, y, lines)[test],
            predicted[test],
            trained_prevalence=prevalence,
            true_prevalence=prevalence,
        ),
        "companion": describe_companion(companion, X[test], y[test]),
        "leak": find_leak(X, y, fitted, ASKED),
    }
    named = checked.accepted.set_index("line").drop(columns=["label", *FEATURE_NAMES])
    found["mistakes"] = name_mistakes(found["mistakes"], named)
    return found


def report(
    out: str,
    checked: Checked,
    parts: Parts,
    model: Perceptron,
    epochs: Epochs,
    metrics: dict[str, Any],
) -> str:
    """Draw the figures and write the files."""
    folder = Path(out)
    X, y = arrays(checked)
    test = parts["test"]
    found = Predicted.of(model, X[test])
    learnt = fitted_parts(parts, ASKED)["train"]
    reference = Reference.of(X[learnt], y[learnt])
    drawn = {
        "figures": draw_figures(
            model, y[test], found, epochs=epochs, best_epoch=len(epochs), measured=metrics
        ),
        "features": draw_features(reference),
        "faces": draw_mistakes(metrics["mistakes"], reference),
        "thresholds": threshold_rows(y[test], found.probability, model.threshold),
    }
    facts = _facts(checked, parts, model, epochs, metrics, drawn)
    evidence = {"X": X[test], "y": y[test], "probability": found.probability}
    write_table(folder / "quarantine.parquet", checked.quarantined)
    write_arrays(folder / "split.npz", parts)
    write_arrays(folder / "test.npz", evidence)
    write_arrays(folder / "seen.npz", Learnt.of(X[learnt]).to_arrays())
    write_json(folder / "reference.json", reference.to_dict())
    companion = companion_of(checked, parts)
    layers = {"perceptron": model.to_dict(), "companion": companion and companion.to_dict()}
    write_json(folder / "model.json", layers)
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "quality.json", checked.quality.to_dict())
    write_text(folder / "epochs.csv", write_epoch_rows(epochs))
    write_text(folder / "report.html", render_page(facts))
    write_text(folder / "model_card.md", model_card(facts))
    return str(folder)


def _facts(
    checked: Checked,
    parts: Parts,
    model: Perceptron,
    epochs: Epochs,
    metrics: dict[str, Any],
    drawn: dict[str, Any],
) -> Facts:
    quality = checked.quality
    return Facts(
        run_id="plain",
        simulated=bool(quality.dialect["simulated"]),
        source={
            "origin": quality.name,
            "name": Path(quality.name).name,
            "sha256": "0" * 64,
            "fingerprint": quality.fingerprint,
        },
        parameters=ASKED.model_dump(mode="json", exclude={"out", "data"}),
        preset=None,
        seed=ASKED.seed,
        code_version="plain",
        rows={**quality.rows, **{name: len(rows) for name, rows in parts.items()}},
        metrics=metrics["parts"],
        epochs=epochs,
        best_epoch=len(epochs),
        meaning={name: metrics[name] for name in MEANING},
        model=model_facts(model),
        threshold_spec=ASKED.threshold,
        learnt_from=learnt_from(ASKED),
        quality=quality.to_dict(),
        proofs=[],
        notes=[],
        companion=metrics["companion"],
        request="0" * 64,
        packages=package_versions(),
        **drawn,
    )
