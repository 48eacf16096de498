"""A large file read by ranges is the file read whole: rows, lines, texts, faults and dialect."""

from __future__ import annotations

import itertools
import json
import pickle
import tracemalloc
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.access import csv_ranges
from pulsars.reading.access import ranges as row_ranges
from pulsars.reading.access.csv_ranges import CsvRows, cut
from pulsars.reading.access.late import joined
from pulsars.reading.access.plan import NotPlainError
from pulsars.reading.access.ranges import in_blocks
from pulsars.reading.access.set_rows import SetRows
from pulsars.reading.cells import Table
from pulsars.reading.formats.delimited import read_csv
from pulsars.reading.formats.encodings import decode
from schemas import ColumnsError, Limits, SizeError, UnreadableFileError

HEADER = ",".join(f"name {i}" for i in range(9))


@cache
def sheet(rows: int) -> tuple[str, ...]:
    """Write rows of numbers."""
    values = np.random.default_rng(7).uniform(0, 255, (rows, 9)).tolist()
    return tuple(",".join(map(repr, row)) for row in values)


def ranges(path: Path, raw: bytes, part_rows: int = 1000) -> CsvRows | None:
    """Write a file and cut it; what is found goes to another process and back, by both ways."""
    path.write_bytes(raw)
    found = cut(path, name="night", limits=Limits(), part_rows=part_rows)
    if found is None:
        return None
    kept = json.loads(json.dumps(found.again()))
    assert CsvRows.reopened(kept, path, name="night") == found
    return pickle.loads(pickle.dumps(found))  # type: ignore[no-any-return] # noqa: S301 - our own


def together(members: list[CsvRows], files: list[str]) -> SetRows:
    """Put files together."""
    firsts = [next(member.tables((0, 1))) for member in members]
    return SetRows.alike(members, firsts, files, name="nights")


@cache
def whole_of(text: str) -> Table:
    """Read all by the careful reader."""
    return read_csv(decode(text.encode(), name="night"), name="night")


def require_same(parts: list[Table], whole: Table) -> None:
    """Compare tables of ranges with that of the file."""
    starts = np.cumsum([0, *(len(part.lines) for part in parts)])
    assert np.concatenate([part.lines for part in parts]).tolist() == whole.lines.tolist()
    assert [text for part in parts for text in part.texts[:]] == list(whole.texts[:])
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
    assert {part.dialect for part in parts} == {whole.dialect}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("part_rows", [1, 1000, 2003, 10_000])
@pytest.mark.parametrize("ends", [0, 1, 3])
def test_ranges_in_a_row_are_the_file(
    tmp_path: Path, newline: str, part_rows: int, ends: int
) -> None:
    lines = [*sheet(2000)]
    for at, odd in ((30, "1,2"), (9, "NA,x,1,2,3,4,5,inf,"), (5, '1,"2",3,4,5,6,7,8,9')):
        lines.insert(at, odd)
    text = newline.join(["# a night", "", HEADER, *lines]) + newline * ends
    found = ranges(tmp_path / "night.csv", text.encode(), part_rows)
    assert found is not None
    assert found.n_rows == len(lines)
    assert found.part_starts == tuple(range(0, len(lines), part_rows))
    cuts = [0, 3, 9, 1000, 1001, 1821, len(lines)]
    spans = itertools.pairwise(cuts)
    require_same([table for span in spans for table in found.tables(span)], whole_of(text))


def test_small_tables_are_put_together_and_are_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [*sheet(300)]
    lines[15], lines[70] = "1,2", "NA,x,1,2,3,4,5,inf,"
    text = "\n".join([HEADER, *lines])
    found = ranges(tmp_path / "night.csv", text.encode(), 300)
    assert found is not None
    spans = itertools.pairwise([0, 30, 60, 90, 290, 300])
    monkeypatch.setattr(row_ranges, "BLOCK_ROWS", 100)
    blocks = list(in_blocks(table for span in spans for table in found.tables(span)))
    assert [len(block.lines) for block in blocks] == [60, 230, 10]
    require_same(blocks, whole_of(text))


