"""Which of two curves that nobody named is the profile: what their means say.

Two things tell, whatever the survey. A folded profile is kept as whole numbers in a power of two
of bins, so its mean is a whole number of 1/64, 1/128 or the like; a DM-SNR curve has any number
of trials. And where a survey tries many dispersion measures the DM-SNR curve of noise is a few
spikes on nothing: its mean is a few of 255, where noise in a profile has a mean near the middle. Of
pulsars that tells nothing: a narrow pulse is a spike, too, and bright over many of the trials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.slips import slips

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_ROWS = 2000

MIXED_ROWS = 20_000
"""Rows, evenly taken, in which a second order is looked for."""

MAX_HALVINGS = 10
"""Profiles of up to 1,024 bins are recognised by their fractions."""

MIN_DIGITS = 6
"""Decimal digits that all have to fall on such fractions, in two rows at least: by chance once in
5 ** 6."""

MAX_OTHERS = 0.05
"""Largest share of the profile's means that may be no such fraction."""

_MAX_DECIMALS = 10
_TENS = np.array([1.0, 10.0, 100.0])

FAINT, BRIGHT = 20.0, 40.0
"""A row speaks when one mean is below the first and the other above the second, of 255."""

MIN_OVER, MAX_WIDE = 1.9, 60.0
"""And the brighter curve looks like noise in a profile: its mean is so many stdevs at least, which
are at most so large. In HTRU2 95 % of its profiles are so, of DM-SNR curves beside a narrow pulse
14 %, in HTRU 1 none."""

MIN_ROWS = 5
"""Rows that have to speak."""

MAX_CONTRARY = 0.1
"""Largest share of contrary rows among those that speak: narrow pulses over few trials."""

MAX_CHANCE = 0.15
"""Largest share of rounded numbers that may look like such a fraction by chance: 128 in a thousand
do, so that profiles of 128 bins are told where their means keep three decimals."""


def is_profile(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool | None:
    """Tell whether `first` is the profile, and `second` the DM-SNR curve.

    Parameters
    ----------
    first, second : ndarray of shape (2, n_rows), dtype float64
        Means of two curves on the 0–255 scale, and stdevs; NaN where unknown.

    Returns
    -------
    bool or None
        None where the values do not tell, or tell two things.
    """
    whole = np.isfinite(first[0]) & np.isfinite(second[0])
    step = max(int(whole.sum()) // SAMPLE_ROWS, 1)
    first, second = first[:, whole][:, ::step], second[:, whole][:, ::step]
    said = {_by_fractions(first[0], second[0]), _by_size(first, second)} - {None}
    return said.pop() if len(said) == 1 else None


def share_of_contrary(profile: NDArray[np.float64], dm: NDArray[np.float64]) -> float | None:
    """Tell how many rows have their curves the other way round, where two orders were joined.

    Parameters
    ----------
    profile, dm : ndarray of shape (n_rows,), dtype float64
        Means of the two curves; NaN where unknown.

    Returns
    -------
    float or None
        None where one order holds in all rows but a few, or where fractions do not tell: in HTRU2
        and HTRU 1 every mean of a profile is one, and with none of them a DM curve's alone. Means
        that were rounded to fewer than three decimals do not tell.
    """
    step = max(len(profile) // MIXED_ROWS, 1)
    first, second = (_are_fractions(means[::step]) for means in (profile, dm))
    right, contrary = int((first & ~second).sum()), int((second & ~first).sum())
    neither, told = int((~first & ~second).sum()), right + contrary
    # Where a profile's mean may be no fraction, a DM curve's alone may be one by chance.
    if min(right, contrary) < max(MIN_ROWS, 4 * neither):
        return None
    return contrary / told if told >= (1 - MAX_OTHERS - MAX_CHANCE) * len(first) else None


def _by_fractions(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool | None:
    """Tell by which mean is a fraction with a power of two below the line."""
    halvings = [_halvings(means) for means in (first, second)]
    others = [int((found < 0).sum()) for found in halvings]
    allowed = max(MAX_OTHERS * len(first), slips(len(first)))
    # A fraction with 2 ** k below the line has k decimal digits: rounded numbers look so too.
    sharp = [
        n <= allowed and (found > 0).sum() > 1 and found[found > 0].sum() >= MIN_DIGITS
        for n, found in zip(others, halvings, strict=True)
    ]
    if sharp[0] and 2 * others[1] >= len(first):
        return True
    return False if sharp[1] and 2 * others[0] >= len(first) else None


def _halvings(means: NDArray[np.float64]) -> NDArray[np.int64]:
    """How often a number has to be doubled to be whole; -1 for more than `MAX_HALVINGS`."""
    found = np.full(len(means), -1, dtype=np.int64)
    for n in range(MAX_HALVINGS, -1, -1):
        with np.errstate(over="ignore"):
            doubled = means * 2**n
        found[doubled == np.round(doubled)] = n
    return found


def _are_fractions(means: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which numbers are a fraction with a power of two below the line, to their last digit."""
    decimals = _decimals(means)
    halvings = np.floor(np.log2(MAX_CHANCE * 10.0**decimals)).clip(0, MAX_HALVINGS)
    with np.errstate(over="ignore", invalid="ignore"):
        nearest = np.round(means * 2**halvings) / 2**halvings
        found: NDArray[np.bool_] = np.abs(nearest - means) <= 0.501 * 10.0**-decimals
    return found


def _decimals(means: NDArray[np.float64]) -> NDArray[np.int64]:
    """Decimals that most numbers of a size keep: ``%.6g`` leaves fewer of a larger; at most 10."""
    own = np.where(np.isfinite(means), _MAX_DECIMALS, 0)
    with np.errstate(over="ignore"):
        for n in range(_MAX_DECIMALS - 1, -1, -1):
            own[means == np.round(means, n)] = n
    size = np.digitize(np.abs(means), _TENS)
    for one in np.unique(size):
        alike = size == one
        own[alike] = np.quantile(own[alike], 1 - MAX_OTHERS, method="lower")
    return own


def _by_size(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool | None:
    """Tell by which mean is far smaller in most rows, beside noise."""
    for_it, against = _count_noise(first, second), _count_noise(second, first)
    most, least = max(for_it, against), min(for_it, against)
    n_rows = first.shape[1]
    allowed = max(MAX_CONTRARY * most, slips(n_rows))
    if most < MIN_ROWS or 2 * most < n_rows or least > allowed:
        return None
    return for_it > against


def _count_noise(profile: NDArray[np.float64], dm: NDArray[np.float64]) -> int:
    """Count rows that look like noise in a profile, beside the DM-SNR curve of noise."""
    (mean, stdev), faint = profile, dm[0] < FAINT
    looks = (mean > BRIGHT) & (mean / MIN_OVER > stdev) & (stdev < MAX_WIDE)
    return int(np.count_nonzero(looks & faint))
