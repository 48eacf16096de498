"""A comment stands behind a complete cell, and in none; what it says of simulation is ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.reader import read_candidates
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
NAMES = [*FEATURE_NAMES, "label"]
CELLS = {
    "path": "http://psr.org/J{:04}%2B2134_0.png",
    "file": "file:///home/me/My%20Data/c{}.pfd",
    "cand_id": "07#{:04}",
    "id": "{}#12",
    "name": "J{:04}%2B2134",
    "remark": "seen at {}%confidence",
}
MARKED = {name: [cell.format(at) for at in range(240)] for name, cell in CELLS.items()}


def behind(lines: list[str], cells: list[str], between: str = ",") -> list[str]:
    return [f"{line}{between}{cell}" for line, cell in zip(lines, cells, strict=True)]


def before_label(lines: list[str], cells: list[str]) -> list[str]:
    return [f"{line[:-1]}{cell},{line[-1]}" for line, cell in zip(lines, cells, strict=True)]


SPELLED = [
    ("0", "1"),
    pytest.param(("no", "yes"), marks=pytest.mark.slow),
    pytest.param(("non-pulsar", "pulsar"), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("delimiter", "every"), [(",", 1), (",", 2), (",", 3), ("\t", 1)])
def test_a_mark_inside_a_named_cell_is_part_of_it_however_many_rows_hold_one(
    name: str, delimiter: str, every: int, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    cells = [one if at % every == 0 else one.translate({35: "-", 37: "-"})
             for at, one in enumerate(MARKED[name])]  # fmt: skip
    text = [",".join([*NAMES, name]), *behind(lines, cells)]
    reading = read_candidates(write([line.replace(",", delimiter) for line in text]), keep=[name])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried[name].tolist() == cells
    assert "comment" not in reading.carried


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("above", ["", "# made by hand"])
def test_the_label_behind_a_cell_with_a_mark_is_read_without_a_header(
    name: str, above: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = before_label(lines, MARKED[name])
    reading = read_candidates(write([above, *text]), keep=["9"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].position == 10
    assert [*reading.carried] == ["column_9"]
    assert reading.carried["column_9"].tolist() == MARKED[name]


@pytest.mark.parametrize("name", ["path", "file", "cand_id", "id"])
def test_a_last_cell_with_a_mark_is_whole_without_a_header(
    name: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    reading = read_candidates(write(behind(lines, MARKED[name])), keep=["10"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["column_10"].tolist() == MARKED[name]


def test_a_commented_header_that_names_the_cell_says_so_too(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    header = "# " + ",".join([*NAMES, "beam"])
    cells = [f"{at % 2}#{at:03}" for at in range(240)]
    reading = read_candidates(write([header, "#", *behind(lines, cells)]), keep=["beam"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["beam"].tolist() == cells


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("header", [None, NAMES, [*FEATURE_NAMES, "kind"]])
@pytest.mark.parametrize("place", ["20190512/c{}.phcx", "/survey/50%/c{}", "c{}.pfd"])
def test_the_place_of_a_candidate_behind_a_label_is_a_comment(
    spelled: tuple[str, str],
    header: list[str] | None,
    place: str,
    write: Write,
    lines: list[str],
    rows: np.ndarray,
) -> None:
    places = [place.format(at) for at in range(240)]
    spelt = [line[:-1] + spelled[int(line[-1])] for line in lines]
    named = [",".join(header)] if header else []
    columns = "label=kind" if header and header[-1] == "kind" else None
    for mark in ("%", " %"):
        reading = read_candidates(write([*named, *behind(spelt, places, mark)]), columns=columns)
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
        assert reading.carried["comment"].tolist() == places


@pytest.mark.parametrize("place", ["/survey/c{}.phcx", "20190512/c{}.phcx", "c{}", "{}"])
def test_a_comment_behind_the_last_of_eight_statistics_is_one(
    place: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    places = [place.format(at) for at in range(240)]
    reading = read_candidates(write(behind([line[:-2] for line in lines], places, "%")))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
    assert reading.carried["comment"].tolist() == places


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("remark", ["beam {}, good", "beam {}, tape 4, good", "a/c{}.pfd, good"])
def test_a_remark_with_as_many_commas_in_every_row_is_a_comment_behind_a_label(
    spelled: tuple[str, str], remark: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    remarks = [remark.format(at) for at in range(240)]
    spelt = [line[:-1] + spelled[int(line[-1])] for line in lines]
    reading = read_candidates(write(behind(spelt, remarks, "%")))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].position == 9
    assert reading.carried["comment"].tolist() == remarks


def test_a_remark_behind_most_labels_is_none_of_the_other_rows(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = [f"{line}%beam {at}, good" * (at % 9 > 0) or line for at, line in enumerate(lines)]
    reading = read_candidates(write(text))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["comment"].tolist()[:2] == ["", "beam 1, good"]


@pytest.mark.parametrize("cell", ["{}%beam 3", "{}#beam 3"])
def test_a_beam_of_two_with_a_remark_before_the_label_is_a_cell(
    cell: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    cells = [cell.format(at // 2 % 2) for at in range(240)]
    reading = read_candidates(write(before_label(lines, cells)), keep=["9"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["column_9"].tolist() == cells


@pytest.mark.parametrize("every", [1, 2, 20, 80])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("between", [",", pytest.param("\t", marks=pytest.mark.slow)])
def test_a_number_and_a_place_before_the_label_are_one_cell_without_a_header(
    every: int, between: str, write: Write, lines: list[str], rows: np.ndarray, *, marked: bool
) -> None:
    """From 98 % of marks down to 55 %; where all rows have one, the label behind tells."""
    has_mark = [(at % every > 0 or every == 1) if marked else at % 20 >= 9 for at in range(240)]
    cells = [f"{at}%/path/{at}.pfd" if so else f"a{at}" for at, so in enumerate(has_mark)]
    text = [line.replace(",", between) for line in before_label(lines, cells)]
    reading = read_candidates(write(text), keep=["9"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].position == 10
    assert reading.carried["column_9"].tolist() == cells
    assert reading.cells.empty


def test_a_number_and_a_place_behind_names_of_rows_are_one_cell_of_a_header_one_short(
    write: Write, lines: list[str], rows: np.ndarray
) -> None:
    cells = [f"{at}%/path/{at}.pfd" if at % 20 >= 9 else f"a{at}" for at in range(240)]
    text = behind([f"r{at}" for at in range(240)], before_label(lines, cells))
    header = ",".join([*FEATURE_NAMES, "file", "label"])
    reading = read_candidates(write([header, *text]), keep=["file"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].position == 11
    assert reading.carried["file"].tolist() == cells


@pytest.mark.parametrize(
    ("name", "cell", "is_comment"),
    [
        ("kind", "1%a/{}.pfd", True),
        ("kind", "1 %c{}", True),
        ("kind", "1%seen {}", True),
        ("kind", "1%{}", False),
        ("kind", "noise%a/{}.pfd", True),
        ("kind", "noise%seen {}", False),
        ("id", "1%a/{}.pfd", True),
        ("id", "1 %c{}", True),
        ("id", "1%seen {}", False),
        ("id", "{} %a/{}.pfd", True),
        ("id", "{}%a/{}.pfd", False),
        ("beam", "{}%a/{}.pfd", True),
        ("beam", "{}%seen", False),
        ("beam", "1.{}%seen", True),
        ("beam", "{}%20a/{}.pfd", False),
    ],
)
def test_a_named_cell_is_whole_before_a_comment_as_the_table_of_examples_says(
    name: str, cell: str, write: Write, lines: list[str], rows: np.ndarray, *, is_comment: bool
) -> None:
    cells = [cell.format(at, at) for at in range(240)]
    text = [",".join([*NAMES, name]), *behind(lines, cells)]
    reading = read_candidates(write(text), keep=[name])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    parts = [one.partition("%") for one in cells]
    if is_comment:
        assert reading.carried[name].astype(str).tolist() == [one[0].strip() for one in parts]
        assert reading.carried["comment"].tolist() == [one[2] for one in parts]
    else:
        assert reading.carried[name].tolist() == cells
        assert "comment" not in reading.carried


@pytest.mark.parametrize(
    ("comment", "meant"),
    [
        ("# simulated: rows 500, prevalence 0.092, seed 0", True),
        ("# simulated: rows 500, prevalence 1e-05, seed 7,,,", True),
        ("# simulated: folds", True),
        ("# simulated: 10 of 11 folds", "10 of 11"),
        ("# Simulated pulsars were removed before export", False),
        ("# simulated annealing", False),
        ("% simulated: no", False),
        ("# simulated: none of the folds", False),
        ("# not simulated", False),
    ],
)
def test_simulated_is_what_our_own_sentence_says_and_no_other(
    comment: str,
    meant: bool | str,  # noqa: FBT001
    write: Write,
    lines: list[str],
) -> None:
    for text in ([comment, *lines], [*lines, comment]):
        assert read_candidates(write(text)).dialect.simulated == meant
