"""Positions are read as what most of their column is, and what no sky has is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pulsars.reading.identity.sky import count_packed, degrees_of, is_packed

RA = [10.0, 69.3166, 154.78, 200.0, 359.0]


def read(cells: list[object], *, right_ascension: bool = True) -> list[float]:
    return degrees_of(pd.Series(cells, name="ra"), right_ascension=right_ascension).tolist()


@pytest.mark.parametrize("beyond", [360.5, 400.0, 9999.0, 1e300])
@pytest.mark.parametrize("as_text", [True, False])
def test_one_cell_beyond_a_turn_moves_no_other(beyond: float, as_text: bool) -> None:  # noqa: FBT001
    cells: list[object] = [*RA, beyond]
    found = read([str(cell) for cell in cells] if as_text else cells)
    assert found[:-1] == pytest.approx(RA)
    assert np.isnan(found[-1])


def test_a_column_that_is_packed_may_hold_a_few_cells_next_to_nought() -> None:
    found = read([43715.8, 193940.0, 215.0, 100000])
    assert found == pytest.approx([69.315833, 294.916667, 0.5625, 150.0])


def test_counts_of_partitions_tell_what_the_whole_column_tells() -> None:
    parts = [np.array([400.0]), np.array([10.0, 20.0]), np.array([np.nan, 30.0])]
    assert is_packed(count_packed(parts[0]))
    assert not is_packed(sum(map(count_packed, parts[1:]), count_packed(parts[0])))
    assert not is_packed(count_packed(np.array([np.nan])))


@pytest.mark.parametrize("cell", ["04:77:15.8", "04:60:00", "04:37:99", "047715.8", "043799"])
def test_minutes_and_seconds_that_are_too_many_make_no_position(cell: str) -> None:
    packed = "123456.7"
    assert np.isnan(read([cell, packed, packed, packed])[0])


def test_sixty_seconds_are_a_rounding() -> None:
    assert read(["04:37:60.0", "-0:30"], right_ascension=False)[0] == pytest.approx(4 + 38 / 60)
    assert read(["04:37:60.0", "-0:30"], right_ascension=False)[1] == pytest.approx(-0.5)
