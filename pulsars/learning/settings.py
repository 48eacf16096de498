"""A setting of a sweep as it rests in files, as a person reads it, and as a training takes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from schemas import ChosenBy, SweepParameters, TrainingParameters
from slp import MEASURES, Grid, Swept

_COLUMNS = ("inputs", "oversample", "solver", "batch_size", "learning_rate", "l2", "n_epochs")
_HOW_TO_READ = ("columns", "drop", "max_quarantine")


def setting_row(swept: Swept) -> dict[str, Any]:
    """Give a setting and its scores as plain JSON values."""
    return {
        **asdict(swept.setting),
        "mean": {name: swept.mean(name) for name in MEASURES},
        "spread": {name: swept.spread(name) for name in MEASURES},
        "folds": fold_scores(swept),
    }


def settings_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Spell settings as CSV, a line each; what a setting does not have is empty."""
    text = io.StringIO()
    scores = [(name, kind) for name in MEASURES for kind in ("mean", "spread")]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS, *(f"{name}_{kind}" for name, kind in scores)])
    for row in rows:
        writer.writerow(
            [row[name] for name in _COLUMNS] + [row[kind][name] for name, kind in scores]
        )
    return text.getvalue()


def parameters_to_train_with(
    row: Mapping[str, Any], parameters: SweepParameters, chosen_by: ChosenBy
) -> dict[str, Any]:
    """Give what `pulsar train --parameters` needs to train by a setting on the same split.

    Parameters
    ----------
    row : mapping
        As of `setting_row`.
    parameters : SweepParameters
        What the sweep was asked for; what it leaves at its default is left out where it says
        nothing about training.
    chosen_by : ChosenBy
        Which sweep it was, so that a training on another split can say that its test part is not
        untouched.

    Returns
    -------
    dict
        Some of the keys of `schemas.parameters.TrainingParameters`, JSON values.
    """
    stored = parameters.model_dump(mode="json")
    defaults = TrainingParameters.model_fields
    changed = [n for n in _HOW_TO_READ if getattr(parameters, n) != defaults[n].default]
    kept = ["seed", "validation_size", "test_size", *changed]
    chosen = ["oversample", "inputs", "solver", "l2"]
    found = {name: stored[name] for name in kept} | {name: row[name] for name in chosen}
    if row["solver"] == "sgd":
        found |= {name: row[name] for name in ("learning_rate", "batch_size", "n_epochs")}
        found["patience"] = None  # the sweep trained every setting to its last epoch
    return found | {"chosen_by": chosen_by.model_dump(mode="json")}


def grid_of(parameters: SweepParameters) -> Grid:
    """Give the grid that the parameters ask for."""
    return Grid(
        inputs=parameters.inputs,
        oversample=parameters.oversample,
        solver=parameters.solver,
        l2=parameters.l2,
        learning_rate=parameters.learning_rate,
        batch_size=parameters.batch_size,
        n_epochs=parameters.n_epochs,
    )


def fold_scores(swept: Swept) -> dict[str, list[float]]:
    """Give what a setting measured on each fold, by measure, as plain JSON values."""
    return {name: list(getattr(swept, name)) for name in MEASURES}


def describe_outer(folds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the outer folds with mean and spread (divisor n_folds - 1) as plain JSON values.

    Parameters
    ----------
    folds : sequence of mapping
        What was ``chosen`` without each, as of `setting_row`, and what it ``measured`` there.
    """
    scores = {name: [fold["measured"][name] for fold in folds] for name in MEASURES}
    return {
        "mean": {name: float(np.mean(scores[name])) for name in MEASURES},
        "spread": {name: float(np.std(scores[name], ddof=1)) for name in MEASURES},
        "folds": list(folds),
    }
