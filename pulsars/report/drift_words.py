"""How a comparison of candidates with the training rows is put in words and in a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pulsars.report.words import decimal, percent, spoken
from schemas import FEATURE_NAMES
from slp import LIMITS, MIN_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slp import Drift, FeatureDrift

_NAMES = {"psi": "PSI", "distance": "Wasserstein distance"}
_BOUND = {"watch": 0, "stop": 1}


def describe_drift(drift: Drift, *, run: str) -> dict[str, Any]:
    """Say a comparison as plain JSON values, one entry of `features` a feature."""
    named = zip(FEATURE_NAMES, drift.features, strict=True)
    return {
        **_written(drift),
        "features": {name: _written(feature) for name, feature in named},
        "limits": {name: list(bounds) for name, bounds in LIMITS.items()},
        "run": run,
        "sentence": drift_sentence(drift, run=run),
    }


def _written(found: Drift | FeatureDrift) -> dict[str, Any]:
    """Call the level by the name that it has in files."""
    return {"verdict" if name == "level" else name: it for name, it in asdict(found).items()}


def drift_sentence(drift: Drift, *, run: str) -> str:
    """Say in a sentence whether candidates look like what a run learnt from, and the worst of it.

    Parameters
    ----------
    drift : Drift
        The comparison.
    run : str
        The run whose training rows are meant.
    """
    if drift.level == "ok":
        return f"The candidates look like those that {run} learnt from."
    if drift.level == "too few":
        least = min(drift.n_rows, drift.n_reference)
        return (
            f"Whether the candidates look like those that {run} learnt from cannot be told: "
            f"{least:,} rows are fewer than the {MIN_ROWS} that keep chance apart from change. "
            f"{percent(drift.outside)} of them lie outside the training range."
        )
    what = "do not look" if drift.level == "stop" else "do not quite look"
    return f"The candidates {what} like those that {run} learnt from: {worst(drift)}."


def worst(drift: Drift) -> str:
    """Name what is farthest above its limit: feature, value and limit."""
    return max(_breaches(drift))[1]


def _breaches(drift: Drift) -> Iterator[tuple[float, str]]:
    """Give everything the level rests on, with how many times its limit it is."""
    bound = _BOUND[drift.level]
    for name, feature in zip(FEATURE_NAMES, drift.features, strict=True):
        if feature.level == drift.level:
            for measure in feature.because:
                value, limit = _value(feature, measure), LIMITS[measure][bound]
                yield value / limit, _breach(name, measure, value, limit)
    limit = LIMITS["outside"][bound]
    if drift.outside > limit:
        text = (
            f"{percent(drift.outside)} of them lie outside the training range of some feature, "
            f"above the limit of {percent(limit, 0)}"
        )
        yield drift.outside / limit / len(drift.features), text  # a single feature says more


def _value(feature: FeatureDrift, measure: str) -> float:
    if measure == "outside":
        return feature.below + feature.above
    return float(getattr(feature, measure))


def _breach(name: str, measure: str, value: float, limit: float) -> str:
    if measure == "outside":
        return (
            f"{percent(value)} of them lie outside the training range of {name}, above the limit "
            f"of {percent(limit, 0)}"
        )
    return f"the {_NAMES[measure]} of {name} is {value:.2f}, above the limit of {limit:g}"


def drift_table(drift: Drift) -> list[dict[str, Any]]:
    """Lay a comparison out for a table: a row a feature, every cell a text."""
    return [
        {
            "feature": spoken(name),
            "PSI": decimal(feature.psi, 2),
            "distance": decimal(feature.distance, 2),
            "below": percent(feature.below),
            "above": percent(feature.above),
            "level": _level(feature),
        }
        for name, feature in zip(FEATURE_NAMES, drift.features, strict=True)
    ]


def _level(feature: FeatureDrift) -> str:
    because = ", ".join(_NAMES.get(name, name) for name in feature.because)
    return f"{feature.level}: {because}" if because else feature.level
