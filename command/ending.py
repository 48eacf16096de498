"""Who asks a command to end is obeyed, also where a server that is gone holds it back."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from command.console import explain_interruption
from command.out_of_memory import Watch, flush
from schemas import ExitCode

_ASKS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_SECONDS = 30.0
_SAY_SECONDS = 2.0  # a terminal that is stopped takes no sentence
_AGAIN_SECONDS = 1.0  # what hands a signal on may send it twice at once


@contextmanager
def ended_when_asked(clear: Callable[[], None]) -> Iterator[None]:
    """Have a block that is asked to end do so in order, within the patience or until asked again.

    While a flow runs Prefect takes SIGTERM itself, and after any signal it tells its server what
    became of every step: minutes, where that is gone. So signals are heard beside those who take
    them. What is cut short then is left as after a kill, on which the same command goes on.

    Parameters
    ----------
    clear : callable
        Called before the process is ended at once, to take away what a terminal shows.

    Raises
    ------
    KeyboardInterrupt
        In place of an error of a block that was asked to end.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    late = threading.Timer(_PATIENCE_SECONDS, _end, (clear,))
    late.daemon = True
    listener = threading.Thread(target=_listen, args=(heard, late, clear), daemon=True)
    listener.start()
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    try:
        yield
    except Exception as error:
        if late.is_alive():
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.set_wakeup_fd(before)
        os.close(told)
        listener.join()
        late.cancel()


def _listen(heard: int, late: threading.Timer, clear: Callable[[], None]) -> None:
    """Begin to count when somebody asks; Ctrl-C is the one signal that Prefect never repeats."""
    since, watch = 0.0, Watch()
    with os.fdopen(heard, "rb", buffering=0) as signals:
        while True:
            if not select.select([signals], [], [], watch.every)[0]:
                watch.look()
                continue
            sent = signals.read(1)
            if not sent:
                return
            if sent[0] in _ASKS and not since:
                since = time.monotonic()
                late.start()
            elif sent[0] == signal.SIGINT and time.monotonic() - since > _AGAIN_SECONDS:
                _end(clear)


def _end(clear: Callable[[], None]) -> None:
    saying = threading.Thread(target=_say, args=(clear,), daemon=True)
    saying.start()
    saying.join(_SAY_SECONDS)
    os._exit(ExitCode.INTERRUPTED)


def _say(clear: Callable[[], None]) -> None:
    clear()
    explain_interruption(as_json="--json" in sys.argv)
    flush()
