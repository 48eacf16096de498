"""From which probability on the scikit-learn face calls a pulsar."""

from __future__ import annotations

import numpy as np

from interop.weighing import Rows
from slp import Perceptron, choose_threshold, parse_threshold

_RULE = "expected-f1"


def calling(
    model: Perceptron, rows: Rows, *, threshold: float | str, prior_correction: bool
) -> Perceptron:
    """Give a model that was fitted to these rows with the probabilities and the threshold asked.

    Parameters
    ----------
    model : Perceptron
        As it was fitted, to the mix that the weights of classes make.
    rows : Rows
    threshold : float or "expected-f1"
        What is expected takes probabilities of the mix that was handed over, and a row counts as
        often as its weight says. It is the calls that are chosen so: without `prior_correction`
        the threshold is the one that makes the same of the probabilities there are.
    prior_correction : bool, or 0 or 1
        Whether probabilities are to be those of the mix that was handed over.

    Raises
    ------
    ValueError
        When `threshold` is another text, `prior_correction` is no truth value, or beside the one
        class the other weighs next to nothing.
    """
    known = isinstance(prior_correction, (int, np.integer, np.bool_))  # a text would be true: "no"
    if not known or prior_correction not in (0, 1):
        raise ValueError(f"prior_correction {prior_correction!r} is neither True nor False")
    if not isinstance(threshold, str):
        return (_corrected(model, rows) if prior_correction else model).with_threshold(threshold)
    check_rule(threshold)
    spec = parse_threshold(_RULE)
    true = _corrected(model, rows)
    score = true.predict_proba(rows.X)
    n_called = (score >= choose_threshold(rows.y, score, spec, sample_weight=rows.given)).sum()
    asked = true if prior_correction else model
    same = parse_threshold(f"budget:{n_called}")
    return asked.with_threshold(choose_threshold(rows.y, asked.predict_proba(rows.X), same))


def check_rule(threshold: str) -> None:
    """Raise ValueError for any text but that of the one rule."""
    if threshold.strip().lower() != _RULE:
        raise ValueError(
            f"threshold {threshold!r} is neither a number nor {_RULE!r}; what needs rows held out "
            f"is for scikit-learn's TunedThresholdClassifierCV"
        )


def _corrected(model: Perceptron, rows: Rows) -> Perceptron:
    """Give the model with the probabilities of the rows as they were handed over."""
    if (rows.weight == rows.given).all():  # also where their mix is next to 0 or 1
        return model
    return model.with_prior(trained=rows.mix_learnt, true=rows.mix)
