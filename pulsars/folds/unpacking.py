"""From the bytes of a `.pfd` to its fields; nothing in them is believed before it is looked at."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.folds.prepfold import (
    COUNTS,
    FOLDED,
    N_TIMES,
    ORBIT_BYTES,
    POSITION_BYTES,
    STATS,
    TEXTS,
    VARIANCE,
    ByteOrder,
    Prepfold,
)
from schemas import FoldError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEEDED = ("numdms", "nsub", "npart", "proflen", "numchan")
_MOST = 1 << 20
"""Of anything that is counted: no fold has as many, and any text of one or two bytes a character,
or a Parquet file, says more."""

_MOST_CHARACTERS = 4096
_BEHIND_POSITION = 8 * (N_TIMES + 3) + 3 * struct.calcsize(f"<{FOLDED}") + ORBIT_BYTES
_POSITION = re.compile(rb"[+-]?[0-9]{1,3}(:[0-9]{1,2}){1,2}(\.[0-9]*)?[\0 ]*")
_BLANK = re.compile(rb"[\0 ]*|Unknown[\0 ]*")


def byte_order_of(content: bytes) -> ByteOrder | None:
    """Tell the byte order of what begins as prepfold's files do; None for anything else."""
    orders: tuple[ByteOrder, ByteOrder] = ("<", ">")
    return next((order for order in orders if _may_be(content, order)), None)


def unpack(content: bytes, *, name: str) -> Prepfold:
    """Read a prepfold file.

    Parameters
    ----------
    content : bytes
        All of it.
    name : str
        How messages call it.

    Raises
    ------
    FoldError
        If it is cut short, has more bytes than it says, or says what cannot be.
    """
    order = byte_order_of(content)
    if order is None:
        raise FoldError(
            f"{name}, byte 0: no header of prepfold in either byte order (12 counts from 0 to "
            f"{_MOST:,}, of parts, sub-bands, channels, trial DMs at least 1, of bins at least 2)"
        )
    at = _Reader(content, order, name)
    counts = dict(zip(COUNTS, at.numbers(f"{len(COUNTS)}i"), strict=True))
    texts = {field: at.text(field) for field in TEXTS}
    ra, dec = at.position(8 * _n_numbers(counts))
    at.skip(8 * N_TIMES, "the times")
    header = {field: at.finite(field) for field in ("lofreq", "chan_wid", "bestdm")}
    periods = [at.numbers(FOLDED)[1] for _ in ("topocentric", "barycentric")]
    at.skip(8, "the power")
    fold_frequency = at.finite("fold_p1")
    at.skip(16 + ORBIT_BYTES, "the orbit")
    at.require_left(8 * _n_numbers(counts))
    dms = at.array(counts["numdms"])
    at.skip(8 * (counts["numperiods"] + counts["numpdots"]), "the trial periods")
    profiles = at.array(counts["npart"], counts["nsub"], counts["proflen"])
    return Prepfold(
        name=texts["candnm"],
        telescope=texts["telescope"],
        ra=ra,
        dec=dec,
        n_channels=counts["numchan"],
        low_frequency=header["lofreq"],
        channel_width=header["chan_wid"],
        dm=header["bestdm"],
        period=periods[0],
        barycentric_period=periods[1],
        fold_frequency=fold_frequency,
        dms=dms,
        profiles=profiles,
        variances=at.column(VARIANCE, counts["npart"], counts["nsub"], STATS),
    )


def _may_be(content: bytes, order: ByteOrder) -> bool:
    if len(content) < 4 * len(COUNTS):
        return False
    counts = struct.unpack_from(f"{order}{len(COUNTS)}i", content)
    told = dict(zip(COUNTS, counts, strict=True))
    return (
        all(0 <= count <= _MOST for count in counts)
        and all(told[name] for name in _NEEDED)
        and told["proflen"] > 1
        and not _is_wide_text(content, order)
    )


def _is_wide_text(content: bytes, order: ByteOrder) -> bool:
    """Tell text of four bytes a character, whose characters are small counts, by its zeros."""
    start = 4 * len(COUNTS) + 4
    (length,) = struct.unpack_from(f"{order}i", content.ljust(start, b"\0"), start - 4)
    if not 0 <= length <= _MOST_CHARACTERS:
        return False  # which is said when it is read
    return b"\0" in content[start : start + length].rstrip(b"\0")


