"""Which candidates are known pulsars, or harmonics of one, by what they carry.

A pulsar that is known is found again in every survey of its sky, and often at a multiple or a part
of its period. Position, period and DM are compared within the tolerances of
`pulsars.reading.identity.near`; without positions period and DM alone, within narrower ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.identity.near import (
    SAME_HARMONIC,
    SAME_PERIOD,
    chord,
    dms_agree,
    ratios,
    unit_vectors,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pulsars.reading.identity.catalogue import Pulsars

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

SAME_WITHOUT_POSITION = 1e-4
"""Relative: the Earth's motion alone. Wider, of 4,000 pulsars some would fit by chance too often
where no position says which can be meant."""

_PAIRS = 1 << 20
"""Candidates times pulsars that are looked at at once: some 100 MB."""

_WITHOUT_POSITION = ((1, 2), (1, 1), (2, 1))
"""For the same reason the strongest harmonics alone."""


@dataclass(frozen=True, eq=False)
class Harmonics:
    """Ratios of a candidate's period to a pulsar's, rising.

    Attributes
    ----------
    names : list of str
        Such as ``1/2``, ``1``, ``3``.
    logs : ndarray of shape (n_ratios,), float64
        Their logarithms.
    widths : ndarray of shape (n_ratios,), float64
        How far a logarithm may lie beside.
    order : ndarray of shape (n_ratios,), int64
        0 for the one that is believed before all others: the plainer it is.
    """

    names: list[str]
    logs: Floats
    widths: Floats
    order: Places

    @classmethod
    def of(cls, *, by_position: bool) -> Harmonics:
        """Give those that are tried."""
        over = [(n, m) for n, m in ratios() if n > m]
        tried = [*((m, n) for n, m in reversed(over)), (1, 1), *over]
        if not by_position:
            tried = list(_WITHOUT_POSITION)
        wide, narrow = (SAME_PERIOD, SAME_HARMONIC) if by_position else (SAME_WITHOUT_POSITION,) * 2
        plain = sorted(range(len(tried)), key=lambda i: (sum(tried[i]), tried[i]))
        return cls(
            names=[f"{n}/{m}" if m > 1 else str(n) for n, m in tried],
            logs=np.log([n / m for n, m in tried]),
            widths=np.log1p([wide if n == m else narrow for n, m in tried]),
            order=np.argsort(plain),
        )

    def nearest(self, log_ratio: Floats) -> tuple[Places, NDArray[np.bool_]]:
        """Give the nearest to each, and whether it is near enough."""
        middles = (self.logs[1:] + self.logs[:-1]) / 2
        at = np.searchsorted(middles, log_ratio)
        return at, np.abs(log_ratio - self.logs[at]) <= self.widths[at]


def find_known(  # noqa: PLR0913 - what a candidate is told by
    pulsars: Pulsars,
    harmonics: Harmonics,
    *,
    period: Floats,
    dm: Floats,
    ra: Floats | None = None,
    dec: Floats | None = None,
    within: float,
) -> tuple[Places, Places]:
    """Tell which candidates are known pulsars, or harmonics of one.

    Parameters
    ----------
    pulsars : Pulsars
    harmonics : Harmonics
        With `by_position` as `ra` and `dec` are given.
    period : ndarray of shape (n_rows,), float64
        Seconds; a row without a positive one is none.
    dm : ndarray of shape (n_rows,), float64
        pc/cm³. NaN contradicts nothing, and without positions is none.
    ra, dec : ndarray of shape (n_rows,), float64, optional
        Degrees; a row with NaN is none.
    within : float
        Degrees that a candidate may be away from a pulsar.

    Returns
    -------
    pulsar, harmonic : ndarray of shape (n_rows,), int64
        Places in the catalogue and in `Harmonics.names`; -1 for none. Of several pulsars that one
        row can be, the one of the plainest ratio, then the one that is nearest in period, then the
        first of the catalogue.

    Notes
    -----
    Pulsars are sorted by declination, without positions by period, and a candidate is paired with
    those in a band about it: `_PAIRS` pairs at a time, whatever there are.
    """
    pulsar, harmonic = np.full((2, len(period)), -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_period, log_known = np.log(np.where(period > 0, period, np.nan)), np.log(pulsars.period)
    if ra is not None and dec is not None:
        pairs = _near_in_sky(pulsars, ra, dec, np.isfinite(log_period), within)
    else:
        pairs = _near_in_period(pulsars, log_known, log_period, np.isfinite(dm), harmonics)
    for rows, known in pairs:
        ratio = log_period[rows] - log_known[known]
        at, fits = harmonics.nearest(ratio)
        fits &= dms_agree(dm[rows], pulsars.dm[known])
        rows, known, at, off = (  # noqa: PLW2901
            each[fits] for each in (rows, known, at, np.abs(ratio - harmonics.logs[at]))
        )
        best = np.lexsort((known, off, harmonics.order[at], rows))
        first = best[np.unique(rows[best], return_index=True)[1]]
        pulsar[rows[first]], harmonic[rows[first]] = known[first], at[first]
    return pulsar, harmonic


def _near_in_sky(
    pulsars: Pulsars, ra: Floats, dec: Floats, usable: NDArray[np.bool_], within: float
) -> Iterator[tuple[Places, Places]]:
    """Give candidates and the pulsars within an angle; all pairs of a candidate at once."""
    placed = np.flatnonzero(pulsars.placed)
    by_dec = placed[np.argsort(pulsars.dec[placed], kind="stable")]
    rows = np.flatnonzero(usable & np.isfinite(ra) & np.isfinite(dec))
    sky, known_sky = unit_vectors(ra, dec), unit_vectors(pulsars.ra, pulsars.dec)
    ordered = pulsars.dec[by_dec]
    low = np.searchsorted(ordered, dec[rows] - within, side="left")
    high = np.searchsorted(ordered, dec[rows] + within, side="right")
    for some, at in _pairs(low, high):
        one, other = rows[some], by_dec[at]
        near = np.square(sky[one] - known_sky[other]).sum(axis=1) <= chord(within) ** 2
        yield one[near], other[near]


def _near_in_period(
    pulsars: Pulsars,
    log_known: Floats,
    log_period: Floats,
    usable: NDArray[np.bool_],
    harmonics: Harmonics,
) -> Iterator[tuple[Places, Places]]:
    """Give candidates and the pulsars of a period that fits; all pairs of a candidate at once."""
    dispersed = np.flatnonzero(np.isfinite(pulsars.dm))
    # Each pulsar stands there once for each harmonic.
    log = (log_known[dispersed] + harmonics.logs[:, None]).ravel()
    known = np.tile(dispersed, len(harmonics.logs))
    order = np.argsort(log, kind="stable")
    log, known = log[order], known[order]
    rows = np.flatnonzero(usable & np.isfinite(log_period))
    width = harmonics.widths.max()
    low = np.searchsorted(log, log_period[rows] - width, side="left")
    high = np.searchsorted(log, log_period[rows] + width, side="right")
    for some, at in _pairs(low, high):
        yield rows[some], known[at]


def _pairs(low: Places, high: Places) -> Iterator[tuple[Places, Places]]:
    """Give the places of rows, and of what lies between their ends, some rows at a time."""
    ends = np.cumsum(high - low)
    start = 0
    while start < len(low):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _PAIRS, side="right")))
        counts = (high - low)[start:stop]
        rows = np.repeat(np.arange(start, stop), counts)
        first = np.repeat(low[start:stop] - (ends[start:stop] - counts - before), counts)
        yield rows, first + np.arange(len(rows))
        start = stop
