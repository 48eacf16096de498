"""What a published run carries so that others can build on it without its candidate file.

`test.npz` lets a fresh process repeat the scores, and another run be compared on the same rows;
`seen.npz` says which candidates had a say in the model; `reference.json` is what new candidates are
held against.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pulsars.store.arrays import Rows, load_companion, load_model
from pulsars.store.files import write_arrays, write_json
from pulsars.store.learnt import Learnt
from schemas import FileRef, Trained, TrainingJob
from slp import Inputs, Reference


def keep_evidence(
    job: TrainingJob,
    rows: Rows,
    parts: dict[str, np.ndarray],
    probability: np.ndarray,
    trained: Trained,
    named: pd.DataFrame,
) -> dict[str, FileRef]:
    """Write the three files.

    Parameters
    ----------
    job : TrainingJob
        Whose run folder receives them.
    rows : Rows
        All that were accepted.
    parts : dict of str to ndarray
        Row numbers of each part, as the model was fitted by them: what is outside is held against
        ``train``, and all but ``test`` had a say.
    probability : ndarray of shape (n_accepted,)
        By the run's own model.
    trained : Trained
        The run's own model, whose range is that of all rows learnt from, of which `rows` may be a
        part; its companion's logits of the test rows are kept as well. Where it names the second
        file, that is written already.
    named : DataFrame of n_accepted rows
        What says which candidate each is. Of several files, its ``file`` is kept, too: it has none
        where ``--keep`` is ``none``.

    Returns
    -------
    dict
        ``test``, ``seen`` and ``reference``: fields of `schemas.records.Evaluated`.
    """
    folder, test = job.run_folder, rows[parts["test"]]
    learnt = np.concatenate([numbers for name, numbers in parts.items() if name != "test"])
    measured = {
        "line": test.line,
        "X": test.X,
        "y": test.y,
        "probability": probability[parts["test"]],
    }
    if job.source.members and "file" in named:
        file = named["file"].to_numpy()[parts["test"]].astype(str)
        measured["in_file"] = np.char.encode(file, "utf-8")
    companion = load_companion(trained.model)
    if companion:
        measured["companion"] = companion.decision_function(test.X)
    seen = trained.seen or write_arrays(folder / "seen.npz", Learnt.of(rows.X[learnt]).to_arrays())
    train = rows[parts["train"]]
    reference = _widened(Reference.of(train.X, train.y), load_model(trained.model).inputs)
    return {
        "test": write_arrays(folder / "test.npz", measured),
        "seen": seen,
        "reference": write_json(folder / "reference.json", reference.to_dict()),
    }


def _widened(reference: Reference, inputs: Inputs) -> Reference:
    if inputs.low is None or inputs.high is None:
        return reference
    low, high = np.minimum(reference.low, inputs.low), np.maximum(reference.high, inputs.high)
    return replace(reference, low=low, high=high)
