"""The two curves of a candidate, drawn from physical quantities, and their moments.

A candidate is a pulse, real or not, in noise: its folded profile and its DM-SNR curve follow from
a few quantities, both are scaled to 0–255, and their moments are taken, as in Lyon et al. (2016),
MNRAS 459, 1104, section 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas import FULL_SCALE

Floats: TypeAlias = NDArray[np.float64]
Curves: TypeAlias = NDArray[np.floating[Any]]  # drawn in float32: half the time and memory

PHASE_BINS = 128
DM_TRIALS = 384
MAX_DM = 1000.0  # pc cm⁻³, and the two below: HTRU survey, Keith et al. (2010), MNRAS 409, 619
CENTRE_GHZ = 1.352
BANDWIDTH_MHZ = 340.0
SNR_FLOOR = 6.0  # what the search does not record stays zero in the DM-SNR curve


@dataclass(frozen=True, kw_only=True)
class Pulses:
    """The physical quantities behind n candidates, each of shape (n,) and dtype float64.

    Attributes
    ----------
    snr : ndarray
        S/N of the folded profile: matched filter, white noise. At least 0.
    width : ndarray
        Full width at half maximum of a component, in [1 / PHASE_BINS, 0.5] of a repetition.
    peaks : ndarray
        Repetitions in a turn, a whole number: 1 for a pulsar.
    companion, separation : ndarray
        Height of a second component relative to the first, and its distance in repetitions.
    period_ms, dm : ndarray
        Period in ms; dispersion measure in pc cm⁻³.
    spike_rate : ndarray
        Chance spikes a trial DM that noise alone lifts above the floor, in (0, 0.5].
    """

    snr: Floats
    width: Floats
    peaks: Floats
    companion: Floats
    separation: Floats
    period_ms: Floats
    dm: Floats
    spike_rate: Floats


def profile(pulses: Pulses, *, rng: np.random.Generator) -> Curves:
    """Fold: von Mises components at a random phase over white noise of unit variance.

    Returns
    -------
    ndarray of shape (n, PHASE_BINS), float32
        In units of the noise of one bin. The pulse, less its mean, has the Euclidean norm `snr`.
    """
    shape = components(pulses, rng=rng)
    shape += rng.standard_normal(shape.shape, dtype=np.float32)
    return shape


def components(pulses: Pulses, *, n_bins: int = PHASE_BINS, rng: np.random.Generator) -> Curves:
    """Draw the pulse alone, less its mean and of the norm `snr`, at a random phase: (n, n_bins)."""
    turn = np.arange(n_bins, dtype=np.float32) / np.float32(n_bins)
    repetition = _column(pulses.peaks) * (turn - _column(rng.random(pulses.snr.size)))
    sharpness = _column(math.log(2.0) / (1.0 - np.cos(np.pi * pulses.width)))
    shape = _component(repetition, sharpness)
    if pulses.companion.any():
        second = _component(repetition - _column(pulses.separation), sharpness)
        shape += _column(pulses.companion) * second
    shape -= shape.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.einsum("ij,ij->i", shape, shape))
    shape *= _column(pulses.snr / norm)
    return shape


def dm_curve(pulses: Pulses, *, rng: np.random.Generator) -> Curves:
    """Search: S/N above the floor at every trial DM, from the pulse or from chance.

    Chance spikes exceed the floor by an exponential amount. The pulse's S/N is the folded one
    less what a search that sums few harmonics loses, times `smearing`, with unit noise.

    Returns
    -------
    ndarray of shape (n, DM_TRIALS), float32
        0 where nothing was recorded; at least one trial of every row is above 0.
    """
    curve = _chance_spikes(pulses.spike_rate, rng)
    found = pulses.snr * rng.uniform(0.65, 1.0, pulses.snr.size)
    seen = np.flatnonzero(found > SNR_FLOOR)
    width_ms = pulses.width * pulses.period_ms
    zeta_per_dm = 6.91e-3 * BANDWIDTH_MHZ / (width_ms * CENTRE_GHZ**3)
    offset = np.abs(trial_dms().astype(np.float32) - _column(pulses.dm[seen]))
    signal = smearing(offset * _column(zeta_per_dm[seen])) * _column(found[seen])
    signal += rng.standard_normal(signal.shape, dtype=np.float32)
    curve[seen] = np.maximum(curve[seen], signal - np.float32(SNR_FLOOR))
    return curve


def trial_dms() -> Floats:
    """Return the trial DMs in pc cm⁻³, shape (DM_TRIALS,); like a real plan's, the step grows."""
    return MAX_DM * np.linspace(0.0, 1.0, DM_TRIALS) ** 3


