"""Which candidates had a say in a model, told by their content in whatever file they stand."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.store.arrays import row_hashes
from pulsars.store.files import written
from pulsars.store.kept_arrays import as_archived, read_kept_arrays, require_room
from schemas import FileRef
from slp import Names, twin_names


@dataclass(frozen=True, eq=False)
class Learnt:
    """The candidates that a model has learnt from, as a run keeps them in `seen.npz`.

    Attributes
    ----------
    hashes : ndarray of shape (n_rows,), uint64
        As of `pulsars.store.arrays.row_hashes`: the same candidate, digit for digit. Empty for a
        run that learnt from more rows than memory holds.
    twins : ndarray of shape (n_rows,), uint64
        As of `slp.twin_names`: the same candidate, printed with fewer digits. Empty for a run that
        an earlier version made.
    """

    hashes: NDArray[np.uint64]
    twins: NDArray[np.uint64]

    @classmethod
    def of(cls, X: NDArray[np.float64]) -> Learnt:
        """Name the rows of `X`, of shape (n_rows, n_features)."""
        return cls(np.sort(row_hashes(X)), np.sort(twin_names(X)))

    @classmethod
    def load(cls, file: FileRef) -> Learnt:
        """Read what a run has kept; raises as `pulsars.store.kept_arrays.read_kept_arrays`.

        Of many rows the names stay on disk.
        """
        if _size(file) > _HELD_BYTES:
            with as_archived(Path(file.path)):
                require_room(file.verified())
            return _OnDisk(np.empty(0, np.uint64), np.empty(0, np.uint64), Path(file.path))
        stored = read_kept_arrays(file, if_there=("hashes", "twins"))  # one of them at least
        none = np.empty(0, dtype=np.uint64)
        return cls(stored.get("hashes", none), stored.get("twins", none))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give what `load` reads."""
        return {"hashes": self.hashes, "twins": self.twins}

    def holds(self, X: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which rows of `X` are among them, shape (n_rows,).

        Rows that are the same digit for digit have the same name as twins too, so where twins are
        kept there is nothing else to ask.
        """
        if len(self.twins):
            return self._among.find(twin_names(X))
        return np.isin(row_hashes(X), self.hashes)

    def count(self, parts: Iterable[NDArray[np.float64]]) -> int:
        """Count the rows that are among them, of all parts, (n_rows, n_features) each."""
        return sum(int(self.holds(X).sum()) for X in parts)

    @cached_property
    def _among(self) -> Names:
        return Names.of(self.twins)


_HELD_BYTES = 64 << 20
"""Of `seen.npz`, from which on it is gone over for each partition, and held by no worker."""

_SLICE = 1 << 20  # names that are in memory at a time

_BITS = 7  # of a name, that say in which bucket on disk it is sorted


@dataclass(frozen=True, eq=False)
class _OnDisk(Learnt):
    """The same of more rows than every worker can hold: twins, sorted in a file."""

    path: Path

    def holds(self, X: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which rows of `X` are among them, in one pass over the file."""
        return self._find(twin_names(X))

    def count(self, parts: Iterable[NDArray[np.float64]]) -> int:
        """Count the rows that are among them, in one pass over the file."""
        return int(self._find(np.concatenate([twin_names(X) for X in parts])).sum())

    def _find(self, names: NDArray[np.uint64]) -> NDArray[np.bool_]:
        order = np.argsort(names)
        asked, found = names[order], np.zeros(len(names), dtype=bool)
        for held in self._slices():
            low = np.searchsorted(asked, held[0])
            high = np.searchsorted(asked, held[-1], side="right")
            some = asked[low:high]
            found[low:high] |= held[np.searchsorted(held, some)] == some
        there = np.empty_like(found)
        there[order] = found
        return there

    def _slices(self) -> Iterator[NDArray[np.uint64]]:
        with (
            as_archived(self.path),
            zipfile.ZipFile(self.path) as archive,
            archive.open("twins.npy") as member,
        ):
            np.lib.format.read_magic(member)
            shape, _, kind = np.lib.format.read_array_header_1_0(member)
            if len(shape) != 1 or kind != np.dtype("<u8"):
                raise ValueError("twins are no names of rows")
            while piece := member.read(8 * _SLICE):
                yield np.frombuffer(piece, dtype="<u8")


def _size(file: FileRef) -> int:
    try:
        return Path(file.path).stat().st_size
    except OSError:  # which whoever reads it says
        return 0


def write_learnt(path: Path, parts: Iterable[NDArray[np.float64]]) -> FileRef:
    """Write `seen.npz` of more rows than memory holds: their names as twins alone, which suffice.

    Parameters
    ----------
    path : Path
    parts : iterable of ndarray of shape (n_rows, n_features)
        The rows, taken one after another.
    """
    n_rows = 0

    def named() -> Iterator[NDArray[np.uint64]]:
        nonlocal n_rows
        for X in parts:
            n_rows += len(X)
            yield twin_names(X)

    buckets = sorted_on_disk(named(), path.parent.parent / "steps")
    first = next(buckets)  # all parts have been taken then, and counted
    header = {"descr": "<u8", "fortran_order": False, "shape": (n_rows,)}
    with (
        written(path) as file,
        zipfile.ZipFile(file, "w") as archive,
        archive.open("twins.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array_header_1_0(member, header)
        for names in chain([first], buckets):
            member.write(names.astype("<u8").tobytes())
    return file.handle


def sorted_on_disk(
    parts: Iterable[NDArray[np.uint64]], folder: Path
) -> Iterator[NDArray[np.uint64]]:
    """Sort more numbers than memory holds, spread over their range as hashes are, on disk.

    Parameters
    ----------
    parts : iterable of ndarray, uint64
        Taken one after another.
    folder : Path
        Where buckets may lie meanwhile; eight bytes a number.

    Yields
    ------
    ndarray, uint64
        Rising, within each and from each to the next: a 128th of all, about.
    """
    shift = np.uint64(64 - _BITS)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="sorting-") as place:
        paths = [Path(place) / str(number) for number in range(1 << _BITS)]
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("wb")) for path in paths]
            for part in parts:
                ordered = np.sort(part)
                ends = np.searchsorted(ordered >> shift, np.arange(len(files) + 1, dtype=np.uint64))
                for file, start, end in zip(files, ends[:-1], ends[1:], strict=True):
                    file.write(ordered[start:end].tobytes())
        for path in paths:
            yield np.sort(np.fromfile(path, dtype=np.uint64))
