"""What is asked of a single number, said once."""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from typing import Any

import numpy as np

_NO_NUMBERS = "bcmMSUV"
"""Kinds of dtype that float() takes: truth values, complex numbers, times, text and records."""


def check_number(name: str, value: Any) -> float:
    """Give one finite number as a float; `name` says what it is, for the sentence that refuses it.

    Raises
    ------
    ValueError
        When `value` is no number, or not finite.
    """
    # float() would take "1" and True, which no writer of a model means.
    kind = value.dtype.kind if isinstance(value, (np.generic, np.ndarray)) else ""
    if isinstance(value, (bool, str, bytes)) or kind in tuple(_NO_NUMBERS):
        raise ValueError(f"{name} {value!r} is not a number")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} {value!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} {number} is not finite")
    return number


def check_whole(name: str, value: Any) -> int:
    """Give a whole number as an int; `name` says what it is, for the sentence that refuses it.

    Raises
    ------
    ValueError
        When `value` is no whole number, also where it is a float that is one.
    """
    if not isinstance(value, bool):  # which index() would take, too
        with suppress(TypeError):
            return operator.index(value)
    raise ValueError(f"{name} {value!r} is not a whole number")
