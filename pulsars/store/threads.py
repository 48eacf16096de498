"""A few threads over blocks of rows: NumPy and PyArrow let others work while they do."""

from __future__ import annotations

import os

from slp import Mapped, by_threads

_MOST = 4  # more share the memory's bandwidth and gain nothing


def n_threads() -> int:
    """Say how many threads may work at once in this process: no more than Arrow's do."""
    import pyarrow as pa

    arrow: int = pa.cpu_count()
    return min(_MOST, len(os.sched_getaffinity(0)), arrow)


def in_threads(threads: int | None = None) -> Mapped:
    """Give a `map` for so many threads, or for as many as may work at once; for 1 it is `map`.

    What it gives stands in the order of the items, and no more of these are in memory than there
    are threads, and one.
    """
    threads = threads or n_threads()
    return map if threads == 1 else by_threads(threads)
