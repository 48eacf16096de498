"""What PRESTO's prepfold writes (`.pfd`), field by field, and how it is packed.

A header of twelve counts, four texts, a position, numbers of the observation and of the fold, then
the trial DMs, periods and period derivatives, the folded cube, and statistics of each of its parts;
all little-endian or all big-endian. Files of old have no position.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pulsars.store import write_bytes
from schemas import FileRef

ByteOrder: TypeAlias = Literal["<", ">"]

COUNTS = (
    "numdms", "numperiods", "numpdots", "nsub", "npart", "proflen", "numchan",
    "pstep", "pdstep", "dmstep", "ndmfact", "npfact",
)  # fmt: skip
"""Of a header, in order; int32 each."""

TEXTS = ("filenm", "candnm", "telescope", "pgdev")
"""Each after its length, int32."""

N_TIMES = 6
"""float64 each, before lowest frequency, channel width and best DM: dt, startT, endT, tepoch,
bepoch, avgvoverc."""

SIMULATED = "simulated"
"""The telescope of a simulated fold."""

POSITION_BYTES = 16
"""Of the right ascension, and as many of the declination."""

FOLDED = "f4x3d"
"""Topocentric, barycentric and as folded, each: power, a gap, period (as folded: turns a second)
and its derivatives."""

ORBIT_BYTES = 7 * 8
STATS = 7
"""Numbers that describe a part of the cube."""

VARIANCE = 5
"""Which of them is the variance of its profile."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepfold:
    """A prepfold file.

    Attributes
    ----------
    name, telescope, ra, dec : str
        ``candnm`` and the others; a position of blanks, or none, is empty.
    n_channels : int
        Of the observation, from which sub-bands were summed.
    low_frequency, channel_width : float
        Centre of the lowest channel, and the width of each; MHz.
    dm : float
        Best trial DM, pc cm⁻³.
    period, barycentric_period : float
        Seconds; 0 where unknown.
    fold_frequency : float
        Turns a second at which it was folded.
    dms : ndarray of shape (n_dms,), float64
        Trial DMs, pc cm⁻³.
    profiles : ndarray of shape (n_parts, n_bands, n_bins), float64
        Not dedispersed.
    variances : ndarray of shape (n_parts, n_bands), float64
        Of the noise in a bin of each profile.
    """

    name: str = ""
    telescope: str = ""
    ra: str = ""
    dec: str = ""
    n_channels: int
    low_frequency: float
    channel_width: float
    dm: float
    period: float
    barycentric_period: float = 0.0
    fold_frequency: float
    dms: NDArray[np.float64]
    profiles: NDArray[np.float64]
    variances: NDArray[np.float64]


def pack(pfd: Prepfold, *, byte_order: ByteOrder = "<", with_position: bool = True) -> bytes:
    """Pack a fold as prepfold does.

    Parameters
    ----------
    pfd : Prepfold
    byte_order : {"<", ">"}, optional
        Little- or big-endian.
    with_position : bool, optional
        False for a file as of old; then `ra` and `dec` are left out.
    """
    n_parts, n_bands, n_bins = pfd.profiles.shape
    tried = (pfd.dms, np.array([pfd.period]), np.zeros(1))
    counts = (*map(len, tried), n_bands, n_parts, n_bins, pfd.n_channels, 1, 2, 1, 1, 1)
    texts = (pfd.name, pfd.name, pfd.telescope, "")
    stats = np.zeros((n_parts, n_bands, STATS))
    stats[:, :, 4], stats[:, :, VARIANCE] = pfd.profiles.mean(axis=2), pfd.variances
    position = b"".join(
        one.encode()[: POSITION_BYTES - 1].ljust(POSITION_BYTES, b"\0") for one in (pfd.ra, pfd.dec)
    )
    numbers = (*[0.0] * N_TIMES, pfd.low_frequency, pfd.channel_width, pfd.dm)
    folded = (pfd.period, pfd.barycentric_period, pfd.fold_frequency)
    return b"".join(
        [
            struct.pack(f"{byte_order}{len(COUNTS)}i", *counts),
            *(_text(text, byte_order) for text in texts),
            position if with_position else b"",
            struct.pack(f"{byte_order}{len(numbers)}d", *numbers),
            *(struct.pack(f"{byte_order}{FOLDED}", 0.0, one, 0.0, 0.0) for one in folded),
            bytes(ORBIT_BYTES),
            *(one.astype(f"{byte_order}f8").tobytes() for one in (*tried, pfd.profiles, stats)),
        ]
    )


def write_pfd(path: Path, pfd: Prepfold) -> FileRef:
    """Write a fold as prepfold does, whole or not at all; see `pack`."""
    return write_bytes(path, pack(pfd))


def _text(text: str, byte_order: ByteOrder) -> bytes:
    content = text.encode()
    return struct.pack(f"{byte_order}i", len(content)) + content
