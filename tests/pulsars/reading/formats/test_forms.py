"""The same candidates come back from every form of bytes: packed, encoded, with other decimals."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet import encryption

from pulsars.reading.formats import parquet as parquet_rows
from pulsars.reading.formats.parquet import ParquetRows
from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas import Limits
from schemas.errors import ColumnsError, UnreadableFileError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
NAMES = [*FEATURE_NAMES, "label"]


def same_values(reading: Reading, rows: np.ndarray) -> None:
    """Assert that every value came back bit for bit and in its place."""
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.cells.empty


def zipped(
    content: bytes,
    name: str = "night.csv",
    method: int = zipfile.ZIP_DEFLATED,
    beside: str = "night/.DS_Store",
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("night/", b"")
        archive.writestr("__MACOSX/._night.csv", b"\0\1")
        archive.writestr(beside, b"\0\1")
        archive.writestr(name, content)
    return target.getvalue()


PACKED = {
    "gzip": gzip.compress,
    "gzip in two members": lambda raw: gzip.compress(raw[:999]) + gzip.compress(raw[999:]),
    "gzip with padding": lambda raw: gzip.compress(raw) + bytes(512),
    "zip": zipped,
    "zip, hidden": lambda raw: zipped(raw, ".night.csv", beside="__MACOSX/.DS_Store"),
    "zip, stored": lambda raw: zipped(raw, method=zipfile.ZIP_STORED),
    "zip, bzip2": lambda raw: zipped(raw, method=zipfile.ZIP_BZIP2),
    "zip, lzma": lambda raw: zipped(raw, method=zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("how", sorted(PACKED))
def test_one_packed_file_is_read_with_its_own_line_numbers(
    how: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    raw = "\n".join([",".join(NAMES), "", *lines]).encode()
    reading = read_candidates(write(PACKED[how](raw)))
    same_values(reading, rows)
    assert reading.dialect.packed == how[:4].strip(",").replace("gzip", "gzip")
    assert reading.lines[0] == 3
    assert read_candidates(write(raw)).dialect.packed is None


def test_arff_in_gzip_is_read(tmp_path: Path, lines: list[str], rows: np.ndarray) -> None:
    head = ["@relation night", *(f"@attribute {name} numeric" for name in NAMES), "@data"]
    (tmp_path / "x").write_bytes(gzip.compress("\n".join([*head, *lines]).encode()))
    reading = read_candidates(tmp_path / "x")
    same_values(reading, rows)
    assert (reading.dialect.format, reading.dialect.packed) == ("arff", "gzip")


def test_parquet_in_gzip_is_read(tmp_path: Path, rows: np.ndarray) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(zip(NAMES, rows.T, strict=True))), sink)
    (tmp_path / "x").write_bytes(gzip.compress(sink.getvalue().to_pybytes()))
    same_values(read_candidates(tmp_path / "x"), rows)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("labels", [("0", "1"), ("No", "Yes"), ("0,0", "1,0")])
def test_decimal_commas_are_read_where_no_comma_stands_between(
    delimiter: str, labels: tuple[str, str], write: Write, rows: np.ndarray, *, header: bool
) -> None:
    table = [
        [*(repr(x).replace(".", ",") for x in row[:8].tolist()), labels[int(row[8])]]
        for row in rows
    ]
    text = [delimiter.join(cells) for cells in ([NAMES, *table] if header else table)]
    reading = read_candidates(write(text))
    same_values(reading, rows)
    assert (reading.dialect.decimal, reading.dialect.delimiter) == (",", delimiter)
    assert check_candidates(reading).quality.dialect["decimal"] == ","


def test_decimal_commas_without_a_label_lose_no_row(write: Write, rows: np.ndarray) -> None:
    text = [";".join(repr(x).replace(".", ",") for x in row[:8].tolist()) for row in rows]
    reading = read_candidates(write(text))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])


def test_a_point_among_decimal_commas_is_no_number_and_a_comma_among_points_neither(
    write: Write, lines: list[str]
) -> None:
    commas = [line.replace(",", ";").replace(".", ",") for line in lines]
    commas[9] = "140.5;" + commas[9].split(";", 1)[1]
    points = [line.replace(",", ";") for line in lines]
    points[9] = "140,5;" + points[9].split(";", 1)[1]
    for text, decimal in ((commas, ","), (points, ".")):
        reading = read_candidates(write(text))
        assert reading.dialect.decimal == decimal
        found = reading.cells[["row", "column", "why"]].to_numpy().tolist()
        assert found == [[9, "profile_mean", "is not a number"]]


def test_commas_between_cells_are_never_decimal(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    reading = read_candidates(write(lines))
    same_values(reading, rows)
    assert reading.dialect.decimal == "."


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32"),
        ("utf-32-be", b"\0\0\xfe\xff", "utf-32"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
    ],
)
def test_encodings_are_told_by_their_mark_or_by_every_other_byte(
    encoding: str, mark: bytes, said: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = "\n".join([",".join(NAMES), *lines])
    reading = read_candidates(write(mark + text.encode(encoding)))
    same_values(reading, rows)
    assert (reading.dialect.encoding, reading.dialect.bom) == (said, bool(mark))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_hard_blanks_around_cells_are_blanks(
    encoding: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = [line.replace(",", "\xa0,\xa0") for line in lines]
    same_values(read_candidates(write(text, encoding=encoding)), rows)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_comment_in_an_old_encoding_does_not_matter(
    encoding: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = ["# gemessen für 5 µs", ",".join(NAMES), *lines]
    same_values(read_candidates(write(text, encoding=encoding)), rows)


def arff(lines: list[str], *, label: str = "{0,1}") -> list[str]:
    names = [f"@attribute {name} numeric" for name in FEATURE_NAMES]
    return ["@relation x", *names, f"@attribute class {label}", "@data", *lines]


def test_arff_files_joined_to_one_are_read_as_one(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    joined = [*arff(lines[:100]), "% the next", *arff(lines[100:150]), "", *arff(lines[150:])]
    reading = read_candidates(write(joined))
    same_values(reading, rows)
    assert any("header once more" in note and "line 113" in note for note in reading.warnings)


def test_an_arff_header_below_rows_that_declares_something_else_is_refused(
    write: Write, lines: list[str]
) -> None:
    other = arff(lines[100:])
    other[1], other[5] = other[5], other[1]
    with pytest.raises(ColumnsError, match="line 112: a second header"):
        read_candidates(write([*arff(lines[:100]), *other]))
    with pytest.raises(ColumnsError, match="line 163: a second header"):
        read_candidates(write([*arff(lines[:100]), *arff(lines[100:140]), *other]))


def test_arff_weights_are_ignored_and_said(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    weighted = [f"{line}, {{{i % 3 + 0.5}}}" for i, line in enumerate(lines)]
    reading = read_candidates(write(arff([*weighted[:-5], *lines[-5:]])))
    same_values(reading, rows)
    assert reading.texts[0] == weighted[0]
    assert any("235 rows have an instance weight" in warning for warning in reading.warnings)


def test_arff_cells_have_quotes_of_both_kinds_and_escapes(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    notes = [r"'it\'s, 5 % of it'", '"say \\"no\\", it is"', "'a \"b\" {2}'", "plain", r"'\\'"]
    head = arff([], label="{'not pulsar', \"pulsar\"}")
    head.insert(9, r"@attribute 'the \'note\'' string")
    head.insert(9, "@attribute seen date 'yyyy-MM-dd'")
    text = []
    for i, line in enumerate(lines):
        cells, label = line.rsplit(",", 1)
        quote = "'\""[i % 2]
        spelled = f"{quote}{('not pulsar', 'pulsar')[int(label)]}{quote}"
        text.append(f"{cells},'2020-01-02',{notes[i % 5]},{spelled} % seen, twice")
    reading = read_candidates(write([*head, *text]))
    same_values(reading, rows)
    assert any("the 'note'" in warning for warning in reading.warnings)


def test_sparse_arff_rows_hold_what_they_leave_out(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    sparse = []
    for line in lines:
        cells = line.split(",")
        parts = [f"{i} {cell}" for i, cell in enumerate(cells[:8])]
        parts += ["8 'a pulsar'"] * 0 + (["8 pulsar"] if cells[8] == "1" else [])
        sparse.append("{" + ", ".join(parts) + "}" + (", {2}" if cells[8] == "1" else ""))
    reading = read_candidates(write(arff(sparse, label="{'not pulsar', pulsar}")))
    same_values(reading, rows)
    bad = ["{0 1.5, 8 1", "{99 1}", "{a 1}", "{0 1.5,}"]
    reading = read_candidates(write(arff([*sparse, *bad], label="{'not pulsar', pulsar}")))
    assert reading.cells["row"].tolist() == [240, 241, 242, 243]
    empty = read_candidates(write(arff([*sparse, "{}"], label="{'not pulsar', pulsar}")))
    assert empty.frame.iloc[-1].tolist() == [0.0] * 9


def test_arff_labels_in_any_order_and_missing_cells(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = ["?," + line.split(",", 1)[1] if i == 7 else line for i, line in enumerate(lines)]
    reading = read_candidates(write(arff(text, label="{1,0}")))
    np.testing.assert_array_equal(reading.frame["label"], rows[:, 8])
    assert reading.cells[["row", "why"]].to_numpy().tolist() == [[7, "is missing"]]


def parquet(rows: np.ndarray, **more: object) -> bytes:
    columns = dict(zip(NAMES, rows.T, strict=True)) | more
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, write_page_checksum=True, compression="none")
    return sink.getvalue().to_pybytes()


def test_a_flipped_bit_in_parquet_with_checksums_is_noticed(write: Write, rows: np.ndarray) -> None:
    content = parquet(rows)
    at = content.index(rows[100, :1].tobytes())
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    with pytest.raises(UnreadableFileError, match="damaged Parquet"):
        read_candidates(write(changed))


def damaged_footers(content: bytes) -> Iterator[bytes]:
    """Flip a bit of each byte of what a Parquet file says of itself, which no checksum covers."""
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for at in range(start, len(content) - 8):
        yield content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]


def n_lost(content: bytes) -> int:
    """How many rows Arrow leaves out without a word."""
    try:
        stored = pq.ParquetFile(io.BytesIO(content))
        found = sum(batch.num_rows for batch in stored.iter_batches())
    except (pa.ArrowException, OSError):
        return 0
    return stored.metadata.num_rows - found


def test_rows_that_arrow_leaves_out_in_silence_make_a_file_damaged(
    write: Write, rows: np.ndarray
) -> None:
    losing = [one for one in damaged_footers(parquet(rows[:50])) if n_lost(one) > 0]
    assert losing
    for content in losing:
        with pytest.raises(UnreadableFileError, match="damaged Parquet"):
            read_candidates(write(content))


def test_a_column_name_that_is_no_text_is_refused(write: Write, rows: np.ndarray) -> None:
    content = parquet(rows, strange=pa.array(rows[:, 0]))
    with pytest.raises(UnreadableFileError, match="damaged Parquet"):
        read_candidates(write(content.replace(b"strange", b"stran\xff\xfe")))


@pytest.mark.parametrize(
    "kind",
    [pa.string_view(), pa.large_string(), pa.binary(), pa.large_binary(), pa.binary_view()],
    ids=str,
)
def test_text_in_parquet_is_text_whatever_the_type(
    kind: pa.DataType, write: Write, rows: np.ndarray
) -> None:
    labels = pa.array([("non-pulsar", "pulsar")[int(x)] for x in rows[:, 8]])
    means = pa.array([repr(x) for x in rows[:, 0].tolist()])
    content = parquet(rows, label=labels.cast(kind), profile_mean=means.cast(kind))
    same_values(read_candidates(write(content)), rows)


def test_bytes_in_parquet_that_are_no_text_are_no_column(write: Write, rows: np.ndarray) -> None:
    picture = pa.array([b"\xff\xfe\x00"] * len(rows))
    same_values(read_candidates(write(parquet(rows, picture=picture))), rows)


def test_parquet_columns_without_a_name_or_with_a_twin_are_read_like_those_of_a_csv(
    write: Write, rows: np.ndarray
) -> None:
    arrays = [pa.array(column) for column in rows.T]
    sink = pa.BufferOutputStream()
    table = pa.Table.from_arrays(
        [*arrays, arrays[0], pa.array([7.0] * 240)], [*NAMES, NAMES[0], ""]
    )
    pq.write_table(table, sink)
    same_values(read_candidates(write(sink.getvalue().to_pybytes())), rows)
    twin = pa.Table.from_arrays([*arrays, arrays[1]], [*NAMES, NAMES[0]])
    sink = pa.BufferOutputStream()
    pq.write_table(twin, sink)
    with pytest.raises(ColumnsError, match="both say that they are profile_mean"):
        read_candidates(write(sink.getvalue().to_pybytes()))


class Keys(encryption.KmsClient):
    """Keys that wrap nothing: what is encrypted here is nobody's secret."""

    def __init__(self, _connection: object) -> None:
        super().__init__()

    def wrap_key(self, key_bytes: bytes, _master: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, _master: str) -> bytes:
        return base64.b64decode(wrapped_key)


