"""A header with a name too many or too few shifts no name over what it does not mean."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError
from schemas.features import FEATURE_NAMES
from tests.pulsars.reading.access.test_plain import agreed

Write = Callable[..., Path]
PLAIN = [f"v{at}" for at in range(8)]


# A name too many


@pytest.mark.parametrize("first", ["idx", "id", "beam"])
@pytest.mark.parametrize("last", ["", "NA", "seen", "-"])
def test_a_header_with_a_name_too_many_is_refused_where_the_first_may_be_it(
    first: str, last: str, write: Write, lines: list[str]
) -> None:
    header = ",".join([first, *PLAIN, "label", "notes"])
    with pytest.raises(ColumnsError, match="has 11 cells and most rows have 10"):
        read_candidates(write([header, *(f"{line},{last}" for line in lines)]))


@pytest.mark.parametrize("at", [0, 4, 8])
def test_a_header_with_a_name_too_many_is_refused_where_its_label_stands_over_nothing(
    at: int, write: Write, lines: list[str]
) -> None:
    names = [*PLAIN[:at], "beam", *PLAIN[at:], "label", "notes"]
    with pytest.raises(ColumnsError, match="has 11 cells and most rows have 10"):
        read_candidates(write([",".join(names), *(f"{line}," for line in lines)]))


def test_a_header_with_a_name_too_many_is_refused_where_statistics_are_not_what_it_says(
    write: Write, lines: list[str]
) -> None:
    names = ["beam", *FEATURE_NAMES, "label", "notes"]
    with pytest.raises(ColumnsError, match="has 11 cells and most rows have 10"):
        read_candidates(write([",".join(names), *(f"{line},seen" for line in lines)]))


@pytest.mark.parametrize("names", [[*FEATURE_NAMES, "label"], [*PLAIN, "label"]])
@pytest.mark.parametrize("decimal", [".", ","])
def test_an_empty_last_cell_may_be_left_out_where_the_other_names_are_what_they_say(
    names: list[str], decimal: str, write: Write, lines: list[str], rows: np.ndarray
) -> None:
    text = [line.replace(",", ";").replace(".", decimal) for line in lines]
    reading = read_candidates(write([";".join([*names, "notes"]), *text]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["label"].source == "label"
    assert reading.columns["profile_mean"].source == names[0]


# A name too few


@pytest.mark.parametrize("names", [FEATURE_NAMES, [*FEATURE_NAMES[4:], *FEATURE_NAMES[:4]]])
def test_damaged_cells_under_a_header_one_short_overflow_in_silence(
    names: list[str], write: Write, rows: np.ndarray
) -> None:
    cells = rows[:, [*map(FEATURE_NAMES.index, names), 8]].tolist()
    text = [f"r{at}," + ",".join(map(repr, row)) for at, row in enumerate(cells)]
    for at in range(8):
        damaged = cells[at].copy()
        damaged[at] = -1e308 if at % 2 else 1e308
        text[at] = f"r{at}," + ",".join(map(repr, damaged))
    text[9] = "r9," + ",".join(["1e308"] * 8) + ",0"
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        reading = read_candidates(write([",".join([*names, "label"]), *text]))
    np.testing.assert_array_equal(reading.frame.to_numpy()[10:], rows[10:])
    assert reading.columns["profile_mean"].position == 2 + names.index("profile_mean")


def test_the_quick_reader_takes_a_header_one_short_and_reads_it_by_late_cells(
    lines: list[str],
) -> None:
    text = [",".join([*FEATURE_NAMES, "label"]), *(f"r{at},{x}" for at, x in enumerate(lines))]
    assert agreed(("\n".join(text) + "\n").encode(), block_bytes=1 << 12)
