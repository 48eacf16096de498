"""The twelve counts that a `.pfd` begins with: what tells it, and what is said of an absurd one."""

from __future__ import annotations

import struct

from pulsars.folds.prepfold import COUNTS, TEXTS, ByteOrder
from schemas import FoldError

MOST_CHARACTERS = 4096
"""Of a text of the header."""

_ORDERS: tuple[ByteOrder, ByteOrder] = ("<", ">")
_BYTES = 4 * len(COUNTS)
_LEAST = {"numdms": 1, "nsub": 1, "npart": 1, "proflen": 2, "numchan": 1}
_MOST = 1 << 20
"""Of anything that is counted: no fold has as many, and any text of one or two bytes a character,
or a Parquet file, says more."""


def byte_order_of(content: bytes) -> ByteOrder | None:
    """Tell the byte order of what begins as prepfold's files do; None for anything else.

    One of the counts may be absurd, where the texts follow as in no other file: then it is a fold
    of which somebody wants to know that count.
    """
    if len(content) < _BYTES:
        return None
    for order in _ORDERS:
        if not _absurd(content, order) and not _is_wide_text(content, order):
            return order
    return next((order for order in _ORDERS if _is_a_fold_but_for_one(content, order)), None)


def read_counts(content: bytes, *, name: str) -> tuple[ByteOrder, dict[str, int]]:
    """Read the counts, in the byte order in which the fewest are absurd.

    Raises
    ------
    FoldError
        If there are not as many bytes, or one is out of its bounds, or `numchan` no multiple of
        `nsub`: prepfold sums as many channels for each sub-band, and folds nothing else.
    """
    if len(content) < _BYTES:
        raise FoldError(f"{name}, byte 0: it ends after {len(content)} of {_BYTES} bytes of counts")
    order = min(_ORDERS, key=lambda one: len(_absurd(content, one)))
    counts = _counts(content, order)
    for one in _absurd(content, order)[:1]:
        raise FoldError(
            f"{name}, byte {_byte(one)}: {one} is {counts[one]:,}; it must be from "
            f"{_LEAST.get(one, 0)} to {_MOST:,}; fetch the file again"
        )
    if counts["numchan"] % counts["nsub"]:
        raise FoldError(
            f"{name}, byte {_byte('numchan')}: numchan is {counts['numchan']:,}; it must be a "
            f"multiple of nsub, {counts['nsub']:,} at byte {_byte('nsub')}, for every sub-band has "
            "as many channels; fetch the file again"
        )
    return order, counts


def _counts(content: bytes, order: ByteOrder) -> dict[str, int]:
    return dict(zip(COUNTS, struct.unpack_from(f"{order}{len(COUNTS)}i", content), strict=True))


def _absurd(content: bytes, order: ByteOrder) -> list[str]:
    """Name the counts that are out of their bounds."""
    counts = _counts(content, order)
    return [one for one, n in counts.items() if not _LEAST.get(one, 0) <= n <= _MOST]


def _byte(count: str) -> int:
    return 4 * COUNTS.index(count)


def _is_a_fold_but_for_one(content: bytes, order: ByteOrder) -> bool:
    """Tell a header with one absurd count by the texts, each after its length."""
    if len(_absurd(content, order)) > 1:
        return False
    at = _BYTES
    for _ in TEXTS:
        if not 0 <= (length := _length(content, order, at)) <= MOST_CHARACTERS:
            return False
        text = content[at + 4 : at + 4 + length]
        if len(text) < length or b"\0" in text.rstrip(b"\0"):
            return False
        at += 4 + length
    return at > _BYTES + 4 * len(TEXTS)  # zeros alone are no texts


def _is_wide_text(content: bytes, order: ByteOrder) -> bool:
    """Tell text of four bytes a character, whose characters are small counts, by its zeros."""
    if not 0 <= (length := _length(content, order, _BYTES)) <= MOST_CHARACTERS:
        return False  # which is said when it is read
    return b"\0" in content[_BYTES + 4 : _BYTES + 4 + length].rstrip(b"\0")


def _length(content: bytes, order: ByteOrder, at: int) -> int:
    """Give the length that stands there; of what ends before, none that a text has."""
    if len(content) < at + 4:
        return -1
    (length,) = struct.unpack_from(f"{order}i", content, at)
    return int(length)
