"""Which rows a model learns from, and which it is measured on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from schemas import TrainingParameters
from slp import Split


def split_to_fit(parts: Mapping[str, np.ndarray], parameters: TrainingParameters) -> Split:
    """Give the split by which everything that learns is fitted: inputs, weights, what is outside.

    Where no epoch is to be chosen and the threshold asks for no held-out row, the validation part
    has nothing to do, and is learnt from too (`TrainingParameters.refits`): the training part of
    the split that is given then holds both, and its validation part none. Only that training part
    may be resampled. The test part is the same.

    Parameters
    ----------
    parts : mapping of str to ndarray
        Row numbers of ``train``, ``validation`` (may be absent) and ``test``.
    parameters : TrainingParameters
        Solver, rule for the threshold, and preset.
    """
    split = split_of(parts)
    return split.merged() if parameters.refits else split


def split_of(parts: Mapping[str, np.ndarray]) -> Split:
    """Give the split whose parts these are; ``validation`` may be absent."""
    nobody = np.empty(0, dtype=np.int64)
    return Split.from_indices(parts["train"], parts.get("validation", nobody), parts["test"])


def fitted_parts(
    parts: Mapping[str, np.ndarray], parameters: TrainingParameters
) -> dict[str, np.ndarray]:
    """Give the parts of `split_to_fit` that have rows, by name: with a refit there are two."""
    if not parameters.refits:
        return dict(parts)  # of a replay of the book too, whose parts may share rows
    split = split_to_fit(parts, parameters)
    return {"train": split.train.indices, "test": split.test}


def learnt_from(parameters: TrainingParameters) -> list[str]:
    """Name the parts that the weights were fitted to."""
    return ["train", "validation"] if parameters.refits else ["train"]
