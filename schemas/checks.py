"""What a row of candidates has to obey, as pandera's checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from schemas.features import DM_TRIALS, FULL_SCALE, LABEL, Curve, Feature, Statistic
from schemas.physics import (
    breaks_flatness,
    breaks_moments,
    breaks_number,
    breaks_range,
    breaks_spread,
    breaks_variance,
)

_Breaks = Callable[..., NDArray[np.bool_]]
_MOMENTS: tuple[Statistic, ...] = get_args(Statistic)


def curve_checks(curve: Curve, chi2: pd.Series[bool] | None) -> list[pa.Check]:
    """Give the checks that take several columns of a curve: each names the one that it blames.

    First Pearson's inequality: no distribution breaks it, nor does a row that misses a moment. And
    what is flat: it has no moment but 0. Then the Bhatia–Davis inequality on the 0–255 scale; of
    χ², what numbers from 0 up obey. Last the kurtosis that a curve between 0 and 255 can have; of
    χ², that a few numbers can. It may be Pearson's, which is settled later: no row is held to 3
    less.
    """
    check = partial(_of_several, curve)
    free = chi2 if curve == "dm" else None
    bent = "is 0, which makes a flat curve, and skewness or kurtosis is not"
    spread, allowed = _MOMENTS[:2], f"is more than {curve}_mean allows: variance ≤"
    scale = f"{FULL_SCALE:g}"
    bound = f"is more than mean, stdev and skewness of a curve between 0 and {scale} allow"
    points = f"is more than {DM_TRIALS} numbers can have"
    scaled_variance = partial(breaks_variance, top=FULL_SCALE)
    return [
        check("kurtosis", f"is below {curve}_skewness² − 2", breaks_moments, _MOMENTS[2:]),
        check("stdev", bent, breaks_flatness, _MOMENTS[1:]),
        *_by_scale(
            check("stdev", f"{allowed} mean·({scale} − mean)", scaled_variance, spread),
            check(
                "stdev",
                f"{allowed} {DM_TRIALS - 1}·mean²",
                partial(breaks_spread, n=DM_TRIALS),
                spread,
            ),
            free,
        ),
        *_by_scale(
            check("kurtosis", bound, partial(breaks_range, top=FULL_SCALE), _MOMENTS),
            check("kurtosis", points, partial(breaks_number, n=DM_TRIALS), _MOMENTS[3:]),
            free,
        ),
    ]


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


def _of_several(
    curve: Curve, blamed: Statistic, why: str, breaks: _Breaks, of: Sequence[Statistic]
) -> pa.Check:
    """Blame one statistic of a curve where several together are what none can have."""

    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        broken = breaks(*(frame[f"{curve}_{one}"] for one in of))
        return pd.Series(~broken, index=frame.index)

    return pa.Check(holds, name=f"{curve}_{blamed}", error=why, ignore_na=False)
