"""Being asked to end: by Ctrl-C, by a service manager, by a terminal that was closed."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn


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
