"""Whether the test part of a training is untouched by the sweep that chose its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import TrainingParameters
from slp import measure

if TYPE_CHECKING:
    import numpy as np

    from pulsars.learning.measuring import Metrics

_SPLIT = ("seed", "validation_size", "test_size")


def touched_notes(parameters: TrainingParameters, fingerprint: str) -> list[str]:
    """Say where rows of the test part had, or may have had, a say in the settings.

    Parameters
    ----------
    parameters : TrainingParameters
        What the training was asked for, `chosen_by` among it.
    fingerprint : str
        Of the candidates that it accepted.

    Returns
    -------
    list of str
        A sentence, or none where no sweep chose, or it set the same test part aside.
    """
    chosen_by = parameters.chosen_by
    if chosen_by is None or parameters.preset:  # a preset fixes its settings itself
        return []
    if fingerprint != chosen_by.fingerprint:
        unknown = (
            f"These are not the candidates of sweep {chosen_by.sweep}, which chose these settings. "
            f"Whether the test part holds rows that chose them is unknown; if it does, its numbers "
            f"flatter."
        )
        return [unknown]
    others = [name for name in _SPLIT if getattr(parameters, name) != getattr(chosen_by, name)]
    if not others:
        return []
    asked, had = (
        ", ".join(f"{name} {getattr(each, name)}" for name in others)
        for each in (parameters, chosen_by)
    )
    # With the sweep's seed one test part may be the other, or lie within it.
    holds = "holds" if "seed" in others else "may hold"
    touched = (
        f"The test part {holds} rows that chose these settings in sweep {chosen_by.sweep}: its "
        f"numbers flatter. This run has {asked}, the sweep had {had}; train with the sweep's for "
        f"an untouched test part."
    )
    return [touched]


def true_mix_note(y: np.ndarray, probability: np.ndarray, metrics: Metrics) -> str:
    """Say by how much repeating pulsars before the split flatters a model."""
    true = measure(y, probability, threshold=0.5)
    names = ("accuracy", "precision", "recall", "f1")
    pairs = [f"{n} {metrics['test'][n]['value']:.3f} → {true[n]:.3f}" for n in names]
    return (
        "The leak flatters this run: pulsars were repeated before the split, so test pulsars have "
        f"copies among the training rows. The same weights on the true mix of all {len(y):,} "
        f"candidates: {', '.join(pairs)}."
    )
