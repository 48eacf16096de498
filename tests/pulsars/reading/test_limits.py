"""No file takes more time or memory than its size explains; what would is refused in advance."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.reading import cells, names
from pulsars.reading.formats import arff, arff_rows, decimals, dialect
from pulsars.reading.judging.in_memory import check_candidates, examine_candidates, refuse_unfit
from pulsars.reading.labels import label as labels
from pulsars.reading.reader import read_candidates
from pulsars.reading.sources.packed import unpack
from schemas import limits
from schemas.errors import PulsarError, QuarantineRateError, SizeError
from schemas.features import FEATURE_NAMES
from schemas.limits import Limits

Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[3]
MEGABYTE = 1 << 20
WORST = {
    "digits": "9" * MEGABYTE,
    "digits and a letter": "9" * MEGABYTE + "x",
    "points": "1." * (MEGABYTE // 2) + "x",
    "commas and digits": "1," * (MEGABYTE // 2) + "x",
    "groups": "111," * (MEGABYTE // 4) + "x",
    "point groups": "1." + "111." * (MEGABYTE // 4) + "x",
    "blanks": " " * MEGABYTE + "x",
    "blanks after a word": "@attribute " + "x" * (MEGABYTE // 2) + " " * (MEGABYTE // 2),
    "attribute of blanks": "@attribute" + " " * MEGABYTE,
    "single quotes": "'" * MEGABYTE,
    "an open quote": "@attribute '" + "\\a" * (MEGABYTE // 2),
    "double quotes": '"' * MEGABYTE,
    "backslashes": "\\" * MEGABYTE,
    "per cents": "%" * MEGABYTE,
    "braces": "{" * MEGABYTE,
    "closing braces": "{1" + "}" * MEGABYTE,
    "exponents": "1e" * (MEGABYTE // 2),
    "hashes": "#" * MEGABYTE + "simulated",
    "label words": "the" + "target" * (MEGABYTE // 6) + "!",
    "y": "y" * MEGABYTE + "!",
    "feature words": "meanprofile" * (MEGABYTE // 11) + "!",
    "open paths": "{0 1" + ", 1 1" * (MEGABYTE // 5),
}
PATTERNS = {
    f"{module.__name__}.{key}[{number}]": pattern
    for module in (arff, arff_rows, cells, decimals, dialect, labels, names)
    for key, value in vars(module).items()
    for number, found in enumerate(value.values() if isinstance(value, dict) else [value])
    if isinstance(pattern := getattr(found, "__self__", found), re.Pattern)
}


def seconds(work: Callable[[], object]) -> float:
    """Processor time of a piece of work, whatever else the machine does."""
    since = time.process_time()
    work()
    return time.process_time() - since


LOOKED_FOR = {"_GROUPED": "search", "_SPECIAL": "search", "_STOPS": "search", "_WORD": "findall"}
"""How patterns are used that are not held against the start of a text."""


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    how = LOOKED_FOR.get(pattern.rpartition(".")[2].split("[", maxsplit=1)[0], "match")
    look = getattr(PATTERNS[pattern], how)
    for name, line in WORST.items():
        assert seconds(lambda line=line: look(line)) < 1.5, name


def test_the_patterns_of_every_reader_are_among_those() -> None:
    assert {key.split(".")[-2] for key in PATTERNS} >= {"arff", "arff_rows", "dialect", "names"}
    assert len(PATTERNS) >= 12


def read_or_refuse(path: Path) -> int:
    """Read a file and describe it, in messages of a stated length; give its rows."""
    try:
        reading = read_candidates(path, name="x")
    except PulsarError:
        return 0
    reasons = examine_candidates(reading).quarantined["reasons"]
    assert reasons.str.len().max() < 1000 or not len(reasons)
    return len(reading.frame)


@pytest.mark.parametrize("worst", sorted(WORST))
def test_no_line_takes_more_than_linear_time(worst: str, write: Write) -> None:
    path = write([WORST[worst]])
    assert seconds(lambda: read_or_refuse(path)) < 2


@pytest.mark.slow
def test_no_line_among_rows_takes_more_than_linear_time(write: Write, lines: list[str]) -> None:
    names = [f"@attribute {name} numeric" for name in [*FEATURE_NAMES, "label"]]
    short = [line[:90_000] + line[-1] for line in WORST.values()]
    for worst in (WORST.values(), short):
        path = write([*lines, *worst, *lines])
        assert seconds(lambda path=path: read_or_refuse(path)) < 10
        path = write(["@relation x", *names, "@data", *lines, *worst])
        assert seconds(lambda path=path: read_or_refuse(path)) < 10


def test_a_cell_of_too_many_digits_costs_its_row_and_nothing_else(
    write: Write, lines: list[str]
) -> None:
    text = [f"{'9' * 30_000},{line.split(',', 1)[1]}" if i == 7 else line
            for i, line in enumerate(lines)]  # fmt: skip
    path = write(text)
    assert seconds(lambda: read_candidates(path)) < 2
    checked = check_candidates(read_candidates(path))
    assert checked.quality.rows == {"read": 240, "accepted": 239, "quarantined": 1}
    row = checked.quarantined.iloc[0]
    assert row["line"] == 8
    assert "has more than 1,000 characters" in row["reasons"]
    assert row["text"] == text[7]
    assert len(row["reasons"]) < 300


def test_a_number_of_many_digits_is_read(write: Write, lines: list[str], rows: np.ndarray) -> None:
    text = [line.replace(",", "0" * 700 + ",", 1) for line in lines]
    np.testing.assert_array_equal(read_candidates(write(text)).frame.to_numpy(), rows)


@pytest.mark.slow
def test_empty_rows_at_the_end_take_linear_time(write: Write, lines: list[str]) -> None:
    path = write([*lines, *[",,,,,,,,"] * 200_000])
    assert seconds(lambda: read_candidates(path)) < 4
    assert len(read_candidates(path).frame) == 240


def test_ten_thousand_columns_are_refused_at_once(write: Write, tmp_path: Path) -> None:
    path = write([",".join(["1.5"] * 10_000)] * 200)
    with pytest.raises(PulsarError):
        assert seconds(lambda: read_candidates(path)) < 3
    pq.write_table(pa.table({f"c{i}": [1.5] for i in range(10_000)}), tmp_path / "wide")
    with pytest.raises(PulsarError, match="10,000 columns"):
        read_candidates(tmp_path / "wide")


def test_cells_that_hold_the_readers_own_mark_are_read_as_cells(
    write: Write, lines: list[str]
) -> None:
    text = [f'"a\x1fb",{line}' for line in lines]
    assert len(read_candidates(write(text)).frame.dropna()) == 240


def repeated(n_rows: int) -> bytes:
    """Parquet that is small for its rows."""
    sink = pa.BufferOutputStream()
    column = pa.array(np.zeros(n_rows))
    pq.write_table(pa.table(dict.fromkeys([*FEATURE_NAMES, "label"], column)), sink)
    return sink.getvalue().to_pybytes()


def dictionary(n_rows: int, n_letters: int) -> bytes:
    """Parquet that holds one text once for all rows."""
    sink = pa.BufferOutputStream()
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_rows, np.int32)), ["x" * n_letters])
    pq.write_table(pa.table({"note": text}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("content", "bounds", "says"),
    [
        (lambda x: "\n".join(x).encode(), Limits(max_bytes=1000), ["--max-bytes", "1,000"]),
        (lambda x: gzip.compress("\n".join(x).encode(), 9), Limits(max_bytes=35_000), ["unpacks"]),
        (lambda x: "\n".join(x).encode(), Limits(max_cells=2159), ["240 rows of 9", "2160"]),
        (lambda _: b"1\n" * 1000, Limits(max_cells=7999), ["1,000 rows"]),
        (lambda _: repeated(1000), Limits(max_cells=8999), ["1,000 rows of 9", "9000"]),
        (lambda _: dictionary(5000, 5000), Limits(max_bytes=20_000_000), ["25,000,000"]),
    ],
    ids=["file", "unpacked", "cells", "lines", "parquet cells", "parquet text"],
)
def test_what_is_larger_than_its_bounds_is_refused_with_the_option_that_raises_them(
    content: Callable[[list[str]], bytes],
    bounds: Limits,
    says: list[str],
    write: Write,
    lines: list[str],
) -> None:
    path = write(content(lines))
    with pytest.raises(SizeError) as refused:
        read_candidates(path, name="night 7", limits=bounds)
    for part in ["night 7", *says]:
        assert part in str(refused.value)


def test_the_bound_that_a_packed_file_is_said_to_need_is_enough(
    write: Write, lines: list[str]
) -> None:
    text = "\n".join(lines[:100] * 12).encode()
    path = write(gzip.compress(text, 9))
    with pytest.raises(SizeError, match=f"unpacks to {len(text):,} .*--max-bytes {len(text)}"):
        read_candidates(path, limits=Limits(max_bytes=len(text) // 3))
    assert len(read_candidates(path, limits=Limits(max_bytes=len(text))).frame)
    with pytest.raises(SizeError, match=r"unpacks to at least .* --max-bytes\.$"):
        unpack(gzip.compress(bytes(9 << 20)), name="x", limits=Limits(max_bytes=1 << 20))


def test_ten_million_candidates_are_within_the_bounds() -> None:
    Limits().require_cells(10_000_000, 9, name="")
    Limits().require_bytes(10_000_000 * 9 * 8, name="")
    with pytest.raises(SizeError):
        Limits().require_cells(20_000_000, 9, name="")


def test_a_hundred_million_candidates_are_within_the_bounds_of_a_file_read_in_parts() -> None:
    n_bytes = 100_000_000 * 20 * 8
    bounds = Limits().in_parts(n_bytes)
    bounds.require_bytes(n_bytes, name="")
    bounds.require_cells(100_000_000, 20, name="")
    assert Limits(max_bytes=5, max_cells=7).in_parts(n_bytes) == Limits(max_bytes=5, max_cells=7)


@pytest.mark.slow
def test_a_small_file_that_unpacks_to_many_rows_is_refused(tmp_path: Path) -> None:
    """Twenty million rows of noughts are a few kilobytes."""
    content = repeated(20_000_000)
    assert len(content) < MEGABYTE
    (tmp_path / "bomb").write_bytes(content)
    with pytest.raises(SizeError, match="20,000,000 rows of 9 columns"):
        read_candidates(tmp_path / "bomb")


MEASURE = """
import json, resource, sys
from pathlib import Path
from pulsars.reading.judging.in_memory import examine_candidates
from schemas.errors import PulsarError
from pulsars.reading.reader import read_candidates
def peak():  # ru_maxrss begins with what the parent had
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
def seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
def once(path):
    since = seconds()
    try:
        examine_candidates(read_candidates(path), max_quarantine=0.05)
        what = "read"
    except PulsarError as error:
        what = type(error).__name__
    return what, peak() - before, seconds() - since
