"""What a file says of itself is quoted in one line and only so far."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.judging.in_memory import examine_candidates
from pulsars.reading.reader import read_candidates
from schemas.errors import DataError
from schemas.features import FEATURE_NAMES
from schemas.outside import MESSAGE_LIMIT

Write = Callable[..., Path]
LONG = "z" * 80_000
HOSTILE = "a\x1b]0;owned\x07\u202e"


def table(rows: np.ndarray, extra: str, cells: list[str]) -> list[str]:
    head = ",".join([*FEATURE_NAMES, extra])
    return [
        head,
        *(
            ",".join([*map(repr, row[:8].tolist()), cell])
            for row, cell in zip(rows, cells, strict=True)
        ),
    ]


def test_a_label_that_is_a_book_is_quoted_only_so_far(write: Write, rows: np.ndarray) -> None:
    path = write(table(rows, "label", [LONG] * len(rows)))
    with pytest.raises(DataError, match="--pulsar-is") as caught:
        read_candidates(path)
    assert len(str(caught.value)) < MESSAGE_LIMIT
    assert "(80,000 characters)" in str(caught.value)


def test_a_column_with_a_long_name_is_told_apart_by_its_place(
    write: Write, rows: np.ndarray
) -> None:
    path = write(table(rows, "y" * 900 + HOSTILE, ["maybe"] * len(rows)))
    found = examine_candidates(read_candidates(path)).quality
    (warning,) = [said for said in found.warnings if "ignored" in said]
    assert "column 9" in warning
    assert len(warning) < 500
    assert "\x1b" not in warning


def test_what_is_wrong_with_a_long_cell_fits_in_a_line(write: Write, rows: np.ndarray) -> None:
    lines = table(rows, "label", [str(int(row[8])) for row in rows])
    lines[3] = lines[3].replace(lines[3].split(",")[0], HOSTILE + LONG[:900], 1)
    found = examine_candidates(read_candidates(write(lines))).quality
    (sample,) = found.samples
    assert len(sample.reasons) < 300
    assert len(sample.text) <= 500
    assert "is not a number" in sample.reasons
    assert "\x1b" not in sample.reasons
