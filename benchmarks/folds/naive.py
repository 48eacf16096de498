"""The definitions of the eight statistics of a `.pfd`, rendered loop by loop in plain Python.

Slow, and nothing of it is shared with the reader: it is what that is held against, in the tests for
its numbers and in the bench for its time.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

COUNTS = 12
DM_TRIALS = 100


@dataclass(frozen=True)
class Read:
    """What the curves are made from."""

    dms: list[float]
    best_dm: float
    channels: int
    low: float
    width: float
    turns_a_second: float
    profiles: list[list[list[float]]]
    variance: float


def curves(content: bytes, *, order: str = "<", position: bool = True) -> tuple[list[float], ...]:
    """Give profile and DM curve."""
    pfd = _read(content, order, position=position)
    summed = _dedispersed(pfd, pfd.best_dm)
    low, high = min(summed), max(summed)
    profile = [255.0 * (value - low) / (high - low) for value in summed]
    curve = []
    step = (pfd.dms[-1] - pfd.dms[0]) / (DM_TRIALS - 1)
    for trial in range(DM_TRIALS):
        values = _dedispersed(pfd, pfd.dms[0] + step * trial)
        mean = math.fsum(values) / len(values)
        squares = math.fsum((value - mean) ** 2 for value in values)
        curve.append(squares / pfd.variance / (len(values) - 1))
    return profile, curve


def statistics(values: list[float]) -> list[float]:
    """Give mean, standard deviation, skewness and excess kurtosis."""
    n = len(values)
    mean = math.fsum(values) / n
    second, third, fourth = (
        math.fsum((value - mean) ** power for value in values) / n for power in (2, 3, 4)
    )
    return [mean, math.sqrt(second), third / second**1.5, fourth / second**2 - 3.0]


def eight(content: bytes, *, order: str = "<", position: bool = True) -> list[float]:
    """Give the eight statistics."""
    profile, curve = curves(content, order=order, position=position)
    return statistics(profile) + statistics(curve)


def _read(content: bytes, order: str, *, position: bool) -> Read:
    counts = struct.unpack_from(f"{order}{COUNTS}i", content)
    n_dms, n_periods, n_pdots, n_bands, n_parts, n_bins, channels = counts[:7]
    at = 4 * COUNTS
    for _ in range(4):
        (length,) = struct.unpack_from(f"{order}i", content, at)
        at += 4 + length
    at += 32 if position else 0
    numbers = struct.unpack_from(f"{order}9d", content, at)
    at += 72
    (turns,) = struct.unpack_from(f"{order}d", content, at + 2 * 32 + 8)
    at += 3 * 32 + 56
    dms = list(struct.unpack_from(f"{order}{n_dms}d", content, at))
    at += 8 * (n_dms + n_periods + n_pdots)
    profiles = []
    for _ in range(n_parts):
        bands = []
        for _ in range(n_bands):
            bands.append(list(struct.unpack_from(f"{order}{n_bins}d", content, at)))
            at += 8 * n_bins
        profiles.append(bands)
    variance = 0.0
    for _ in range(n_parts * n_bands):
        variance += struct.unpack_from(f"{order}7d", content, at)[5]
        at += 56
    return Read(dms, numbers[8], channels, numbers[6], numbers[7], turns, profiles, variance)


def _dedispersed(pfd: Read, dm: float) -> list[float]:
    """Turn every sub-band of every part to the left by its delay, and sum."""
    n_bands, n_bins = len(pfd.profiles[0]), len(pfd.profiles[0][0])
    step = pfd.width * (pfd.channels / n_bands)
    delays = []
    for band in range(n_bands):
        frequency = pfd.low + step * (band + 1) - pfd.width
        delays.append(dm / (0.000241 * frequency * frequency))
    highest = n_bands - 1 if pfd.width > 0 else 0
    summed = [0.0] * n_bins
    for bands in pfd.profiles:
        for band in range(n_bands):
            lag = (delays[band] - delays[highest]) * pfd.turns_a_second * n_bins
            shift = math.floor(lag + 0.5) % n_bins
            values = bands[band]
            for place in range(n_bins):
                summed[place] += values[(place + shift) % n_bins]
    return summed
