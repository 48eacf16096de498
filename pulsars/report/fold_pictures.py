"""The curves and planes of a folded candidate as small pictures, without Matplotlib.

A page of faces has hundreds of them: a curve is one SVG path, a plane an 8-bit grey PNG.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsars.folds import Face
from pulsars.report.svg import PULSAR
from pulsars.report.words import figure

_FULL = 255
_WIDE, _HIGH = 256, 96  # user units of a curve


class Picture(NamedTuple):
    """What is shown of a fold.

    Attributes
    ----------
    title : str
        Above it.
    label : str
        What it shows, for those who cannot see it.
    svg : str
        Inline, trusted as it is; empty where it is a plane.
    uri : str
        ``data:`` address of a plane; empty where it is a curve.
    ends : tuple of two str
        What the axis begins and ends with.
    """

    title: str
    label: str
    svg: str
    uri: str
    ends: tuple[str, str]


def fold_pictures(face: Face) -> list[Picture]:
    """Draw what there is of a fold: profile, DM curve, sub-bands, sub-integrations.

    Everything over phase is shown twice, so that a pulse at the end of the turn is whole. In planes
    dark is bright in the sky; the lowest frequency and the earliest part are at the bottom.
    """
    found = [_profile(face.profile), _dm_curve(face)]
    planes = (
        ("Sub-bands", face.sub_bands, "the lowest frequency at the bottom"),
        ("Sub-integrations", face.sub_integrations, "the earliest at the bottom"),
    )
    found += [_plane(title, plane, words) for title, plane, words in planes if plane is not None]
    return found


def _profile(profile: NDArray[np.uint8]) -> Picture:
    peak = float(np.argmax(profile)) / len(profile)
    label = f"Pulse profile of {len(profile)} bins over two turns, brightest at phase {peak:.2f}"
    turns = np.concatenate([profile, profile])
    return Picture("Profile, two turns", label, _curve(turns), "", ("phase 0", "2"))


def _dm_curve(face: Face) -> Picture:
    at = int(np.argmax(face.dm_curve))
    if face.dm_low is None or face.dm_high is None:
        label = f"DM curve of {len(face.dm_curve)} values, highest at value {at + 1}"
        return Picture("DM curve", label, _curve(face.dm_curve), "", ("", ""))
    share = at / max(len(face.dm_curve) - 1, 1)
    best = face.dm_low + share * (face.dm_high - face.dm_low)
    label = f"DM curve from {face.dm_low:.4g} to {face.dm_high:.4g} pc cm⁻³, highest at {best:.4g}"
    ends = (figure(face.dm_low), figure(face.dm_high))
    return Picture("DM curve, pc cm⁻³", label, _curve(face.dm_curve), "", ends)


def _curve(values: NDArray[np.uint8]) -> str:
    """Draw values over their position as one line."""
    x = np.rint(np.linspace(0, _WIDE, len(values))).astype(int).tolist()
    y = np.rint((1 - values / _FULL) * _HIGH).astype(int).tolist()
    line = "L".join(f"{across} {down}" for across, down in zip(x, y, strict=True))
    return (
        f'<svg viewBox="-1 -3 {_WIDE + 2} {_HIGH + 6}" aria-hidden="true">'
        f'<path fill="none" stroke="currentColor" stroke-opacity=".25" d="M0 {_HIGH}H{_WIDE}"/>'
        f'<path fill="none" stroke="{PULSAR}" stroke-width="2" stroke-linejoin="round" '
        f'd="M{line}"/></svg>'
    )


def _plane(title: str, plane: NDArray[np.uint8], words: str) -> Picture:
    rows, columns = plane.shape
    label = f"{title}: {rows} by {columns} bins of phase over two turns, {words}, dark is bright"
    twice = np.concatenate([plane, plane], axis=1)[::-1]
    png = base64.b64encode(grey_png(_FULL - twice)).decode("ascii")
    return Picture(title, label, "", f"data:image/png;base64,{png}", ("phase 0", "2"))


def grey_png(levels: NDArray[np.uint8]) -> bytes:
    """Write a picture as PNG, eight bits of grey a pixel; the same levels give the same bytes.

    Parameters
    ----------
    levels : ndarray of shape (n_rows, n_columns), uint8
        0 is black; the first row is the top. At least one pixel.

    References
    ----------
    W3C (2003), "Portable Network Graphics (PNG) Specification", second edition, 5, 9 and 11.
    """
    n_rows, n_columns = levels.shape
    unfiltered = np.pad(levels, ((0, 0), (1, 0)))  # each row begins with the number of its filter
    head = struct.pack(">IIBBBBB", n_columns, n_rows, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(unfiltered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
