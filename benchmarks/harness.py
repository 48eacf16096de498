"""What benches share: work is timed, lines are shown, and the exit code says whether all hold."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn, ParamSpec, TypeVar

from benchmarks.audit.line import Line, Size

P = ParamSpec("P")
T = TypeVar("T")


def timed(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    """Do work; give what it gives, and the seconds."""
    since = time.perf_counter()
    found = work(*args, **kwargs)
    return found, time.perf_counter() - since


def measured(module: str, size: Size, **more: Any) -> tuple[list[Line], float]:
    """Measure the chapter that a module is, and say how many seconds it took.

    Only here is it imported: another process is told its name. That process finds nothing that
    stands in the `__main__` of whoever asks.
    """
    return timed(import_module(module).measure, size, **more)


def show(chapter: str, lines: list[Line], seconds: float) -> None:
    """Print a chapter's lines."""
    print(f"\n{chapter} ({seconds:.0f} s)")
    width = max(len(line.what) for line in lines)
    for line in lines:
        said = f"{line.what:<{width}}  {line.measured}  (bound: {line.bound})"
        print(f"  {line.word:<6}  {said}", flush=True)


def none_fails(lines: list[Line]) -> bool:
    """Tell whether no bound is broken; what could not be measured broke none."""
    return all(line.holds is not False for line in lines)


def leave(
    chapter: str, measure: Callable[P, list[Line]], *args: P.args, **kwargs: P.kwargs
) -> NoReturn:
    """Measure a chapter, show it, and end with 1 where a bound is broken."""
    lines, seconds = timed(measure, *args, **kwargs)
    show(chapter, lines, seconds)
    sys.exit(not none_fails(lines))
