"""All that a run says of its model: measured on every part, explained, and proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from pulsars.learning.companion import describe_companion
from pulsars.learning.leak import find_leak
from pulsars.learning.learnt import fitted_parts, learnt_from
from pulsars.learning.meaning import find_meaning
from pulsars.learning.measuring import measure_parts
from pulsars.learning.naming import name_mistakes
from pulsars.learning.notes import row_notes
from pulsars.learning.predicting import Predicted
from pulsars.learning.proofs import Proof
from pulsars.store import Rows
from schemas import TrainingParameters
from slp import Perceptron


def measure_run(  # noqa: PLR0913 - all that a run is measured on
    asked: TrainingParameters,
    layers: tuple[Perceptron, Perceptron | None],
    on: tuple[Rows, pd.DataFrame, dict[str, np.ndarray]],
    predicted: Predicted,
    *,
    prevalence: dict[str, float],
    proofs: Callable[[], list[Proof]],
    notes: Sequence[str] = (),
    on_part: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measure a model, say what it means, and have the run prove itself.

    Parameters
    ----------
    asked : TrainingParameters
        What the model was trained by.
    layers : tuple of Perceptron
        The model, and its companion or None.
    on : tuple
        Rows in memory, what says by line which candidate each is, and the row numbers of parts.
    predicted : Predicted
        What the model says of these rows.
    prevalence : dict of str to float
        Share of pulsars among the rows trained on, repeats among them, and before any repeat: as
        `pulsars.learning.meaning.find_meaning` takes them.
    proofs : callable
        Gives what is proved.
    notes : sequence of str
        What a reader has to know of run and rows, before what the rows themselves tell.
    on_part : callable, optional
        As of `pulsars.learning.measuring.measure_parts`.

    Returns
    -------
    dict
        Plain JSON values: the content of `metrics.json`.
    """
    (model, companion), (known, named, indices) = layers, on
    fitted, test = fitted_parts(indices, asked), indices["test"]
    with ThreadPoolExecutor(2) as aside:  # what sorts all rows goes beside what weighs them
        proved = aside.submit(proofs)
        metrics = measure_parts(
            known.y,
            predicted.probability,
            indices,
            threshold=model.threshold,
            by=predicted.logit,
            on_part=on_part,
        )
        of_rows = aside.submit(row_notes, asked, known, fitted["train"], predicted, metrics)
        found: dict[str, Any] = {
            "threshold": model.threshold,
            "threshold_spec": "0.5" if asked.preset else asked.threshold,
            "learnt_from": learnt_from(asked),
            "parts": metrics,
            **find_meaning(model, known[test], predicted[test], **prevalence),
            "companion": describe_companion(companion, known.X[test], known.y[test]),
            "leak": find_leak(known.X, known.y, fitted, asked),
            "proofs": [asdict(proof) for proof in proved.result()],
            "notes": [*notes, *of_rows.result()],
        }
    return {**found, "mistakes": name_mistakes(found["mistakes"], named.iloc[test])}
