"""What a training is told: how gradient descent steps, and where weights begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_floats
from slp.scalars import check_number, check_whole


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to train.

    Attributes
    ----------
    learning_rate : float
        Step (학습률) along the mean slope of a batch; positive.
    batch_size : int
        Rows a step, at least 1.
    n_epochs : int
        Passes over the rows, at least 1.
    l2 : float
        Weight of the penalty ``l2 / 2 * sum(coef ** 2)``; the intercept is free. At least 0, and
        less than 1 / learning_rate. The reported losses leave the penalty out.
    patience : int or None
        Stop after so many epochs without a lower validation loss; None never stops early.
    init_std : float
        Spread of the normal draws the weights start from; 0 starts at zero and draws nothing.
    """

    learning_rate: float
    batch_size: int
    n_epochs: int
    l2: float = 0.0
    patience: int | None = None
    init_std: float = 0.0

    def __post_init__(self) -> None:
        """Take plain numbers; refuse what training cannot be done with."""
        for name in ("learning_rate", "l2", "init_std"):
            object.__setattr__(self, name, check_number(name, getattr(self, name)))
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate {self.learning_rate} is not positive")
        for name in ("batch_size", "n_epochs", "patience"):
            if name != "patience" or self.patience is not None:
                self._take_count(name)
        if not 0 <= self.l2 < 1 / self.learning_rate:
            raise ValueError(
                f"l2 {self.l2} is outside [0, 1 / learning_rate = {1 / self.learning_rate})"
            )
        if self.init_std < 0:
            raise ValueError(f"init_std {self.init_std} is negative")

    def _take_count(self, name: str) -> None:
        count = check_whole(name, getattr(self, name))
        if count < 1:
            raise ValueError(f"{name} {count} is below 1")
        object.__setattr__(self, name, count)


def check_start(start: ArrayLike | None, n_weights: int) -> NDArray[np.float64]:
    """Give a copy of weights to begin from, None being 0; raise ValueError where they are none."""
    given = np.zeros(n_weights) if start is None else as_floats("weights to begin from", start)
    weights = np.array(given, dtype=np.float64)
    if weights.shape != (n_weights,) or not np.isfinite(weights).all():
        raise ValueError(f"start {weights.tolist()} is not {n_weights} finite numbers")
    return weights
