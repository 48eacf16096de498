"""A value that was filled in for what is missing is named; rounded and simulated ones are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pulsars.reading.cells import Column
from pulsars.reading.meaning.fills import note_fills
from pulsars.reading.reader import read_candidates
from schemas.features import FEATURE_NAMES

Change = Callable[[pd.DataFrame], pd.DataFrame]


def filled(how: str) -> Change:
    """Fill a tenth of one column's cells as people do."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        column = frame["profile_skewness"].mask(np.arange(len(frame)) % 10 == 0)
        by_class = column.groupby(frame["label"]).transform("mean")
        fill = {"class": by_class, "mean": column.mean(), "median": column.median()}[how]
        return frame.assign(profile_skewness=column.fillna(fill))

    return change


def rounded(digits: int) -> Change:
    """Round all numbers to so many significant digits."""
    return lambda frame: frame.map(lambda value: float(f"{value:.{digits}g}"))


def noted(frame: pd.DataFrame, path: Path) -> list[str]:
    """Give the notes on fills in a table."""
    frame.to_csv(path, index=False)
    reading = read_candidates(path)
    return [note for note in reading.warnings if "filled with it" in note]


@pytest.fixture
def frame(rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*FEATURE_NAMES, "label"])


@pytest.mark.parametrize("how", ["class", "mean", "median"])
def test_a_column_whose_gaps_were_filled_is_named(
    how: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    (note,) = noted(filled(how)(frame), tmp_path / "sky.csv")
    assert "'profile_skewness' holds" in note


@pytest.mark.parametrize(("n_filled", "told"), [(2000, False), (4500, True)])
def test_what_is_common_at_the_beginning_is_held_against_all_rows(
    n_filled: int, *, told: bool
) -> None:
    """A table that is sorted begins with its equal numbers; -0 and 0 are one, and shown as 0."""
    numbers = np.arange(1, 50_001) / 7
    numbers[:n_filled] = np.resize([-0.0, 0.0], n_filled)
    column = Column.of("profile_mean", 1, pa.chunked_array([numbers]))
    notes = note_fills({"profile_mean": column})
    assert len(notes) == told
    assert all("'profile_mean' holds 0 in 9% of the rows looked at:" in note for note in notes)


@pytest.mark.parametrize("digits", [2, 3, 4, 17])
def test_a_rounded_table_was_not_filled(digits: int, frame: pd.DataFrame, tmp_path: Path) -> None:
    assert not noted(rounded(digits)(frame), tmp_path / "sky.csv")
