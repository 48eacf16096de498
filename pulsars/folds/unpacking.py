"""From the bytes of a `.pfd` to its fields; nothing in them is believed before it is looked at."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.counts import MOST_CHARACTERS, read_counts
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

_BEHIND_POSITION = 8 * (N_TIMES + 3) + 3 * struct.calcsize(f"<{FOLDED}") + ORBIT_BYTES
_POSITION = re.compile(rb"[+-]?[0-9]{1,3}(:[0-9]{1,2}){1,2}(\.[0-9]*)?[\0 ]*")
_BLANK = re.compile(rb"[\0 ]*|Unknown[\0 ]*")
_UNKNOWN = b"Unknown"

_NARROWEST_MHZ, _HIGHEST_MHZ = 1e-9, 1e6  # a channel of a millihertz, and the far infrared
_WIDEST = 30  # times the lowest frequency is no receiver's band; the widest are below 10
_FASTEST, _LONGEST = 1e5, 1e6  # turns a second, and seconds a turn: of nothing that is known
_STRETCHED = 1.5
"""By how much the best period may differ from that of the fold: prepfold's search goes as far where
there are but twelve turns, and less far where there are more."""

_UNEVEN = 1e-3  # of a step; rounding is far below


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
    order, counts = read_counts(content, name=name)
    at = _Reader(content, order, name)
    at.skip(4 * len(COUNTS), "the counts")
    texts = {field: at.text(field) for field in TEXTS}
    ra, dec = at.position(8 * _n_numbers(counts))
    at.skip(8 * N_TIMES, "the times")
    low_frequency = at.within("lofreq", 1.0, _HIGHEST_MHZ)
    widest = _WIDEST * low_frequency / counts["numchan"]
    width = at.within("chan_wid", _NARROWEST_MHZ, widest, why=f", {_WIDEST} lofreq / numchan")
    dm, dm_at = at.finite("bestdm"), at.byte - 8
    periods = [at.numbers(FOLDED)[1] for _ in ("topocentric", "barycentric")]
    at.skip(8, "the power")
    fold_frequency = at.fold_frequency(periods)
    at.skip(16 + ORBIT_BYTES, "the orbit")
    at.require_left(8 * _n_numbers(counts))
    dms = at.trial_dms(counts["numdms"])
    if len(dms) > 1 and not dms[0] <= dm <= dms[-1]:
        raise at.error(f"bestdm is {dm}; the trial DMs go from {dms[0]} to {dms[-1]}", byte=dm_at)
    at.skip(8 * (counts["numperiods"] + counts["numpdots"]), "the trial periods")
    profiles = at.array(counts["npart"], counts["nsub"], counts["proflen"])
    return Prepfold(
        name=texts["candnm"],
        telescope=texts["telescope"],
        ra=ra,
        dec=dec,
        n_channels=counts["numchan"],
        low_frequency=low_frequency,
        channel_width=width,
        dm=dm,
        period=periods[0],
        barycentric_period=periods[1],
        fold_frequency=fold_frequency,
        dms=dms,
        profiles=profiles,
        variances=at.variances(counts["npart"], counts["nsub"]),
    )


def _n_numbers(counts: dict[str, int]) -> int:
    """Count the numbers behind the header."""
    profiles = counts["npart"] * counts["nsub"]
    tried = counts["numdms"] + counts["numperiods"] + counts["numpdots"]
    return tried + profiles * (counts["proflen"] + STATS)


class _Reader:
    """Reads one field after the other, and knows at which byte it is."""

    def __init__(self, content: bytes, order: ByteOrder, name: str) -> None:
        self._content, self._order, self._name, self.byte = content, order, name, 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        form = self._order + form
        return struct.unpack(form, self.skip(struct.calcsize(form), "a number"))

    def finite(self, field: str) -> float:
        value = float(self.numbers("d")[0])
        if not math.isfinite(value):
            raise self.error(f"{field} is {value}; it must be finite", byte=self.byte - 8)
        return value

    def within(self, field: str, low: float, high: float, *, why: str = "") -> float:
        value = float(self.numbers("d")[0])
        if not low <= value <= high:
            what = f"{field} is {value}; it must be from {low:g} to {high:g}{why}"
            raise self.error(what, byte=self.byte - 8)
        return value

    def fold_frequency(self, periods: Sequence[float]) -> float:
        """Read how often it turned a second, which the best period says nearly too."""
        frequency = self.within("fold_p1", 1.0 / _LONGEST, _FASTEST)
        period = next((one for one in periods if math.isfinite(one) and one > 0.0), None)
        if period is not None and not 1.0 / _STRETCHED < period * frequency < _STRETCHED:
            raise self.error(
                f"fold_p1 is {frequency} turns a second, and the best period {period} s; their "
                f"product must be 1 within a factor of {_STRETCHED}",
                byte=self.byte - 8,
            )
        return frequency

    def trial_dms(self, n: int) -> NDArray[np.float64]:
        """Read the trial DMs, which rise in even steps."""
        start, dms = self.byte, self.array(n)
        if dms[0] < 0.0:
            raise self.error(f"the first trial DM is {dms[0]}; it must be at least 0", byte=start)
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.diff(dms)
            step = np.median(steps) if n > 1 else 1.0
            even = np.abs(steps - step) <= _UNEVEN * step
        if not even.all() or not step > 0.0:
            at = int(even.argmin())
            raise self.error(
                f"trial DM {dms[at]} is followed by {dms[at + 1]}; they must rise in even steps, "
                f"of {step:g} as most do",
                byte=start + 8 * at,
            )
        return dms

    def text(self, field: str) -> str:
        (length,) = self.numbers("i")
        if not 0 <= length <= MOST_CHARACTERS:
            what = f"{field} has a length of {length:,}; 0 to {MOST_CHARACTERS:,} are read"
            raise self.error(what, byte=self.byte - 4)
        return self.skip(length, field).decode("utf-8", "replace").strip("\0 ")

    def position(self, n_bytes: int) -> tuple[str, str]:
        """Read a position, where there is one: its looks tell, else the length of the file.

        Files of old go on with the times, and `n_bytes` follow the header.
        """
        n_left = len(self._content) - self.byte - _BEHIND_POSITION - n_bytes
        found = self._content[self.byte : self.byte + 2 * POSITION_BYTES]
        parts = (found[:POSITION_BYTES], found[POSITION_BYTES:])
        looks = all(_POSITION.fullmatch(part) or _BLANK.fullmatch(part) for part in parts)
        there = looks and (n_left != 0 or bool(found.strip(b"\0 ")))
        # Behind its end each may hold what the memory held.
        begins = b":" in parts[0] or parts[0].startswith(_UNKNOWN)
        if not (there or (begins and n_left == len(found))):
            return "", ""
        self.skip(2 * POSITION_BYTES, "the position")
        texts = (part.partition(b"\0")[0] for part in parts)
        ra, dec = (text.decode().strip() if _POSITION.fullmatch(text) else "" for text in texts)
        return ra, dec

    def array(self, *shape: int) -> NDArray[np.float64]:
        return self._finite(self._stored(shape), self.byte - 8 * math.prod(shape), stride=1)

    def variances(self, *shape: int) -> NDArray[np.float64]:
        """Read the statistics of each part, and of them one; the others may hold anything."""
        stored = self._stored((*shape, STATS))[..., VARIANCE]
        start = self.byte - 8 * STATS * math.prod(shape) + 8 * VARIANCE
        found = self._finite(stored, start, stride=STATS)
        if found.min() < 0.0:
            byte = start + 8 * STATS * int(found.argmin())
            raise self.error(f"a variance is {found.min()}; it must be at least 0", byte=byte)
        return found

    def _stored(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        n, start = math.prod(shape), self.byte
        self.skip(8 * n, f"{n:,} numbers")
        stored = np.frombuffer(self._content, f"{self._order}f8", count=n, offset=start)
        return stored.astype(np.float64, copy=False).reshape(shape)

    def _finite(
        self, found: NDArray[np.float64], start: int, *, stride: int
    ) -> NDArray[np.float64]:
        if not np.isfinite(found).all():
            first = int(np.isfinite(found).argmin())
            byte = start + 8 * stride * first
            raise self.error(f"{found.flat[first]} is no finite number", byte=byte)
        return found

    def skip(self, n: int, what: str) -> bytes:
        """Give the next `n` bytes, of which a view suffices where they are many."""
        left = len(self._content) - self.byte
        if left < n:
            raise self.error(f"it ends after {left:,} of {n:,} bytes of {what}", byte=self.byte)
        self.byte += n
        return self._content[self.byte - n : self.byte] if n <= MOST_CHARACTERS else b""

    def require_left(self, n: int) -> None:
        left = len(self._content) - self.byte
        if left != n:
            what = "is cut short" if left < n else "is too long"
            what = f"it {what}: {left:,} bytes follow, and its header says {n:,}"
            raise self.error(what, byte=self.byte)

    def error(self, what: str, *, byte: int) -> FoldError:
        return FoldError(f"{self._name}, byte {byte:,}: {what}; fetch the file again")
