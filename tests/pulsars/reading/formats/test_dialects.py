"""The same candidates come back from every dialect they are written in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsars.reading.formats.dialect import DELIMITERS
from pulsars.reading.judging.in_memory import examine_candidates
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
SIMULATED = "# simulated: rows 240, prevalence 0.2, seed 5"
ENCODINGS = [("0", "1"), ("0.0", "1.0"), ("No", "Yes"), ("FALSE", "true"), ("non-pulsar", "Pulsar")]
HEADERS = {
    "none": None,
    "integers": [*map(str, range(9))],
    "canonical": [*FEATURE_NAMES, "label"],
    "arff": [
        *(["Profile_mean", "Profile_stdev", "Profile_skewness", "Profile_kurtosis"]),
        *(["DM_mean", "DM_stdev", "DM_skewness", "DM_kurtosis", "class"]),
    ],
    "readme": [
        " Mean of the integrated profile",
        " Standard deviation of the integrated profile",
        " Excess kurtosis of the integrated profile",
        " Skewness of the integrated profile",
        " Mean of the DM-SNR curve",
        " Standard deviation of the DM-SNR curve",
        " Excess kurtosis of the DM-SNR curve",
        " Skewness of the DM-SNR curve",
        "target_class",
    ],
    "cleaned": [
        "Mean_Integrated",
        "SD",
        "EK",
        "Skewness",
        "Mean_DMSNR_Curve",
        "SD_DMSNR_Curve",
        "EK_DMSNR_Curve",
        "Skewness_DMSNR_Curve",
        "Class",
    ],
    "short": [
        "mean_int_pf",
        "std_pf",
        "ex_kurt_pf",
        "skew_pf",
        "mean_dm",
        "std_dm",
        "kurt_dm",
        "skew_dm",
        "class",
    ],
    "foreign": [f"feature {letter}" for letter in "abcdefgh"] + ["kind"],
}


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, Any]:
    """One way to write a table down."""
    header = draw(st.sampled_from(sorted(HEADERS)))
    delimiter = draw(st.sampled_from([*DELIMITERS]))
    return {
        "header": header,
        "delimiter": delimiter,
        "newline": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "final_newline": draw(st.booleans()),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
        "labels": draw(st.sampled_from(ENCODINGS)),
        "index": draw(st.booleans()),
        "constant_at": draw(st.none() | st.integers(0, 9)),
        "quoted": draw(st.booleans()),
        "blanks_after": draw(st.sampled_from(["", " "])) if delimiter != " " else "",
        "comments": draw(st.lists(st.sampled_from(["# made by hand", SIMULATED]), max_size=2)),
        "tail": draw(st.sampled_from([[], [""], ["", ""]]))
        + ([delimiter * 8] if draw(st.booleans()) and delimiter != " " else []),
    }


def render(rows: np.ndarray, how: dict[str, Any]) -> bytes:
    """Write `rows` as `how` says."""
    table = [[*map(repr, row[:8].tolist()), how["labels"][int(row[8])]] for row in rows]
    names = HEADERS[how["header"]]
    if names is not None:
        names = [name.replace(" ", "_") if how["delimiter"] == " " else name for name in names]
        table = [list(names), *table]
    if how["constant_at"] is not None:
        constant = ["7.5"] * len(table)
        if names is not None:
            constant[0] = {"integers": "9"}.get(how["header"], "beam")
        for row, cell in zip(table, constant, strict=True):
            row.insert(how["constant_at"], cell)
    if how["header"] == "integers":
        table[0] = [*map(str, range(len(table[0])))]
    if how["index"]:
        first = "" if names is None or how["delimiter"] != " " else "nr"
        for number, row in enumerate(table):
            row.insert(0, first if names is not None and number == 0 else str(number))
    if how["header"] == "integers" and how["delimiter"] == " ":
        table[0] = [*map(str, range(len(table[0])))]
    if how["quoted"]:
        table = [[f'"{cell}"' for cell in row] for row in table]
    between = how["delimiter"] + how["blanks_after"]
    text = [*how["comments"], *(between.join(row) for row in table), *how["tail"]]
    end = how["newline"] if how["final_newline"] else ""
    return (how["newline"].join(text) + end).encode(how["encoding"])


def same_values(reading: Reading, rows: np.ndarray) -> None:
    """Assert that every value came back bit for bit and in its place."""
    assert list(reading.frame) == [*FEATURE_NAMES, "label"]
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.cells.empty
    assert reading.labelled


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=dialects())
def test_a_table_survives_every_dialect(
    how: dict[str, Any], rows: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "table"
    path.write_bytes(render(rows, how))
    reading = read_candidates(path)
    same_values(reading, rows)
    assert reading.dialect.header == (how["header"] != "none")
    assert reading.dialect.simulated == (SIMULATED in how["comments"])
    assert reading.dialect.delimiter == how["delimiter"]
    ends = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
    assert reading.dialect.newline == ends[how["newline"]]
    assert reading.dialect.bom == (how["encoding"] != "utf-8")
    first = len(how["comments"]) + (how["header"] != "none") + 1
    assert reading.lines.tolist() == list(range(first, first + len(rows)))


def test_mixed_line_ends_are_read_and_said(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = "".join(
        line + "\n\r\r\n"[i % 3 : i % 3 + 1 + (i % 3 == 2)] for i, line in enumerate(lines)
    )
    reading = read_candidates(write(text))
    same_values(reading, rows)
    assert reading.dialect.newline == "mixed"


def test_blank_lines_count_as_lines_and_not_as_rows(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    reading = read_candidates(write([*lines[:3], "", "  ", *lines[3:], ",,,,,,,,", ""]))
    same_values(reading, rows)
    assert reading.lines[3] == 6
    assert reading.dialect.skipped == 4


def test_a_header_in_the_last_comment_is_a_header(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = "# " + ",".join([*FEATURE_NAMES, "label"])
    reading = read_candidates(write(["# from a survey", header, *lines]))
    same_values(reading, rows)
    assert reading.columns["dm_mean"].source == "dm_mean"


def test_a_header_without_a_name_for_the_row_names_is_fitted(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = ",".join([*FEATURE_NAMES, "label"])
    reading = read_candidates(write([header, *(f"r{i},{line}" for i, line in enumerate(lines))]))
    same_values(reading, rows)
    assert reading.columns["profile_mean"].position == 2


def test_gaps_in_the_first_column_make_no_row_names_of_it(write: Write, lines: list[str]) -> None:
    gaps = [line if at % 3 else line[line.index(",") :] for at, line in enumerate(lines[:7])]
    reading = read_candidates(write([",".join(FEATURE_NAMES), gaps[0], gaps[3], *gaps]))
    assert reading.columns["profile_mean"].position == 1


def test_a_header_without_a_name_for_the_last_column_is_fitted(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    path = write([",".join(FEATURE_NAMES), *lines])
    reading = read_candidates(path)
    assert not reading.labelled, "no name says that it is the label"
    assert any('--columns "label=9"' in note for note in reading.warnings)
    same_values(read_candidates(path, columns="label=9"), rows)


def test_a_trailing_delimiter_makes_no_column(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = ",".join([*FEATURE_NAMES, "label"])
    same_values(read_candidates(write([header, *(f"{line}," for line in lines)])), rows)
    header += ",,"
    same_values(read_candidates(write([header, *(f"{line}," for line in lines)])), rows)


def test_a_header_in_latin_1_does_not_matter(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = ",".join([*FEATURE_NAMES, "label"]) + ",µ"
    text = [header, *(f"{line},2.5" for line in lines)]
    reading = read_candidates(write(text, encoding="latin-1"))
    same_values(reading, rows)
    assert reading.dialect.encoding == "latin-1"


def test_a_quoted_name_may_hold_the_delimiter(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = ",".join([*FEATURE_NAMES, "label"]) + ',"name, as published"'
    reading = read_candidates(write([header, *(f'{line},"J0000, b"' for line in lines)]))
    same_values(reading, rows)
    assert reading.carried_from["name, as published"].position == 10


def test_a_quoted_name_over_two_lines_is_set_aside_with_what_is_wrong(
    write: Write, lines: list[str]
) -> None:
    header = ",".join(["name", *FEATURE_NAMES, "label"])
    named = [f"J{at:04d},{line}" for at, line in enumerate(lines)]
    path = write([header, *named[:-1], '"two', f'lines",{lines[-1]}'])
    (reason,) = examine_candidates(read_candidates(path)).quarantined["reasons"]
    assert all(named in reason for named in ("row", "quote open", "next line"))


def test_numbers_are_what_float_reads_and_nothing_else(write: Write, lines: list[str]) -> None:
    good = {"1E2": 100.0, "+12.5": 12.5, ".5e2": 50.0, "5.": 5.0, " 1e-400": 0.0, "007": 7.0}
    for text, value in good.items():
        changed = [
            f"{text},{line.split(',', 1)[1]}" if i == 9 else line for i, line in enumerate(lines)
        ]
        assert read_candidates(write(changed)).frame["profile_mean"][9] == value
    bad = {
        "1_0": "is not a number",
        "0x10": "is not a number",
        "1,5": "has 10 of 9 cells",
        "12a": "is not a number",
        "nan": "is missing",
        "NA": "is missing",
        "?": "is missing",
        "": "is missing",
        "inf": "is not finite",
        "-Infinity": "is not finite",
        "1e400": "is not finite",
    }
    for text, why in bad.items():
        changed = [
            f"{text},{line.split(',', 1)[1]}" if i == 9 else line for i, line in enumerate(lines)
        ]
        reading = read_candidates(write(changed))
        assert reading.cells["why"].tolist() == [why], text
        assert reading.cells["row"].tolist() == [9]
        assert np.isnan(reading.frame["profile_mean"][9])
        assert reading.texts[9] == changed[9]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 40))
@settings(deadline=None)
def test_every_number_is_read_to_the_last_bit(value: float, n_digits: int) -> None:
    import pyarrow as pa

    from pulsars.reading.cells import Column

    text = f"{value:.{n_digits}e}"
    column = Column.of(None, 1, pa.chunked_array([[text, "text"]]))
    assert column.numbers[:1].tobytes() == np.array([float(text)]).tobytes() or np.isinf(
        float(text)
    )


def test_an_arff_file_is_read_with_comments_quotes_and_either_case(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    names = [*("'Profile mean' Profile_stdev Profile_skewness".replace("e m", "e~m").split())]
    names = [name.replace("~", " ") for name in names]
    names += ["Profile_kurtosis", '"DM_mean"', "DM_stdev", "DM_skewness", "DM_kurtosis"]
    text = ["% simulated: folds", "@RELATION x", "% a comment"]
    text += [f"@Attribute {name}  REAL" for name in names]
    text += ["@attribute class {'non-pulsar', 'pulsar'}", "", "@DATA", "% another"]
    spelled = {"0": "'non-pulsar'", "1": "'pulsar'"}
    text += [f"{line[:-1]}{spelled[line[-1]]} % 100 %" for line in lines]
    reading = read_candidates(write([*text, ""]))
    same_values(reading, rows)
    assert (reading.dialect.format, reading.dialect.simulated) == ("arff", True)
    assert reading.columns["profile_mean"].source == "Profile mean"
    assert reading.lines[0] == text.index("% another") + 2


@pytest.mark.parametrize("kind", ["float64", "float32", "text", "decimal"])
def test_parquet_is_read_whatever_the_types(tmp_path: Path, rows: np.ndarray, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    features = rows[:, :8].astype(np.float32).astype(float) if kind == "float32" else rows[:, :8]
    features = features.round(6) if kind == "decimal" else features
    types = {
        "float64": pa.float64(),
        "float32": pa.float32(),
        "text": pa.string(),
        "decimal": pa.decimal128(18, 6),
    }
    data = {
        name: pa.array([repr(v) for v in column]).cast(types[kind])
        if kind == "text"
        else pa.array(column).cast(types[kind])
        for name, column in zip(FEATURE_NAMES, features.T.tolist(), strict=True)
    }
    data["is_pulsar"] = pa.array(rows[:, 8] == 1)
    data["seen"] = pa.array([[1]] * len(rows))
    table = pa.table(data).replace_schema_metadata({"pulsar.simulated": "true"})
    path = tmp_path / "no suffix"
    pq.write_table(table, path)
    reading = read_candidates(path)
    same_values(reading, np.column_stack([features, rows[:, 8]]))
    assert reading.dialect.format == "parquet"
    assert reading.dialect.simulated
    assert reading.lines.tolist() == list(range(1, 241))
    first = reading.texts[0].split(",")
    assert float(first[0]) == features[0, 0]
    assert first[8] in ("True", "False")
    assert len(reading.texts) == len(reading.texts[:]) == 240


def test_a_null_in_parquet_is_a_missing_cell(tmp_path: Path, rows: np.ndarray) -> None:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*FEATURE_NAMES, "label"])
    frame.loc[7, "dm_mean"] = np.nan
    frame.loc[8, "dm_stdev"] = np.inf
    frame.to_parquet(tmp_path / "x")
    cells = read_candidates(tmp_path / "x").cells
    assert cells[["row", "column", "why"]].to_numpy().tolist() == [
        [7, "dm_mean", "is missing"],
        [8, "dm_stdev", "is not finite"],
    ]


def test_parquet_columns_of_categories_and_of_nothing_are_read(
    tmp_path: Path, rows: np.ndarray
) -> None:
    import pandas as pd

    frame = pd.DataFrame(rows[:, :8], columns=list(FEATURE_NAMES))
    frame["note"] = None
    frame["class"] = pd.Categorical(np.where(rows[:, 8] == 1, "pulsar", "non-pulsar"))
    frame.to_parquet(tmp_path / "x")
    reading = read_candidates(tmp_path / "x")
    same_values(reading, rows)
    assert reading.dialect.label_encoding == "not pulsar/pulsar"
    assert reading.columns["label"].position == 10
