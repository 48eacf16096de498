"""What `pulsar score` takes for many rows, beside what reading and writing them takes at the least.

Everything is measured in turns, in one run: a million rows less a file of 500; many rows less the
same file, beside PyArrow that reads the same input and writes the same output; and pipelines of
pandas with scikit-learn, and of polars with NumPy where it is installed, that make the same 44
inputs, and neither validate nor explain.

Usage: python -m benchmarks.scale.scoring [N_ROWS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.audit.line import Line
from benchmarks.command import PULSAR, ROOT, server
from benchmarks.scale.candidates import write_candidates
from benchmarks.scale.pipelines import beside_others

if TYPE_CHECKING:
    from benchmarks.audit.line import Size

MILLION, FEW = 1_000_000, 500
SECONDS = 1.2
"""What a million rows may add to `pulsar score`, on two processors."""

TIMES_FLOOR = 2.0
"""How many times PyArrow's reading and writing many rows may take."""

ROWS = {"short": (2, 2 * MILLION), "full": (5, 10 * MILLION)}
"""Pairs of a large and a small file, and how many rows are many."""

TEXTS = ["decision", "ranked_by", "outside"]
WRITERS: dict[str, dict[str, Any]] = {
    "ours": {"compression": "none", "use_dictionary": TEXTS},
    "snappy": {"compression": "snappy", "use_dictionary": TEXTS},
    "lz4": {"compression": "lz4", "use_dictionary": TEXTS},
    "default": {},
}
"""Options of PyArrow's writer: the fastest is the floor."""


def measure(size: Size) -> list[Line]:
    """Measure everything for as many rows as the size asks for."""
    pairs, n_many = ROWS[size]
    return compare(n_many, pairs=pairs)


def compare(n_many: int, *, pairs: int) -> list[Line]:
    """Measure with so many rows for many."""
    with tempfile.TemporaryDirectory(prefix="scoring-") as folder, scorer(Path(folder)) as score:
        home = Path(folder)
        files = {n: write_candidates(home / f"{n}.parquet", n) for n in {FEW, MILLION, n_many}}
        score(files[FEW])  # what is imported for the first time
        million = [score(files[MILLION]) - score(files[FEW]) for _ in range(pairs)]
        many = score(files[n_many], keep=home / "scores") - score(files[FEW])
        floor, of = least(files[n_many], home / "scores" / "scores.parquet")
        return [
            _line_of_million(million),
            _line_of_many(n_many, many, floor, of),
            *beside_others(files[MILLION], files[FEW], statistics.median(million)),
        ]


def _line_of_million(seconds: list[float]) -> Line:
    middle = statistics.median(seconds)
    each = ", ".join(f"{one:.2f}" for one in sorted(seconds))
    return Line(
        "pulsar score, a million rows less 500, wall time",
        f"at most {SECONDS} s",
        f"{middle:.2f} s (of {each})",
        middle <= SECONDS,
    )


def _line_of_many(n_rows: int, taken: float, floor: float, of: str) -> Line:
    ratio = taken / floor
    return Line(
        f"{n_rows:,} rows of Parquet to ranked Parquet, less 500, over PyArrow's read and write",
        f"at most {TIMES_FLOOR}",
        f"{ratio:.2f} ({taken:.2f} s over {floor:.2f} s, {of})",
        ratio <= TIMES_FLOOR,
    )


@contextmanager
def scorer(home: Path) -> Iterator[Callable[..., float]]:
    """Give a function that scores a file by a champion, anew each time, and says how long it took.

    Against a running server, so that no time of Prefect's own is in it.
    """
    with server(home / "served") as url:
        env = {**os.environ, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
        out = home / "artifacts"

        def run(*words: object) -> float:
            since = time.perf_counter()
            command = [sys.executable, "-c", PULSAR, *map(str, words), "--out", str(out)]
            subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True)
            return time.perf_counter() - since

        def score(data: Path, *, keep: Path | None = None) -> float:
            taken = run("score", data)
            if keep:
                next((out / "scores").glob("*-*")).rename(keep)
            shutil.rmtree(out / "scores")
            return taken

        run("train", write_candidates(home / "labelled.parquet", 20_000))
        yield score


def least(data: Path, scores: Path) -> tuple[float, str]:
    """Give the seconds that PyArrow takes to read the input and to write the output, by its best.

    The output is read back first, with its texts as dictionaries, which PyArrow writes faster.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(scores)
    for at, name in enumerate(table.column_names):
        if name in TEXTS:
            table = table.set_column(at, name, table[name].dictionary_encode())
    reading = min(_seconds(lambda: pq.read_table(data)) for _ in range(2))
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        path = Path(folder) / "x.parquet"
        writing = {
            name: min(
                _seconds(lambda how=how: pq.write_table(table, path, **how)) for _ in range(2)
            )
            for name, how in WRITERS.items()
        }
    best = min(writing, key=writing.__getitem__)
    return reading + writing[best], f"reading {reading:.2f}, writing {writing[best]:.2f} by {best}"


def _seconds(work: Callable[[], object]) -> float:
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def main() -> None:
    """Measure, print, judge."""
    from benchmarks.audit.__main__ import none_fails, show

    since = time.perf_counter()
    lines = compare(int(sys.argv[1]) if sys.argv[1:] else 10 * MILLION, pairs=5)
    show("scoring", lines, time.perf_counter() - since)
    sys.exit(not none_fails(lines))


if __name__ == "__main__":
    main()
