"""What a published run carries so that others can build on it without its candidate file.

`test.npz` lets a fresh process repeat the scores, and another run be compared on the same rows;
`seen.npz` says which candidates had a say in the model; `reference.json` is what new candidates are
held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.store.arrays import features_and_labels, part_indices, row_hashes
from pulsars.store.files import read_table, write_arrays, write_json
from slp.watching.reference import Reference

if TYPE_CHECKING:
    from schemas.handles import FileRef
    from schemas.records import Parts, TrainingJob


def keep_evidence(job: TrainingJob, parts: Parts, probability: np.ndarray) -> dict[str, FileRef]:
    """Write the three files.

    Parameters
    ----------
    job : TrainingJob
        Whose run folder receives them.
    parts : Parts
        Of the accepted rows.
    probability : ndarray of shape (n_accepted,)
        By the run's own model.

    Returns
    -------
    dict
        ``test``, ``seen`` and ``reference``: fields of `schemas.records.Evaluated`.
    """
    X, y = features_and_labels(parts.accepted)
    indices = part_indices(parts)
    test = indices["test"]
    learnt = np.concatenate([rows for name, rows in indices.items() if name != "test"])
    rows = {
        "line": read_table(parts.accepted.table)["line"].to_numpy()[test],
        "X": X[test],
        "y": y[test],
        "probability": probability[test],
    }
    folder = job.run_folder
    return {
        "test": write_arrays(folder / "test.npz", rows),
        "seen": write_arrays(folder / "seen.npz", {"hashes": np.sort(row_hashes(X[learnt]))}),
        "reference": write_json(
            folder / "reference.json", Reference.of(X[indices["train"]]).to_dict()
        ),
    }