def test_ranges_of_several_files_are_their_table(tmp_path: Path) -> None:
    members, tables = [], []
    for name, n_rows in (("a", 1500), ("b", 700), ("c", 2000)):
        text = "\n".join([HEADER, *sheet(n_rows)])
        members.append(ranges(tmp_path / name, text.encode()))
        tables.append(whole_of(text))
    found = together([one for one in members if one], ["a", "b", "c"])
    assert (found.n_rows, found.with_gaps()) == (4200, frozenset())
    assert found.part_starts == (0, 1000, 1500, 2200, 3200)
    spans = ((0, 1499), (1499, 2300), (2300, 4200))
    parts = [table for span in spans for table in found.tables(span)]
    assert {part.name for part in parts} == {"nights"}
    said = [cell for part in parts for cell in part.beside[-1].data.to_pylist()]
    assert said == ["a"] * 1500 + ["b"] * 700 + ["c"] * 2000
    lines = np.concatenate([part.lines for part in parts])
    assert lines.tolist() == [line for table in tables for line in table.lines.tolist()]
    for place in range(9):
        numbers = np.concatenate([part.columns[place].numbers for part in parts])
        assert np.array_equal(
            numbers, np.concatenate([table.columns[place].numbers for table in tables])
        )
    texts = [text for part in parts for text in part.texts]
    assert texts == [text for table in tables for text in table.texts]


def test_a_file_of_a_set_with_other_columns_is_named_before_it_is_read(tmp_path: Path) -> None:
    other = HEADER.replace("name 3", "another")
    members = [
        ranges(tmp_path / name, "\n".join([header, *sheet(100)]).encode())
        for name, header in (("a", HEADER), ("b", other))
    ]
    with pytest.raises(ColumnsError, match="another"):
        together([one for one in members if one], ["a", "b"])


def test_tables_have_a_bounded_number_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_ranges, "BLOCK_ROWS", 700)
    text = "\n".join([HEADER, *sheet(3000)])
    found = ranges(tmp_path / "night.csv", text.encode())
    assert found is not None
    tables = list(found.tables((0, 3000)))
    assert [len(table.lines) for table in tables] == [700, 700, 700, 700, 200]
    require_same(tables, whole_of(text))


def test_columns_cut_and_joined_are_the_columns(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *sheet(3000)])
    found = ranges(tmp_path / "night.csv", text.encode())
    assert found is not None
    whole, careful = next(found.tables((0, 3000))), whole_of(text)
    rows = np.array([2999, 0, 1700, 699, 700])
    for place, column in enumerate(careful.columns):
        pieces = [whole.columns[place].cut(*span) for span in ((0, 700), (700, 710), (710, 3000))]
        pieces[1] = column.cut(700, 710)
        again = joined([piece.source for piece in pieces])
        assert again.take(rows).to_pylist() == column.take(rows).to_pylist()
        assert again.whole().to_pylist() == column.data.to_pylist()
        assert joined([column.source, column.source]).to_pylist() == 2 * column.data.to_pylist()


@pytest.mark.parametrize(
    "odd",
    [
        "# a comment",
        "",
        " ",
        "\t \t",
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
    assert ranges(tmp_path / "night.csv", raw) is None


def test_a_header_in_the_middle_with_other_names_is_found_by_its_range(tmp_path: Path) -> None:
    lines = [HEADER, *sheet(3000)]
    lines.insert(1500, "a,b,c,d,e,f,g,h,i")
    found = ranges(tmp_path / "night.csv", "\n".join(lines).encode())
    assert found is not None
    assert len(next(found.tables((0, 1000))).lines) == 1000
    with pytest.raises(NotPlainError):
        next(found.tables((1000, 2000)))


def test_row_names_without_a_name_of_their_own_are_told_by_the_whole_file(tmp_path: Path) -> None:
    lines = [HEADER, *(f"{i},{row}" for i, row in enumerate(sheet(3000)))]
    assert ranges(tmp_path / "night.csv", "\n".join(lines).encode()) is None


def test_a_file_that_became_shorter_is_refused(tmp_path: Path) -> None:
    raw = "\n".join([HEADER, *sheet(3000)]).encode()
    found = ranges(tmp_path / "night.csv", raw)
    assert found is not None
    (tmp_path / "night.csv").write_bytes(raw[:-100])
    with pytest.raises(UnreadableFileError, match="shorter"):
        next(found.tables((2000, 3000)))


def test_too_many_cells_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_text("\n".join([HEADER, *sheet(3000)]))
    with pytest.raises(SizeError):
        cut(path, name="night", limits=Limits(max_cells=26_999))
    assert cut(path, name="night", limits=Limits(max_cells=27_000)) is not None


def test_a_range_is_read_without_the_others(tmp_path: Path) -> None:
    raw = "\n".join([HEADER, *sheet(60_000)]).encode()
    found = ranges(tmp_path / "night.csv", raw, 5000)
    assert found is not None
    tracemalloc.start()
    table = next(found.tables((35_000, 40_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    n_bytes = found.offsets[8] - found.offsets[7]
    columns = sum(column.numbers.nbytes + column.status.nbytes for column in table.columns)
    assert peak < 1.2 * (n_bytes + columns + table.lines.nbytes) + (1 << 18)
