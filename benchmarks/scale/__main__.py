"""The table of what many rows cost, beside what they could cost at the least.

Usage: python -m benchmarks.scale [--full] [CHAPTER ...]

Chapters run one after the other, for each has the processors to itself. Exits with 1 unless every
bound holds.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks.audit.__main__ import measure, show

if TYPE_CHECKING:
    from benchmarks.audit.line import Size

CHAPTERS = ("kernel", "newton", "scoring", "training", "workers", "server_calls", "memory", "paper")


def main() -> None:
    """Measure the chapters that are named, or all; print; judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--full", action="store_true", help="up to a hundred million rows")
    parser.add_argument("chapter", nargs="*", choices=[*CHAPTERS, []])
    asked = parser.parse_args()
    size: Size = "full" if asked.full else "short"
    held = True
    for chapter in asked.chapter or CHAPTERS:
        lines, seconds = measure(chapter, size, bench="scale")
        show(chapter, lines, seconds)
        held &= all(line.holds for line in lines)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
