"""Files in files, bombs, and files that are something else than their first bytes say."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from typing import TYPE_CHECKING

from tests.chaos.case import Case, refuse, told, write
from tests.chaos.damage import damage
from tests.chaos.sheet import draw_sheet
from tests.chaos.truth import difference

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from pulsars.reading.reader import Reading
    from tests.chaos.case import Written

MAGICS = [b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c"]
MAGICS += [b"\x28\xb5\x2f\xfd", b"\x89PNG", b"%PDF-", b"SQLite format 3\x00", b"\x89HDF\r\n\x1a\n"]
MAGICS += [b"\x93NUMPY", b"SIMPLE  =", b"\x7fELF", b"<html>", b"{", b"[", b"\x00" * 8, b"ARROW1"]


def containers(rng: Random) -> Case:
    """Draw a file packed into another, or one that begins like another."""
    ways = [_packed, _packed, _broken, _zipped, _nested, _other, _magic, _noise]
    return rng.choice(ways)(rng)


def _written(rng: Random) -> Written:
    return write(draw_sheet(rng, names="known"), rng)


def _case(raw: bytes, judge: Callable[[Reading], str | None], said: str, suffix: str) -> Case:
    return Case("rubbish: containers", raw, judge, said=said, suffix=suffix)


def _packed(rng: Random) -> Case:
    """A packed table is read as it was meant."""
    done = _written(rng)
    half = len(done.raw) // 2
    parts = [done.raw] if rng.random() < 0.7 else [done.raw[:half], done.raw[half:]]
    raw = b"".join(gzip.compress(part, rng.randint(1, 9)) for part in parts)
    more = {"dialect_only": True, "said": f"gzip: {done.said}", "suffix": "csv.gz"}
    return told("rubbish: containers", raw, done.truth, **more)


def _broken(rng: Random) -> Case:
    """A packed table that broke: a checksum stands at its end."""
    done = _written(rng)
    raw, way = damage(gzip.compress(done.raw), rng)
    return _case(raw, _as(done), f"gzip, {way}", "csv.gz")


def _zipped(rng: Random) -> Case:
    done = _written(rng)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(rng.randint(0, 2)):
            archive.writestr(f"../../etc/{i}.csv", done.raw)
    return _case(sink.getvalue(), _as(done), "zip", "zip")


def _nested(rng: Random) -> Case:
    done = _written(rng)
    raw = done.raw
    for _ in range(rng.randint(2, 4)):
        raw = gzip.compress(raw)
    return _case(raw, _as(done), "gzip in gzip", "csv.gz.gz")


def _other(rng: Random) -> Case:
    done = _written(rng)
    pack = rng.choice([bz2.compress, lzma.compress])
    return _case(pack(done.raw), _as(done), "bzip2 or xz", "csv.bz2")


def _magic(rng: Random) -> Case:
    """A table behind bytes of another format: its first row is not what it was."""
    done = _written(rng)
    raw = rng.choice(MAGICS) + done.raw
    return _case(raw, _warned_or(done), "wrong magic", "csv")


def _noise(rng: Random) -> Case:
    size = rng.choice([1, 2, 3, 100, 5000])
    return _case(
        rng.choice(MAGICS)[: rng.randint(0, 8)] + rng.randbytes(size), refuse, "noise", "x"
    )


def _as(done: Written) -> Callable[[Reading], str | None]:
    return lambda reading: difference(reading, done.truth)


def _warned_or(done: Written) -> Callable[[Reading], str | None]:
    """Only a header may suffer so, and then a warning says what was taken for what."""
    return lambda reading: None if reading.warnings else difference(reading, done.truth)
