"""Memory and time over the number of rows: a training, and a scoring by what it made.

What an empty flow takes is that of 500 rows, servers included.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.audit.line import Line
from benchmarks.scale.candidates import write_candidates
from benchmarks.scale.tree import Cost, environment, run

if TYPE_CHECKING:
    from benchmarks.audit.line import Size

LIMIT_MEBIBYTES = 1024
SMALL = 500
ROWS = {"short": (10**4, 10**5, 10**6, 10**7), "full": (10**4, 10**5, 10**6, 10**7, 10**8)}
PULSAR = (sys.executable, "-c", "from command.cli import main; main()")


def measure(size: Size) -> list[Line]:
    """Run both commands on each number of rows."""
    with tempfile.TemporaryDirectory(prefix="pulsar-scale-") as folder:
        home = Path(folder)
        small = _costs(home, SMALL)
        lines = []
        for n_rows in ROWS[size]:
            for what, cost in _costs(home, n_rows).items():
                lines.append(_line(f"{what} {n_rows:,} rows", cost, small[what]))
        return lines


def _costs(home: Path, n_rows: int) -> dict[str, Cost]:
    data = write_candidates(home / "rows.parquet", n_rows)
    out = str(home / str(n_rows))
    found = {
        command: run([*PULSAR, command, str(data), "--out", out], env=environment(home))
        for command in ("train", "score")
    }
    data.unlink()
    return found


def _line(what: str, cost: Cost, small: Cost) -> Line:
    more = cost.mebibytes - small.mebibytes
    return Line(
        what=what,
        bound=f"at most {LIMIT_MEBIBYTES} MiB above {SMALL} rows ({small.mebibytes:.0f} MiB)",
        measured=f"{more:.0f} MiB more, {cost.seconds:.1f} s",
        holds=more <= LIMIT_MEBIBYTES,
    )
