"""Candidates and models whose true quality is known, made up night by night.

A candidate has a logit, drawn from what a default model gave the rows of HTRU2 that it had not
learnt from. A model sees that logit through noise, and the more noise, the lower its average
precision. Of the noise a part is its own, as no two trainings end alike; the rest is what all
models of one quality get wrong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from slp.measures.by_score import average_precision, counts_by_score
from slp.measures.influence import Influence, influence_on_average_precision

PREVALENCE = 0.0916
_TRUTH = 1_000_000  # rows, by which the quality that a noise leaves is known to 0.001
_SHARES = (
    0, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.997, 1,
)  # fmt: skip
_PULSARS = (
    -9.81, -5.51, -4.35, -3.51, -1.32, 0.85, 2.31, 3.37, 4.14, 4.86, 5.48, 6.24, 6.86, 7.34, 7.79,
    8.11, 8.44, 9.13,
)  # fmt: skip
_OTHERS = (
    -53.02, -12.57, -10.32, -9.0, -8.08, -7.16, -6.49, -5.99, -5.54, -5.12, -4.67, -4.17, -3.47,
    -2.75, -2.05, -0.69, 1.05, 5.24,
)  # fmt: skip


@dataclass(frozen=True)
class Retraining:
    """How far apart two trainings of one recipe end.

    Attributes
    ----------
    name : str
        In words.
    own : float
        Standard deviation of a model's own noise in the logit.
    """

    name: str
    own: float


GROWN = Retraining("retrains that differ little", 0.07)
REAL = Retraining("retrains as real ones", 0.19)
WILD = Retraining("retrains twice as far apart", 0.38)
"""Default models of HTRU2 that learnt from different 60 % of the rows part by a logit of 0.27, the
root of 2 times 0.19; a night's few new rows move far less."""


@dataclass(frozen=True, eq=False)
class Night:
    """Test rows of a night.

    Attributes
    ----------
    y : ndarray of shape (n_rows,), int64
        1 for pulsar.
    logit : ndarray of shape (n_rows,), float64
        Without any noise.
    shared : ndarray of shape (n_rows,), float64
        The noise that all models share, of standard deviation 1.
    """

    y: NDArray[np.int64]
    logit: NDArray[np.float64]
    shared: NDArray[np.float64]

    @classmethod
    def draw(cls, n_rows: int, rng: np.random.Generator) -> Night:
        """Draw rows; the number of pulsars varies as it would in another sample."""
        y = (rng.random(n_rows) < PREVALENCE).astype(np.int64)
        at = rng.random(n_rows)
        logit = np.where(y == 1, np.interp(at, _SHARES, _PULSARS), np.interp(at, _SHARES, _OTHERS))
        return cls(y, logit, rng.normal(size=n_rows))

    def look(self, quality: float, kind: Retraining, rng: np.random.Generator) -> Influence:
        """Train a model of a quality anew, and give its average precision here by row."""
        noise = noise_for(quality)
        own = min(kind.own, noise)
        seen = self.logit + np.sqrt(noise**2 - own**2) * self.shared
        seen += own * rng.normal(size=len(seen))
        return influence_on_average_precision(self.y, 1 / (1 + np.exp(-seen)))


def noise_for(quality: float) -> float:
    """Give the noise that leaves a true average precision."""
    noises, qualities = _qualities()
    return float(np.interp(-quality, -qualities, noises))


@cache
def _qualities() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    night = Night.draw(_TRUTH, rng)
    noises = np.linspace(0, 3, 25)
    found = [
        average_precision(*counts_by_score(night.y, night.logit + noise * night.shared))
        for noise in noises
    ]
    return noises, np.minimum.accumulate(found)


def best_quality() -> float:
    """Give the true average precision of a model without noise."""
    return float(_qualities()[1][0])
