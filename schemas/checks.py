"""What a row of candidates has to obey, as pandera's checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa

from schemas.features import DM_TRIALS, FULL_SCALE, LABEL
from schemas.physics import (
    breaks_flatness,
    breaks_moments,
    breaks_number,
    breaks_range,
    breaks_spread,
    breaks_variance,
)

if TYPE_CHECKING:
    from schemas.features import Curve, Feature


def curve_checks(curve: Curve, chi2: pd.Series[bool] | None) -> list[pa.Check]:
    """Give the checks that take several columns of a curve: each names the one that it blames."""
    return [*_moment_checks(curve), *_variance_checks(curve, chi2), *_range_checks(curve, chi2)]


def feature_column(feature: Feature, chi2: pd.Series[bool] | None) -> pa.Column:
    """Finite and in range."""
    checks = [pa.Check(np.isfinite, name="finite", error="is not finite")]
    above = pa.Check.ge(feature.low, error=f"is below {feature.low:g}")
    if np.isfinite(feature.low) and np.isfinite(feature.high):
        bound = f"is outside {feature.low:g} to {feature.high:g}"
        within = pa.Check.in_range(feature.low, feature.high, error=bound)
        checks += _by_scale(within, above, chi2 if feature.curve == "dm" else None)
    elif np.isfinite(feature.low):
        checks.append(above)
    return pa.Column(float, checks, nullable=False)


def label_check() -> pa.Check:
    """0 or 1."""

    def holds(label: pd.Series[float]) -> pd.Series[bool]:
        return (label == 0) | (label == 1)

    return pa.Check(holds, name=LABEL, error="is no label; it must be 0 or 1")


def _by_scale(scaled: pa.Check, free: pa.Check, chi2: pd.Series[bool] | None) -> list[pa.Check]:
    """Hold χ² against a check of its own, and what is scaled against the other."""
    return [scaled] if chi2 is None else [_only(scaled, ~chi2), _only(free, chi2)]


def _only(check: pa.Check, rows: pd.Series[bool]) -> pa.Check:
    """Hold nothing against a check but some rows."""

    def holds(cells: pd.Series[float] | pd.DataFrame) -> pd.Series[bool]:
        held: pd.Series[bool] = check(cells).check_output
        return held | ~rows.loc[held.index]

    return pa.Check(holds, name=check.name, error=check.error, ignore_na=check.ignore_na)


def _moment_checks(curve: Curve) -> list[pa.Check]:
    """Pearson's inequality: no distribution breaks it, nor does a row that misses a moment.

    And what is flat: it has no moment but 0.
    """

    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        broken = breaks_moments(frame[f"{curve}_skewness"], frame[f"{curve}_kurtosis"])
        return pd.Series(~broken, index=frame.index)

    def flat(frame: pd.DataFrame) -> pd.Series[bool]:
        moments = (frame[f"{curve}_{one}"] for one in ("stdev", "skewness", "kurtosis"))
        return pd.Series(~breaks_flatness(*moments), index=frame.index)

    why = f"is below {curve}_skewness² − 2"
    bent = "is 0, which makes a flat curve, and skewness or kurtosis is not"
    return [
        pa.Check(holds, name=f"{curve}_kurtosis", error=why, ignore_na=False),
        pa.Check(flat, name=f"{curve}_stdev", error=bent, ignore_na=False),
    ]


def _range_checks(curve: Curve, chi2: pd.Series[bool] | None) -> list[pa.Check]:
    """Kurtosis that a curve between 0 and 255 can have; of χ², that a few numbers can.

    It may be Pearson's, which is settled later: no row is held to 3 less.
    """
    blamed, moments = f"{curve}_kurtosis", ("mean", "stdev", "skewness", "kurtosis")

    def within(frame: pd.DataFrame) -> pd.Series[bool]:
        broken = breaks_range(*(frame[f"{curve}_{one}"] for one in moments), top=FULL_SCALE)
        return pd.Series(~broken, index=frame.index)

    def among(frame: pd.DataFrame) -> pd.Series[bool]:
        return pd.Series(~breaks_number(frame[blamed], n=DM_TRIALS), index=frame.index)

    bound = f"is more than mean, stdev and skewness of a curve between 0 and {FULL_SCALE:g} allow"
    points = f"is more than {DM_TRIALS} numbers can have"
    scaled = pa.Check(within, name=blamed, error=bound, ignore_na=False)
    free = pa.Check(among, name=blamed, error=points, ignore_na=False)
    return _by_scale(scaled, free, chi2 if curve == "dm" else None)


def _variance_checks(curve: Curve, chi2: pd.Series[bool] | None) -> list[pa.Check]:
    """Bhatia–Davis inequality on the 0–255 scale; of χ², what numbers from 0 up obey."""

    def within(frame: pd.DataFrame) -> pd.Series[bool]:
        mean, stdev = frame[f"{curve}_mean"], frame[f"{curve}_stdev"]
        return pd.Series(~breaks_variance(mean, stdev, top=FULL_SCALE), index=frame.index)

    def above(frame: pd.DataFrame) -> pd.Series[bool]:
        mean, stdev = frame[f"{curve}_mean"], frame[f"{curve}_stdev"]
        return pd.Series(~breaks_spread(mean, stdev, n=DM_TRIALS), index=frame.index)

    blamed, why = f"{curve}_stdev", f"is more than {curve}_mean allows: variance ≤"
    bound = f"mean·({FULL_SCALE:g} − mean)"
    scaled = pa.Check(within, name=blamed, error=f"{why} {bound}", ignore_na=False)
    free = pa.Check(above, name=blamed, error=f"{why} {DM_TRIALS - 1}·mean²", ignore_na=False)
    return _by_scale(scaled, free, chi2 if curve == "dm" else None)
