"""What a person writes in Python: values as they come to hand, and tables to go on working with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pulsars.reading.checking import check_file
from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.reader import read_candidates
from schemas.errors import ParameterError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
HEADER = ",".join(["name", *FEATURE_NAMES, "label", "extra"])


@pytest.fixture
def path(write: Write, lines: list[str]) -> Path:
    return write([HEADER, *(f"a{at},{line},{at % 7}" for at, line in enumerate(lines))])


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ({"drop": 11}, {"drop": ["extra"]}),
        ({"drop": [11]}, {"drop": ["extra"]}),
        ({"drop": np.array([11])}, {"drop": ["extra"]}),
        ({"drop": None, "keep": [11]}, {"keep": "extra"}),
        ({"keep": (np.int64(11),)}, {"keep": "extra"}),
        ({"pulsar_is": 1, "not_pulsar_is": 0}, {}),
        ({"pulsar_is": [1.0], "not_pulsar_is": pd.Series([0])}, {}),
        ({"name": Path("candidates.dat")}, {"name": "candidates.dat"}),
    ],
    ids=str,
)
def test_numbers_name_columns_and_labels_as_texts_do(
    asked: dict[str, Any], same: dict[str, Any], path: Path
) -> None:
    found, meant = read_candidates(path, **asked), read_candidates(path, **same)
    pd.testing.assert_frame_equal(found.frame, meant.frame)
    pd.testing.assert_frame_equal(found.carried, meant.carried)
    assert found.columns["dm_mean"] == meant.columns["dm_mean"]


@pytest.mark.parametrize(
    "asked",
    [
        {"drop": [None]},
        {"drop": {"extra": 1}},
        {"keep": b"extra"},
        {"keep": [["extra"]]},
        {"pulsar_is": ..., "not_pulsar_is": 0},
        {"columns": list("123456789")},
        {"columns": 3},
        {"limits": None},
    ],
    ids=str,
)
def test_what_is_neither_is_refused_by_the_name_of_what_it_is(
    asked: dict[str, Any], path: Path
) -> None:
    with pytest.raises(ParameterError, match=next(iter(asked))):
        read_candidates(path, **asked)
    if "limits" not in asked:
        with pytest.raises(ParameterError, match=next(iter(asked))):
            check_file(str(path), max_quarantine=0.5, **{"columns": None, "drop": (), **asked})


def test_files_of_a_table_may_be_named_by_texts(path: Path) -> None:
    by_text, by_path = read_candidates({"a": str(path)}), read_candidates({"a": path})
    pd.testing.assert_frame_equal(by_text.frame, by_path.frame)


@pytest.mark.parametrize("files", [{}, {"a": None}, {"a": ""}, {"a": b"x"}, {1: Path("x")}])
def test_what_is_no_mapping_of_names_to_files_is_refused(files: dict[Any, Any]) -> None:
    with pytest.raises(ParameterError):
        read_candidates(files)


@pytest.mark.parametrize("write_as", ["to_csv", "to_parquet"])
def test_every_column_that_is_given_can_be_written_to(
    write_as: str, path: Path, tmp_path: Path
) -> None:
    getattr(pd.read_csv(path), write_as)(tmp_path / "table", index=False)
    reading = read_candidates(tmp_path / "table", keep="extra")
    reading.frame.loc[5:8, "dm_mean"] = -1.0
    before = reading.frame.copy()
    checked = check_candidates(reading)
    for table in (checked.accepted, checked.quarantined, reading.frame, reading.carried):
        assert len(table.columns) > 0
        for column in table:
            table.loc[table.index[0], column] = table[column].iloc[-1]
            assert table[column].iloc[0] == table[column].iloc[-1]
        table.loc[:, column] = table[column].iloc[0]
        if table is checked.accepted:
            pd.testing.assert_frame_equal(reading.frame, before)


@pytest.mark.parametrize("share", [None, "0.05", [0.05], float("nan")])
def test_a_share_that_is_no_number_is_refused(share: Any, path: Path) -> None:
    with pytest.raises(ParameterError, match="max_quarantine"):
        check_candidates(read_candidates(path), max_quarantine=share)


@pytest.mark.parametrize("take", [lambda path: path, lambda path: read_candidates(path).frame])
def test_what_is_no_reading_is_not_judged(take: Callable[[Path], Any], path: Path) -> None:
    with pytest.raises(ParameterError, match="is no Reading"):
        check_candidates(take(path))
