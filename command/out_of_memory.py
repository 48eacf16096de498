"""The process ends at once where its memory has run out: threads wait for each other for ever then.

What is said then is made beforehand, for nothing can be made any more.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial, partialmethod
from typing import Any, NoReturn, TypeAlias

NO_MEMORY = (
    "there is not enough memory; free some, or raise the limit with `ulimit -v`, and the same "
    "command goes on where it was"
)

_End: TypeAlias = Callable[[], NoReturn]
_CODE = 1
_STDOUT, _STDERR = 1, 2
_DEEP = 50
_OF_A_THREAD = ("can't start new thread", "can't allocate lock")
_OF_WHAT_WAS_CUT = ("generator didn't yield", "ignored GeneratorExit")
_RESERVED = 1 << 19  # bytes, let go of so that there is room to say it


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

    threading.excepthook = partial(_thread_ended, end)
    sys.unraisablehook = partial(_nobody_heard, end)
    began: Any = threading.Thread._bootstrap_inner  # type: ignore[attr-defined] # noqa: SLF001
    begin = partialmethod(_begin, began=began, end=end)
    threading.Thread._bootstrap_inner = begin  # type: ignore[attr-defined] # noqa: SLF001


def _begin(thread: threading.Thread, *, began: Callable[..., None], end: _End) -> None:
    """Run a thread; one that does not get as far as to say that it began is waited for for ever."""
    try:
        began(thread)
    except BaseException:
        if not thread._started.is_set():  # type: ignore[attr-defined] # noqa: SLF001
            end()
        raise


def _thread_ended(end: _End, said: threading.ExceptHookArgs) -> None:
    try:
        short = issubclass(said.exc_type, MemoryError) or _led_to(said.exc_value)
    except MemoryError:
        short = True
    if short:
        end()
    threading.__excepthook__(said)


def _nobody_heard(end: _End, said: sys.UnraisableHookArgs) -> None:
    # What could not be tidied up is no news: what it is short of is said by what goes on.
    if not (said.exc_type is MemoryError or _led_to(said.exc_value)):
        sys.__unraisablehook__(said)
    # Python 3.13 names the thread's function in words alone.
    elif getattr(said.object, "__name__", "") == "_bootstrap" or "thread" in (said.err_msg or ""):
        end()


def is_of_no_memory(error: BaseException) -> bool:
    """Tell what is raised for want of memory; Python has no type for a thread's that finds none."""
    if not isinstance(error, RuntimeError | SystemError):
        return isinstance(error, MemoryError)
    said = str(error)
    if any(words in said for words in _OF_A_THREAD):
        return True
    # Those are swallowed on their way, and then Python says this of what was under way.
    limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    return limited and (
        isinstance(error, SystemError) or any(words in said for words in _OF_WHAT_WAS_CUT)
    )


def _led_to(error: BaseException | None) -> bool:
    """Tell whether want of memory led to an error, with next to no memory."""
    for _ in range(_DEEP):
        if error is None or is_of_no_memory(error):
            return error is not None
        error = error.__cause__ or error.__context__
    return False


def leave_at_once(code: int) -> NoReturn:
    """End the process, and wait for no thread."""
    flush()
    os._exit(code)


def flush() -> None:
    """Have what was said heard, where anybody is left to hear it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
