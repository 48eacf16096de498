"""The folds of the HTRU surveys (`.phcx`): XML of a head and sections, each a candidate's curves.

Pictures and curves are pairs of hexadecimal digits, white space between them as it comes.
"""

from __future__ import annotations

import binascii
import math
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.fold import Fold
from pulsars.folds.phcx_elements import Element, Part, parse
from schemas import FoldError, for_name

MOST_XML = 32 << 20
"""Bytes; those of the surveys have some hundred thousand."""

_FORMAT = "02X"
_CURVES = ("Profile", "DataBlock")
_INDICES = ("PeriodIndex", "DmIndex", "AccnIndex", "JerkIndex")
_AGAIN = "; fetch the file again"
_NO_HEX = re.compile(r"[^0-9A-Fa-f\s]", re.ASCII)


@dataclass(frozen=True)
class Section:
    """A section of a file, of which the curves are made when they are asked for.

    Attributes
    ----------
    name : str
        Empty where it has none.
    fold : callable
        Gives the `Fold`, or raises `FoldError` where it is not whole: another may be what is asked
        for.
    has_curves : bool
        Whether there are both curves, whole or not.
    """

    name: str
    fold: Callable[[], Fold]
    has_curves: bool = True


def unpack_phcx(content: bytes, *, name: str) -> list[Section]:
    """Read the sections of a `.phcx`, in the order of the file.

    Parameters
    ----------
    content : bytes
        XML, not packed.
    name : str
        How messages call the file.

    Returns
    -------
    list of Section

    Raises
    ------
    FoldError
        If it is no such file, is longer than `MOST_XML`, or has no section.
    """
    if len(content) > MOST_XML:
        raise FoldError(f"{name}: {len(content):,} bytes of XML; at most {MOST_XML:,} are read")
    head, sections = parse(content, name=name)
    if not sections:
        raise FoldError(f"{name}: a .phcx without a section")
    return [
        Section(one.name, partial(_fold_of, head, one, name=name), not _lacking(one))
        for one in sections
    ]


def _lacking(section: Part) -> list[str]:
    return [curve for curve in _CURVES if curve not in section.elements]


def _fold_of(head: Part, section: Part, *, name: str) -> Fold:
    if lacks := " and no ".join(_lacking(section)):
        where = f"{name}, byte {section.byte:,}"
        raise FoldError(f"{where}: section {section.name!r} has no {lacks}")
    profile, dm_curve = (_bytes_of(section.elements[one], one, name=name) for one in _CURVES)
    _require_whole(section, len(dm_curve), name=name)
    bands = _picture(section, "SubBands", name=name)
    if bands is not None and (_number(head.text("BandWidth")) or 0.0) < 0.0:
        bands = bands[::-1]  # the highest frequency stands first
    dms = _numbers(section.elements.get("DmIndex"), most=len(dm_curve))
    return Fold(
        kind="phcx",
        profile=profile,
        dm_curve=dm_curve,
        dms=None if dms is None or len(dm_curve) % len(dms) else dms,
        sub_bands=bands,
        sub_integrations=_picture(section, "SubIntegrations", name=name),
        section=section.name,
        name=head.text("SourceID"),
        telescope=head.text("Telescope"),
        period=_period(section),
        dm=_number(section.text("Dm")),
        ra=head.text("RA"),
        dec=head.text("Dec"),
    )


def _bytes_of(element: Element, what: str, *, name: str) -> NDArray[np.float64]:
    """Give the values of pairs of digits, 0 to 255, at least two."""
    where = f"{name}, byte {element.byte:,}: {what}"
    if element.attributes.get("format", _FORMAT) != _FORMAT:
        raise FoldError(f"{where} has the format {element.attributes['format']!r}, not {_FORMAT}")
    if other := _NO_HEX.search(element.text):
        raise FoldError(
            f"{where} holds what is no hexadecimal digit: {for_name(other[0])!r}{_AGAIN}"
        )
    digits = element.text.encode("ascii").translate(None, string.whitespace.encode())
    told = element.attributes.get("nBins")
    n_rows = int(element.attributes["nSub"]) if _is_count(element.attributes.get("nSub")) else 1
    if len(digits) % 2 or len(digits) < 4:  # noqa: PLR2004 - two pairs
        raise FoldError(
            f"{where} has {len(digits)} digits; pairs of them are read, two at least{_AGAIN}"
        )
    if _is_count(told) and len(digits) != 2 * int(told or 0) * n_rows:
        values = f"{len(digits) // 2} values, not {n_rows} × {told} as it says"
        raise FoldError(f"{where} has {values}{_AGAIN}")
    return np.frombuffer(binascii.unhexlify(digits), dtype=np.uint8).astype(np.float64)


def _require_whole(section: Part, n_values: int, *, name: str) -> None:
    """Hold the length of the block against what its indices say of it, where they do.

    Raises
    ------
    FoldError
        If it has less or more.
    """
    told = {
        one: section.elements[one].attributes.get("nVals")
        for one in _INDICES
        if one in section.elements
    }
    if not {"PeriodIndex", "DmIndex"} <= told.keys() or not all(map(_is_count, told.values())):
        return
    n_told = math.prod(int(count or 0) for count in told.values())
    if n_values != n_told:
        what = "is cut short" if n_values < n_told else "is too long"
        raise FoldError(
            f"{name}, byte {section.elements['DataBlock'].byte:,}: DataBlock {what}: it has "
            f"{n_values:,} values, not {' × '.join(map(str, told.values()))} as {', '.join(told)} "
            f"say{_AGAIN}"
        )


def _picture(section: Part, what: str, *, name: str) -> NDArray[np.float64] | None:
    """Give a picture, (n_rows, n_bins); None where there is none that is whole."""
    element = section.elements.get(what)
    if element is None or not _is_count(element.attributes.get("nSub")):
        return None
    try:
        values = _bytes_of(element, what, name=name)
    except FoldError:  # nothing is measured of it
        return None
    n_rows = int(element.attributes["nSub"])
    return None if len(values) % n_rows else values.reshape(n_rows, -1)


def _is_count(text: str | None) -> bool:
    return bool(text and re.fullmatch("[1-9][0-9]{0,8}", text))


def _numbers(element: Element | None, *, most: int) -> NDArray[np.float64] | None:
    """Give the numbers of an index; None where there are none, too many, or anything else."""
    text = "" if element is None else element.text
    if not text.isascii() or "_" in text:  # Python takes 1_0, and the digits of all scripts
        return None
    try:
        found = np.array(text.split(maxsplit=most), dtype=np.float64)
    except ValueError:  # what is left over beyond `most` is no number either
        return None
    return found if len(found) and np.isfinite(found).all() else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _period(section: Part) -> float | None:
    """Give the period in seconds: topocentric, else barycentric, else as a search gave it."""
    told = (_number(section.text(one)) for one in ("TopoPeriod", "BaryPeriod", "Period"))
    return next((value for value in told if value is not None and value > 0.0), None)
