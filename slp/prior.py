"""What a change of prevalence, the share of pulsars, does to a logit."""

from __future__ import annotations

import math

from slp.scalars import check_number


def prior_shift(*, trained: float, true: float) -> float:
    """Give what a change of prevalence adds to every logit.

    Parameters
    ----------
    trained, true : float
        Prevalence among the training rows, and where the model is used; both in (0, 1).

    Returns
    -------
    float
        ``log(true / (1 - true)) - log(trained / (1 - trained))``.

    Raises
    ------
    ValueError
        When a prevalence is outside (0, 1).

    References
    ----------
    King and Zeng (2001), "Logistic Regression in Rare Events Data", Political Analysis 9,
    section 4.1; Saerens, Latinne and Decaestecker (2002), Neural Computation 14, section 2.
    """
    return _log_odds(true) - _log_odds(trained)


def _log_odds(prevalence: float) -> float:
    if not 0 < check_number("prevalence", prevalence) < 1:
        raise ValueError(f"prevalence {prevalence} is outside (0, 1)")
    return math.log(prevalence) - math.log1p(-prevalence)