def smearing(zeta: Curves) -> Curves:
    """S/N kept at a DM error, from 1 at no error: ``sqrt(pi) / 2 * erf(zeta) / zeta``.

    Cordes & McLaughlin (2003), eq. 12; `zeta` is 0 or more, any shape. The error function is
    Abramowitz & Stegun (1964), 7.1.28, good to 3e-7. Below 0.01, where 1 is less than 4e-5
    away, the result is that of 0.01. Rounding in float32 adds up to 2e-4.
    """
    zeta = np.maximum(zeta, 0.01)
    inner = np.minimum(zeta, 5.0)  # beyond, erf is 1 and the power below would overflow
    power = np.full_like(inner, 4.30638e-5)
    for coefficient in (2.765672e-4, 1.520143e-4, 9.2705272e-3, 4.22820123e-2, 7.05230784e-2):
        power *= inner
        power += coefficient
    power *= inner
    power += 1.0
    for _ in range(4):
        power *= power
    kept: Curves = math.sqrt(math.pi) / 2.0 * (1.0 - 1.0 / power) / zeta
    return kept


def scale(curves: Curves) -> Curves:
    """Map every row linearly so that its minimum is 0 and its maximum 255, both exactly."""
    low = curves.min(axis=1, keepdims=True)
    height = curves.max(axis=1, keepdims=True) - low
    scaled: Curves = (curves - low) / height * np.float32(FULL_SCALE)
    return scaled


def moments(curves: Curves) -> Floats:
    """Take mean, standard deviation, skewness and excess kurtosis of every row.

    Population moments, computed in float64 (Lyon et al. 2016, table 4, with n in the
    denominator): so variance ≤ mean · (255 − mean) on a 0–255 scale, and excess kurtosis
    ≥ skewness² − 2, hold up to rounding.

    Parameters
    ----------
    curves : ndarray of shape (n, n_bins)

    Returns
    -------
    ndarray of shape (n, 4), float64

    Raises
    ------
    ValueError
        If a curve is flat: it has no skewness.
    """
    n_bins = curves.shape[1]
    mean = curves.mean(axis=1, dtype=np.float64)
    centred = curves - mean[:, np.newaxis]
    squared = centred * centred
    variance = squared.mean(axis=1)
    if not variance.all():
        raise ValueError(f"curve {int(variance.argmin())} has variance 0; it must be above 0")
    third = np.einsum("ij,ij->i", squared, centred) / n_bins
    fourth = np.einsum("ij,ij->i", squared, squared) / n_bins
    skewness = third / variance**1.5
    return np.column_stack([mean, np.sqrt(variance), skewness, fourth / variance**2 - 3.0])


def _component(repetition: Curves, sharpness: Curves) -> Curves:
    angle = np.float32(2.0 * np.pi) * repetition
    von_mises: Curves = np.exp(sharpness * (np.cos(angle) - np.float32(1.0)))
    return von_mises


def _chance_spikes(rate: Floats, rng: np.random.Generator) -> Curves:
    # Without a single detection it would not be a candidate.
    counts = np.maximum(rng.poisson(rate * DM_TRIALS), 1)
    rows = np.repeat(np.arange(rate.size), counts)
    curve = np.zeros((rate.size, DM_TRIALS), dtype=np.float32)
    trials = rng.integers(DM_TRIALS, size=rows.size)
    curve[rows, trials] = rng.standard_exponential(rows.size, dtype=np.float32)
    return curve


def _column(values: Floats) -> Curves:
    return values.astype(np.float32)[:, np.newaxis]
