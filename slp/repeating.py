"""Whether a model repeats scores that were kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ROUNDING = 1e-9
"""What two processors may differ by, and by this part of a score beside: seen were 8e-15."""


def repeats(again: ArrayLike, kept: ArrayLike) -> bool:
    """Say whether scores are those that were kept, but for the last digits.

    One processor gives the same bits. Another may take exponentials and sums in other
    instructions, and then ends in other digits after the fourteenth.

    Parameters
    ----------
    again, kept : array-like of one shape
        Logits or probabilities, of a model in use and of the same when it was measured.

    Returns
    -------
    bool
        False where the shapes differ, a score differs by more than `ROUNDING` and this part of
        itself together, or one is not a number.

    Examples
    --------
    >>> repeats([0.25, 0.5], [0.25, np.nextafter(0.5, 1)])
    True
    >>> repeats([0.25, 0.5], [0.25, 0.50001])
    False
    """
    scores, before = np.asarray(again), np.asarray(kept)
    same_shape = scores.shape == before.shape
    return same_shape and np.allclose(scores, before, rtol=ROUNDING, atol=ROUNDING)
