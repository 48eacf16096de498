"""Whatever is wrong with a file, one sentence says what, where, and what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sqlite3
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pulsars.folds.dedispersing import fold_of
from pulsars.folds.prepfold import pack
from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.reader import read_candidates
from schemas import errors
from schemas.errors import PulsarError
from schemas.features import FEATURE_NAMES
from tests.phcx import pack_phcx
from tests.pulsars.folds.strategies import prepfold

Write = Callable[..., Path]
Change = Callable[[list[str]], "list[str] | str | bytes"]
NAMES = ",".join([*FEATURE_NAMES, "label"])


def zipped(lines: list[str], *names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names or ("a.csv", "b.csv"):
            archive.writestr(name, "\n".join(lines))
    return content.getvalue()


def flipped(content: bytes) -> bytes:
    """Turn a bit in the middle around."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :]


def locked(archive: bytes) -> bytes:
    """Mark the one member of a zip archive as encrypted."""
    changed, central = bytearray(archive), archive.index(b"PK\1\2")
    changed[6] |= 1
    changed[central + 8] |= 1
    return bytes(changed)


def tarred(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def pulsars(lines: list[str]) -> list[str]:
    return [line for line in lines if line.endswith("1")]


def database(_: list[str]) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table candidates (x)")
    return connection.serialize()


def array(_: list[str]) -> bytes:
    content = io.BytesIO()
    np.save(content, np.zeros((3, 9)))
    return content.getvalue()


def arrays(_: list[str]) -> bytes:
    content = io.BytesIO()
    np.savez(content, X=np.zeros((3, 8)), y=np.zeros(3))
    return content.getvalue()


def half_with_commas(line: str) -> str:
    """Write decimal commas from the third cell on."""
    cells = line.split(",")
    return ";".join([*cells[:2], *(cell.replace(".", ",") for cell in cells[2:])])


def respelt(lines: list[str], spell: Callable[[float], str]) -> list[str]:
    rows = [line.split(",") for line in lines]
    return [",".join([*(spell(float(cell)) for cell in row[:8]), row[8]]) for row in rows]


def standardised(lines: list[str]) -> list[str]:
    table = np.array([line.split(",") for line in lines], dtype=np.float64)
    table[:, :8] = (table[:, :8] - table[:, :8].mean(axis=0)) / table[:, :8].std(axis=0)
    return [NAMES, *(",".join([*map(repr, row[:8].tolist()), f"{row[8]:.0f}"]) for row in table)]


def with_cells(share: float, cell: str, column: int = 0) -> Change:
    """Put `cell` into every so-manieth row."""

    def change(lines: list[str]) -> list[str]:
        step = round(1 / share)
        rows = [line.split(",") for line in lines]
        for row in rows[4::step]:
            row[column] = cell
        return [NAMES, *(",".join(row) for row in rows)]

    return change


def arff(*data: str, head: str = "numeric") -> Change:
    names = NAMES.split(",")
    return lambda lines: [
        "@relation x",
        *(f"@attribute {name} {head}" for name in names),
        "@data",
        *data,
        *lines,
    ]


BAD: dict[str, tuple[Change, type[PulsarError], list[str]]] = {
    "zip of two": (zipped, errors.UnreadableFileError, ["2 files ('a.csv'", "and name one"]),
    "zip of two folds": (
        lambda x: zipped(x, "n/a.pfd", "n/b.pfd", "truth.csv"),
        errors.UnreadableFileError,
        ["zip archive of 3 files", "the folder of its folds"],
    ),
    "workbook": (
        lambda x: zipped(x, "[Content_Types].xml"),
        errors.UnreadableFileError,
        ["an Excel workbook", "as CSV"],
    ),
    "gzip in gzip": (
        lambda x: gzip.compress(gzip.compress("\n".join(x).encode())),
        errors.UnreadableFileError,
        ["gzip archive within an archive"],
    ),
    "gzip cut off": (
        lambda x: gzip.compress("\n".join(x).encode())[:-200],
        errors.UnreadableFileError,
        ["damaged gzip", "ends too early"],
    ),
    "gzip with a flipped byte": (
        lambda x: flipped(gzip.compress("\n".join(x).encode())),
        errors.UnreadableFileError,
        ["damaged gzip"],
    ),
    "gzip and more": (
        lambda x: gzip.compress("\n".join(x).encode()) + b"what follows",
        errors.UnreadableFileError,
        ["damaged gzip", "12 bytes follow its end"],
    ),
    "gzip bomb": (
        lambda _: gzip.compress(b"9,3,1,7,9,3,1,5,0\n" * 4_000_000),
        errors.SizeError,
        ["unpacks to more than 200 times"],
    ),
    "zip cut off": (
        lambda x: zipped(x, "a.csv")[:-30],
        errors.UnreadableFileError,
        ["damaged zip"],
    ),
    "zip with a flipped byte": (
        lambda x: flipped(zipped(x, "a.csv")),
        errors.UnreadableFileError,
        ["damaged zip"],
    ),
    "zip with a secret": (
        lambda x: locked(zipped(x, "a.csv")),
        errors.UnreadableFileError,
        ["encrypted"],
    ),
    "tar": (
        lambda x: tarred("\n".join(x).encode()),
        errors.UnreadableFileError,
        ["a tar archive"],
    ),
    "bzip2": (lambda x: bz2.compress("\n".join(x).encode()), errors.UnreadableFileError, ["bzip2"]),
    "xz": (lambda x: lzma.compress("\n".join(x).encode()), errors.UnreadableFileError, ["an xz"]),
    "png": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(50), errors.UnreadableFileError, ["PNG"]),
    "pdf": (lambda _: b"%PDF-1.7\n%\xe2\xe3", errors.UnreadableFileError, ["PDF"]),
    "sqlite": (database, errors.UnreadableFileError, ["an SQLite database"]),
    "npy": (array, errors.UnreadableFileError, ["a NumPy array"]),
    "npz": (arrays, errors.UnreadableFileError, ["NumPy arrays (npz)", "as CSV"]),
    "git lfs": (
        lambda _: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        errors.UnreadableFileError,
        ["Git LFS", "git lfs pull"],
    ),
    "git annex": (
        lambda _: "/annex/objects/SHA256E-s1234--abcd.csv\n",
        errors.UnreadableFileError,
        ["git-annex", "git annex get"],
    ),
    "votable": (
        lambda _: '<?xml version="1.0"?>\n<!-- of VizieR -->\n<VOTABLE version="1.3">\n',
        errors.UnreadableFileError,
        ["is a VOTable", "as CSV"],
    ),
    "web page": (lambda _: "\n <!DOCTYPE html><p>404", errors.UnreadableFileError, ["web page"]),
    "json": (lambda _: '{"rows": []}', errors.UnreadableFileError, ["JSON"]),
    "parquet cut off": (
        lambda _: b"PAR1" + bytes(20),
        errors.UnreadableFileError,
        ["damaged Parquet"],
    ),
    "empty": (lambda _: b"", errors.UnreadableFileError, ["is empty (0 bytes)"]),
    "blank": (lambda _: " \n\r\n\t", errors.UnreadableFileError, ["blanks and line ends only"]),
    "only a mark": (lambda _: b"\xef\xbb\xbf", errors.UnreadableFileError, ["is empty"]),
    "nul": (
        lambda x: "\n".join([*x[:6], "1,2\0,3"]),
        errors.UnreadableFileError,
        ["line 7", "NUL", "binary"],
    ),
    "noise": (lambda _: bytes(range(128, 256)) * 9, errors.UnreadableFileError, ["0x80"]),
    "odd utf-16": (
        lambda _: b"\xff\xfe1\x00,",
        errors.UnreadableFileError,
        ["UTF-16", "save it as UTF-8"],
    ),
    "prose": (
        lambda _: "It was a dark night and a star\nshone\nover the hills of the old town, far",
        errors.UnreadableFileError,
        ["no table of numbers: no comma, semicolon, tab, bar or blank", "It was a dark night"],
    ),
    "one endless line": (
        lambda _: ",".join(["1.5"] * 5000),
        errors.UnreadableFileError,
        ["no table of numbers"],
    ),
    "a thousand columns too many": (
        lambda x: [f"{NAMES}{',z' * 1000}", *(x + ",1.5" * 1000 for x in x)],
        errors.ColumnsError,
        ["has 1,009 columns, more than the 1,000"],
    ),
    "rows longer than any": (
        lambda x: [x.replace(",", ";") + ";1,5" * 30_000 for x in x],
        errors.ColumnsError,
        ["has at least 2", "columns, more than the 1,000"],
    ),
    "prose of endless lines": (
        lambda _: ["It was, of all " + "words, and a night " * 2000] * 9,
        errors.UnreadableFileError,
        ["no table of numbers"],
    ),
    "latin-1 in a row": (
        lambda x: "\n".join([*x[:5], "µ" + x[5]]).encode("latin-1"),
        errors.UnreadableFileError,
        ["line 6", "0xB5", "UTF-8"],
    ),
    "comments only": (lambda _: "# a\n# b\n", errors.TableError, ["comments only"]),
    "header only": (lambda _: NAMES, errors.TableError, ["a header and no row"]),
    "header and empty cells": (lambda _: [NAMES, ",,,,,,,,"], errors.TableError, ["no row"]),
    "long header": (
        lambda x: [NAMES + ",a,b", *x],
        errors.ColumnsError,
        ["header has 11 cells", "rows have 9"],
    ),
    "decimal comma among commas": (
        lambda x: [NAMES, *('"' + y.replace(",", '","').replace(".", ",") + '"' for y in x)],
        errors.UnreadableFileError,
        ["line 2", "'133,0987486180089'", "decimal comma"],
    ),
    "decimal comma among commas without quotes": (
        lambda x: [NAMES, *(y.replace(".", ",") for y in x)],
        errors.UnreadableFileError,
        ["line 2", "decimal point", "semicolons"],
    ),
    "decimal comma among commas without quotes and header": (
        lambda x: [y.replace(".", ",") for y in x],
        errors.UnreadableFileError,
        ["line 1", "decimal point", "semicolons"],
    ),
    "decimal points in two columns and commas in the others": (
        lambda x: [NAMES.replace(",", ";"), *map(half_with_commas, x)],
        errors.QuarantineRateError,
        ["'133.0987486180089'", "most numbers have a decimal comma"],
    ),
    "decimal commas in one column and points in the others": (
        lambda x: [
            NAMES.replace(",", ";"),
            *(";".join([y.split(",")[0].replace(".", ","), *y.split(",")[1:]]) for y in x),
        ],
        errors.QuarantineRateError,
        ["'133,0987486180089'", "read with decimal points"],
    ),
    "variances": (
        lambda x: [NAMES.replace("stdev", "variance"), *x],
        errors.ColumnsError,
        ["column 2 'profile_variance' and column 6 'dm_variance'", "square root"],
    ),
    "standardised": (
        standardised,
        errors.ColumnsError,
        ["column 1 'profile_mean' in 36%", "below 0", "standardised"],
    ),
    "standardised without a header": (
        lambda x: standardised(x)[1:],
        errors.ColumnsError,
        ["no choice of eight", "standardised"],
    ),
    "fortran's exponents": (
        lambda x: [NAMES, *respelt(x, lambda number: f"{number:.9E}".replace("E", "D"))],
        errors.QuarantineRateError,
        ["'1.330987486D+02'", "write E for D"],
    ),
    "fortran's exponents without a header": (
        lambda x: respelt(x, lambda number: f"{number:.9E}".replace("E", "D")),
        errors.ColumnsError,
        ["'1.330987486D+02'", "write E for D"],
    ),
    "fortran's exponents, the label's too": (
        lambda x: [" ".join(f"{float(n):.9E}" for n in y.split(",")).replace("E", "D") for y in x],
        errors.UnreadableFileError,
        ["no table of numbers", "'1.241752097D+02'", "write E for D"],
    ),
    "libsvm": (
        lambda x: [
            " ".join(["1", *(f"{i + 1}:{n}" for i, n in enumerate(y.split(",")))]) for y in x
        ],
        errors.ColumnsError,
        ["0 columns can be (none); '1:133.0987486180089': this is libsvm's form"],
    ),
    "hexadecimal": (
        lambda x: respelt(x, float.hex),
        errors.ColumnsError,
        ["'0x1.0a328f2dc9bf3p+7'", "hexadecimal"],
    ),
    "thousands": (
        lambda x: [
            NAMES.replace(",", ";"),
            *(f"1.{y.replace(',', ';').replace('.', ',')}" for y in x),
        ],
        errors.UnreadableFileError,
        ["line 2", "'1.133,0987486180089'", "sets thousands apart"],
    ),
    "name without end": (
        lambda x: [NAMES.replace("label", "l" * 20_000), *x],
        errors.ColumnsError,
        ["column 9", "20,000 characters"],
    ),
    "few columns": (
        lambda x: [line.rsplit(",", 6)[0] for line in x],
        errors.ColumnsError,
        ["at most 3 cells", "eight statistics"],
    ),
    "seven features": (
        lambda x: [line.split(",", 1)[1] for line in x],
        errors.ColumnsError,
        ["eight columns", "7 columns can be", "--columns"],
    ),
    "only text": (
        lambda x: ["a b c d e f g h".replace(" ", ",")] * len(x),
        errors.UnreadableFileError,
        ["no table of numbers"],
    ),
    "one class": (
        lambda x: [line for line in x if line.endswith("0")],
        errors.TableError,
        ["all 192 accepted rows are non-pulsars", "column 9", "--drop 9"],
    ),
    "too few rows": (lambda x: x[:40], errors.TableError, ["accepted rows: 40", "100"]),
    "too few pulsars": (
        lambda x: (
            [line for line in x if line.endswith("0")]
            + [line for line in x if line.endswith("1")][:9]
        ),
        errors.TableError,
        ["9 pulsars", "10"],
    ),
    "text in a number": (
        with_cells(0.1, "12.5x", 3),
        errors.QuarantineRateError,
        [
            "24 of 240 rows (10.0%)",
            "5.0%",
            "profile_kurtosis (column 4 'profile_kurtosis')",
            "'12.5x' is not a number",
            "line 6",
            "--max-quarantine 0.1",
        ],
    ),
    "1e400": (
        with_cells(0.1, "1e400", 5),
        errors.QuarantineRateError,
        ["line 6", "dm_stdev '1e400' is not finite"],
    ),
    "out of range": (
        with_cells(0.1, "255.5", 4),
        errors.QuarantineRateError,
        ["line 6", "dm_mean '255.5' is outside 0 to 255"],
    ),
    "labels of 2": (
        with_cells(0.1, "2", 8),
        errors.LabelError,
        ["0, 1 and 2 in 24 rows", "--pulsar-is", "column 9 'label'"],
    ),
    "ragged": (
        lambda x: [line[:40] if i % 10 == 2 else line for i, line in enumerate(x)],
        errors.QuarantineRateError,
        ["24 of 240", "line 3", "of 9 cells"],
    ),
    "relational arff": (
        arff(head="relational"),
        errors.UnreadableFileError,
        ["line 2", "relational"],
    ),
    "arff without data": (
        lambda _: "@relation x\n@attribute a real\n",
        errors.UnreadableFileError,
        ["@data"],
    ),
    "arff without names": (
        lambda _: "@relation x\n@data\n1,2",
        errors.UnreadableFileError,
        ["@attr"],
    ),
    "arff without rows": (
        lambda _: arff()([]),
        errors.TableError,
        ["no row after @data"],
    ),
    "arff without a type": (arff(head=""), errors.UnreadableFileError, ["line 2", "profile_mean"]),
    "latin-1 in an arff row": (
        lambda x: "\n".join(arff("µ")(x)).encode("latin-1"),
        errors.UnreadableFileError,
        ["line 12", "0xB5"],
    ),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_a_bad_file_is_refused_in_one_sentence(case: str, write: Write, lines: list[str]) -> None:
    change, error, says = BAD[case]
    path = write(change(lines))
    with pytest.raises(error) as refused:
        check_candidates(read_candidates(path, name="night 7"))
    message = str(refused.value)
    assert "night 7" in message
    for part in says:
        assert part in message
    assert "\n" not in message
    assert message.endswith(".")
    assert len(message) < 900


@pytest.mark.parametrize("kind", ["pfd", "phcx", "pfd.gz"])
def test_a_zip_of_one_fold_is_refused_as_that(tmp_path: Path, kind: str) -> None:
    fold = prepfold()
    content = pack_phcx([fold_of(fold, name="a")]) if kind == "phcx" else pack(fold)
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"a.{kind}", gzip.compress(content) if kind == "pfd.gz" else content)
    with pytest.raises(errors.UnreadableFileError, match="zip archive of a fold; unpack it first"):
        read_candidates(path)


