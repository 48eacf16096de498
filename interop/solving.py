"""The weights of rows, by either solver of slp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from interop.weighing import Rows
from slp import Settings, fit, fit_newton

OF_SGD = {"learning_rate": 0.05, "batch_size": 32, "n_epochs": 60}
"""What sgd alone is told, and what it does untold."""

Found = tuple["NDArray[np.float64]", float, "NDArray[np.float64]"]
"""Weights, bias, and the losses on the way."""


def solve(
    seen: NDArray[np.float64],
    rows: Rows,
    *,
    solver: str | None,
    of_sgd: Mapping[str, Any],
    l2: float | None,
    random_state: Any,
) -> Found:
    """Find the weights.

    Parameters
    ----------
    seen : ndarray of shape (n_rows, n_outputs)
        What the layer sees of the rows.
    rows : Rows
    solver, l2, random_state
        As of `interop.estimator.PulsarPerceptron`.
    of_sgd : mapping
        Its parameters of sgd alone; None of what was left to the default.

    Raises
    ------
    ValueError
        When the solver is unknown or was told what it does not take, or a number is out of bounds.
    """
    asked = {name: value for name, value in of_sgd.items() if value is not None}
    l2 = 1 / float(rows.weight.sum()) if l2 is None else l2
    match solver or ("sgd" if asked else "newton"):
        case "newton":
            if asked:
                raise ValueError(f"{', '.join(asked)}: of solver 'sgd' alone, and this is 'newton'")
            least = fit_newton(seen, rows.y, l2=l2, sample_weight=rows.weight)
            return least.coef, least.intercept, np.array([least.loss])
        case "sgd":
            if np.ptp(rows.weight) > 0:
                raise ValueError("solver 'sgd' takes no weights of rows or classes; 'newton' does")
            seed = check_random_state(random_state).randint(2**31)
            settings = Settings(**(OF_SGD | asked), l2=l2)
            found = fit(seen, rows.y, settings=settings, rng=np.random.default_rng(seed))
            return found.coef, found.intercept, found.loss_history
        case other:
            raise ValueError(f"solver {other!r} is neither 'newton' nor 'sgd'")
