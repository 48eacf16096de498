"""A benchmark that maps tasks, on a Prefect server of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from service import prefect_server, prefect_tuned


def exit_with(main: Callable[[], int]) -> None:
    """Run a benchmark while there is a server, and leave with what it gives."""
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    with prefect_server() as server:
        server.wait()
        with prefect_tuned():
            code = main()
    sys.exit(code)
