"""More numbers than memory holds, sorted: in buckets on disk, each of which fits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BITS = 7


def sorted_on_disk(
    parts: Iterable[NDArray[np.uint64]], folder: Path
) -> Iterator[NDArray[np.uint64]]:
    """Sort numbers that are spread over their range, as hashes are.

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
