"""Names of rows that rest in a file, and of which only a range is ever in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from pulsars.store import write_bytes
from schemas import FileRef

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Run: TypeAlias = "Hashes | SpilledNames"

_BYTES = 8


class SpilledNames(Sequence[Any]):
    """Rising names, little-endian, in a file, of which only a range is ever in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._length = path.stat().st_size // _BYTES

    def __len__(self) -> int:
        """Give how many there are."""
        return self._length

    def __getitem__(self, at: Any) -> Any:
        """Read one, or a range of them."""
        if isinstance(at, slice):
            start, stop, _ = at.indices(self._length)
            return self._read(start, max(stop - start, 0))
        return int(self._read(int(at), 1)[0])

    def _read(self, start: int, n_names: int) -> Hashes:
        return np.fromfile(self._path, dtype="<u8", count=n_names, offset=start * _BYTES)


def write_names(path: Path, names: Hashes) -> FileRef:
    """Write names as `SpilledNames` reads them."""
    return write_bytes(path, np.asarray(names, dtype="<u8").tobytes())