@pytest.mark.parametrize("plain", [True, False])
def test_encrypted_parquet_is_refused_as_what_it_is(
    plain: bool,  # noqa: FBT001
    rows: np.ndarray,
    tmp_path: Path,
) -> None:
    """Arrow ends the process that asks it for what it says of an encrypted column."""
    asked = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"c": [NAMES[0]]}, plaintext_footer=plain
    )
    made = encryption.CryptoFactory(Keys).file_encryption_properties(
        encryption.KmsConnectionConfig(), asked
    )
    table = pa.Table.from_arrays([pa.array(column) for column in rows.T], NAMES)
    path = tmp_path / "sky.parquet"
    with pq.ParquetWriter(path, table.schema, encryption_properties=made) as writer:
        writer.write_table(table)
    with pytest.raises(UnreadableFileError, match="encrypted"):
        read_candidates(path)


def test_columns_of_parquet_with_one_name_keep_their_places(tmp_path: Path) -> None:
    inside = pa.array([{"b": 7.0}, {"b": 8.0}])
    pairs = pa.array([[("k", 1.0)], []], pa.map_(pa.string(), pa.float64()))
    points = pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((2, 3)))
    plain = {1: [1, 2], 3: [3, 4], 5: [5, 6], 7: [7, 8], 9: [9, None]}
    others = {2: inside, 4: pairs, 6: points, 8: inside}
    arrays = {**{place: pa.array(cells) for place, cells in plain.items()}, **others}
    names = ["a", "x", "b", "m", "x", "t", "x.b", "y", "a"]
    path = tmp_path / "sky.parquet"
    pq.write_table(pa.Table.from_arrays([arrays[place] for place in range(1, 10)], names), path)
    with path.open("rb") as file:
        stored = ParquetRows(file, name="sky", limits=Limits())
        (table,) = stored.tables((0, 2))
        assert stored.with_gaps() == {9}
    found = {column.position: (column.name, column.numbers.tolist()) for column in table.columns}
    assert found.keys() == plain.keys()
    for place, (name, numbers) in found.items():
        assert name == names[place - 1]
        np.testing.assert_array_equal(numbers, np.array(plain[place], dtype=float))
    assert [one.split(" is of")[0] for one in table.unread] == [
        "column 2 'x'", "column 4 'm'", "column 6 't'", "column 8 'y'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("group", "batch", "starts"),
    [(1, 1000, (0,)), (40, 100, (0, 80, 160)), (240, 100, (0,)), (100, 90, (0, 100, 200))],
)
def test_row_groups_of_parquet_are_read_together_up_to_a_batch(
    group: int,
    batch: int,
    starts: tuple[int, ...],
    rows: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet_rows, "_BATCH_ROWS", batch)
    path = tmp_path / "sky.parquet"
    table = pa.table(dict(zip(NAMES, rows.T.copy(), strict=True)))
    pq.write_table(table, path, row_group_size=group)
    with path.open("rb") as file:
        stored = ParquetRows(file, name="sky", limits=Limits())
        assert stored.part_starts == starts
        found = list(stored.tables((0, 90), (95, 240)))
    assert len(found) <= 6
    numbers = [np.column_stack([column.numbers for column in one.columns]) for one in found]
    np.testing.assert_array_equal(np.concatenate(numbers), np.delete(rows, range(90, 95), axis=0))
    lines = [line for one in found for line in one.lines.tolist()]
    assert lines == [*range(1, 91), *range(96, 241)]


