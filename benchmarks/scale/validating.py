"""What `pulsar validate` takes for a file of nothing but bad rows, beside one of good ones."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.audit.line import Line, Size
from benchmarks.command import PULSAR, ROOT
from benchmarks.scale.candidates import write_candidates

N_ROWS, TIMES = 1_000_000, 3.0
PAIRS = {"short": 2, "full": 5}
_REFUSED = 3  # the exit code where more rows are bad than may be


def measure(size: Size) -> list[Line]:
    """Check both in turns; the middle of the ratios, pair by pair."""
    with tempfile.TemporaryDirectory(prefix="validating-") as folder:
        good = write_candidates(Path(folder) / "good.parquet", N_ROWS)
        bad = spoilt(good, Path(folder) / "bad.parquet")
        took = [(validated(good, 0), validated(bad, _REFUSED)) for _ in range(PAIRS[size])]
    ratio = statistics.median(of_bad / of_good for of_good, of_bad in took)
    middle = [statistics.median(each) for each in zip(*took, strict=True)]
    return [
        Line(
            f"pulsar validate, {N_ROWS:,} bad rows over as many good ones",
            f"at most {TIMES}",
            f"{ratio:.2f} ({middle[1]:.2f} s over {middle[0]:.2f} s, whole commands)",
            ratio <= TIMES,
        )
    ]


def spoilt(good: Path, bad: Path) -> Path:
    """Write the same rows with a deviation below nought in each."""
    table = pq.read_table(good)
    at = table.column_names.index("profile_stdev")
    below = pc.subtract(pc.negate(table["profile_stdev"]), 1.0)
    pq.write_table(table.set_column(at, "profile_stdev", below), bad)
    return bad


def validated(data: Path, code: int) -> float:
    """Run the command; give its seconds.

    Raises
    ------
    RuntimeError
        If it ends otherwise than expected.
    """
    since = time.perf_counter()
    words = [sys.executable, "-c", PULSAR, "validate", str(data)]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != code:
        raise RuntimeError(f"pulsar validate ended with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - since