def _n_numbers(counts: dict[str, int]) -> int:
    """Count the numbers behind the header."""
    profiles = counts["npart"] * counts["nsub"]
    tried = counts["numdms"] + counts["numperiods"] + counts["numpdots"]
    return tried + profiles * (counts["proflen"] + STATS)


class _Reader:
    """Reads one field after the other, and knows at which byte it is."""

    def __init__(self, content: bytes, order: ByteOrder, name: str) -> None:
        self._content, self._order, self._name, self._at = content, order, name, 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        form = self._order + form
        return struct.unpack(form, self.skip(struct.calcsize(form), "a number"))

    def finite(self, field: str) -> float:
        value = float(self.numbers("d")[0])
        if not math.isfinite(value):
            raise self._error(f"{field} is {value}; it must be finite", back=8)
        return value

    def text(self, field: str) -> str:
        (length,) = self.numbers("i")
        if not 0 <= length <= _MOST_CHARACTERS:
            what = f"{field} has a length of {length:,}; 0 to {_MOST_CHARACTERS:,} are read"
            raise self._error(what, back=4)
        return self.skip(length, field).decode("utf-8", "replace").strip("\0 ")

    def position(self, n_bytes: int) -> tuple[str, str]:
        """Read a position, where there is one: the length of the file tells, else its looks.

        Files of old go on with the times, and `n_bytes` follow the header.
        """
        n_left = len(self._content) - self._at - _BEHIND_POSITION - n_bytes
        found = self._content[self._at : self._at + 2 * POSITION_BYTES]
        parts = (found[:POSITION_BYTES], found[POSITION_BYTES:])
        looks = all(_POSITION.fullmatch(part) or _BLANK.fullmatch(part) for part in parts)
        if n_left == 0 or (n_left != 2 * POSITION_BYTES and not looks):
            return "", ""
        self.skip(2 * POSITION_BYTES, "the position")
        ra, dec = (part if _POSITION.fullmatch(part) else b"" for part in parts)
        return ra.strip(b"\0 ").decode(), dec.strip(b"\0 ").decode()

    def array(self, *shape: int) -> NDArray[np.float64]:
        return self._finite(self._stored(shape), self._at - 8 * math.prod(shape), stride=1)

    def column(self, number: int, *shape: int) -> NDArray[np.float64]:
        """Read an array, and of its last axis one place; the others may hold anything."""
        stored = self._stored(shape)[..., number]
        start = self._at - 8 * math.prod(shape) + 8 * number
        return self._finite(stored, start, stride=shape[-1])

    def _stored(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        n, start = math.prod(shape), self._at
        self.skip(8 * n, f"{n:,} numbers")
        stored = np.frombuffer(self._content, f"{self._order}f8", count=n, offset=start)
        return stored.astype(np.float64, copy=False).reshape(shape)

    def _finite(
        self, found: NDArray[np.float64], start: int, *, stride: int
    ) -> NDArray[np.float64]:
        if not np.isfinite(found).all():
            first = int(np.isfinite(found).argmin())
            self._at = start + 8 * stride * first
            raise self._error(f"{found.flat[first]} is no finite number")
        return found

    def skip(self, n: int, what: str) -> bytes:
        """Give the next `n` bytes, of which a view suffices where they are many."""
        left = len(self._content) - self._at
        if left < n:
            raise self._error(f"it ends after {left:,} of {n:,} bytes of {what}")
        self._at += n
        return self._content[self._at - n : self._at] if n <= _MOST_CHARACTERS else b""

    def require_left(self, n: int) -> None:
        left = len(self._content) - self._at
        if left != n:
            what = "is cut short" if left < n else "is too long"
            raise self._error(f"it {what}: {left:,} bytes follow, and its header says {n:,}")

    def _error(self, what: str, *, back: int = 0) -> FoldError:
        return FoldError(f"{self._name}, byte {self._at - back:,}: {what}")
