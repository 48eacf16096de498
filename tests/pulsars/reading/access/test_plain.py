"""What the quick reader takes is what the careful one takes: every value, state, line and text."""

from __future__ import annotations

import math
import struct
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsars.reading.access.plain import read_plain
from pulsars.reading.access.plan import SAMPLE_BYTES
from pulsars.reading.cells import Column, Table
from pulsars.reading.formats.arff import is_arff
from pulsars.reading.formats.delimited import read_csv
from pulsars.reading.formats.encodings import decode
from pulsars.reading.reader import read_candidates
from schemas import Limits, PulsarError
from tests.chaos.rubbish import draw

BLOCKS = (150, 1000, 1 << 20)


def carefully(raw: bytes, limits: Limits) -> Table | None:
    """Read by the careful reader; None where it refuses the file."""
    try:
        text = decode(raw, name="x", limits=limits)
        return None if is_arff(text) else read_csv(text, name="x", limits=limits)
    except PulsarError:
        return None


def parts_of(table: Table, rows: np.ndarray) -> dict[str, Any]:
    """Everything that a table says, so that two may be compared."""
    return {
        "dialect": table.dialect,
        "notes": table.notes,
        "beside": len(table.beside),
        "lines": table.lines.tolist(),
        "texts": list(table.texts[:]),
        "some texts": [table.texts[row] for row in rows.tolist()],
        "ragged": [(why, found.tolist()) for why, found in table.ragged.items()],
        "names": [(column.name, column.position) for column in table.columns],
        "numbers": [column.numbers.tobytes() for column in table.columns],
        "status": [column.status.tolist() for column in table.columns],
        "cells": [column.data.to_pylist() for column in table.columns],
        "some cells": [column.take(rows).to_pylist() for column in table.columns],
        "types": [column.is_text for column in table.columns],
        "flags": [(c.numbers.flags.writeable, c.status.flags.writeable) for c in table.columns],
    }


def agreed(raw: bytes, *, block_bytes: int, limits: Limits = Limits()) -> bool:  # noqa: B008
    """Say whether the quick reader took a file, after comparing what it took."""
    plain = read_plain(raw, name="x", limits=limits, block_bytes=block_bytes)
    if plain is None:
        return False
    careful = carefully(raw, limits)
    assert careful is not None, "the careful reader refuses what the quick one took"
    rows = np.unique(np.arange(0, len(careful.lines), 7) ** 2 % len(careful.lines))[::-1].copy()
    one, other = parts_of(plain, rows), parts_of(careful, rows)
    for what, found in other.items():
        assert one[what] == found, what
    return True


@pytest.mark.slow
def test_of_fuzzed_files_what_the_quick_reader_takes_is_what_the_careful_one_takes(
    request: pytest.FixtureRequest,
) -> None:
    size = {"short": 120, "full": 4000, "long": 40_000}[request.config.getoption("--size")]
    taken: Counter[str] = Counter()
    for seed in range(size):
        drawn = draw(seed)
        try:
            took = agreed(drawn.raw, block_bytes=BLOCKS[seed % len(BLOCKS)])
        except AssertionError as error:
            raise AssertionError(f"seed {seed} ({drawn.kind}): {drawn.said}") from error
        taken[f"{drawn.kind} {took}"] += 1
    assert taken["rubbish: dialects True"] >= size // 40, taken
    assert taken["rubbish: cells True"] >= size // 80, taken


