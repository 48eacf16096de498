"""Folds as files: of both kinds, each whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from pulsars.folds.prepfold import pack
from pulsars.store import write_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from pulsars.folds.fold import Fold
    from pulsars.folds.prepfold import ByteOrder, Prepfold
    from schemas import FileRef

_DIGITS_A_LINE = 80


def write_pfd(
    path: Path, pfd: Prepfold, *, byte_order: ByteOrder = "<", with_position: bool = True
) -> FileRef:
    """Write a fold as prepfold does; see `pulsars.folds.prepfold.pack`."""
    return write_bytes(path, pack(pfd, byte_order=byte_order, with_position=with_position))


def write_phcx(path: Path, sections: Sequence[Fold]) -> FileRef:
    """Write folds as the sections of a `.phcx`; see `pack_phcx`."""
    return write_bytes(path, pack_phcx(sections))


def pack_phcx(sections: Sequence[Fold]) -> bytes:
    """Write folds as the XML of a `.phcx`.

    Parameters
    ----------
    sections : sequence of Fold
        At least one; name, telescope and position are those of the first. Curves and pictures are
        rounded to whole numbers from 0 to 255.
    """
    first = sections[0]
    head = (
        f"<SourceID>{escape(first.name)}</SourceID><Telescope>{escape(first.telescope)}</Telescope>"
        f"<Coordinate><RA>{escape(first.ra)}</RA><Dec>{escape(first.dec)}</Dec></Coordinate>"
    )
    parts = "\n".join(_section(one) for one in sections)
    return f"<?xml version='1.0'?>\n<phcf>\n<head>{head}</head>\n{parts}\n</phcf>\n".encode()


def _section(fold: Fold) -> str:
    values = [("TopoPeriod", fold.period), ("Dm", fold.dm)]
    best = "".join(f"<{tag}>{value!r}</{tag}>" for tag, value in values if value is not None)
    pictures = [("SubIntegrations", fold.sub_integrations), ("SubBands", fold.sub_bands)]
    drawn = "\n".join(_picture(tag, rows) for tag, rows in pictures if rows is not None)
    dms = "" if fold.dms is None else " ".join(map(repr, fold.dms.tolist()))
    index = f"<DmIndex>{dms}</DmIndex>" if dms else ""
    return (
        f"<Section name={quoteattr(fold.section)}>\n<BestValues>{best}</BestValues>\n{drawn}\n"
        f"<Profile nBins='{len(fold.profile)}' format='02X'>\n{_hex(fold.profile)}</Profile>\n"
        f"<SnrBlock>{index}<DataBlock format='02X'>\n{_hex(fold.dm_curve)}</DataBlock></SnrBlock>\n"
        "</Section>"
    )


def _picture(tag: str, rows: NDArray[np.float64]) -> str:
    n_rows, n_bins = rows.shape
    return f"<{tag} nBins='{n_bins}' nSub='{n_rows}' format='02X'>\n{_hex(rows)}</{tag}>"


def _hex(values: NDArray[Any]) -> str:
    digits = np.rint(values).astype(np.uint8).tobytes().hex().upper()
    lines = range(0, len(digits), _DIGITS_A_LINE)
    return "\n".join(digits[start : start + _DIGITS_A_LINE] for start in lines)
