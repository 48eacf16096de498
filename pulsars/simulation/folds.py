"""Simulated folds: the cube that a telescope would have folded, from the same quantities.

A cube of parts × sub-bands × bins holds the pulse that `pulsars.simulation.populations` draws,
delayed in each sub-band by its DM, over white noise. A pulsar shines in all parts and sub-bands,
interference in some. Profile statistics are those of simulated tables; the DM curve is reduced χ²,
as of every `.pfd`, where a simulated table has the S/N of a search, as HTRU 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pulsars.folds import SIMULATED, Prepfold
from pulsars.simulation.curves import BANDWIDTH_MHZ, CENTRE_GHZ, MAX_DM, Pulses, components
from pulsars.simulation.populations import check_rng, class_edges, interference, noise, pulsars

N_PARTS, N_BANDS, N_BINS = 16, 16, 64

_CHANNELS = 16 * N_BANDS
_WIDTH_MHZ = BANDWIDTH_MHZ / _CHANNELS
_LOWEST_MHZ = 1000.0 * CENTRE_GHZ - BANDWIDTH_MHZ / 2 + _WIDTH_MHZ / 2
_BAND_MHZ = _LOWEST_MHZ - _WIDTH_MHZ + BANDWIDTH_MHZ / N_BANDS * np.arange(1, N_BANDS + 1)
_TRIAL_DMS = np.linspace(0.0, MAX_DM, 201)
_SECONDS_A_DM = (_BAND_MHZ**-2.0 - _BAND_MHZ[-1] ** -2.0) / 0.000241
_BRIGHTEST = 120.0  # S/N; χ² of what is brighter leaves the scale on which HTRU 2 has its curves
_SHINING = 0.3  # share of parts, and of sub-bands, in which interference is seen, at least


def simulate_folds(
    n_rows: int, *, prevalence: float = 0.092, rng: np.random.Generator
) -> Iterator[tuple[Prepfold, int]]:
    """Draw labelled folds in random order.

    Parameters
    ----------
    n_rows, prevalence, rng
        As of `pulsars.simulation.populations.simulate`.

    Yields
    ------
    fold : Prepfold
        Of `N_PARTS` parts, `N_BANDS` sub-bands and `N_BINS` bins; unit noise in each.
    label : int
        1 for a pulsar, 0 for anything else.

    Raises
    ------
    ValueError
        If `n_rows` or `prevalence` is out of range, or `rng` is no Generator.
    """
    check_rng(rng)
    edges = class_edges(n_rows, prevalence)
    drawn = (pulsars, interference, noise)
    kinds = np.repeat(np.arange(len(drawn)), np.diff(edges))[rng.permutation(n_rows)]
    for number, kind in enumerate(kinds.tolist()):
        draw = drawn[kind]
        pulse = draw(1, rng=rng)
        pulse = replace(pulse, snr=np.minimum(pulse.snr, _BRIGHTEST))
        shines = _shining(rng) if draw is interference else np.ones((N_PARTS, N_BANDS))
        fold = _observed(pulse, shines, name=f"simulated {number}", rng=rng)
        yield fold, int(draw is pulsars)


def _observed(
    pulse: Pulses, shines: NDArray[np.float64], *, name: str, rng: np.random.Generator
) -> Prepfold:
    dm, period = float(pulse.dm[0]), float(pulse.period_ms[0]) / 1000.0
    lags = np.floor(dm * _SECONDS_A_DM / period * N_BINS + 0.5).astype(np.int64)
    bins = (np.arange(N_BINS) - lags[:, np.newaxis]) % N_BINS
    cube = rng.standard_normal((N_PARTS, N_BANDS, N_BINS))
    # Summed over n cells of unit noise, a bin has the noise √n; in that unit is the pulse.
    share = shines / shines.sum() * np.sqrt(shines.size)
    cube += share[..., np.newaxis] * components(pulse, n_bins=N_BINS, rng=rng)[0][bins]
    return Prepfold(
        name=name,
        telescope=SIMULATED,
        n_channels=_CHANNELS,
        low_frequency=_LOWEST_MHZ,
        channel_width=_WIDTH_MHZ,
        dm=dm,
        period=period,
        fold_frequency=1.0 / period,
        dms=_TRIAL_DMS,
        profiles=cube,
        variances=np.ones((N_PARTS, N_BANDS)),
    )


def _shining(rng: np.random.Generator) -> NDArray[np.float64]:
    """Say in which cells interference is seen, (N_PARTS, N_BANDS): 1 or 0, and one at least."""
    sides = [rng.random(n) < rng.uniform(_SHINING, 1.0) for n in (N_PARTS, N_BANDS)]
    shines = np.outer(*sides).astype(np.float64)
    shines[rng.integers(N_PARTS), rng.integers(N_BANDS)] = 1.0
    return shines
