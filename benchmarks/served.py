"""A benchmark that maps tasks, on a Prefect server of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service import prefect_server, prefect_tuned


@contextmanager
def served() -> Iterator[None]:
    """Have a server for the length of the block: enter it before Prefect is imported."""
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    with prefect_server() as server:
        server.wait()
        with prefect_tuned():
            yield


def exit_with(main: Callable[[], int]) -> None:
    """Run a benchmark while there is a server, and leave with what it gives."""
    with served():
        code = main()
    sys.exit(code)