SPELLING = r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?"
NUMBERS = st.one_of(
    st.floats(0, 255).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e6, 1e6).map("{:.6f}".format),
    st.integers(-(2**63), 2**63).map(str),
    st.from_regex(SPELLING, fullmatch=True),
)  # fmt: skip
ODD = [
    "", " ", "NA", "nan", "-nan", "NaN", "nAn", "-NAN", "nan(1)", "nan(ind)", "?", "N/a", "None",
    "NULL", " NA", "inf", "-Inf", "INFINITY", "+inf", "infinit", "1e999", "-1e999", "1e-999", "5.",
    ".5", "+.5", "-0", "0x1p3", "1_000", "1f", "--1", "+-1", "1e", "e5", ".", "-", "１２", "٣",
    "1\x0b", "\xa01.5", "  1.5", "   1.5", "      1.5", "1.5 ", "\t2", "2\t", "1,5", "1.234,5",
    "1,234.5",
    "0." + "0" * 1100 + "1", "9" * 999, "9" * 1001, " " * 1200 + "1", "#N/A", "#", "50%", "a%b",
    "pulsar", "/data/c 1.phcx", "J0437-4715", "é", "\x1f", "\x0c", "true", "-", "'1'", "2019-01-01",
]  # fmt: skip
LINES = [
    "",
    "   ",
    "\t",
    ",,,,,,,,",
    ";;;;;;;;",
    "# 3",
    '"#c7",1,2,3,4,5,6,7,8',
    "%",
    "a,b,c,d,e,f,g,h,i",
    "1,2",
    "\0",
    "x" * 100_001,
]
NAMES = ["mean", "stdev", "m 1", "7", "nan", "class", "skew", "path", "DM", "kurt", "inf", ""]


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """Draw a table that Arrow could read, but for a few cells or lines."""
    width = draw(st.integers(7, 11))
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|"]))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    pool = draw(st.lists(NUMBERS, min_size=5, max_size=20))
    rng = Random(draw(st.integers(0, 2**32)))  # noqa: S311
    n_rows = draw(st.integers(2, 30))
    table = [[rng.choice(pool) for _ in range(width)] for _ in range(n_rows)]
    for _ in range(draw(st.integers(0, 6))):
        table[rng.randrange(n_rows)][rng.randrange(width)] = draw(st.sampled_from(ODD))
    if draw(st.booleans()):
        odd, column = draw(st.sampled_from(ODD)), rng.randrange(width)
        for row in table:
            row[column] = odd
    if draw(st.integers(0, 3)) == 0:
        table[rng.randrange(n_rows)] = [draw(st.sampled_from(ODD))] * width
    if delimiter != "," and draw(st.booleans()):
        table = [[cell.replace(".", ",") for cell in row] for row in table]
    lines = [delimiter.join(row) for row in table]
    names = draw(st.sampled_from(["none", "words", "drawn"]))
    if names != "none":
        header = [f"name {i}" if names == "words" else rng.choice(NAMES) for i in range(width)]
        lines.insert(0, delimiter.join(header))
        if draw(st.integers(0, 5)) == 0:
            lines.insert(rng.randrange(len(lines)), lines[0])
    for _ in range(draw(st.integers(0, 5)) // 4):
        lines.insert(rng.randrange(len(lines)), draw(st.sampled_from(LINES)))
    if draw(st.integers(0, 5)) == 0:
        lines[-1] = f'"{lines[-1]}'
    text = newline.join(lines) + newline * draw(st.integers(0, 2))
    raw = text.encode("latin-1" if draw(st.integers(0, 9)) == 0 else "utf-8", "replace")
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + raw


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=written(), block_bytes=st.sampled_from((*BLOCKS, 40)))
def test_of_drawn_files_what_the_quick_reader_takes_is_what_the_careful_one_takes(
    raw: bytes, block_bytes: int
) -> None:
    agreed(raw, block_bytes=block_bytes)


@cache
def sheet(rows: int, *, seed: int = 0, width: int = 9) -> tuple[str, ...]:
    """Write rows of numbers, as many digits as a double has."""
    rng = np.random.default_rng(seed)
    return tuple(",".join(map(repr, row)) for row in rng.uniform(0, 255, (rows, width)).tolist())


HEADER = ",".join(f"name {i}" for i in range(9))


@given(number=NUMBERS)
@settings(deadline=None)
def test_a_number_is_the_double_that_float_reads_to_the_last_bit(number: str) -> None:
    lines = [HEADER, *sheet(3), ",".join([number, *["1.5"] * 8])]
    table = read_plain("\n".join(lines).encode(), name="x")
    assert table is not None
    meant = float(number)
    found = float(table.columns[0].numbers[-1])
    if math.isinf(meant):
        assert math.isnan(found)
    else:
        assert struct.pack("<d", found) == struct.pack("<d", meant)


