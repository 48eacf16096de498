"""How the command behaves as a process: its streams, and being asked to end.

It may be asked by Ctrl-C, by a service manager, or by a terminal that was closed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

_PATIENCE_SECONDS = 30.0


def open_standard_streams() -> None:
    """Open what a daemon may have closed, or the next file to be opened would take its place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def end_like_ctrl_c() -> None:
    """Take SIGTERM and SIGHUP as Ctrl-C, which leaves every block by its way out.

    What is ignored, as below `nohup`, stays ignored. While a flow runs Prefect takes SIGTERM
    itself, marks the run and sends it here.
    """
    for sent in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sent) is signal.SIG_DFL:
            signal.signal(sent, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def leave(code: int) -> NoReturn:
    """End the process, also where a thread of Prefect's waits for ever for a server that is gone.

    A command has said and written all by then; what is cut off is news for that server.
    """
    _flush()
    threading.Thread(target=_cut_short, args=(code,), daemon=True).start()
    sys.exit(code)


def leave_at_once(code: int) -> NoReturn:
    """End the process where its memory has run out, and wait for no thread.

    One that found no room for its stack says neither that it began nor that it ended.
    """
    _flush()
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _cut_short(code: int) -> None:
    threading.main_thread().join()  # a caller that takes the exit as an exception goes on living
    time.sleep(_PATIENCE_SECONDS)
    os._exit(code)
