"""In which settings a run differs from one that nobody told anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas import NOT_DECIDING, TrainingParameters

_NO_SETTINGS = frozenset({"data", "more", "origin", "out", "n_resamples", *NOT_DECIDING})
"""Which candidates, and where to; and what is of no effect any more."""

_LONGEST = 256  # of a name that file systems take


def settings_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Name the settings of a training that are not the default of today.

    Parameters
    ----------
    parameters : mapping
        Of the manifest of a run. What an earlier version did not write, and what this one does not
        know, is left out; what a preset fixes stands behind its name.
        Of the sweep that chose them ``chosen_by`` is the name.

    Examples
    --------
    >>> settings_of({"data": "night.csv", "solver": "sgd", "seed": 0, "inputs": "standard"})
    {'solver': 'sgd', 'inputs': 'standard'}
    """
    usual = TrainingParameters(data="-").model_dump(mode="json")
    return {
        name: value["sweep"] if name == "chosen_by" else value
        for name, value in parameters.items()
        if name in usual and name not in _NO_SETTINGS and value != usual[name]
    }


def sweep_below(out: Path, settings: Mapping[str, Any]) -> str:
    """Name the sweep that chose settings, where its page lies below an artifact root."""
    name = str(settings.get("chosen_by", ""))
    is_name = 0 < len(name) < _LONGEST and name.isascii() and name.isprintable() and "/" not in name
    return name if is_name and (out / "sweeps" / name / "sweep.html").is_file() else ""