@pytest.mark.parametrize(("together", "starts"), [(1, (0, 1, 2, 3, 4, 5)), (2, (0, 2, 4))])
def test_texts_of_row_groups_that_are_read_together_have_a_bound(
    together: int, starts: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sky.parquet"
    pq.write_table(pa.table({"name": [f"{at:0>1000}" for at in range(6)]}), path, row_group_size=1)
    a_group = pq.read_metadata(path).row_group(0).total_byte_size
    monkeypatch.setattr(parquet_rows, "HELD_BYTES", together * a_group)
    with path.open("rb") as file:
        assert ParquetRows(file, name="sky", limits=Limits()).part_starts == starts


@pytest.mark.parametrize("kind", ["list", "timestamp"])
def test_a_label_that_is_neither_number_nor_text_is_named_with_its_type(
    tmp_path: Path, rows: np.ndarray, kind: str
) -> None:
    dates = rows[:, 8].astype("datetime64[s]")
    label = [[one] for one in rows[:, 8]] if kind == "list" else dates
    columns = [*map(pa.array, rows[:, :8].T), pa.array(label)]
    path = tmp_path / "sky.parquet"
    pq.write_table(pa.Table.from_arrays(columns, [*NAMES[:8], "label"]), path)
    reading = read_candidates(path)
    assert not reading.labelled
    notes = [note for note in reading.warnings if f"column 9 'label' is of type {kind}" in note]
    assert len(notes) == 1
    assert "no cells" not in notes[0]  # a date stands in each


def test_arff_rows_wider_than_what_is_declared_are_refused_with_both_numbers(
    write: Write, lines: list[str]
) -> None:
    text = arff(lines)
    del text[1]
    with pytest.raises(ColumnsError, match=r"line 11 has 9 of 8 cells, as do 240 of 240 rows"):
        read_candidates(write(text))


def test_a_sparse_arff_row_that_names_a_cell_twice_is_set_aside(
    write: Write, lines: list[str]
) -> None:
    sparse = [
        "{" + ",".join(f"{i} {cell}" for i, cell in enumerate(line.split(","))) + "}"
        for line in lines
    ]
    sparse[3] = sparse[3].replace("{0 ", "{0 1,0 ")
    reading = read_candidates(write(arff(sparse)))
    assert reading.cells["row"].tolist() == [3]


@pytest.mark.parametrize(("place", "kind"), [(1, "DATE"), (9, "{neg,pos}")])
def test_what_an_arff_declaration_rules_out_is_read_and_said(
    write: Write, lines: list[str], rows: np.ndarray, place: int, kind: str
) -> None:
    text = arff(lines)
    text[place] = " ".join([*text[place].split()[:2], kind])
    reading = read_candidates(write(text))
    same_values(reading, rows)
    said = [warning for warning in reading.warnings if f"is declared {kind}" in warning]
    assert len(said) == 1
    assert f"column {place} " in said[0]
    assert "240 rows" in said[0]
    assert "line 12" in said[0]


def test_sound_declarations_of_arff_are_not_remarked_upon(write: Write, lines: list[str]) -> None:
    assert not any("declared" in said for said in read_candidates(write(arff(lines))).warnings)


@pytest.mark.parametrize(
    ("means", "kind"),
    [
        (lambda x: x.astype("timedelta64[s]"), r"duration\[s\]"),
        (lambda x: pa.array([[v] for v in x]), "list<.*double>"),
    ],
    ids=["duration", "list"],
)
def test_a_statistic_in_parquet_that_holds_no_numbers_is_named_with_its_type(
    write: Write, rows: np.ndarray, means: Callable[[np.ndarray], object], kind: str
) -> None:
    content = parquet(rows, profile_mean=means(rows[:, 0]))
    with pytest.raises(ColumnsError, match=rf"column 1 'profile_mean' is of type {kind}"):
        read_candidates(write(content))
