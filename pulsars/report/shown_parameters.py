"""The parameters of a training as its report shows them: what had an effect, and with which value.

A setting of sgd beside Newton's method, or a default beside a preset that fixes another, would be
read as what was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas import FIXED_BY_PRESET, NOT_DECIDING, ONLY_FOR_SGD

_OF_NO_EFFECT = ("n_resamples", *NOT_DECIDING)


def shown_parameters(
    asked: Mapping[str, Any], *, rows: Mapping[str, int], learnt_from: Sequence[str]
) -> dict[str, Any]:
    """Give the parameters that had an effect; an ``l2`` that was not given is the one used.

    Parameters
    ----------
    asked : mapping
        Of the training, as JSON.
    rows : mapping
        Rows of each part.
    learnt_from : sequence of str
        The parts that the weights were fitted to.
    """
    hidden = set(_OF_NO_EFFECT)
    if asked.get("preset"):
        hidden.update(FIXED_BY_PRESET)
    elif asked.get("solver") == "newton":
        hidden.update(ONLY_FOR_SGD)
    shown = {name: value for name, value in asked.items() if name not in hidden}
    if "l2" in shown and shown["l2"] is None:
        shown["l2"] = _penalty(asked, sum(rows[part] for part in learnt_from))
    return shown


def _penalty(asked: Mapping[str, Any], n_rows: int) -> str:
    """Say the penalty that nobody gave: one over the rows learnt from, repeated ones and all."""
    if asked.get("oversample", "none") != "none":
        return "1 / the rows learnt from, counted after balancing"
    return f"{1 / max(n_rows, 1):.3g}, which is 1 / the {n_rows:,} rows learnt from"
