"""Files that were once read wrongly, or held everything up: each is a test of its own."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas.errors import DataError, LabelError, PulsarError
from tests.chaos.rows import draw_rows
from tests.chaos.rubbish import MAX_SECONDS, watched
from tests.chaos.truth import FEATURES

Read = Callable[[Path], "Reading | PulsarError"]

_CHILD = """
import json, pathlib, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
from pulsars.reading.judging.in_memory import check_candidates
from schemas.errors import PulsarError
from pulsars.reading.reader import read_candidates
def peak():  # ru_maxrss begins with what the parent had
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
before = peak()
start = time.process_time()
try:
    check_candidates(read_candidates(pathlib.Path(sys.argv[1])), to_train=False)
    said = "read"
except PulsarError as error:
    said = type(error).__name__
grown = peak() - before
print(json.dumps({"said": said, "seconds": time.process_time() - start, "kilobytes": grown}))
"""


@pytest.fixture
def read(tally: Callable[[str], Any]) -> Read:
    """Give a function that reads a file in bounded time, or gives the typed refusal."""

    def read_it(path: Path) -> Reading | PulsarError:
        start = time.process_time()
        found: Reading | PulsarError | None = None
        try:
            with watched():
                found = read_candidates(path)
        except PulsarError as error:
            found = error
        finally:
            spent = time.process_time() - start
            late = spent > MAX_SECONDS
            tally("rubbish: traps").count(wrong=late or found is None)
        assert not late, f"{spent:.1f} s"
        return found

    return read_it


@pytest.fixture
def trap(data_dir: Path) -> Callable[[str], Path]:
    """Give a function that names a trap."""
    return lambda name: data_dir / "traps" / name


@pytest.mark.parametrize(
    ("name", "word"), [("label_not_mark.csv", "'!pulsar'"), ("label_uncertain.csv", "'pulsar?'")]
)
def test_a_word_with_a_mark_makes_no_pulsar(
    name: str, word: str, trap: Callable[[str], Path], read: Read
) -> None:
    found = read(trap(name))
    assert isinstance(found, LabelError)
    assert all(named in str(found) for named in (name, "'label'", word, "--pulsar-is"))


@pytest.mark.parametrize(
    "name",
    ["rfi_as_label.csv", "flag_beats_unknown_label.csv", "unlabelled_flag_as_label.csv"],
)
def test_a_flag_beside_known_names_is_no_label(
    name: str, trap: Callable[[str], Path], read: Read
) -> None:
    found = read(trap(name))
    assert isinstance(found, DataError) or not found.labelled


def test_a_second_header_in_another_order_is_refused(
    trap: Callable[[str], Path], read: Read
) -> None:
    assert isinstance(read(trap("second_header_other_order.csv")), DataError)


def test_a_dm_curve_that_comes_first_is_recognised_and_said(
    trap: Callable[[str], Path], read: Read
) -> None:
    path = trap("headerless_dm_first.csv")
    found = read(path)
    assert isinstance(found, Reading)
    assert found.columns["dm_mean"].position == 1
    assert "--columns 5,6,7,8,1,2,3,4" in " ".join(found.warnings)


def test_commented_rows_are_no_rows(trap: Callable[[str], Path], read: Read) -> None:
    path = trap("commented_rows_id_first.csv")
    found = read(path)
    assert isinstance(found, Reading)
    lines = path.read_text(encoding="utf-8").splitlines()
    meant = [n for n, line in enumerate(lines, 1) if n > 1 and not line.startswith("#")]
    assert found.lines.tolist() == meant


def test_a_cell_of_thirty_thousand_digits_costs_a_moment(
    trap: Callable[[str], Path], read: Read
) -> None:
    start = time.process_time()
    found = read(trap("digits_30000.csv"))
    assert time.process_time() - start < 2
    assert isinstance(found, DataError) or len(found.lines) == 200 or len(found.cells) == 1


WORST = {
    "digits": "1",
    "digits and letters": "1x",
    "points": "1.",
    "exponents": "1e",
    "commas": ",",
    "cells": "1,",
    "decimal commas": "1,5;",
    "quotes": '"',
    "quotes and commas": '",',
    "single quotes": "'",
    "blanks": " ",
    "words": "mean",
    "labels": "thetarget",
    "percents": "%",
    "dashes": "-",
    "backslashes": "\\",
    "hashes": "#",
}


@pytest.mark.parametrize("where", ["alone", "header", "cell", "attribute", "arff row", "first"])
@pytest.mark.parametrize("line", WORST)
def test_no_line_of_a_megabyte_holds_the_reader_up(
    line: str, where: str, read: Read, size: Callable[[int, int, int], int], tmp_path: Path
) -> None:
    path = tmp_path / "worst.csv"
    text = "x" + WORST[line] * (size(50_000, 10**6, 10**6) // len(WORST[line])) + "x"
    text = text[1:] if where in ("alone", "cell") else text
    rows = [",".join([*(f"{v:.6f}" for v in row), "01"[y]]) for row, y in _rows()]
    names = ",".join([*FEATURES, "label"])
    attributes = [f"@attribute {name} numeric" for name in [*FEATURES, "label"]]
    path.write_text(
        "\n".join(
            {
                "alone": [text],
                "header": [f"{names},{text}", *(f"{row},1" for row in rows)],
                "cell": [names, f"{text}{rows[0][5:]}", *rows],
                "attribute": ["@relation x", f"@attribute {text} numeric", "@data", *rows],
                "arff row": ["@relation x", *attributes, "@data", text, *rows],
                "first": [text, names, *rows],
            }[where]
        )
    )
    found = read(path)
    assert len(str(found) if isinstance(found, PulsarError) else "") < 4000


def test_ten_thousand_columns_are_read_or_refused_in_time(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    more = [f"extra{i}" for i in range(10_000)]
    lines = [",".join([*FEATURES, "label", *more])]
    lines += [",".join([*map(str, row), str(y), *["1.5"] * 10_000]) for row, y in _rows()]
    path.write_text("\n".join(lines))
    found = read(path)
    assert isinstance(found, DataError) or found.columns["dm_kurtosis"].position == 8


def test_two_dozen_nameless_columns_that_could_all_be_features_are_soon_refused(
    read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "nameless.csv"
    path.write_text("\n".join(",".join(map(str, row * 3)) for row, _ in _rows()))
    assert isinstance(read(path), DataError)


def test_a_label_of_eighty_kilobytes_is_not_quoted_whole(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = [",".join([*map(str, row), f"{y}" * 80_000]) for row, y in _rows()]
    path.write_text("\n".join([",".join([*FEATURES, "label"]), *lines]))
    found = read(path)
    assert isinstance(found, DataError)
    assert len(str(found)) < 4000


@pytest.mark.parametrize("names", [["\x1b]0;gone\x07"], ["\x1b[2J\u202e"], ["\x9b31m"]])
def test_no_escape_of_a_name_or_a_cell_reaches_a_message(
    names: list[str], read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "escapes.csv"
    for header, cell in ((f"label,{names[0]}", "0,0"), ("label", names[0])):
        lines = [",".join([*map(str, row), cell]) for row, _ in _rows()]
        path.write_text("\n".join([",".join([*FEATURES, header]), *lines]), encoding="utf-8")
        said = str(read(path))
        assert not set(said) & set("\x1b\x07\x9b\u202e")


def test_a_parquet_name_that_is_not_utf_8_is_refused(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "name.parquet"
    raw = _parquet(extra="zzzz", store_schema=False)
    path.write_bytes(raw.replace(b"zzzz", b"\xff\xfe\xfd\xfc"))
    assert isinstance(read(path), DataError)


@pytest.mark.parametrize("at", [200, 400, 700])
def test_a_flipped_bit_shows_where_pages_have_checksums(
    at: int, read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "flipped.parquet"
    raw = bytearray(_parquet(write_page_checksum=True, compression="none", use_dictionary=False))
    start = pq.ParquetFile(io.BytesIO(raw)).metadata.row_group(0).column(2).data_page_offset
    raw[start + at] ^= 4
    path.write_bytes(raw)
    assert isinstance(read(path), DataError)


@pytest.mark.parametrize("names", [["", ""], ["same", "same"], ["dm_mean", "beam"]])
def test_parquet_names_that_stand_twice_are_read_or_refused(
    names: list[str], read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "twice.parquet"
    table = pq.read_table(io.BytesIO(_parquet()))
    for name in names:
        table = table.append_column(name, pa.array([1.5 + i for i in range(len(table))]))
    pq.write_table(table, path)
    found = read(path)
    assert isinstance(found, DataError) or found.columns["profile_mean"].position == 1


def _bomb_of_lines(path: Path) -> None:
    path.write_bytes(b"1\n" * 3_000_000)


def _bomb_of_ragged_rows(path: Path) -> None:
    path.write_bytes(b"1,2,3,4,5,6,7,8,0\n" * 200 + b"1,2\n" * 3_000_000)


def _bomb_of_parquet(path: Path) -> None:
    names = [*FEATURES, "label"]
    group = pa.table({name: pa.array([0.0]).take(pa.array([0] * 10**6)) for name in names})
    with pq.ParquetWriter(path, group.schema) as writer:
        for _ in range(50):
            writer.write_table(group)


def _bomb_of_gzip(path: Path) -> None:
    member = gzip.compress(b"0" * 10**8, 9)
    path.write_bytes(member * 100)


def _bomb_of_gzipped_rows(path: Path) -> None:
    rows = "".join(",".join([*map(str, row), str(y)]) + "\n" for row, y in _rows()).encode()
    path.write_bytes(gzip.compress(rows * (10**8 // len(rows)), 6) * 30)


def _bomb_of_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("candidates.csv", b"0" * 10**9)


@pytest.mark.parametrize(
    "make",
    [
        _bomb_of_lines,
        _bomb_of_ragged_rows,
        _bomb_of_parquet,
        _bomb_of_gzip,
        _bomb_of_gzipped_rows,
        _bomb_of_zip,
    ],
)
def test_a_bomb_is_refused_in_bounded_time_and_memory(
    make: Callable[[Path], None],
    tally: Callable[[str], Any],
    size: Callable[[int, int, int], int],
    tmp_path: Path,
) -> None:
    if make is not _bomb_of_lines and not size(0, 1, 1):
        pytest.skip("the other bombs take a minute to make; `make chaos` has them all")
    path = tmp_path / "bomb"
    make(path)
    child = [sys.executable, "-c", _CHILD, str(path)]
    done = subprocess.run(child, capture_output=True, text=True, timeout=300, check=False)
    told = json.loads(done.stdout) if done.returncode == 0 else {"said": "untyped"}
    tally("rubbish: bombs").count(wrong=done.returncode != 0)
    path.unlink()
    assert done.returncode == 0, done.stderr[-600:]
    assert told["said"] != "read"
    assert told["seconds"] < MAX_SECONDS
    assert told["kilobytes"] < 2 << 20


def _rows() -> list[Any]:
    from random import Random

    return draw_rows(Random(1), least=100, most=100)  # noqa: S311 - the same rows every time


def _parquet(extra: str = "extra", **how: Any) -> bytes:
    rows = _rows()
    columns = {name: [row[at] for row, _ in rows] for at, name in enumerate(FEATURES)}
    columns |= {"label": [y for _, y in rows], extra: ["x"] * len(rows)}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **how)
    return sink.getvalue()
