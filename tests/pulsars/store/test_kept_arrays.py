"""Arrays that a run has kept come back, or are refused by name, whoever made the file."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import pytest

from pulsars.store import learnt
from pulsars.store.files import write_arrays
from pulsars.store.kept_arrays import read_kept_arrays
from pulsars.store.learnt import Learnt
from schemas.errors import DamagedRecordError
from schemas.handles import FileRef


def npy(header: str, data: bytes = b"") -> bytes:
    written = header.encode()
    written += b" " * (63 - (len(written) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(written)) + written + data


def header(shape: str, kind: str = "<f8") -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"


def archived(*members: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{'yxz'[number]}.npy", member)
    return content.getvalue()


def turned(raw: bytes, *, at: int, to: int) -> bytes:
    """Give an archive of one member with a byte of its local and its central header changed."""
    content, central = bytearray(raw), raw.find(b"PK\x01\x02")
    content[at] = content[central + at + 2] = to
    return bytes(content)


THREE = npy(header("(3,)"), bytes(24))
CASES = {
    "encrypted": turned(archived(THREE), at=6, to=1),
    "packed by an unknown method": turned(archived(THREE), at=8, to=99),
    "packed by lzma": archived(THREE, method=zipfile.ZIP_LZMA),
    "a header without an end": archived(npy("(" * 3000)),
    "a header that is nested too deep": archived(npy("-" * 9000 + "1")),
    "a header that is indented": archived(npy("x\n  y\n z")),
    "a header of another version": archived(THREE.replace(b"\x01\x00", b"\x09\x00", 1)),
    "more rows than it has": archived(npy(header("(1000000000000,)"), bytes(24))),
    "more rows than it has, and less": archived(
        npy(header("(-1000000000000,)"), bytes(24)), npy(header("(1000000000000,)"), bytes(24))
    ),
    "more rows of nothing": archived(npy(header("(1000000000000,)", "|S0"))),
    "more rows than can be counted": archived(npy(header(f"({10**30},)", "|V0"))),
    "packed to a hundredth": archived(
        npy(header("(1250000,)"), bytes(10_000_000)), method=zipfile.ZIP_DEFLATED
    ),
    "no arrays": archived(b"abc"),
    "no archive": THREE,
    "nothing": b"",
}  # fmt: skip


def kept(path: Path, content: bytes) -> FileRef:
    path.write_bytes(content)
    return FileRef.of(path)


@pytest.mark.parametrize("case", CASES)
def test_an_archive_that_is_not_as_we_write_it_is_refused_by_name(
    case: str, tmp_path: Path
) -> None:
    with pytest.raises(DamagedRecordError, match=r"test\.npz"):
        read_kept_arrays(kept(tmp_path / "test.npz", CASES[case]), "y")


@pytest.mark.parametrize("case", CASES)
def test_so_is_one_of_which_the_names_stay_on_disk(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learnt, "_HELD_BYTES", -1)
    with pytest.raises(DamagedRecordError, match=r"seen\.npz"):
        Learnt.load(kept(tmp_path / "seen.npz", CASES[case])).holds(np.zeros((2, 8)))


@pytest.mark.parametrize("twins", [np.array([7.0, 9.0]), np.ones((2, 2), np.uint64)])
def test_names_on_disk_of_another_kind_are_not_read_as_names(
    twins: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learnt, "_HELD_BYTES", -1)
    file = write_arrays(tmp_path / "seen.npz", {"twins": twins})
    with pytest.raises(DamagedRecordError, match=r"seen\.npz"):
        Learnt.load(file).holds(np.zeros((2, 8)))


def test_what_we_write_comes_back_at_any_size(tmp_path: Path) -> None:
    for size in (0, 1, 3, 1000):
        arrays = {"X": np.ones((size, 8)), "y": np.arange(size), "in_file": np.full(size, b"a")}
        file = write_arrays(tmp_path / "a.npz", arrays)
        found = read_kept_arrays(file, "X", "y", if_there=("in_file", "line"))
        assert {name: array.tolist() for name, array in found.items()} == {
            name: array.tolist() for name, array in arrays.items()
        }


def test_whatever_byte_is_changed_it_is_read_or_refused(tmp_path: Path) -> None:
    draw, raw = Random(1), archived(THREE, THREE)  # noqa: S311 - no secret
    for _ in range(400):
        content = bytearray(raw)
        for _ in range(draw.randrange(1, 4)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        with suppress(DamagedRecordError):
            found = read_kept_arrays(kept(tmp_path / "a.npz", bytes(content)), "x", "y")
            assert sum(array.nbytes for array in found.values()) <= len(raw)
