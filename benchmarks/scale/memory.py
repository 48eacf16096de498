"""Memory and time over the number of rows: a training, and a scoring by what it made.

What an empty flow takes is that of 500 rows, servers included.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.audit.line import Line, Size
from benchmarks.scale.candidates import write_candidates
from benchmarks.scale.curves import Point, as_text, draw
from benchmarks.scale.tree import Cost, environment, run

LIMIT_MEBIBYTES = 1024
SMALL = 500
ROWS = {"short": (10**4, 10**5, 10**6, 10**7), "full": (10**4, 10**5, 10**6, 10**7, 10**8)}
PULSAR = (sys.executable, "-c", "from command.cli import main; main()")


def measure(size: Size, *, curves: Path | None = None) -> list[Line]:
    """Run both commands on each number of rows, print curves, and draw them in a folder."""
    with tempfile.TemporaryDirectory(prefix="pulsar-scale-") as folder:
        home = Path(folder)
        small = _costs(home, SMALL)
        found = {n_rows: _costs(home, n_rows) for n_rows in ROWS[size]}
    points = [
        Point(what, n_rows, costs[what].seconds, costs[what].mebibytes - least.mebibytes)
        for what, least in small.items()
        for n_rows, costs in found.items()
    ]
    print(f"\n{as_text(points)}")
    if curves is not None:
        draw(points, curves)
    return [_line(point, small[point.command]) for point in points]


def _costs(home: Path, n_rows: int) -> dict[str, Cost]:
    data = write_candidates(home / "rows.parquet", n_rows)
    out = str(home / str(n_rows))
    found = {
        command: run([*PULSAR, command, str(data), "--out", out], env=environment(home))
        for command in ("train", "score")
    }
    data.unlink()
    return found


def _line(point: Point, small: Cost) -> Line:
    return Line(
        what=f"{point.command} {point.n_rows:,} rows",
        bound=f"at most {LIMIT_MEBIBYTES} MiB above {SMALL} rows ({small.mebibytes:.0f} MiB)",
        measured=f"{point.mebibytes:.0f} MiB more, {point.seconds:.1f} s",
        holds=point.mebibytes <= LIMIT_MEBIBYTES,
    )
