"""Rows that drift is tried on."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

TRAINING_ROWS = 10_738

ROWS = arrays(
    np.float64,
    st.tuples(st.integers(1, 60), st.just(2)),
    # Coarse numbers tie often, and their sums are exact.
    elements=st.integers(-40, 40).map(lambda number: number / 4),
)


def draw(n_rows: int, seed: int = 0) -> Any:
    """Rows of a normal, a heavy-tailed and a skewed feature."""
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [rng.normal(100, 20, n_rows), rng.standard_t(4, n_rows), rng.gamma(0.5, 10, n_rows)]
    )


def draw_classes(n_rows: int, seed: int = 0, *, share: float = 0.1) -> tuple[Any, Any]:
    """Rows of two kinds that differ in all three features, and which are of the second."""
    y = (np.arange(n_rows) < round(share * n_rows)).astype(np.int64)
    X = draw(n_rows, seed) + y[:, None] * np.array([30.0, 6.0, 40.0])
    return X, y
