"""When Python searches for reference cycles: not while it imports, and not as a command ends.

A search walks every object there is. Prefect's imports alone make a million, none of them garbage,
and searching them again and again costs a fifth of the time that they take; searching them once
more at the end of the process costs half a second, for memory that the system takes back anyway.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Import without searching, and leave what was imported out of every later search."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def end_without_collecting() -> None:
    """Spare the end of this process the search; buffers are flushed and files closed as ever."""
    gc.disable()
    gc.freeze()
