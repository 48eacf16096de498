"""Simulated candidates: two curves are drawn, and the eight statistics are measured on them.

No feature is drawn: `pulsars.simulation.curves` draws the curves from a few physical quantities.
Three populations differ only in how the quantities are distributed:

pulsars
    Narrow, sometimes of two components, and dispersed: S/N peaks at the pulsar's own DM and
    falls off on both sides as in Cordes & McLaughlin (2003), ApJ 596, 1142, eq. 12 and 13.
interference
    Made on Earth, so strongest near DM 0. Mostly broad, sinusoidal or many-peaked; a few are
    as narrow as a pulsar.
noise
    A search keeps the best of very many folds, so the profile shows a faint chance pulse, while
    the DM-SNR curve is a floor with isolated spikes.

The distributions were searched for, and then rounded, so that the quantiles of each class lie near
those of HTRU2 and a model that learnt from them ranks HTRU2 well: how well it does is no blind
result. Faint pulsars, narrow interference and lucky noise overlap on purpose: without them the task
is trivial.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from pulsars.simulation.curves import (
    MAX_DM,
    PHASE_BINS,
    SNR_FLOOR,
    Floats,
    Pulses,
    dm_curve,
    moments,
    profile,
    scale,
)

INTERFERENCE_SHARE = 0.18  # of the non-pulsars; the rest are noise
BLOCK_ROWS = 96  # stays in a core's cache; another size orders the draws differently


def simulate(
    n_rows: int,
    *,
    prevalence: float = 0.092,
    rng: np.random.Generator,
    on_rows: Callable[[int], None] | None = None,
) -> tuple[Floats, NDArray[np.int8]]:
    """Draw labelled candidates in random order.

    Parameters
    ----------
    n_rows : int
        At least 1.
    prevalence : float
        Share of pulsars, in [0, 1]; HTRU2 has 0.092. ``round(prevalence * n_rows)`` rows are
        pulsars, exactly.
    rng : Generator
        The same state gives the same bytes on the same NumPy and processor.
    on_rows : callable, optional
        Called after every block with the number of rows done so far.

    Returns
    -------
    X : ndarray of shape (n_rows, 8), float64
        Mean, standard deviation, skewness and excess kurtosis of the profile, then of the
        DM-SNR curve.
    y : ndarray of shape (n_rows,), int8
        1 for a pulsar, 0 for anything else.

    Raises
    ------
    ValueError
        If `n_rows` or `prevalence` is out of range, or `rng` is no Generator.
    """
    check_rng(rng)
    starts = class_edges(n_rows, prevalence)
    place = rng.permutation(n_rows)
    X = np.empty((n_rows, 8))
    y = np.zeros(n_rows, dtype=np.int8)
    y[place[: starts[1]]] = 1
    for draw, start, stop in zip((pulsars, interference, noise), starts, starts[1:], strict=False):
        for first in range(start, stop, BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, stop)
            X[place[first:last]] = measure(draw(last - first, rng=rng), rng=rng)
            if on_rows is not None:
                on_rows(last)
    return X, y


def check_rng(rng: object) -> None:
    """Raise ValueError unless `rng` is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng {rng!r} is not a Generator: numpy.random.default_rng(seed)")  # noqa: TRY004 - as slp


def class_edges(n_rows: int, prevalence: float) -> tuple[int, int, int, int]:
    """Say where pulsars, interference and noise begin, and where noise ends.

    Raises
    ------
    ValueError
        If `n_rows` is below 1 or not whole, or `prevalence` outside [0, 1].
    """
    if not isinstance(n_rows, Integral) or n_rows < 1:
        raise ValueError(f"n_rows is {n_rows}; it must be at least 1, and whole")
    if not isinstance(prevalence, Real) or not 0.0 <= prevalence <= 1.0:
        raise ValueError(f"prevalence is {prevalence}; it must lie in [0, 1]")
    n_pulsars = round(prevalence * n_rows)
    n_interference = round(INTERFERENCE_SHARE * (n_rows - n_pulsars))
    return (0, n_pulsars, n_pulsars + n_interference, n_rows)


def measure(pulses: Pulses, *, rng: np.random.Generator) -> Floats:
    """Observe every pulse once and return the eight statistics, shape (n, 8)."""
    curves = (profile(pulses, rng=rng), dm_curve(pulses, rng=rng))
    return np.hstack([moments(scale(curve)) for curve in curves])


def pulsars(n: int, *, rng: np.random.Generator) -> Pulses:
    """Draw n pulsars, one in twenty of them a millisecond pulsar.

    Slow pulsars are the narrower ones: width goes as period to the power −0.3 (Posselt et al.
    2021, MNRAS 508, 4249).
    """
    fast = _chance(0.05, n, rng)
    period_ms = np.where(fast, _lognormal(5.0, 0.6, n, rng), _lognormal(800.0, 0.65, n, rng))
    return Pulses(
        snr=SNR_FLOOR + _lognormal(16.0, 1.5, n, rng),
        width=_width(_lognormal(0.032, 0.45, n, rng) * (800.0 / period_ms) ** 0.3),
        peaks=np.ones(n),
        companion=np.where(_chance(0.4, n, rng), rng.uniform(0.1, 0.9, n), 0.0),
        separation=rng.uniform(0.02, 0.12, n),
        period_ms=period_ms,
        dm=np.minimum(_lognormal(65.0, 0.7, n, rng), MAX_DM),
        spike_rate=_spike_rate(n, rng),
    )


def interference(n: int, *, rng: np.random.Generator) -> Pulses:
    """Draw n terrestrial signals: any period from 1 ms to 30 s, near DM 0, mostly broad."""
    narrow = _chance(0.06, n, rng)
    width = np.where(narrow, _lognormal(0.08, 0.5, n, rng), rng.uniform(0.2, 0.5, n))
    return Pulses(
        snr=SNR_FLOOR + _lognormal(3.0, 0.4, n, rng),
        width=_width(width),
        peaks=np.where(narrow, 1.0, rng.integers(1, 9, n)),
        companion=np.where(_chance(0.3, n, rng), rng.uniform(0.1, 1.0, n), 0.0),
        separation=rng.uniform(0.1, 0.5, n),
        period_ms=10.0 ** rng.uniform(0.0, 4.5, n),
        dm=_lognormal(2.0, 1.0, n, rng),
        spike_rate=_spike_rate(n, rng),
    )


def noise(n: int, *, rng: np.random.Generator) -> Pulses:
    """Draw n chance pulses, few of them above the floor, at any trial DM."""
    return Pulses(
        snr=rng.gamma(6.0, 0.68, n),
        width=_width(_lognormal(0.04, 0.6, n, rng)),
        peaks=np.ones(n),
        companion=np.zeros(n),
        separation=np.zeros(n),
        period_ms=_lognormal(20.0, 1.0, n, rng),
        dm=rng.uniform(0.0, MAX_DM, n),
        spike_rate=_spike_rate(n, rng),
    )


def _chance(probability: float, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    return rng.random(n) < probability


def _lognormal(median: float, spread: float, n: int, rng: np.random.Generator) -> Floats:
    return rng.lognormal(math.log(median), spread, n)


def _spike_rate(n: int, rng: np.random.Generator) -> Floats:
    return np.minimum(_lognormal(0.032, 0.63, n, rng), 0.5)


def _width(width: Floats) -> Floats:
    return np.clip(width, 1.0 / PHASE_BINS, 0.5)
