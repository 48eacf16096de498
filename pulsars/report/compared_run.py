"""A run that is set beside others, and what it said of its own test part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.store import Estimate, PublishedRun, sweep_below


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparedRun:
    """A run with its letter, and what it said of its own test part.

    Attributes
    ----------
    letter : str
        What the page calls it: A is what the others are measured against.
    published : PublishedRun
    X : ndarray of shape (n_test, 8), float64
    y : ndarray of shape (n_test,), int64
        1 for pulsar.
    logit : ndarray of shape (n_test,), float64
        What it ranks them by.
    """

    letter: str
    published: PublishedRun
    X: NDArray[np.float64]
    y: NDArray[np.int64]
    logit: NDArray[np.float64]

    @property
    def sweep(self) -> str:
        """The sweep that chose its settings, where it has a page to lead to."""
        return sweep_below(self.published.path.parent.parent, self.published.settings)

    @property
    def bins(self) -> Sequence[Mapping[str, Any]]:
        """Bins of its reliability curve; none of an earlier version."""
        found: Sequence[Mapping[str, Any]] = self.published.measured.get("calibration", {}).get(
            "bins", ()
        )
        return found

    def measured_alike(self, other: ComparedRun) -> bool:
        """Whether both were measured on the very same candidates."""
        return np.array_equal(self.X, other.X) and np.array_equal(self.y, other.y)

    def estimate(self, metric: str) -> Estimate:
        """Give a metric of the test part with its interval."""
        found: Estimate = self.published.measured["parts"]["test"][metric]
        return found
