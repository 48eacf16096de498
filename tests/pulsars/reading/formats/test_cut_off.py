"""A file that ends within its last number is noted, whichever reader takes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.access import opening
from pulsars.reading.cells import Dialect
from pulsars.reading.formats.cut_off import note_cut_off
from pulsars.reading.reader import read_candidates
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]


@pytest.mark.parametrize("large", [1 << 30, 1 << 10])
@pytest.mark.parametrize(("n_cut", "told"), [(0, False), (1, False), (8, True), (40, False)])
def test_a_last_number_that_is_shorter_than_all_others_and_has_no_end_is_noted(
    n_cut: int,
    large: int,
    write: Write,
    rows: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    *,
    told: bool,
) -> None:
    """That an end of line is missing says nothing alone; a row with fewer cells is set aside."""
    monkeypatch.setattr(opening, "_LARGE", large)
    lines = [",".join(["label", *FEATURE_NAMES])]
    lines += [",".join([f"{row[8]:.0f}", *(f"{x:.9f}" for x in row[:8])]) for row in rows]
    text = "\n".join(lines) + "\n"
    reading = read_candidates(write(text[: len(text) - n_cut]), name="night")
    said = [note for note in reading.warnings if "may have been cut off" in note]
    assert len(said) == told
    assert len(reading.frame) == 240


@pytest.mark.parametrize(
    ("above", "last", "told"),
    [
        (["0.123", "0.1234"], "0.12", False),
        (["0.123", "0.1234"], "0.1", True),
        (["0.123"], "0.12", True),
        (["0.123"], "0.123", False),
        (["10.1", "23.4"], "9.7", False),
        (["-10.12", "123.45"], "8.54", False),
        (["1.25e+01"], "1.25e+0", True),
        (["10.1", "23.4"], "9", True),
        (["1000", "1001"], "999", False),
        (["55001", "55002"], "550", True),
    ],
)
def test_where_lengths_differ_a_number_is_shorter_by_two_at_least(
    above: list[str], last: str, *, told: bool
) -> None:
    """A writer leaves zeros out at the end, so that each is as short as it happens to be.

    A number with as many decimals as all others is whole: the last of a table by S/N is small.
    """
    cells = ["", *np.resize(above, 40).tolist(), last]
    content = "\n".join(f"1.5,{cell}" for cell in cells).encode()
    assert len(note_cut_off(content, Dialect(format="csv", delimiter=","))) == told