before = peak()
found = [once(Path(sys.argv[1])) for _ in range(int(sys.argv[2]))]
print(json.dumps([*found[0][:2], min(took for _, _, took in found)]))
"""


def measured(path: Path, times: int = 1) -> tuple[str, int, float]:
    """Outcome, bytes and seconds of reading a file in a process of its own.

    The seconds are the least of so many times: all but the first are without what is imported.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(times)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    what, n_bytes, took = json.loads(done.stdout)
    return what, n_bytes, took


@pytest.mark.slow
def test_memory_is_a_multiple_of_the_size(write: Write, lines: list[str]) -> None:
    path = write(lines * 400)
    what, n_bytes, took = measured(path)
    assert what == "read"
    assert n_bytes < 14 * path.stat().st_size
    assert took < 15


@pytest.mark.slow
def test_lines_that_are_no_rows_cost_no_more_than_rows_would(
    write: Write, lines: list[str]
) -> None:
    path = write([*lines, *["1"] * 200_000, *lines])
    what, n_bytes, took = measured(path)
    assert what == "read"
    assert n_bytes < 200 * MEGABYTE
    assert took < 15
    fewer = write([*lines, *["1"] * 20_000, *lines])  # what is said of them needs no cost
    checked = examine_candidates(read_candidates(fewer), max_quarantine=0.05)
    assert checked.quality.rows == {"read": 20_480, "accepted": 480, "quarantined": 20_000}
    assert len(checked.quarantined) == 1000
    assert checked.quality.reasons == {"row has 1 of 9 cells": 20_000}
    with pytest.raises(QuarantineRateError, match="20,000 of 20,480 rows"):
        refuse_unfit(checked.quality, max_quarantine=0.05)


