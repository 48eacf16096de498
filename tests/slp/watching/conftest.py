"""HTRU2, cut in two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slp.watching.reference import Reference
from tests.slp.watching.samples import TRAINING_ROWS


@pytest.fixture(scope="session")
def htru2(data_dir: Path) -> tuple[Any, Any]:
    rows = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    rows = np.random.default_rng(0).permutation(rows)
    return rows[:, :8], rows[:, 8].astype(np.int64)


@pytest.fixture(scope="session")
def trained(htru2: tuple[Any, Any]) -> Reference:
    X, y = htru2
    return Reference.of(X[:TRAINING_ROWS], y[:TRAINING_ROWS])


@pytest.fixture(scope="session")
def unseen(htru2: tuple[Any, Any]) -> tuple[Any, Any]:
    X, y = htru2
    return X[TRAINING_ROWS:], y[TRAINING_ROWS:]
