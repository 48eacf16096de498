"""A nested cross-validation in one go, fold by fold: what a sweep in many tasks is held against."""

from __future__ import annotations

from typing import Any

import numpy as np

from slp.choosing.cross_validation import fit_inputs, try_pass
from slp.choosing.grid import Grid
from slp.choosing.nested import draw_folds
from slp.choosing.results import Swept, best
from slp.kinds import Measure


def score_procedure(
    X: Any,
    y: Any,
    *,
    grid: Grid,
    n_inner: int,
    by: Measure,
    rng: np.random.Generator,
) -> list[tuple[Swept, Swept]]:
    """Give what is chosen without each outer fold, and what that measures on it; three of them."""
    found = []
    inner, seeds = draw_folds(X, y, n_outer=3, n_inner=n_inner, rng=rng)
    for fold, (orders, last) in zip(inner, seeds.tolist(), strict=True):
        kept = fold >= 0
        held = fold[kept] == np.arange(n_inner)[:, None]
        swept = [
            each
            for settings in grid.passes()
            for each in _tried(X[kept], y[kept], settings, held, orders)
        ]
        chosen = best(swept, by=by)
        (measured,) = _tried(X, y, [chosen.setting], ~kept[None], last)
        found.append((chosen, measured))
    return found


def _tried(X: Any, y: Any, settings: Any, held: Any, seed: int) -> tuple[Swept, ...]:
    inputs = fit_inputs(X, kind=settings[0].inputs, held=held)
    return try_pass(X, y, settings=settings, held=held, inputs=inputs, seed=seed)