@pytest.mark.parametrize("name", ["a.pfd", "a.phcx", "a.pfd.gz", "a.phcx.gz", "called.csv"])
def test_a_fold_is_refused_with_what_makes_a_table_of_it(tmp_path: Path, name: str) -> None:
    fold = prepfold()
    content = pack_phcx([fold_of(fold, name="a")]) if "phcx" in name else pack(fold)
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(
        errors.UnreadableFileError, match="is a fold, and no table; `pulsar features`"
    ):
        read_candidates(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(errors.SourceNotFoundError, match=r"nowhere\.csv: there is no such file"):
        read_candidates(tmp_path / "nowhere.csv")
    with pytest.raises(errors.UnreadableFileError, match="is a folder"):
        read_candidates(tmp_path)
    with pytest.raises(errors.UnreadableFileError, match="cannot be read"):
        read_candidates(tmp_path / ("x" * 5000))
    with pytest.raises(errors.UnreadableFileError, match="cannot be read"):
        read_candidates(Path("a\0b"))


@pytest.mark.parametrize("place", ["https://u:hunter2@host/a.csv", "*.csv", "night[1].csv", "-"])
def test_what_the_command_alone_takes_is_refused_with_that_unless_a_file_is_called_so(
    place: str, write: Write, lines: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write(lines)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.SourceNotFoundError, match="are for the command alone") as refused:
        read_candidates(place)
    assert "hunter2" not in str(refused.value)
    if "/" not in place:
        path.rename(place)
        assert len(read_candidates(place).frame) > 0


def test_an_entry_of_a_folder_is_a_path(write: Write, lines: list[str], tmp_path: Path) -> None:
    write(lines).rename(tmp_path / "a[1].csv")
    entry: Any = next(os.scandir(tmp_path))
    assert read_candidates(entry).frame.equals(read_candidates(tmp_path / "a[1].csv").frame)


@pytest.mark.parametrize("path", [None, 3, ""])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(errors.ParameterError, match=f"^{path!r} is no path; name a file"):
        read_candidates(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.UnreadableFileError, match="no regular file"):
        read_candidates(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_is_refused(
    write: Write, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(lines)

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path.chmod(stat.S_IWUSR)
    monkeypatch.setattr(os, "open", deny)  # root reads everything
    with pytest.raises(errors.UnreadableFileError, match=r"Permission denied.*permissions"):
        read_candidates(path)


def test_an_empty_parquet_file_has_no_rows(tmp_path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"a": [1.0]}).iloc[:0].to_parquet(tmp_path / "x")
    with pytest.raises(errors.TableError, match="without rows"):
        read_candidates(tmp_path / "x")


def test_a_giant_cell_in_quotes_is_one_bad_row(write: Write, lines: list[str]) -> None:
    reading = read_candidates(write([*lines, '"' + "9" * 200_000 + '"']))
    assert reading.cells["why"].tolist() == ["has more than 100,000 characters"]
    assert len(reading.texts[-1]) < 2000
