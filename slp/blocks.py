"""Rows that need not be in memory together: given again and again, in blocks, and added up.

Whatever parts the rows come in, they are cut into blocks of one size, counted from the first row.
What is taken of each block is added by twos, in an order that hangs on the number of blocks alone:
so a sum is the same to the last bit whoever worked out which block, and in files of 2 ** k blocks
each, a file's own sum is a branch of the whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCK = 2**15
"""Rows a block."""

Arrays = tuple[NDArray[Any], ...]
"""Of rows that belong together, each with its own first axis: features, labels, weights."""

Source = Callable[[], Iterable[Arrays]]
"""Gives all rows from the first on, in parts of any size, each time it is called."""

Mapped = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""Applies a function to each of many, in their order: `map`, or what `by_threads` gives."""

T = TypeVar("T")


def in_blocks(parts: Iterable[Arrays], size: int = BLOCK) -> Iterator[Arrays]:
    """Cut rows anew, into blocks of `size`, the last one shorter; a part of its own is not copied.

    Parameters
    ----------
    parts : iterable of tuples of array-like
        Each tuple of as many arrays, of as many rows.
    size : int
        Rows a block.
    """
    waiting: list[Arrays] = []
    missing = size
    for given in parts:
        part = tuple(np.asanyarray(each) for each in given)  # a mask is kept, for who refuses it
        first, n_rows = 0, len(part[0])
        while n_rows - first >= missing:
            waiting.append(tuple(each[first : first + missing] for each in part))
            yield _joined(waiting)
            first, waiting, missing = first + missing, [], size
        if first < n_rows:
            waiting.append(tuple(each[first:] for each in part))
            missing -= n_rows - first
    if waiting:
        yield _joined(waiting)


def _joined(pieces: list[Arrays]) -> Arrays:
    if len(pieces) == 1:
        return pieces[0]
    return tuple(np.concatenate(each) for each in zip(*pieces, strict=True))


def add_by_twos(values: Iterable[T], add: Callable[[T, T], T]) -> T:
    """Add values up: the first and the second, the third and the fourth, then these by twos.

    Raises
    ------
    ValueError
        When there is none.
    """
    sums: list[tuple[int, T]] = []  # how many are in each, ever fewer, and their sum
    for value in values:
        sums.append((1, value))
        while len(sums) > 1 and sums[-2][0] == sums[-1][0]:
            (count, left), (_, right) = sums[-2:]
            sums[-2:] = [(2 * count, add(left, right))]
    if not sums:
        raise ValueError("this needs at least 1 row; there are 0")
    _, total = sums.pop()
    while sums:
        total = add(sums.pop()[1], total)
    return total


def by_threads(n_threads: int) -> Mapped:
    """Give a `map` for `n_threads` threads that reads ahead by no more than a block a thread."""
    if n_threads == 1:
        return map

    def mapped(function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        from concurrent.futures import ThreadPoolExecutor  # late: it takes the log with it

        with ThreadPoolExecutor(n_threads) as pool:
            under_way: deque[Future[Any]] = deque()
            try:
                for value in values:
                    under_way.append(pool.submit(function, value))
                    if len(under_way) > n_threads:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
            finally:  # of an error, or of whoever takes no more
                for future in under_way:
                    future.cancel()

    return mapped
