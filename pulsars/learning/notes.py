"""What a reader of a run's numbers has to know beside them."""

from __future__ import annotations

import numpy as np

from pulsars.learning.measuring import Metrics
from pulsars.learning.predicting import Predicted
from pulsars.store import Rows
from schemas import FEATURE_NAMES, TrainingParameters
from slp import count_repeats, measure, tells_the_label

_MANY = 0.01
"""Share of rows that repeat others from which on their number is a note."""

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


def row_notes(
    parameters: TrainingParameters,
    rows: Rows,
    learnt: np.ndarray,
    predicted: Predicted,
    metrics: Metrics,
) -> list[str]:
    """Say what a preset leaves unsaid of its mix; of others, whether a feature tells the label."""
    if parameters.preset == "book-balanced":
        return [true_mix_note(rows.y, predicted.probability, metrics)]
    return [] if parameters.preset else leak_notes(rows.X, rows.y, learnt)


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


def leak_notes(X: np.ndarray, y: np.ndarray, train: np.ndarray) -> list[str]:
    """Say where a feature may hold the label, and where rows are there more than once.

    Parameters
    ----------
    X, y : ndarray of shape (n_rows, 8) and (n_rows,)
        All rows.
    train : ndarray of shape (n_training,)
        Which of them teach: only they are asked about the label.

    Returns
    -------
    list of str
        One where a feature alone ranks the training part's pulsars almost perfectly, and one where
        a hundredth of the rows or more repeat another to five digits.
    """
    notes, told = [], tells_the_label(X[train], y[train])
    if told:
        each = ", ".join(f"{FEATURE_NAMES[at]} {area:.4f}" for at, area in told.items())
        notes.append(
            f"One feature alone ranks the pulsars of the training part almost perfectly (ROC AUC: "
            f"{each}). No known survey has such a feature: it may have been made from the label, "
            f"and then every number here flatters. Look where it comes from, or leave it out."
        )
    n_again = count_repeats(X)
    if n_again >= _MANY * len(X):
        notes.append(
            f"{n_again:,} of the {len(X):,} rows repeat another one to five digits. Each is in the "
            f"part of the one that it repeats, so that none is tested that was learnt; but it "
            f"counts as a candidate of its own, and intervals are too narrow. Leave repeats out."
        )
    return notes
