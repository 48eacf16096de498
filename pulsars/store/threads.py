"""A few threads over blocks of rows: NumPy and PyArrow let others work while they do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from slp import by_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

_MOST = 4  # more share the memory's bandwidth and gain nothing


def n_threads() -> int:
    """Say how many threads may work at once in this process."""
    return min(_MOST, len(os.sched_getaffinity(0)))


def in_order(
    function: Callable[[T], R], items: Iterable[T], *, threads: int | None = None
) -> Iterator[R]:
    """Apply a function to each item, in threads, and give what it returns in their order.

    Parameters
    ----------
    function : callable
        Of one item; whatever thread runs it, it gives the same.
    items : iterable
        Taken as they are needed: at most as many as there are threads, and one, are in memory.
    threads : int, optional
        How many; as many as may work at once by default, and with 1 none is started.
    """
    yield from by_threads(threads or n_threads())(function, items)
