"""Student's t: how many standard errors an interval reaches when the error itself is not sure."""

from __future__ import annotations

import math

import numpy as np

_ANGLES = np.linspace(0, 1, 4001)


def student_quantile(share: float, degrees: float) -> float:
    """Give the number of standard errors on either side that hold a share of Student's t.

    With t = √n tan φ the density of n degrees is that of cosⁿ⁻¹ φ, which has no far end to reach.

    Parameters
    ----------
    share : float
        In the middle, in (0, 1): 0.95 for 95 %.
    degrees : float
        Of freedom, at least 1, whole or not.

    Returns
    -------
    float
        Right to three digits where the share is at most 0.99, to five from 2 degrees on.

    Raises
    ------
    ValueError
        When the share or the degrees are out of bounds.
    """
    if not 0 < share < 1:
        raise ValueError(f"share {share} is outside (0, 1)")
    if not degrees >= 1:
        raise ValueError(f"degrees of freedom {degrees} are below 1")
    n = min(degrees, 1e9)
    angle = min(math.pi / 2, 10 / math.sqrt(n)) * _ANGLES
    density = np.exp((n - 1) * np.log(np.maximum(np.cos(angle), 1e-300)))
    held = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return math.sqrt(n) * math.tan(np.interp(share, held / held[-1], angle))
