"""Where limits lie, and what one share of pulsars explains of all features together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slp.watching.distances import (
    NOTICED,
    SURE,
    distance,
    distance_noise,
    outside_noise,
    psi,
    psi_noise,
    sure_noise,
)
from slp.watching.reference import Reference
from slp.watching.tally import Tally

LIMITS: Mapping[str, tuple[float, float]] = {
    "psi": (0.1, 0.18),
    "distance": (0.2, 0.4),
    "outside": (0.03, 0.1),
}
"""Above which "watch" and "stop" begin, when what chance can give has been taken off.

"Watch" is for candidates against the training rows, "stop" for what the share of pulsars that
explains most leaves.
"""

LIMITS_OF_ONE_CLASS: Mapping[str, tuple[float, float]] = {
    **LIMITS,
    "psi": (0.1, 0.25),
    "distance": (0.2, 0.5),
}
"""Where the classes of the training rows are not known: room for another share of pulsars."""

_WATCH, _STOP = 1, 2


@dataclass(frozen=True, eq=False)
class Explained:
    """Numbers at every share of pulsars, what chance can give, and the share that explains most.

    Attributes
    ----------
    limits : mapping of str to tuple of two float
        `LIMITS`, or those of one class.
    values : dict of str to ndarray of shape (n_shares, n_features)
        "psi" and "distance".
    noise : dict of str to tuple of two ndarray of shape (n_shares, n_features)
        What chance can give of them: for "watch", and surely, for "stop".
    outside : ndarray of shape (n_features,)
        Share of the candidates outside the training range.
    outside_by_chance : tuple of two float
        What chance can give of it: in one feature, and in any.
    best : int
        Number of the share of pulsars at which the worst excess over chance, in units of its limit,
        is the least.
    """

    limits: Mapping[str, tuple[float, float]]
    values: dict[str, NDArray[np.float64]]
    noise: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    outside: NDArray[np.float64]
    outside_by_chance: tuple[float, float]
    best: int

    @classmethod
    def of(cls, reference: Reference, tally: Tally) -> Explained:
        """Find the share of pulsars that explains most of what a tally of candidates shows."""
        n = tally.n_rows
        values = {"psi": psi(reference, tally), "distance": distance(reference, tally)}
        noise = {
            "psi": _noise(psi_noise, reference, tally),
            "distance": _noise(distance_noise, reference, tally),
        }
        limits = LIMITS if reference.knows_classes else LIMITS_OF_ONE_CLASS
        times = [(values[name] - noise[name][1]) / limits[name][1] for name in values]
        return cls(
            limits=limits,
            values=values,
            noise=noise,
            outside=(tally.below + tally.above) / n,
            outside_by_chance=(
                outside_noise(reference, n, SURE),
                outside_noise(reference, n, SURE, sides=2 * len(reference.low)),
            ),
            best=int(np.max(times, axis=(0, 2)).argmin()),
        )

    def above(self, name: str, bound: int) -> NDArray[np.bool_]:
        """Tell where a measure passes a limit: (n_shares, n_features)."""
        excess = self.values[name] - self.noise[name][bound]
        return np.asarray(excess > self.limits[name][bound], dtype=np.bool_)

    @property
    def explained(self) -> bool:
        """Whether the best share leaves nothing to watch, and as little lies outside."""
        left = any(self.above(name, 0)[self.best].any() for name in self.values)
        return not (left or self._levels_outside().any())

    def levels(self) -> NDArray[np.int64]:
        """Give the number of each feature's level by PSI, distance and outside."""
        watch = np.column_stack([self.above(name, 0)[0] for name in self.values])
        left = np.stack([self.above(name, 1) for name in self.values], axis=-1)
        stop = left[self.best]
        # To blame are features that no share explains, unless each has one, but not the same.
        hopeless = np.asarray(left.any(axis=-1).all(axis=0))
        if hopeless.any():
            stop = stop & hopeless[:, None]
        found = np.where(stop, _STOP, np.where(watch, _WATCH, 0))
        return np.column_stack([found, self._levels_outside()])

    def _levels_outside(self) -> NDArray[np.int64]:
        excess = self.outside - self.outside_by_chance[0]
        limits = np.array(self.limits["outside"])
        return np.asarray((excess[:, None] > limits).sum(axis=1), dtype=np.int64)

    def level_anywhere(self, outside: float) -> int:
        """Give the number of the level by the share outside in any feature."""
        excess = outside - self.outside_by_chance[1]
        return sum(excess > limit for limit in self.limits["outside"])


def _noise(
    of: Callable[[Reference, int, float], NDArray[np.float64]], reference: Reference, tally: Tally
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean, more, noticed = (of(reference, tally.n_rows, allowance) for allowance in (0, 1, NOTICED))
    shape = len(mean), len(tally.counts)
    watch, stop = np.broadcast_to(noticed, shape), np.broadcast_to(sure_noise(mean, more), shape)
    return watch, stop
