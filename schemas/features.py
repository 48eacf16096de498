"""The eight statistics of a candidate: names, order, physical bounds and meaning.

The one source of what a feature is. Order and meaning follow Lyon et al. (2016), MNRAS 459,
1104, section 4.2 and table 4; the names of columns 3/4 and 7/8 follow the data set's ARFF file,
because the values obey the moment inequality only under that reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Curve = Literal["profile", "dm"]
Statistic = Literal["mean", "stdev", "skewness", "kurtosis"]

FULL_SCALE = 255.0
"""Profile and DM-SNR curve are scaled to 0–255 before their moments are taken."""

DM_TRIALS = 100
"""Points of the DM curve of a `.pfd`, evenly from the first to the last trial DM."""

LABEL = "label"


@dataclass(frozen=True)
class Feature:
    """One statistic of one curve.

    Attributes
    ----------
    curve, statistic : str
        Which curve (folded pulse profile or DM-SNR curve) and which moment of it.
    low, high : float
        Inclusive physical bounds, in units of the 0–255 scale for mean and stdev,
        dimensionless for skewness and excess kurtosis.
    meaning : str
        What a larger value says, in an astronomer's words.
    korean : str
        The statistic's name for the reader of the book.
    """

    curve: Curve
    statistic: Statistic
    low: float
    high: float
    meaning: str
    korean: str

    @property
    def name(self) -> str:
        """Canonical column name, such as ``dm_kurtosis``."""
        return f"{self.curve}_{self.statistic}"


FEATURES: tuple[Feature, ...] = (
    Feature(
        "profile",
        "mean",
        0.0,
        FULL_SCALE,
        "more of the turn is bright: a broad pulse, or no pulse at all",
        "평균",
    ),
    Feature(
        "profile",
        "stdev",
        0.0,
        FULL_SCALE / 2,
        "the folded profile swings more about its mean",
        "표준편차",
    ),
    Feature(
        "profile",
        "skewness",
        float("-inf"),
        float("inf"),
        "a short bright part over a long faint one: a narrow pulse",
        "왜도",
    ),
    Feature(
        "profile",
        "kurtosis",
        -2.0,
        float("inf"),
        "the brightness sits in few phase bins: a sharp pulse (excess kurtosis)",
        "초과 첨도",
    ),
    Feature(
        "dm",
        "mean",
        0.0,
        FULL_SCALE,
        "the signal stays strong over many trial dispersion measures",
        "평균",
    ),
    Feature(
        "dm",
        "stdev",
        0.0,
        FULL_SCALE / 2,
        "signal-to-noise changes more with the trial dispersion measure",
        "표준편차",
    ),
    Feature(
        "dm",
        "skewness",
        float("-inf"),
        float("inf"),
        "few trial dispersion measures stand out over many that do not",
        "왜도",
    ),
    Feature(
        "dm",
        "kurtosis",
        -2.0,
        float("inf"),
        "isolated spikes over the trial dispersion measures (excess kurtosis)",
        "초과 첨도",
    ),
)

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