@pytest.mark.slow
def test_rows_that_break_the_contract_cost_no_more_than_three_times_good_ones(
    write: Write, lines: list[str]
) -> None:
    header = ",".join([*FEATURE_NAMES, "label"])  # or such a file were refused by its columns
    bad = [line.replace(line.split(",")[1], "-1", 1) for line in lines]  # a standard deviation
    checked = examine_candidates(read_candidates(write([header, *bad])))
    assert checked.quality.rows == {"read": 240, "accepted": 0, "quarantined": 240}
    (of_good, good_bytes, good), (of_bad, bad_bytes, took) = (
        measured(write([header, *each * 400]), times=4) for each in (lines, bad)
    )
    assert (of_good, of_bad) == ("read", "read")
    assert took < 3 * good
    assert bad_bytes < 3 * good_bytes


@pytest.mark.slow
def test_a_small_parquet_file_of_many_rows_is_refused_before_it_is_read(write: Write) -> None:
    path = write(repeated(12_000_000))
    what, n_bytes, _ = measured(path)
    assert path.stat().st_size < 2 * MEGABYTE
    assert what == "SizeError"
    assert n_bytes < 100 * MEGABYTE


def test_the_limits_of_a_line_leave_room_for_the_widest_table() -> None:
    assert limits.MAX_WIDTH * 25 < limits.MAX_LINE
    assert limits.MAX_CELL > 767
