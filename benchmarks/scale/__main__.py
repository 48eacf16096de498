"""The table of what many rows cost, beside what they could cost at the least.

Usage: python -m benchmarks.scale [--full] [--curves [FOLDER]] [CHAPTER ...]

Every bound, and whether it is held. What the chapter on memory measured is drawn, where that is
asked for, in a folder, `curves` by default: curves.svg and curves.txt. Chapters run one after the
other, for each has the processors to itself, and each in a process of its own. Exits with 1 unless
every bound is held, or could not be measured.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.audit.line import Line, Size
from benchmarks.harness import measured, none_fails, show

CHAPTERS = (
    "kernel",
    "scoring",
    "training",
    "newton",
    "validating",
    "workers",
    "server_calls",
    "memory",
    "paper",
)


def main() -> None:
    """Measure the chapters that are named, or all; print; judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--full", action="store_true", help="up to a hundred million rows")
    parser.add_argument(
        "--curves", type=Path, nargs="?", const=Path("curves"), metavar="FOLDER",
        help="draw memory and time over rows, by default in curves/",
    )  # fmt: skip
    parser.add_argument("chapter", nargs="*", choices=[*CHAPTERS, []])
    asked = parser.parse_args()
    if str(asked.curves) in CHAPTERS:
        parser.error(f"--curves {asked.curves}: name the chapter first, or the folder")
    lines = [
        line
        for chapter in asked.chapter or CHAPTERS
        for line in _shown(chapter, "full" if asked.full else "short", asked.curves)
    ]
    if len(asked.chapter) != 1:
        _sum_up(lines)
    sys.exit(0 if none_fails(lines) else 1)


def _shown(chapter: str, size: Size, curves: Path | None) -> list[Line]:
    """Measure a chapter and print it; one that fails breaks its bounds, and the others go on."""
    more: dict[str, Any] = {"curves": curves} if chapter == "memory" else {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            module = f"benchmarks.scale.{chapter}"
            lines, seconds = pool.submit(measured, module, size, **more).result()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said
            told = f"{type(error).__name__}: {error}"
            lines, seconds = [Line(chapter, "can be measured", told, holds=False)], 0.0
    show(chapter, lines, seconds)
    return lines


def _sum_up(lines: list[Line]) -> None:
    words = [line.word for line in lines]
    print("\n" + ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)))
    for line in lines:
        if line.holds is False:
            print(f"  {line.word}  {line.what}  {line.measured}  (bound: {line.bound})")


if __name__ == "__main__":
    main()
