"""The process ends at once where its memory has run out: threads wait for each other for ever then.

What is said then is made beforehand, for nothing can be made any more.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

NO_MEMORY = (
    "there is not enough memory; free some, or raise the limit with `ulimit -v`, and the same "
    "command goes on where it was"
)

_CODE = 1
_STDOUT, _STDERR = 1, 2


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

    def end() -> NoReturn:
        for stream, text in ((_STDERR, sentence), (_STDOUT, answer)):
            with suppress(OSError):
                os.write(stream, text)
        os._exit(_CODE)

    def thread_ended(said: threading.ExceptHookArgs) -> None:
        if issubclass(said.exc_type, MemoryError):
            end()
        threading.__excepthook__(said)

    def nobody_heard(said: sys.UnraisableHookArgs) -> None:
        # A thread that did not get as far as to say that it began: whoever began it waits.
        if said.exc_type is MemoryError and getattr(said.object, "__name__", "") == "_bootstrap":
            end()
        sys.__unraisablehook__(said)

    threading.excepthook = thread_ended
    sys.unraisablehook = nobody_heard


def leave_at_once(code: int) -> NoReturn:
    """End the process, and wait for no thread."""
    flush()
    os._exit(code)


def flush() -> None:
    """Have what was said heard, where anybody is left to hear it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
