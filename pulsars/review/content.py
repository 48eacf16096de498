"""Which candidate a label is of: the one with these eight numbers, wherever it is met again."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike

_DIGITS = 12


def short_name(name: str, candidate: str) -> str:
    """Give what a person is shown of a candidate: its name, or the first digits of its hash."""
    return name or candidate[:_DIGITS]


def content_hash(features: ArrayLike) -> str:
    """Hash the eight statistics of a candidate.

    Parameters
    ----------
    features : array-like of shape (8,), float64
        In canonical order, finite.

    Returns
    -------
    str
        64 hexadecimal digits: SHA-256 of the eight numbers as little-endian float64. Minus zero is
        zero.

    Examples
    --------
    >>> content_hash([1, 2, 3, 4, 5, 6, 7, -0.0]) == content_hash([1, 2, 3, 4, 5, 6, 7, 0])
    True
    """
    numbers = np.asarray(features, dtype="<f8") + 0.0
    return hashlib.sha256(numbers.tobytes()).hexdigest()
