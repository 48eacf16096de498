"""What a published run carries so that others can build on it without its candidate file.

`test.npz` lets a fresh process repeat the scores, and another run be compared on the same rows;
`seen.npz` says which candidates had a say in the model; `reference.json` is what new candidates are
held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.store.files import write_arrays, write_json
from pulsars.store.learnt import Learnt
from slp import Reference

if TYPE_CHECKING:
    from pulsars.store.arrays import Rows
    from schemas import FileRef, TrainingJob
    from slp import Perceptron


def keep_evidence(
    job: TrainingJob,
    rows: Rows,
    parts: dict[str, np.ndarray],
    probability: np.ndarray,
    *,
    companion: Perceptron | None,
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
    companion : Perceptron or None
        Its logits of the test rows are kept as well.

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
    if companion:
        measured["companion"] = companion.decision_function(test.X)
    seen = Learnt.of(rows.X[learnt]).to_arrays()
    train = rows[parts["train"]]
    reference = Reference.of(train.X, train.y).to_dict()
    return {
        "test": write_arrays(folder / "test.npz", measured),
        "seen": write_arrays(folder / "seen.npz", seen),
        "reference": write_json(folder / "reference.json", reference),
    }
