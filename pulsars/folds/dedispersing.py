"""From a folded cube to profile, DM curve and pictures.

The cube is read once: what the eight statistics need of it is its sum over time.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pulsars.folds.fold import Fold
from pulsars.folds.prepfold import Prepfold
from schemas import DM_TRIALS, FULL_SCALE, FoldError

_DISPERSION = 0.000241
"""1 / (MHz² s / (pc cm⁻³)): a delay is DM / (this · f²), Manchester & Taylor (1972)."""

_MOST_VALUES = 1 << 23
"""Sub-bands times bins: 4,096 of 2,048."""

_AT_ONCE = 1 << 20
"""Values that are turned at a time, 8 MB."""


@np.errstate(all="ignore")  # what overflows is found, and said
def fold_of(pfd: Prepfold, *, name: str) -> Fold:
    """Dedisperse a fold at its best DM, and at trial DMs for the DM curve.

    Parameters
    ----------
    pfd : Prepfold
        As `unpack` gives it: frequencies are above 0.
    name : str
        How messages call the file.

    Raises
    ------
    FoldError
        If a profile is flat or all variances are missing: then there is no curve, or its
        statistics say nothing. Or it has more sub-bands and bins than any fold.
    """
    _, n_bands, n_bins = pfd.profiles.shape
    if n_bands * n_bins > _MOST_VALUES:
        raise FoldError(
            f"{name}: {n_bands:,} sub-bands of {n_bins:,} bins; at most {_MOST_VALUES:,} values of "
            "them are dedispersed; fold it with fewer"
        )
    dms = np.linspace(pfd.dms[0], pfd.dms[-1], DM_TRIALS)
    turned = _shifts(pfd, np.append(dms, pfd.dm), name=name)
    bands, shifts = pfd.profiles.sum(axis=0), turned[-1]
    at_best = _rotated(_turns(bands), shifts)
    return Fold(
        kind="pfd",
        profile=_scaled(at_best.sum(axis=0), name=name),
        dm_curve=_dm_curve(bands, turned[:-1], pfd, name=name),
        dms=dms,
        sub_bands=at_best,
        sub_integrations=_by_part(pfd.profiles, shifts),
        name=pfd.name,
        telescope=pfd.telescope,
        period=_period(pfd),
        dm=pfd.dm,
        ra=pfd.ra,
        dec=pfd.dec,
    )


def _delays(pfd: Prepfold) -> NDArray[np.float64]:
    """Give the turns by which each sub-band lags behind the highest at a DM of 1 pc cm⁻³."""
    n_bands = pfd.profiles.shape[1]
    step = pfd.channel_width * (pfd.n_channels / n_bands)
    frequencies = pfd.low_frequency + step * np.arange(1, n_bands + 1) - pfd.channel_width
    seconds = 1.0 / (_DISPERSION * frequencies**2)
    delays: NDArray[np.float64] = (seconds - seconds[frequencies.argmax()]) * pfd.fold_frequency
    return delays


def _shifts(pfd: Prepfold, dms: NDArray[np.float64], *, name: str) -> NDArray[np.int64]:
    """Give the bins by which sub-bands are turned to the left, (n_dms, n_bands)."""
    n_bins = pfd.profiles.shape[2]
    bins = np.floor(np.outer(dms, _delays(pfd)) * n_bins + 0.5)
    if not np.isfinite(bins).all():
        raise FoldError(f"{name}: a delay at DM {pfd.dm} or at a trial DM is no finite number")
    shifts: NDArray[np.int64] = np.mod(bins, n_bins).astype(np.int64)
    return shifts


def _turns(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a view of each sub-band by each turn, (n_bands, n_bins + 1, n_bins)."""
    return sliding_window_view(np.concatenate([bands, bands], axis=1), bands.shape[1], axis=1)


def _rotated(turns: NDArray[np.float64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Turn each sub-band by shifts of shape (…, n_bands)."""
    return turns[np.arange(len(turns)), shifts]


def _profiles_by_dm(bands: NDArray[np.float64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the sub-bands, turned for each DM, (n_dms, n_bins); a few DMs at a time."""
    turns, step = _turns(bands), max(1, _AT_ONCE // bands.size)
    starts = range(0, len(shifts), step)
    return np.concatenate(
        [_rotated(turns, shifts[start : start + step]).sum(axis=1) for start in starts]
    )


def _dm_curve(
    bands: NDArray[np.float64], shifts: NDArray[np.int64], pfd: Prepfold, *, name: str
) -> NDArray[np.float32]:
    """Give the reduced χ² of the profile at each DM, against a constant, (n_dms,)."""
    variance = float(pfd.variances.sum())
    if not 0.0 < variance < np.inf:
        raise FoldError(f"{name}: the variances of its profiles sum to {variance}, must be above 0")
    profiles = _profiles_by_dm(bands, shifts)
    n_bins = profiles.shape[1]
    # Whatever is turned, the sum stays; so does the mean.
    squares = ((profiles - bands.sum() / n_bins) ** 2).sum(axis=1)
    # Those who published such statistics took them of χ² in single precision, see `measure`.
    curve: NDArray[np.float32] = (squares / variance / (n_bins - 1)).astype(np.float32)
    if not np.isfinite(curve).all():
        raise FoldError(f"{name}: χ² of its profile goes to {squares.max() / variance}, too large")
    return curve


def _by_part(profiles: NDArray[np.float64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the sub-bands of each part, each turned; shape (n_parts, n_bins)."""
    n_parts, _, n_bins = profiles.shape
    summed = np.zeros((n_parts, n_bins))
    for band, shift in enumerate(shifts.tolist()):
        summed[:, : n_bins - shift] += profiles[:, band, shift:]
        summed[:, n_bins - shift :] += profiles[:, band, :shift]
    return summed


def _scaled(profile: NDArray[np.float64], *, name: str) -> NDArray[np.float64]:
    low, high = profile.min(), profile.max()
    if not 0.0 < high - low < np.inf:
        raise FoldError(
            f"{name}: its profile goes from {low} to {high}; what is flat, or overflows, has no "
            "skewness"
        )
    scaled: NDArray[np.float64] = (profile - low) / (high - low) * FULL_SCALE
    return scaled


def _period(pfd: Prepfold) -> float:
    """Give the period in seconds: topocentric, else barycentric, else as folded."""
    told = (pfd.period, pfd.barycentric_period, 1.0 / pfd.fold_frequency)
    return next(period for period in told if np.isfinite(period) and period > 0.0)
