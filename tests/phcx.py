"""Folds as the XML of a `.phcx`, which the project reads and never writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.fold import Fold

_DIGITS_A_LINE = 80


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
