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


@pytest.mark.parametrize("spelled", [("0", "1"), ("no", "yes"), ("non-pulsar", "pulsar")])
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
