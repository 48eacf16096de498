"""What a machine ran out of, and what helps."""

from __future__ import annotations

import errno
import os
import resource

from command.out_of_memory import NO_MEMORY, is_of_no_memory
from schemas import and_what_led_to_it
from schemas import what_was_short as shortage_of
from service import prefect_home

_FEWEST_FILES = 32  # below it Prefect's threads die one by one, and the rest wait for them for ever


def require_files_to_open() -> None:
    """Have as many files to open as a flow needs.

    Raises
    ------
    OSError
        With EMFILE, before anything has begun.
    """
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FEWEST_FILES:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def no_memory(error: BaseException) -> str | None:
    """Say that the memory did not suffice, where that is what an error is about, or came of."""
    short = any(is_of_no_memory(one) for one in and_what_led_to_it(error))
    return NO_MEMORY if short else None


def what_was_short(error: OSError) -> str:
    """Say where the system refused a command something, why, and what helps."""
    return shortage_of(
        error,
        # Prefect's own writes, and those to standard output, say no name.
        elsewhere=f"below --out, below {prefect_home()} or where the output goes",
        then="the same command goes on where it was",
    )
