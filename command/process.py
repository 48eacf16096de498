"""How the command behaves as a process: its streams, and being asked to end.

It may be asked by Ctrl-C, by a service manager, or by a terminal that was closed. What its
environment says of Prefect's home is settled here too.
"""

from __future__ import annotations

import io
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from command.out_of_memory import flush, has_room_for_a_thread, no_memory
from schemas import ExitCode, and_what_led_to_it, at_home

_UNREAD = 141
"""128 and the number of SIGPIPE: what a shell says of whoever writes where nobody reads."""
_PATIENCE_SECONDS = 30.0


def open_standard_streams() -> None:
    """Open what a daemon may have closed, or the next file to be opened would take its place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - for workers
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # what Python makes of one that was closed
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8", errors="replace"))  # noqa: SIM115
    refusing = ("strict", "surrogateescape")  # the second in the locale C
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in refusing:
        sys.stdout.reconfigure(errors="replace")  # a letter that a locale has not is no failure


def settle_prefect_home() -> None:
    """Make PREFECT_HOME a whole path, before Prefect or anything here reads it.

    Set to nothing it is as if it were not set: Prefect would take the folder in which one stands,
    as a version before this did. What it left there is told of: it may still be up.
    """
    told = os.environ.get("PREFECT_HOME", "")
    if not told.strip():
        if os.environ.pop("PREFECT_HOME", None) is not None and os.path.isdir("pulsar-up"):  # noqa: PTH112 - where one may not look, too
            here = shlex.quote(str(Path.cwd()))
            sys.stderr.write(
                "PREFECT_HOME is set to nothing, which is ~/.prefect; what an earlier version of "
                f"`pulsar up` keeps in this folder goes on with PREFECT_HOME={here}\n"
            )
        return
    with suppress(FileNotFoundError):  # the folder in which one stands is gone
        os.environ["PREFECT_HOME"] = str(at_home(told).absolute())


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


def run_command(app: Callable[..., Any], *, as_json: bool) -> int:
    """Run a typer application; say in a sentence how it ended, and give the exit code."""
    try:
        code = app(standalone_mode=False)
    except BaseException as error:
        # Typer makes 1 of it, which means a defect here.
        if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
            return _UNREAD
        # Prefect, asked to end as a step begins, trips over what is not there yet.
        if not any(_asked_to_end(one) for one in and_what_led_to_it(error)):
            if not isinstance(error, Exception):
                raise
            return _explain(error, as_json=as_json)
        code = ExitCode.INTERRUPTED
    if code == ExitCode.INTERRUPTED:
        from command.console import explain_interruption

        explain_interruption(as_json=as_json)
    return int(code or 0)


def _asked_to_end(error: BaseException) -> bool:
    # Prefect's own signal is known by its name, without importing Prefect to ask.
    return isinstance(error, KeyboardInterrupt) or type(error).__name__ == "TerminationSignal"


def _explain(error: Exception, *, as_json: bool) -> int:
    from command.console import explain

    code = explain(error, as_json=as_json)
    if no_memory(error):  # no thread is waited for
        flush()
        os._exit(code)
    return code


def leave(code: int) -> NoReturn:
    """End the process, also where a thread of Prefect's waits for ever for a server that is gone.

    A command has said and written all by then; what is cut off is news for that server.
    """
    flush()
    if has_room_for_a_thread():
        threading.Thread(target=_cut_short, args=(code,), daemon=True).start()
    else:  # it would be waited for itself
        signal.signal(signal.SIGALRM, lambda *_: os._exit(code))
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_SECONDS)
    sys.exit(code)


def _cut_short(code: int) -> None:
    threading.main_thread().join()  # a caller that takes the exit as an exception goes on living
    time.sleep(_PATIENCE_SECONDS)
    os._exit(code)
