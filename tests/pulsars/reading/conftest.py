"""Candidates that a reader has to recognise, made here from curves so that physics holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

Write = Callable[..., Path]

KAGGLE = (
    " Mean of the integrated profile, Standard deviation of the integrated profile,"
    " Excess kurtosis of the integrated profile, Skewness of the integrated profile,"
    " Mean of the DM-SNR curve, Standard deviation of the DM-SNR curve,"
    " Excess kurtosis of the DM-SNR curve, Skewness of the DM-SNR curve,target_class"
)


def moments(curves: np.ndarray) -> np.ndarray:
    """Mean, stdev, skewness and excess kurtosis of each row, after scaling it to 0–255."""
    low, high = curves.min(axis=1, keepdims=True), curves.max(axis=1, keepdims=True)
    curves = 255 * (curves - low) / (high - low)
    mean, stdev = curves.mean(axis=1), curves.std(axis=1)
    z = (curves - mean[:, None]) / stdev[:, None]
    return np.column_stack([mean, stdev, (z**3).mean(axis=1), (z**4).mean(axis=1) - 3])


@pytest.fixture(scope="session")
def rows() -> np.ndarray:
    """240 candidates, 48 of them pulsars, features and label: shape (240, 9)."""
    rng = np.random.default_rng(5)
    label = np.zeros(240)
    label[rng.permutation(240)[:48]] = 1
    phase = np.linspace(-1, 1, 128)
    trial = np.linspace(-1, 1, 600)
    pulse = np.exp(-0.5 * (phase / 0.06) ** 2) * (8 * label)[:, None]
    peak = np.exp(-0.5 * (trial / 0.15) ** 2) * (6 * label)[:, None]
    spikes = rng.exponential(size=(240, 600)) ** 3
    profile = moments(pulse + rng.normal(size=(240, 128)))
    dm = moments(peak + np.where(label[:, None] == 1, rng.normal(size=(240, 600)), spikes))
    return np.column_stack([profile, dm, label])


@pytest.fixture(scope="session")
def lines(rows: np.ndarray) -> list[str]:
    """Write the same candidates as a headerless file has them."""
    return [",".join([*map(repr, row[:8].tolist()), f"{row[8]:.0f}"]) for row in rows]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write lines, text or bytes to a file whose name says nothing, and give its path."""

    def write_file(
        content: bytes | str | Sequence[str], *, newline: str = "\n", encoding: str = "utf-8"
    ) -> Path:
        path = tmp_path / "candidates.dat"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else newline.join(content) + newline
            path.write_bytes(text.encode(encoding))
        return path

    return write_file


@pytest.fixture
def kaggle() -> str:
    """Give the header of the Kaggle copy, misnamed as it is."""
    return KAGGLE
