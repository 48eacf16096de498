"""What a run would have claimed, had it oversampled before the split."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pulsars.learning.learnt import split_of
from pulsars.learning.solving import descent_settings, penalty, rng_for
from schemas import TrainingParameters
from slp import Train, control_leak, fit, fit_newton, untaken

_EPOCHS = 20  # enough for the leak to show, and soon done
_MEASURES = ("precision", "recall", "f1")


def find_leak(
    X: np.ndarray, y: np.ndarray, parts: dict[str, np.ndarray], parameters: TrainingParameters
) -> dict[str, Any]:
    """Measure what oversampling before the split would have claimed.

    Parameters
    ----------
    X, y : ndarray of shape (n_accepted, 8) and (n_accepted,)
    parts : dict of str to ndarray
        Row numbers of each part, as the model was fitted by them.
    parameters : TrainingParameters
        The strategy is the run's own, or "cycle" where the run does not resample.

    Returns
    -------
    dict
        ``strategy``; ``claimed``, ``honest`` (precision, recall, F1 at probability 0.5) and
        ``copied``, or None and in ``not_measured`` the reason. Where the training part is large,
        ``n_rows``, how many rows of it were taken.
    """
    strategy = "cycle" if parameters.oversample == "none" else parameters.oversample
    unknown = {"strategy": strategy, "claimed": None, "honest": None, "copied": None}
    if parameters.preset:
        reason = "a preset replays the book's run as it is"
        return {**unknown, "not_measured": reason}
    split = split_of(parts)
    try:
        found = control_leak(
            X,
            y,
            split,
            train=_trainer(parameters),
            rng=rng_for(parameters.seed, "evaluate").spawn(1)[0],
            strategy=strategy,
            inputs=parameters.inputs,
        )
    except ValueError as error:  # a control that cannot be trained is no reason to lose the run
        return {**unknown, "not_measured": str(error)}
    return {
        "strategy": strategy,
        "claimed": {name: found.claimed[name] for name in _MEASURES},
        "honest": {name: found.honest[name] for name in _MEASURES},
        "copied": found.copied,
        "not_measured": None,
        **({"n_rows": found.n_rows} if found.n_rows < len(parts["train"]) else {}),
    }


def _trainer(parameters: TrainingParameters) -> Train:
    """Give the run's own way to train, as `control_leak` calls it; sgd without early stopping."""

    def train(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
        l2 = penalty(parameters, n_rows=len(y))
        match parameters.solver:
            case "sgd":
                settings = descent_settings(parameters, l2=l2)
                epochs = min(settings.n_epochs, _EPOCHS)
                brief = replace(settings, n_epochs=epochs, patience=None)
                descended = fit(X, y, settings=brief, rng=rng)
                return descended.coef, descended.intercept
            case "newton":
                # Calls are all that is measured: how far along a separating plane does not matter.
                minimum = fit_newton(X, y, l2=l2, warns=False)
                return minimum.coef, minimum.intercept
            case other:
                raise untaken(other)

    return train
