"""What `pulsar score` takes for many rows, beside what reading and writing them takes at the least.

New candidates have no labels; a million that have are scored, too, for measuring takes time of its
own. Everything is measured in turns, in one run: a million rows less a file of 500; many rows, as
Parquet and as CSV, less the same file, beside PyArrow that reads the same input and writes the same
output; what the server recorded of it; and pipelines of pandas with scikit-learn, and of polars
with NumPy, that make the same 44 inputs, and neither validate nor explain.

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
from functools import partial
from itertools import product
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any, NamedTuple

from benchmarks.audit.line import Line, Size
from benchmarks.command import PULSAR, ROOT, server
from benchmarks.harness import leave
from benchmarks.scale.candidates import write_candidates
from benchmarks.scale.pipelines import beside_others
from benchmarks.scale.recorded import n_task_runs, seconds_of
from benchmarks.scale.training import page_line

MILLION, FEW = 1_000_000, 500
SECONDS = 1.2
"""What a million rows may add to `pulsar score`, on two processors."""

TIMES_FLOOR = {"parquet": 2.0, "csv": 1.5}
"""How many times PyArrow's reading many rows of a format and writing the output may be taken."""

TASK_RUNS = 4.0
"""For each million rows, beyond those of any scoring."""

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


class Took(NamedTuple):
    """Seconds by the clock, which bounds are of, and of processors, which others do not move."""

    seconds: float
    worked: float

    def less(self, other: Took) -> Took:
        """Leave out what another took."""
        return Took(self.seconds - other.seconds, self.worked - other.worked)


def measure(size: Size) -> list[Line]:
    """Measure everything for as many rows as the size asks for."""
    pairs, n_many = ROWS[size]
    return compare(n_many, pairs=pairs)


def compare(n_many: int, *, pairs: int) -> list[Line]:
    """Measure with so many rows for many."""
    with tempfile.TemporaryDirectory(prefix="scoring-") as folder, scorer(Path(folder)) as it:
        (score, url), home = it, Path(folder)
        names = {False: "new", True: "labelled"}
        few, million = (
            {
                name: write_candidates(home / f"{name}-{n}.parquet", n, labelled=labelled)
                for labelled, name in names.items()
            }
            for n in (FEW, MILLION)
        )
        score(few["labelled"])  # what is imported for the first time
        took: dict[str, list[Took]] = {name: [] for name in names.values()}
        for _, name in product(range(pairs), took):
            took[name].append(score(million[name]).less(score(few[name])))
        ours = {
            name: Took(*map(statistics.median, zip(*each, strict=True)))
            for name, each in took.items()
        }
        return [
            *(_line_of_million(name, took[name], ours[name]) for name in took),
            *_lines_of_many("parquet", n_many, home, score, url),
            *_lines_of_many("csv", n_many, home, score, url),
            *beside_others(million["new"], few["labelled"], *ours["new"]),
        ]


def _line_of_million(name: str, took: list[Took], middle: Took) -> Line:
    each = ", ".join(f"{one:.2f}" for one in sorted(one.seconds for one in took))
    return Line(
        f"pulsar score, a million {name} candidates less 500, wall time",
        f"at most {SECONDS} s",
        f"{middle.seconds:.2f} s (of {each}; {middle.worked:.2f} s of processor)",
        middle.seconds <= SECONDS,
    )


def _lines_of_many(
    kind: str, n_rows: int, home: Path, score: Callable[..., Took], url: str
) -> list[Line]:
    """Score many rows of a format, and the few: time, task runs, and the page."""
    many, few = (
        write_candidates(home / f"{kind}-{n}.{kind}", n, labelled=False) for n in (n_rows, FEW)
    )
    counts, kept = [n_task_runs(url)], home / f"scores-{kind}"
    taken = score(many, keep=kept)
    counts.append(n_task_runs(url))
    taken = taken.less(score(few))
    counts.append(n_task_runs(url))
    floor, of = least(many, kept / "scores.parquet")
    ratio, bound = taken.seconds / floor.seconds, TIMES_FLOOR[kind]
    more = (counts[1] - counts[0]) - (counts[2] - counts[1])
    a_million = more / (n_rows / MILLION)
    what = f"{n_rows:,} rows of {'CSV' if kind == 'csv' else 'Parquet'}"
    lines = [
        Line(
            f"{what} to ranked Parquet, less 500, over PyArrow's read and write",
            f"at most {bound}",
            f"{ratio:.2f} ({taken.seconds:.2f} s over {floor.seconds:.2f} s, {of}; of processor "
            f"{taken.worked:.2f} s over {floor.worked:.2f} s)",
            ratio <= bound,
        ),
        Line(
            f"{what}: task runs for each million, beyond those of 500 rows",
            f"at most {TASK_RUNS:g}",
            f"{a_million:.1f} ({more} more than {counts[2] - counts[1]})",
            a_million <= TASK_RUNS,
        ),
        page_line(
            f"page of a scoring of {what}",
            seconds_of(url, f"report {many.name}"),
            (kept / "report.html").stat().st_size,
        ),
    ]
    many.unlink()
    shutil.rmtree(kept)
    return lines


@contextmanager
def scorer(home: Path) -> Iterator[tuple[Callable[..., Took], str]]:
    """Give a function that scores a file by a champion, anew each time, and says how long it took.

    And the address of the server that it is recorded by.

    Against a running server, so that no time of Prefect's own is in it.
    """
    with server(home / "served") as url:
        env = {**os.environ, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
        out = home / "artifacts"

        def run(*words: object) -> Took:
            command = [sys.executable, "-c", PULSAR, *map(str, words), "--out", str(out)]
            return _took(
                lambda: subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True)
            )

        def score(data: Path, *, keep: Path | None = None) -> Took:
            taken = run("score", data)
            if keep:
                next((out / "scores").glob("*-*")).rename(keep)
            shutil.rmtree(out / "scores")
            return taken

        run("train", write_candidates(home / "labelled.parquet", 20_000))
        yield score, url


def least(data: Path, scores: Path) -> tuple[Took, str]:
    """Give what PyArrow takes to read the input and to write the output, by its best.

    The output is read back first, with its texts as dictionaries, which PyArrow writes faster.
    """
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    read = pc.read_csv if data.suffix == ".csv" else pq.read_table
    table = pq.read_table(scores)
    for at, name in enumerate(table.column_names):
        if name in TEXTS:
            table = table.set_column(at, name, table[name].dictionary_encode())
    reading = min(_took(lambda: read(data)) for _ in range(2))
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        path = Path(folder) / "x.parquet"
        writing = {
            name: min(_took(partial(pq.write_table, table, path, **how)) for _ in range(2))
            for name, how in WRITERS.items()
        }
    best = min(writing, key=writing.__getitem__)
    both = Took(*(reading[at] + writing[best][at] for at in range(2)))
    return both, f"reading {reading.seconds:.2f}, writing {writing[best].seconds:.2f} by {best}"


def _took(work: Callable[[], object]) -> Took:
    """Time work, of this process and of those that it waits for."""
    since, worked = time.perf_counter(), _worked()
    work()
    return Took(time.perf_counter() - since, _worked() - worked)


def _worked() -> float:
    others = getrusage(RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def main() -> None:
    """Measure, print, judge."""
    leave("scoring", compare, int(sys.argv[1]) if sys.argv[1:] else 10 * MILLION, pairs=5)


if __name__ == "__main__":
    main()
