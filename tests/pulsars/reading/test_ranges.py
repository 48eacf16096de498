"""A large file read by ranges is the file read whole: rows, lines, texts, faults and dialect."""

from __future__ import annotations

import pickle
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.cells import Table
from pulsars.reading.delimited import read_csv
from pulsars.reading.encodings import decode
from pulsars.reading.plan import NotPlainError
from pulsars.reading.ranges import CsvRanges, cut
from schemas import Limits, SizeError, UnreadableFileError

HEADER = ",".join(f"name {i}" for i in range(9))


def sheet(rows: int) -> list[str]:
    """Write rows of numbers."""
    values = np.random.default_rng(7).uniform(0, 255, (rows, 9)).tolist()
    return [",".join(map(repr, row)) for row in values]


def ranges(path: Path, raw: bytes, n_lines: int) -> CsvRanges | None:
    path.write_bytes(raw)
    found = cut(path, name="night", n_lines=n_lines, limits=Limits())
    return None if found is None else pickle.loads(pickle.dumps(found))  # noqa: S301 - our own


def require_same(parts: list[Table], whole: Table) -> None:
    """Compare tables of ranges with that of the file."""
    starts = np.cumsum([0, *(len(part.lines) for part in parts)])
    assert np.concatenate([part.lines for part in parts]).tolist() == whole.lines.tolist()
    assert [text for part in parts for text in part.texts] == list(whole.texts)
    for place, column in enumerate(whole.columns):
        mine = [part.columns[place] for part in parts]
        assert b"".join(one.numbers.tobytes() for one in mine) == column.numbers.tobytes()
        assert b"".join(one.status.tobytes() for one in mine) == column.status.tobytes()
        assert {(one.name, one.position) for one in mine} == {(column.name, column.position)}
        assert [cell for one in mine for cell in one.data.to_pylist()] == column.data.to_pylist()
    for why, rows in whole.ragged.items():
        found = [part.ragged.get(why, rows[:0]) for part in parts]
        moved = [some + start for some, start in zip(found, starts, strict=False)]
        assert np.concatenate(moved).tolist() == rows.tolist()
    skipped = sum(part.dialect.skipped for part in parts)
    assert {replace(part.dialect, skipped=skipped) for part in parts} == {whole.dialect}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("n_lines", [1, 999, 1000, 5003, 10_000])
@pytest.mark.parametrize("last", ["end", "no end"])
def test_ranges_in_a_row_are_the_file(
    tmp_path: Path, newline: str, n_lines: int, last: str
) -> None:
    lines = sheet(5000 if n_lines > 1 else 40)
    for at, odd in ((30, "1,2"), (17, ""), (9, "NA,x,1,2,3,4,5,inf,"), (5, '1,"2",3,4,5,6,7,8,9')):
        lines.insert(at, odd)
    text = newline.join(["# a night", "", HEADER, *lines]) + newline * (last == "end")
    found = ranges(tmp_path / "night.csv", text.encode(), n_lines)
    assert found is not None
    assert found.n_ranges == -(-len(lines) // n_lines)
    assert list(found.n_lines[:-1]) == [n_lines] * (found.n_ranges - 1)
    whole = read_csv(decode(text.encode(), name="night"), name="night")
    require_same([found.table(at) for at in range(found.n_ranges)], whole)


def test_a_sample_is_of_rows_from_all_over_the_file(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *sheet(40_000)])
    found = ranges(tmp_path / "night.csv", text.encode(), 10_000)
    assert found is not None
    sample, whole = found.sample(), read_csv(decode(text.encode(), name="night"), name="night")
    at = sample.lines - 2
    assert {line // 10_000 for line in at.tolist()} == {0, 1, 2, 3}
    assert len(at) < 4 * 10_000
    for mine, column in zip(sample.columns, whole.columns, strict=True):
        assert (mine.name, mine.position) == (column.name, column.position)
        assert mine.numbers.tobytes() == column.numbers[at].tobytes()
    assert sample.texts[-1] == whole.texts[int(at[-1])]


@pytest.mark.parametrize(
    "odd",
    [
        "# a comment",
        "1,2,3,4,5,6,7,8,9%",
        HEADER,
        "1,2,3,4,5,6,7,8,\0",
        "1,2,3,4,5\r,6,7,8,9",
        "1,2,3,4,5,6,7,8,\udcff",
    ],
)
def test_what_only_the_whole_file_tells_leaves_it_to_the_careful_reader(
    tmp_path: Path, odd: str
) -> None:
    lines = [HEADER, *sheet(9000)]
    lines.insert(4500, odd)
    raw = "\n".join(lines).encode("utf-8", "surrogateescape")
    assert ranges(tmp_path / "night.csv", raw, 1000) is None


def test_a_header_in_the_middle_with_other_names_is_found_by_its_range(tmp_path: Path) -> None:
    lines = [HEADER, *sheet(3000)]
    lines.insert(1500, "a,b,c,d,e,f,g,h,i")
    found = ranges(tmp_path / "night.csv", "\n".join(lines).encode(), 1000)
    assert found is not None
    assert len(found.table(0).lines) == 1000
    with pytest.raises(NotPlainError):
        found.table(1)


def test_row_names_without_a_name_of_their_own_are_told_by_the_whole_file(tmp_path: Path) -> None:
    lines = [HEADER, *(f"{i},{row}" for i, row in enumerate(sheet(3000)))]
    assert ranges(tmp_path / "night.csv", "\n".join(lines).encode(), 1000) is None


def test_a_file_that_became_shorter_is_refused(tmp_path: Path) -> None:
    raw = "\n".join([HEADER, *sheet(3000)]).encode()
    found = ranges(tmp_path / "night.csv", raw, 1000)
    assert found is not None
    (tmp_path / "night.csv").write_bytes(raw[:-100])
    with pytest.raises(UnreadableFileError, match="shorter"):
        found.table(3 - 1)


def test_too_many_cells_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_text("\n".join([HEADER, *sheet(3000)]))
    with pytest.raises(SizeError):
        cut(path, name="night", n_lines=1000, limits=Limits(max_cells=26_999))
    assert cut(path, name="night", n_lines=1000, limits=Limits(max_cells=27_000)) is not None


def test_a_range_is_read_without_the_others(tmp_path: Path) -> None:
    raw = "\n".join([HEADER, *sheet(60_000)]).encode()
    found = ranges(tmp_path / "night.csv", raw, 5000)
    assert found is not None
    tracemalloc.start()
    table = found.table(7)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    n_bytes = found.starts[8] - found.starts[7]
    columns = sum(column.numbers.nbytes + column.status.nbytes for column in table.columns)
    assert peak < 1.2 * (n_bytes + columns + table.lines.nbytes) + (1 << 18)
