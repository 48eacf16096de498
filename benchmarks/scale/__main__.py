"""The table of what many rows cost, beside what they could cost at the least.

Usage: python -m benchmarks.scale [--full] [--curves FOLDER] [CHAPTER ...]

With a folder, what the chapter on memory measured is drawn there: curves.svg and curves.txt.
Chapters run one after the other, for each has the processors to itself. Exits with 1 unless every
bound holds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.audit.__main__ import measure, none_fails, show

if TYPE_CHECKING:
    from benchmarks.audit.line import Size

CHAPTERS = ("kernel", "newton", "scoring", "memory", "paper")
COMMANDS = ("training", "workers", "server_calls")
"""Those that are told by what they print and by how they end."""


def main() -> None:
    """Measure the chapters that are named, or all; print; judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--full", action="store_true", help="up to a hundred million rows")
    parser.add_argument("--curves", type=Path, help="draw memory and time over rows in a folder")
    parser.add_argument("chapter", nargs="*", choices=[*CHAPTERS, *COMMANDS, []])
    asked = parser.parse_args()
    size: Size = "full" if asked.full else "short"
    held = True
    for chapter in asked.chapter or (*CHAPTERS, *COMMANDS):
        if chapter in COMMANDS:
            print(f"\n{chapter}", flush=True)
            command = [sys.executable, "-m", f"benchmarks.scale.{chapter}"]
            held &= subprocess.run(command, check=False).returncode == 0
            continue
        more = {"curves": asked.curves} if chapter == "memory" else {}
        lines, seconds = measure(chapter, size, bench="scale", **more)
        show(chapter, lines, seconds)
        held &= none_fails(lines)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
