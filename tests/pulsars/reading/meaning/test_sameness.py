"""A column that tells no candidate from another is named; one of a sound table is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pulsars.reading.checking import check_file
from pulsars.reading.meaning import sameness
from pulsars.reading.reader import read_candidates
from schemas.features import FEATURE_NAMES


@pytest.fixture
def frame(rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*FEATURE_NAMES, "label"])


def noted(frame: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """Give the notes on columns that are the same in all rows, or as another."""
    frame.to_csv(path, index=False)
    warnings = read_candidates(path).warnings
    return tuple(each for each in warnings if "alone: " in each or "the same as" in each)


@pytest.mark.parametrize("values", [(0.0,), (90.5,), (30.0, 90.5)])
def test_a_feature_of_one_value_or_two_is_named(
    values: tuple[float, ...], frame: pd.DataFrame, tmp_path: Path
) -> None:
    changed = frame.assign(dm_mean=np.resize(values, len(frame)))
    (note,) = noted(changed, tmp_path / "sky.csv")
    assert note.startswith(f"column 5 'dm_mean' holds {' and '.join(f'{v:g}' for v in values)} al")
    assert not noted(changed[:20], tmp_path / "sky.csv")


def test_two_values_of_a_small_table_are_not_named(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Rounded to whole numbers a skewness is 0 or 1 in most rows."""
    changed = frame.assign(dm_skewness=np.resize((-0.0, 1.0), len(frame)))
    assert not noted(changed[:199], tmp_path / "sky.csv")
    (note,) = noted(changed, tmp_path / "sky.csv")
    assert " holds 0 and 1 alone" in note


def test_all_rows_are_looked_at_for_a_further_value(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sameness, "_LOOKED_AT", 200)
    changed = frame.assign(dm_mean=0.0, dm_stdev=0.0, dm_skewness=0.0, dm_kurtosis=0.0)
    assert noted(changed, tmp_path / "sky.csv")
    changed.loc[200:] = frame.loc[200:]
    assert not noted(changed, tmp_path / "sky.csv")


def test_a_curve_that_is_a_copy_of_the_other_is_named_column_by_column(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    changed = frame.copy()
    changed[list(FEATURE_NAMES[4:])] = frame[list(FEATURE_NAMES[:4])].to_numpy()
    changed.loc[:5, "dm_mean"] += 1
    (note,) = noted(changed, tmp_path / "sky.csv")
    pairs = zip(FEATURE_NAMES[4:], FEATURE_NAMES[:4], strict=True)
    assert all(
        f"'{copy}' holds the same as column {at} '{of}'" in note
        for at, (copy, of) in enumerate(pairs, 1)
    )
    changed.loc[:20, FEATURE_NAMES[4:]] += 1
    assert not noted(changed, tmp_path / "sky.csv")


def test_a_sound_table_has_none(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert not noted(frame, tmp_path / "sky.csv")
    assert not noted(frame.round(1), tmp_path / "sky.csv")


def test_what_is_odd_in_accepted_rows_is_in_the_summary_of_a_checked_file(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "sky.csv"
    changed = pd.concat([frame, frame[:2]])
    changed.iloc[3, 5:8] = 0
    changed.to_csv(path, index=False)
    found = check_file(str(path), max_quarantine=0.05, columns=None, drop=()).summary()
    assert found["row_warnings"] == {"dm is flat (stdev 0)": 1, "repeats an earlier row": 2}
