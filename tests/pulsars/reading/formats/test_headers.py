"""Names that stand in a file name its columns, wherever they stand and whatever parts them."""

from __future__ import annotations

import time
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
    "parts",
    [
        ("comma", "comma"),
        ("comma", "blank"),
        *(pytest.param((part, part), marks=pytest.mark.slow) for part in PARTS if part != "comma"),
        pytest.param(("blank", "comma"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
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
@pytest.mark.parametrize("between", [",", pytest.param("\t", marks=pytest.mark.slow)])
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


# Prose above the rows

AUTHORS = ["Lyon", "Stappers", "Cooper", "Brooke", "Knowles", "Eatough", "Keith", "Kramer", "Bates"]
SENTENCES = {
    "of both curves": "# Mean, standard deviation, skewness and kurtosis of the profile; mean,"
    " standard deviation, skewness and kurtosis of the DM-SNR curve; class.",
    "of ranges": "# Columns 1-4: mean, stdev, skewness, kurtosis of the integrated profile; columns"
    " 5-8: mean, stdev, skewness, kurtosis of the DM-SNR curve",
    "of ranges, by commas": "# Columns 1-4: mean, stdev, skewness, kurtosis of the profile, columns"
    " 5-8: mean, stdev, skewness, kurtosis of the DM-SNR curve",
    "of each": "# mean, std, skewness and kurtosis of the profile, then the mean, the std, the"
    " skewness and the kurtosis of the DM curve",
    "of authors": "# " + ", ".join(AUTHORS),
    "of authors, numbered": "\n".join(f"# {at}. {name}" for at, name in enumerate(AUTHORS, 1)),
    "of kinds": "\n".join(f"# {at} - mean" for at in range(1, 10)),
}


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("below", [[], ["# made by hand"]])
@pytest.mark.parametrize("n_cells", [9, 8])
@pytest.mark.parametrize(
    "between", [",", *(pytest.param(one, marks=pytest.mark.slow) for one in " \t")]
)
def test_a_sentence_about_the_columns_is_passed_over(
    sentence: str,
    below: list[str],
    n_cells: int,
    between: str,
    write: Write,
    rows: np.ndarray,
) -> None:
    if sentence == "of authors":  # the last comment may hold any names, as NumPy writes them
        below = [*below, "#"]
    cells = ([*map(repr, row[:8]), f"{row[8]:.0f}"] for row in rows.tolist())
    text = [between.join(row[:n_cells]) for row in cells]
    reading = read_candidates(write([SENTENCES[sentence], *below, *text]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :n_cells])
    assert not reading.dialect.header
    assert [column.source for column in reading.columns.values()] == [None] * n_cells


def test_the_eight_names_among_others_are_found_where_blanks_part_them_and_not_the_rows(
    write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    names = [*DM_FIRST, "is_rfi", *(f"extra{at}" for at in range(16))]
    text = [line + ",7.25" * 16 for line in flagged]
    unflagged(write(["# " + " ".join(names), "#", *text]), rows)


# Names one a comment

LISTED = ["# col{} = {}", "# {} - {}", "# {}. {}", "# Column {}: {}", "#{}) {}", "# {} {}"]
SAID = ["{}", "{}  what it is", "{} - what it is", "{}: what it is"]


@pytest.mark.parametrize("form", LISTED)
@pytest.mark.parametrize("said", SAID)
def test_whatever_parts_a_number_from_a_name_is_no_part_of_it(
    form: str, said: str, write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    names = enumerate([*DM_FIRST, "is_rfi"], start=1)
    path = write([*(form.format(at, said.format(name)) for at, name in names), *flagged])
    unflagged(path, rows)
    assert [column.source for column in read_candidates(path).columns.values()] == [*FEATURE_NAMES]


@pytest.mark.parametrize("form", LISTED)
@pytest.mark.parametrize(
    "label", ["", " (0 = noise, 1 = pulsar)", ": 1 = pulsar, 0 = not", " (0/1)"]
)
def test_names_of_several_words_are_whole(
    form: str, label: str, write: Write, lines: list[str], rows: np.ndarray, kaggle: str
) -> None:
    kaggle_names = [*map(str.strip, kaggle.split(",")[:8]), f"class{label}"]
    names = [kaggle_names[at] for at in (4, 5, 7, 6, 0, 1, 3, 2, 8)]
    text = [line.split(",") for line in lines]
    text = [[row[at] for at in (4, 5, 6, 7, 0, 1, 2, 3, 8)] for row in text]
    head = [form.format(at, name) for at, name in enumerate(names, start=1)]
    reading = read_candidates(write([*head, *map(",".join, text)]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["profile_mean"].source == "Mean of the integrated profile"
    assert reading.columns["label"].source == "class"


def test_a_word_of_a_label_at_the_begin_of_a_name_is_no_label(
    write: Write, flagged: list[str]
) -> None:
    names = enumerate([*DM_FIRST, "class of interference"], start=1)
    reading = read_candidates(write([*(f"# {at}. {name}" for at, name in names), *flagged]))
    assert not reading.labelled
    assert reading.columns["dm_mean"].source == "dm_mean"


# Fewer names than columns


@pytest.mark.parametrize("order", [FEATURE_NAMES, DM_FIRST])
@pytest.mark.parametrize("head", ["# ", "{}"])
@pytest.mark.parametrize("below", [[], ["#"]])
def test_a_comment_that_leaves_the_label_out_names_the_others(
    order: list[str], head: str, below: list[str], write: Write, rows: np.ndarray
) -> None:
    listed = [f"# {at} {name}" for at, name in enumerate(order, start=1)]
    header = listed if head == "{}" else [head + ",".join(order)]
    cells = rows[:, [*map(FEATURE_NAMES.index, order), 8]].tolist()
    text = [",".join([*map(repr, row[:8]), f"{row[8]:.0f}"]) for row in cells]
    reading = read_candidates(write([*header, *below, *text]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["dm_mean"].source == "dm_mean"
    assert reading.columns["label"].position == 9
    assert reading.columns["label"].source is None


def test_a_flag_that_a_short_comment_names_is_not_the_label(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = "# " + ",".join(["is_rfi", *FEATURE_NAMES])
    text = [header, *(f"{at % 2},{line}" for at, line in enumerate(lines))]
    reading = read_candidates(write(text))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].position == 10


# Hostile comments


@pytest.mark.parametrize(
    "comment", ["# " + "a " * 45_000, "# " + "mean,std;" * 400, "#x", "#", "# 1" + " " * 4000]
)
def test_many_comments_take_no_longer_than_few(
    comment: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    path = write([*[comment] * (6_400_000 // max(len(comment), 30)), *lines])
    start = time.process_time()
    reading = read_candidates(path)
    assert time.process_time() - start < 3
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize("place", [0, 199, 1000])
def test_names_are_looked_for_at_both_ends_of_many_comments(
    place: int, write: Write, flagged: list[str], rows: np.ndarray
) -> None:
    text = ["# and so on"] * 1000
    text.insert(place, "# " + ",".join([*DM_FIRST, "is_rfi"]))
    unflagged(write([*text, *flagged]), rows)


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
