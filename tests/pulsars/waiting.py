"""A bound for what would otherwise wait for ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def ended_after(seconds: int = 60) -> Iterator[None]:
    """End a block that waits, and the test with it; far more than the block takes anywhere.

    What is raised is no `Exception`: no code that is tested takes it for a fault of a file.
    """

    def end(*_: object) -> None:
        pytest.fail(f"was waited for, for {seconds} seconds")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
