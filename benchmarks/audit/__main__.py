"""The table of what is claimed and what is measured.

Usage: python -m benchmarks.audit [--full] [CHAPTER ...]

Chapters share the processors, one process each. Data are those of PULSAR_DATA_DIR. Exits with 1
unless every bound holds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.audit.line import Line, Size

CHAPTERS = ("coverage", "nights", "drift", "surveys", "thresholds", "calibration", "reviews")


def main() -> None:
    """Measure the chapters that are named, or all; print; judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    parser.add_argument("--full", action="store_true", help="as long as it takes")
    parser.add_argument("chapter", nargs="*", choices=[*CHAPTERS, []])
    asked = parser.parse_args()
    size: Size = "full" if asked.full else "short"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a chapter is a process
    held = True
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        running = {
            pool.submit(measure, chapter, size): chapter for chapter in asked.chapter or CHAPTERS
        }
        for done in as_completed(running):
            lines, seconds = done.result()
            show(running[done], lines, seconds)
            held &= none_fails(lines)
    sys.exit(0 if held else 1)


def measure(
    chapter: str, size: Size, *, bench: str = "audit", **more: Any
) -> tuple[list[Line], float]:
    """Measure one chapter of a bench, and say how many seconds it took."""
    began = time.perf_counter()
    lines = import_module(f"benchmarks.{bench}.{chapter}").measure(size, **more)
    return lines, time.perf_counter() - began


def show(chapter: str, lines: list[Line], seconds: float) -> None:
    """Print a chapter's lines."""
    print(f"\n{chapter} ({seconds:.0f} s)")
    width = max(len(line.what) for line in lines)
    for line in lines:
        said = f"{line.what:<{width}}  {line.measured}  (bound: {line.bound})"
        print(f"  {line.word}  {said}", flush=True)


def none_fails(lines: list[Line]) -> bool:
    """Tell whether no bound is broken; what could not be measured broke none."""
    return all(line.holds is not False for line in lines)


if __name__ == "__main__":
    main()
