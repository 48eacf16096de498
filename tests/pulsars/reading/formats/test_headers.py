"""Names that stand in a file name its columns, wherever they stand and whatever parts them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError
from schemas.features import FEATURE_NAMES
from tests.pulsars.reading.access.test_plain import agreed

Write = Callable[..., Path]
DM_FIRST = [*FEATURE_NAMES[4:], *FEATURE_NAMES[:4]]
PARTS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}


@pytest.fixture
def flagged(rows: np.ndarray) -> list[str]:
    """Rows with the DM-SNR curve first and a flag behind, 1 where there is no pulsar."""
    cells = [[*row[4:8], *row[:4], 1 - row[8]] for row in rows.tolist()]
    return [",".join([*map(repr, row[:8]), f"{row[8]:.0f}"]) for row in cells]


def unflagged(path: Path, rows: np.ndarray) -> None:
    """Assert that names said what is what, and that none of them says label."""
    reading = read_candidates(path)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
    assert not reading.labelled
    assert reading.dialect.header
    assert reading.columns["dm_mean"].source == "dm_mean"
    assert reading.cells.empty


BELOW = {
    "nothing": [],
    "a mark": ["#"],
    "units": ["# " + ",".join(["", "", *"abcdef", ""])],
    "dashes": ["# " + "-" * 40],
    "words": ["# made by hand", "# in 2020, by me"],
    "an older row": ["# " + ",".join(["1.5"] * 8) + ",0"],
}


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize(
    "parts", [*zip(PARTS, PARTS, strict=True), ("blank", "comma"), ("comma", "blank")], ids=" ".join
)
def test_names_in_any_comment_above_the_rows_name_the_columns(
    below: str,
    parts: tuple[str, str],
    write: Write,
    flagged: list[str],
    rows: np.ndarray,
) -> None:
    between, names_by = (PARTS[part] for part in parts)
    text = [line.replace(",", between) for line in flagged]
    for mark in ("# ", "% Columns: "):
        header = mark + names_by.join([*DM_FIRST, "is_rfi"])
        unflagged(write(["# a survey", header, *BELOW[below], *text]), rows)


@pytest.mark.parametrize("between", PARTS)
@pytest.mark.parametrize("names_by", PARTS)
def test_a_header_may_be_parted_otherwise_than_the_rows(
    between: str, names_by: str, write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    header = PARTS[names_by].join([*DM_FIRST, "is_rfi"])
    unflagged(write([header, *(line.replace(",", PARTS[between]) for line in flagged)]), rows)


def test_a_header_that_no_delimiter_fits_is_refused_with_what_parts_it(
    write: Write, flagged: list[str]
) -> None:
    header = ";".join([*DM_FIRST, "is_rfi", "beam", "tape"])
    with pytest.raises(ColumnsError, match=r"line 1: .* semicolon, .* 11 .* comma, .* 9"):
        read_candidates(write([header, *flagged]))


@pytest.mark.parametrize("between", PARTS)
def test_a_mark_before_a_delimiter_is_the_name_of_an_index(
    between: str, write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    header = ["#", *DM_FIRST, "is_rfi"]
    text = [",".join(header), *(f"{at},{line}" for at, line in enumerate(flagged, start=1))]
    unflagged(write([line.replace(",", PARTS[between]) for line in text]), rows)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("form", ["#  {} {}", "# {}: {}", "#{} {}  what [counts]", "% col{} {}"])
def test_names_one_a_comment_with_their_numbers_name_the_columns(
    first: int, form: str, write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    names = enumerate([*DM_FIRST, "is_rfi"], start=first)
    head = ["# 240 candidates", *(form.format(at, name) for at, name in names), "#"]
    unflagged(write([*head, *(line.replace(",", " ") for line in flagged)]), rows)


@pytest.mark.parametrize("names", [[*DM_FIRST, "is_rfi", "beam"], DM_FIRST[:7]])
def test_names_in_a_comment_that_are_too_many_or_too_few_are_refused(
    names: list[str], write: Write, flagged: list[str]
) -> None:
    with pytest.raises(ColumnsError, match=rf"line 2: a comment with {len(names)} names .* 9 "):
        read_candidates(write(["# a", "# " + ",".join(names), "#", *flagged]))


@pytest.mark.parametrize(
    "comment",
    [
        "# mean, std, skewness and kurtosis of both curves; then the label",
        "# mean std skew kurt of profile and DM curve",
        "# the mean, the standard deviation and the moments",
    ],
)
def test_prose_with_words_of_names_in_it_names_nothing(
    comment: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    reading = read_candidates(write([comment, "# more", *lines]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert not reading.dialect.header


README = [
    "Mean of the integrated profile",
    *("SD", "EK", "Skewness", "Mean_DMSNR", "SD_DMSNR", "EK_DMSNR", "Skew_DMSNR", "class"),
]


@pytest.mark.parametrize("names", [[*FEATURE_NAMES, "label"], README, [*DM_FIRST, "label"]])
@pytest.mark.parametrize("mark", ["# ", "# Columns: "])
@pytest.mark.parametrize("place", [1, None])
def test_names_in_a_comment_that_no_row_stands_under_refuse_nothing(
    names: list[str],
    mark: str,
    place: int | None,
    write: Write,
    lines: list[str],
    rows: np.ndarray,
) -> None:
    text = [",".join([*FEATURE_NAMES, "label"]), *lines]
    text.insert(len(text) if place is None else place, mark + ", ".join(names))
    for tail in ([], [",,,,,,,,"]):
        reading = read_candidates(write([*text, *tail]))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
        assert reading.dialect.skipped == 1 + len(tail)


def test_names_in_a_comment_below_rows_that_have_none_are_refused(
    write: Write, flagged: list[str]
) -> None:
    with pytest.raises(ColumnsError, match="line 241: a header"):
        read_candidates(write([*flagged, "# " + ",".join([*DM_FIRST, "is_rfi"])]))


# A name too few


def short(first: list[str], lines: list[str]) -> list[str]:
    return [f"{cell},{line}" for cell, line in zip(first, lines, strict=True)]


@pytest.mark.parametrize("name", ["name", "cand_id", "file", "J name"])
@pytest.mark.parametrize("cell", ["c{:03}", "{}"])
@pytest.mark.parametrize("between", [",", "\t"])
def test_a_header_without_a_name_for_the_last_of_the_columns_shifts_none(
    name: str, cell: str, between: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = [",".join([name, *FEATURE_NAMES]), *short([cell.format(at) for at in range(240)], lines)]
    reading = read_candidates(write([line.replace(",", between) for line in text]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
    assert reading.columns["profile_mean"].position == 2
    assert not reading.labelled, "no name says that it is the label"


@pytest.mark.parametrize("order", [FEATURE_NAMES, DM_FIRST])
@pytest.mark.parametrize("cell", ["{}", "{}.1", "r{}"])
def test_names_of_rows_that_are_no_counter_have_no_name(
    order: list[str], cell: str, write: Write, rows: np.ndarray
) -> None:
    """R names the rows of an upsampled frame 17, 17.1, 17.2."""
    names = [cell.format(at % 60) if at % 3 else str(at % 60) for at in range(240)]
    cells = rows[:, [*map(FEATURE_NAMES.index, order), 8]].tolist()
    lines = [" ".join([*map(repr, row[:8]), f"{row[8]:.0f}"]) for row in cells]
    text = [f'"{name}" {line}' for name, line in zip(names, lines, strict=True)]
    reading = read_candidates(write([" ".join([*order, "label"]), *text]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_a_header_one_name_short_that_fits_neither_way_is_refused(
    write: Write, lines: list[str]
) -> None:
    names = ["class", *(f"f{at}" for at in range(7)), "label"]
    text = [f"{at}.5,{line[:-2]},{at}.25" for at, line in enumerate(lines)]
    with pytest.raises(ColumnsError, match="has 9 names for 10 columns"):
        read_candidates(write([",".join(names), *text]))


# A curve in the last cell


@pytest.mark.parametrize("inside", [" ", "|", ";", "\t"])
def test_a_last_cell_of_many_bins_is_one_cell_under_its_name(
    inside: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    curves = np.random.default_rng(4).integers(0, 256, (len(lines), 64)).tolist()
    bins = [inside.join(map(str, curve)) for curve in curves]
    text = [f"{line},{cell}" for line, cell in zip(lines, bins, strict=True)]
    reading = read_candidates(
        write([",".join([*FEATURE_NAMES, "label", "bins"]), *text]), keep=["bins"]
    )
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["bins"].tolist() == bins


# What spreadsheets and joined files leave out or put in


def test_an_empty_last_cell_that_most_rows_leave_out_is_empty(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = [line + ",seen again" * (at % 20 == 0) for at, line in enumerate(lines)]
    text[3] = text[3].partition(",")[2]
    path = write([",".join([*FEATURE_NAMES, "label", "notes"]), *text])
    reading = read_candidates(path, keep=["notes"])
    assert reading.carried["notes"].tolist()[:2] == ["seen again", ""]
    assert reading.texts == text
    assert sorted(set(reading.cells["row"])) == [3]
    left = np.delete(rows, 3, axis=0)
    np.testing.assert_array_equal(np.delete(reading.frame.to_numpy(), 3, axis=0), left)


@pytest.mark.parametrize("last", ["label", "dm_kurtosis"])
def test_a_cell_that_every_candidate_has_is_not_left_out(
    last: str, write: Write, lines: list[str]
) -> None:
    names = ["beam", *(name for name in [*FEATURE_NAMES, "label"] if name != last), last]
    with pytest.raises(ColumnsError, match="has 10 cells and most rows have 9"):
        read_candidates(write([",".join(names), *lines]))


@pytest.mark.parametrize("times", [1, 200])
@pytest.mark.parametrize("named", [True, False])
def test_marks_of_byte_order_where_files_were_joined_are_no_text(
    times: int, write: Write, lines: list[str], rows: np.ndarray, *, named: bool
) -> None:
    head = [",".join([*FEATURE_NAMES, "label"])] if named else []
    one = "\ufeff" + "\n".join([*head, *lines]) + "\n"
    reading = read_candidates(write(one * (1 + times)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), np.tile(rows, (1 + times, 1)))
    assert reading.cells.empty


# Both readers


@pytest.mark.parametrize("which", ["name short", "row names", "blank names", "numbered"])
def test_the_quick_reader_fits_names_as_the_careful_one_does(which: str, lines: list[str]) -> None:
    many = [line for _ in range(20) for line in lines]
    names = [*FEATURE_NAMES, "label"]
    text = {
        "name short": [
            ",".join(["name", *FEATURE_NAMES]),
            *(f"c{i},{x}" for i, x in enumerate(many)),
        ],
        "row names": [",".join(names), *(f"{i}.1,{x}" for i, x in enumerate(many))],
        "blank names": ["# " + " ".join(names), "#", *many],
        "numbered": [*(f"# {i} {name}" for i, name in enumerate(names, start=1)), *many],
    }[which]
    raw = ("\n".join(text) + "\n").encode()
    assert agreed(raw, block_bytes=1 << 18)
