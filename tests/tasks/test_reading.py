"""A large file, or a set of files, is read by mapped tasks, and comes out as one step reads it."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.reading import partitions
from pulsars.reading.access import csv_ranges, opening, ranges
from pulsars.simulation.populations import simulate
from schemas.errors import PulsarError
from schemas.features import FEATURE_NAMES
from schemas.limits import Limits
from schemas.parameters import TrainingParameters
from schemas.records import Candidates, TrainingJob
from tasks import reading
from tasks.plumbing.runners import Runner
from tasks.preparing import fetch, prepare
from tasks.reading import read, read_candidates


def job_for(path: Path, out: Path, **more: object) -> TrainingJob:
    asked = TrainingParameters.model_validate({"data": str(path), "out": str(out), **more})
    return prepare.fn(fetch.fn(asked), asked)


class Here(Runner):
    """Has each call done here and now, without a server; keeps what came of it."""

    def __init__(self) -> None:
        super().__init__("threads", 1, None)
        self.found: list[Any] = []

    def map(self, step: Any, calls: Sequence[Any], **_more: object) -> list[Any]:
        self.found = [step.fn(**call) for call in calls]
        return self.found


@contextmanager
def small(rows: int) -> Iterator[None]:
    """Cut even small files into partitions, in ranges and tables of a few rows."""
    with pytest.MonkeyPatch.context() as patched:
        for step in ("plan_partitions", "read", "gather"):
            patched.setattr(reading, step, getattr(reading, step).fn)
        for module in (partitions, opening):
            patched.setattr(module, "PARTITION_ROWS", rows)
        patched.setattr(opening, "_LARGE", 1)
        patched.setattr(opening, "cut", partial(csv_ranges.cut, part_rows=5))
        patched.setattr(csv_ranges, "BLOCK_ROWS", 13)
        patched.setattr(ranges, "SAMPLE_ROWS", 32)
        yield


def outcome(read_by: Callable[[TrainingJob], Candidates], job: TrainingJob) -> Any:
    """All that is left of reading, byte for byte; or the words of a refusal."""
    try:
        found = read_by(job)
    except PulsarError as refused:
        return type(refused), str(refused)
    assert found.intact()
    files = [*found.table.partitions, found.quarantine, found.quarantine_csv, found.quality]
    told = found.model_dump(exclude={"table", "quarantine", "quarantine_csv", "quality"})
    return found.table.n_rows, [Path(file.path).read_bytes() for file in files], told


def both(path: Path, folder: Path, rows: int, **more: object) -> tuple[Any, Here]:
    """Hold mapped reading against that in one step; give what came out, and who read."""
    here = Here()
    with small(rows):
        mapped = outcome(partial(read_candidates, runner=here), job_for(path, folder / "a", **more))
        at_once = outcome(read.fn, job_for(path, folder / "b", **more))
    assert mapped == at_once
    return mapped, here


HEADER = ",".join([*FEATURE_NAMES, "label"])


def sheet(n_rows: int) -> list[str]:
    """Write so many candidates as text."""
    X, y = simulate(n_rows, prevalence=0.3, rng=np.random.default_rng(11))
    return [f"{','.join(map(repr, x))},{label}" for x, label in zip(X.tolist(), y, strict=True)]


ROWS = sheet(60)
FEW = ",".join(ROWS[3].split(",")[:4])
BAD = ["1,2", FEW, f"{ROWS[2]},7", f"x{ROWS[4]}", f'"{ROWS[5]}"']
QUOTED = ",".join(f'"{cell}"' for cell in ROWS[6].split(","))
ODD = ["# a comment", "", " " * 200, HEADER, HEADER.upper(), "a,b,c,d,e,f,g,h,i", f"{ROWS[7]}%"]


@st.composite
def nights(draw: st.DrawFn) -> list[str]:
    """Write files: sound rows, and at any place bad ones and what is no row."""
    files, headed = [], draw(st.booleans())
    for _ in range(draw(st.integers(1, 3))):
        lines = ROWS[draw(st.integers(0, 20)) : draw(st.integers(40, 60))]
        for odd in draw(st.lists(st.sampled_from([*3 * BAD, QUOTED, *ODD]), max_size=3)):
            lines.insert(draw(st.integers(2, len(lines))), odd)
        above = draw(st.sampled_from([[], ["# a night", ""]]))
        torn = draw(st.sampled_from(["", "\n", "\n\n\n", "\n1,2.5", f"\n{FEW}"]))
        text = "\n".join([*above, *[HEADER][:headed], *lines]) + torn
        files.append(text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))))
    return files


@settings(max_examples=settings().max_examples // 3)
@given(files=nights(), rows=st.integers(8, 40))
def test_mapped_partitions_of_any_text_leave_what_one_step_leaves(
    files: list[str], rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("x")
    (folder / "night").mkdir()
    for number, text in enumerate(files):
        (folder / "night" / f"{number}.csv").write_bytes(text.encode())
    both(folder / "night", folder, rows, max_quarantine=0.3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bad_rows_at_borders_of_partitions_are_set_aside_by_their_lines(
    end: str, tmp_path: Path
) -> None:
    lines = [HEADER, *ROWS]
    for row, bad in zip((9, 10, 19, 20, 30), BAD, strict=True):
        lines[1 + row] = bad
    (tmp_path / "night.csv").write_bytes(end.join([*lines, "1,2.5"]).encode())
    (n_rows, files, _), here = both(tmp_path / "night.csv", tmp_path, 10, max_quarantine=0.3)
    assert len(here.found) == 7
    assert all(here.found)
    assert n_rows == [9, 8, 9, 9, 10, 10]  # nothing is left of the seventh
    said = pd.read_csv(io.BytesIO(files[-2]))
    assert list(said["line"]) == [11, 12, 21, 22, 32, 62]


def test_text_that_only_the_careful_reader_can_judge_is_read_in_one_step(tmp_path: Path) -> None:
    lines = [HEADER, *ROWS]
    lines.insert(30, " " * 200)  # which is as long as a row, so that only its partition tells
    (tmp_path / "night.csv").write_text("\n".join(lines))
    (n_rows, _, _), here = both(tmp_path / "night.csv", tmp_path, 10)
    assert [bool(part) for part in here.found] == [True, True, False, True, True, True, True]
    assert sum(n_rows) == 60
    (n_rows, _, _), here = both(tmp_path / "night.csv", tmp_path / "60", 60)
    assert (len(here.found), n_rows) == (2, [60])
    lines[30] = "# a comment, which a look at the bytes tells"
    (tmp_path / "night.csv").write_text("\n".join(lines))
    _, here = both(tmp_path / "night.csv", tmp_path / "comment", 10)
    assert here.found == []


@pytest.mark.parametrize("kind", ["csv", pytest.param("parquet", marks=pytest.mark.slow)])
def test_a_partition_opens_the_files_of_a_set_that_it_needs_and_no_other(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    table = pd.read_csv(io.StringIO("\n".join([HEADER, *ROWS])), dtype=float)
    for number in range(6):
        part = table[10 * number : 10 * number + 10]
        write = part.to_parquet if kind == "parquet" else part.to_csv
        write(folder / f"{number}.{kind}", index=False)
    asked: list[list[str]] = []
    look = opening.opened

    def listening(path: Path, **more: Any) -> Any:
        asked[-1].append(path.name)
        return look(path, **more)

    class Listening(Here):
        def map(self, step: Any, calls: Sequence[Any], **_more: object) -> list[Any]:
            for call in calls:
                asked.append([])
                self.found.append(step.fn(**call))
            return self.found

    both(folder, tmp_path, 15)
    with small(15), monkeypatch.context() as patched:
        patched.setattr(opening, "opened", listening)
        asked.append([])
        read_candidates(job_for(folder, tmp_path / "again"), Listening())
    several = {"csv": ["01", "12", "34", "45"], "parquet": "012345"}  # cut where groups begin
    assert asked[1:] == [[f"{number}.{kind}" for number in some] for some in several[kind]]


def test_a_set_has_as_many_files_as_it_likes(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    table = pa.table({name: np.zeros(2) for name in FEATURE_NAMES})
    for number in range(60):
        pq.write_table(table, tmp_path / "night" / f"{number:02d}.parquet")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_open = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (n_open + 40, hard))
    try:
        paths = {path.name: path for path in sorted((tmp_path / "night").iterdir())}
        with opening.open_ranges(paths, name="night", limits=Limits()) as found:
            assert sum(len(rows.lines) for rows in found.tables((0, 120))) == 120
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
