"""The process ends at once where its memory has run out: threads wait for each other for ever then.

What is said then is made beforehand, for nothing can be made any more.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial, partialmethod
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from schemas import and_what_led_to_it

NO_MEMORY = (
    "there is not enough memory, or no thread is left; free some, or raise the limit with "
    "`ulimit -v` or `ulimit -u`, and the same command goes on where it was"
)

_End: TypeAlias = Callable[[], NoReturn]
_CODE = 1
_STDOUT, _STDERR = 1, 2
_OF_A_THREAD = ("can't start new thread", "can't allocate lock")
_OF_WHAT_WAS_CUT = ("generator didn't yield", "ignored GeneratorExit")
_RESERVED = 1 << 19  # bytes, let go of so that there is room to say it
_LOOKS, _BETWEEN_SECONDS = 25, 1.0
_IDLE_SECONDS = 0.05  # of a processor: a look itself takes a tenth of a thousandth
_OF_A_THREAD_AND_ITS_HEAP = 1 << 27  # bytes: the C library reserves 64 MiB for each, aligned
_LEAST = 1 << 24  # bytes: a thread asks for half of it, and each command needs more


def end_where_a_thread_finds_no_memory(*, as_json: bool) -> None:
    """Have the process end where one of its threads ends for want of memory.

    Parameters
    ----------
    as_json : bool
        Whether stdout was promised one JSON object.
    """
    told = {"error": "MemoryError", "message": NO_MEMORY, "exit_code": _CODE}
    answer = json.dumps(told).encode() + b"\n" if as_json else b""
    sentence = f"pulsar: {NO_MEMORY}\n".encode()
    reserve = bytearray(_RESERVED)

    def end() -> NoReturn:
        reserve.clear()
        try:
            os.write(_STDERR, sentence)
        finally:
            try:
                os.write(_STDOUT, answer)
            finally:
                os._exit(_CODE)

    # Of a thread that ended or did not begin, or of what was thrown away half-way: somebody may
    # wait for it.
    threading.excepthook = partial(_heard, end, threading.__excepthook__)
    sys.unraisablehook = partial(_heard, end, sys.__unraisablehook__)
    warnings.showwarning = partial(_warned, end, warnings.showwarning)
    began: Any = threading.Thread._bootstrap_inner  # type: ignore[attr-defined] # noqa: SLF001
    begin = partialmethod(_begin, began=began, end=end)
    threading.Thread._bootstrap_inner = begin  # type: ignore[attr-defined] # noqa: SLF001


def _begin(thread: threading.Thread, *, began: Callable[..., None], end: _End) -> None:
    """Run a thread; one that does not get as far as to say that it began is waited for for ever."""
    try:
        began(thread)
    except BaseException as error:
        if not thread._started.is_set() or _is_short(error):  # type: ignore[attr-defined] # noqa: SLF001
            end()
        raise


class Watch:
    """Looks for a process that has no memory left and waits: of some errors no hook ever hears.

    Attributes
    ----------
    every : float or None
        Seconds between two looks; None where no limit is set, and nothing is to be looked for.
    """

    def __init__(self) -> None:
        self.every = _BETWEEN_SECONDS if _left() < math.inf else None
        self._looks, self._done = 0, time.process_time()

    def look(self) -> None:
        """Look whether anything was done since the last look, and can be.

        Raises
        ------
        MemoryError
            In a thread, which ends the process, where neither is so time and again.
        """
        done, before = time.process_time(), self._done
        self._done = done
        main = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001
        # Who waits for a lock or for a person sleeps, and what was let go of may do for the rest.
        waits = main is not None and main.f_globals.get("__name__") == threading.__name__
        idle = waits and done - before < _IDLE_SECONDS and _left() < _LEAST
        self._looks = self._looks + 1 if idle else 0
        if self._looks >= _LOOKS:
            raise MemoryError("nothing is left, and nothing is done")


def _heard(end: _End, tell: Callable[[Any], object], said: Any) -> None:
    if said.exc_type is MemoryError or _is_short(said.exc_value):
        end()
    tell(said)


def _warned(end: _End, show: Callable[..., None], message: Warning | str, *where: Any) -> None:
    # A call was lost on its way to another thread, and who made it waits for what it gives.
    if "was never awaited" in str(message) and _is_near_the_limit():
        end()
    show(message, *where)


def is_of_no_memory(error: BaseException) -> bool:
    """Tell what want of memory raises: of threads, and where Python itself trips, another type."""
    if not isinstance(error, RuntimeError | SystemError):
        return isinstance(error, MemoryError)
    said = str(error)
    if any(words in said for words in _OF_A_THREAD):
        return True
    # Where a MemoryError was swallowed on its way, this is what Python says of what it cut.
    tripped = isinstance(error, SystemError) or any(words in said for words in _OF_WHAT_WAS_CUT)
    return tripped and _is_near_the_limit()


def _is_near_the_limit() -> bool:
    """Tell whether the process has three quarters of the memory that it may have, or more."""
    return 4 * _left() <= resource.getrlimit(resource.RLIMIT_AS)[0]


def has_room_for_a_thread() -> bool:
    """Tell whether a thread finds what it needs to begin: a stack, and a heap of its own."""
    return _left() >= _OF_A_THREAD_AND_ITS_HEAP


def _left() -> float:
    """Give the bytes of memory that the process may still have; none where nobody can tell."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return math.inf
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except (OSError, MemoryError):
        return 0
    return limit - int(pages) * resource.getpagesize()


def _is_short(error: BaseException | None) -> bool:
    """Tell whether want of memory led to an error; finding none to find that out is an answer."""
    try:
        return error is not None and any(map(is_of_no_memory, and_what_led_to_it(error)))
    except MemoryError:
        return True


def no_memory(error: BaseException) -> str | None:
    """Say that the memory did not suffice, where that is what an error is about, or came of."""
    short = any(is_of_no_memory(one) for one in and_what_led_to_it(error))
    return NO_MEMORY if short else None


def flush() -> None:
    """Have what was said heard, where anybody is left to hear it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
