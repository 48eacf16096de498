"""How a comparison of candidates with the training rows is put in words and in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pulsars.report.words import counted, decimal, percent, spoken
from schemas import FEATURE_NAMES
from slp import MIN_ROWS, Drift, FeatureDrift

_NAMES = {"psi": "PSI", "distance": "Wasserstein distance"}
_BOUND = {"watch": 0, "stop": 1}
_LOOK = {
    "profile": "another receiver, or another way of folding",
    "dm": "other trial DMs, or pulsars at other distances",
    "both": "another scale, swapped columns or another survey",
}
_END = 5  # of the 25 bins that are shown, so many are an end


def describe_drift(
    drift: Drift, *, run: str, another_kind: str = "", doubt: str = ""
) -> dict[str, Any]:
    """Say a comparison as plain JSON values, one entry of `features` a feature.

    `another_kind` is the sentence of `pulsars.folds.convention_sentence`, which is known beside the
    numbers, also where rows are too few for them; `doubt` that of
    `pulsars.reading.curve_doubt`, which explains what stops.
    """
    curves = f"Look first at the curves: {doubt}." if doubt and drift.level == "stop" else ""
    named = zip(FEATURE_NAMES, drift.features, strict=True)
    return {
        **_written(drift),
        "features": {name: _written(feature) for name, feature in named},
        "limits": {name: list(bounds) for name, bounds in drift.limits.items()},
        "run": run,
        "another_kind": another_kind,
        "sentence": " ".join(filter(None, (drift_sentence(drift, run=run), curves, another_kind))),
    }


def _written(found: Drift | FeatureDrift) -> dict[str, Any]:
    """Call the level by the name that it has in files; of what is drawn, keep what can be seen."""
    named = {"verdict" if name == "level" else name: it for name, it in asdict(found).items()}
    if "edges" in named:
        named["edges"] = [float(f"{edge:.6g}") for edge in named["edges"]]
        for side in ("training", "candidates"):
            named[side] = [round(share, 5) for share in named[side]]
    return named


def drift_sentence(drift: Drift, *, run: str) -> str:
    """Say whether candidates look like what a run learnt from, the worst of it, and what it may be.

    Parameters
    ----------
    drift : Drift
        The comparison.
    run : str
        The run whose training rows are meant.
    """
    if drift.level == "ok":
        return f"The candidates look like those that {run} learnt from."
    if min(drift.n_rows, drift.n_reference) < MIN_ROWS:
        return _sentence_of_few(drift, run)
    what = "do not look" if drift.level == "stop" else "do not quite look"
    return (
        f"The candidates {what} like those that {run} learnt from: {worst(drift)}. "
        f"{_mix(drift)}{_advice(drift)}"
    )


def _sentence_of_few(drift: Drift, run: str) -> str:
    outside = f"{percent(drift.outside)} of them lie outside the training range"
    if drift.level == "stop":
        limit = percent(drift.limits["outside"][1], 0)
        return (
            f"The candidates do not look like those that {run} learnt from: {outside} of some "
            f"feature, above the limit of {limit}. Look for {_LOOK['both']}."
        )
    least = min(drift.n_rows, drift.n_reference)
    return (
        f"Whether the candidates look like those that {run} learnt from cannot be told: "
        f"{counted(least, 'row')} {'is' if least == 1 else 'are'} fewer than the {MIN_ROWS} that "
        "keep chance apart from change. "
        f"{outside}{', of which a probability says little' * bool(drift.outside)}."
    )


def _mix(drift: Drift) -> str:
    """Say what another share of pulsars explains."""
    if drift.pulsars is None:
        return ""
    if drift.level == "stop":
        return "No share of pulsars explains it. "
    if not drift.explained:
        return "Another share of pulsars does not explain all of it. "
    share = percent(drift.pulsars, 0) if drift.pulsars else "none"
    return f"It is as if {share} of the training rows were pulsars: another mix explains it. "


def _advice(drift: Drift) -> str:
    if drift.level == "watch" and drift.explained:
        return "Look at how many candidates are called pulsars."
    named = zip(FEATURE_NAMES, drift.features, strict=True)
    blamed = [name for name, feature in named if feature.level == drift.level]
    off = "profile_kurtosis" in blamed or blamed == ["dm_kurtosis"]  # other DMs change more of dm
    kurtosis = "a kurtosis with 3 more or less, "
    return f"Look for {kurtosis * off}{_LOOK[_side(blamed)]}."


def _side(names: Sequence[str]) -> str:
    sides = {name.split("_")[0] for name in names}
    return sides.pop() if len(sides) == 1 else "both"


def worst(drift: Drift) -> str:
    """Name what is farthest above its limit: feature, value, limit and direction."""
    return max(_breaches(drift))[1]


def _breaches(drift: Drift) -> Iterator[tuple[float, str]]:
    """Give everything the level rests on, with how many times its limit it is."""
    bound = _BOUND[drift.level]
    for name, feature in zip(FEATURE_NAMES, drift.features, strict=True):
        if feature.level == drift.level:
            for measure in feature.because:
                value = _value(feature, measure, drift.level)
                limit = drift.limits[measure][bound]
                text = _breach(name, measure, value, limit)
                yield value / limit, f"{text}; {_direction(feature)}"
    limit = drift.limits["outside"][bound]
    if drift.outside > limit:
        text = (
            f"{percent(drift.outside)} of them lie outside the training range of some feature, "
            f"above the limit of {percent(limit, 0)}"
        )
        yield drift.outside / limit / len(drift.features), text  # a single feature says more


def _value(feature: FeatureDrift, measure: str, level: str) -> float:
    if measure == "outside":
        return feature.below + feature.above
    return float(getattr(feature, f"{measure}_left" if level == "stop" else measure))


def _breach(name: str, measure: str, value: float, limit: float) -> str:
    if measure == "outside":
        return (
            f"{percent(value)} of them lie outside the training range of {name}, above the limit "
            f"of {percent(limit, 0)}"
        )
    return f"the {_NAMES[measure]} of {name} is {value:.2f}, above the limit of {limit:g}"


def _direction(feature: FeatureDrift) -> str:
    """Say where a feature has gone, as far as one word can."""
    if abs(feature.shift) >= feature.distance / 2:
        side = "higher" if feature.shift > 0 else "lower"
        return f"its mean lies {abs(feature.shift):.2f} standard deviations {side}"
    ends = [
        sum(feature.candidates[part]) - sum(feature.training[part])
        for part in (slice(_END), slice(-_END, None))
    ]
    if min(ends) > 0:
        return "it is spread more widely"
    return "it is spread less widely" if max(ends) < 0 else "it is distributed otherwise"


def drift_table(drift: Drift) -> list[dict[str, Any]]:
    """Lay a comparison out for a table: a row a feature, every cell a text."""
    return [
        {
            "feature": spoken(name),
            "PSI": decimal(feature.psi, 2),
            "PSI left": decimal(feature.psi_left, 2),
            "distance": decimal(feature.distance, 2),
            "distance left": decimal(feature.distance_left, 2),
            "below": percent(feature.below),
            "above": percent(feature.above),
            "level": _level(feature),
        }
        for name, feature in zip(FEATURE_NAMES, drift.features, strict=True)
    ]


def _level(feature: FeatureDrift) -> str:
    because = ", ".join(_NAMES.get(name, name) for name in feature.because)
    return f"{feature.level}: {because}" if because else feature.level