PLACES = ("early", "middle", "last")
MIDDLES = {
    "1,2,3": True,
    "": True,
    ",,,,,,,,": True,
    "NA,nan,NULL,none,?,,N/A,-nan,inf": True,
    "1,2,3,4,x,6,7,8,9": True,
    '1,2,3,4,"5",6,7,8,9': True,
    '1,2,3,4,"x, y",6,7,8,9': True,
    "1,2,3,4,5,6,7,8," + "9" * 1001: True,
    "x" * 100_001: True,
    "1,2,3,4,5,6,7,8," + "x" * 99_985: True,
    "1,2,3,4,5,6,7,8," + "x" * 99_984: True,
    "# a comment": False,
    "1,2,3,4,5,6,7,8,50%": False,
    HEADER: False,
    "name_0,name 1,name 2,name 3,name 4,name 5,name 6,name 7,name 8": False,
    "a,b,c,d,e,f,g,h,i": False,
    "1,2,3,4,5,6,7,8,\0": False,
    "1,2\r,3,4,5,6,7,8,9": False,
    "1,2,3,4,5,6,7,8,\udcff": False,
}


@pytest.mark.parametrize("line", MIDDLES)
@pytest.mark.parametrize("place", PLACES)
def test_a_line_that_is_unlike_the_others_is_found_wherever_it_stands(
    line: str, place: str
) -> None:
    lines = [HEADER, *sheet(4000)]  # more than the ends that are looked at
    assert sum(map(len, lines)) > 2 * SAMPLE_BYTES
    at = {"early": 1, "middle": 2000, "last": len(lines)}[place]
    lines.insert(at, line)
    raw = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
    took = agreed(raw, block_bytes=1 << 18)
    assert took == MIDDLES[line] or (place == "last" and line == ",,,,,,,,")


def test_real_files_are_taken_and_read_to_the_same_table(data_dir: Path) -> None:
    raw = (data_dir / "HTRU_2.csv").read_bytes()
    rows = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert agreed(rows, block_bytes=1 << 18)
    some = rows[: rows.index(b"\n", 3 * SAMPLE_BYTES) + 1]
    for end in (b"\r\n", b"\r"):
        assert agreed(some.replace(b"\n", end), block_bytes=1 << 17)
    swapped = some.replace(b",", b";").replace(b".", b",")
    assert agreed(swapped, block_bytes=1 << 20)
    for name in ("pulsar_stars.csv", "pulsar_data_train.csv", "pulsar_data_test.csv"):
        assert agreed((data_dir / name).read_bytes(), block_bytes=1 << 18)


def test_a_file_that_is_too_large_is_left_to_the_careful_reader_which_refuses_it() -> None:
    raw = "\n".join([HEADER, *sheet(100)]).encode()
    for max_cells, took in ((900, True), (899, False), (799, False)):
        limits = Limits(max_cells=max_cells)
        assert agreed(raw, block_bytes=1000, limits=limits) is took
        assert (carefully(raw, limits) is not None) is took


def test_a_row_with_words_in_cells_too_many_is_ragged_and_no_more() -> None:
    rows = [row.replace(",", ";") for row in [HEADER, *sheet(20)]]
    for row in (["1,2", *["x"] * 12], ["1.5"] * 8 + ["x", "y"]):
        assert agreed("\n".join([*rows, ";".join(row), *rows[1:]]).encode(), block_bytes=1000)


def test_an_end_without_lines_is_no_end_that_proves_anything() -> None:
    lines = [HEADER, *sheet(7000), "x" * (1 << 20)]
    raw = ("\n".join(lines) + "\n").encode()
    assert not agreed(raw, block_bytes=1 << 18)


def test_cells_are_made_only_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_plain("\n".join([HEADER, *sheet(3000)]).encode(), name="x")
    assert table is not None
    asked: list[int] = []
    monkeypatch.setattr(Column, "data", property(lambda column: asked.append(column.position)))
    assert len(table.columns[0].take([5, 2])) == 2
    assert not asked


def test_a_reading_is_the_same_whichever_way_the_file_goes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulsars.reading.access import opening

    path = data_dir / "HTRU_2.csv"
    quick = read_candidates(path)
    for quick_reader in ("cut", "read_plain"):
        monkeypatch.setattr(opening, quick_reader, lambda *_, **__: None)
    slow = read_candidates(path)
    assert quick.frame.equals(slow.frame)
    assert list(quick.texts) == list(slow.texts)
    assert (quick.dialect, quick.columns, quick.warnings) == (
        slow.dialect,
        slow.columns,
        slow.warnings,
    )
