"""The five real files read as their data card says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.reader import read_candidates
from schemas.errors import QuarantineRateError
from schemas.features import FEATURE_NAMES

FINGERPRINT = "bff7e0d962f5762938f833075d6bbfd3ce229cdcfb30091b4ecaa7dca4a81a74"


@pytest.mark.parametrize(
    ("file", "newline", "header"),
    [
        ("HTRU_2.csv", "CR", False),
        ("HTRU_2.arff", "CR", True),
        pytest.param("pulsar_stars.csv", "CRLF", True, marks=pytest.mark.kaggle),
    ],
)
def test_three_copies_are_the_same_rows(
    data_dir: Path, file: str, newline: str, *, header: bool
) -> None:
    reading = read_candidates(data_dir / file)
    checked = check_candidates(reading)
    quality = checked.quality
    assert quality.rows == {"read": 17_898, "accepted": 17_898, "quarantined": 0}
    assert quality.pulsars == 1_639
    assert quality.fingerprint == FINGERPRINT
    assert (reading.dialect.newline, reading.dialect.header) == (newline, header)
    assert [source.position for source in reading.columns.values()] == list(range(1, 10))
    assert quality.pulsars_per_tenth == (157, 271, 340, 175, 220, 132, 203, 88, 26, 27)
    assert "157, 271, 340" in quality.warnings[-1]


def test_every_cell_is_what_float_makes_of_it(data_dir: Path) -> None:
    text = (data_dir / "HTRU_2.csv").read_bytes().decode().split("\r")
    expected = np.array([[float(cell) for cell in line.split(",")] for line in text])
    frame = read_candidates(data_dir / "HTRU_2.csv").frame
    np.testing.assert_array_equal(frame.to_numpy(), expected)


@pytest.mark.kaggle
def test_the_misnamed_columns_are_counted_as_the_data_card_counts_them(data_dir: Path) -> None:
    reading = read_candidates(data_dir / "pulsar_stars.csv")
    profile, dm = reading.evidence
    assert (profile.as_named, dm.as_named) == (3_010, 16_655)
    assert (profile.swapped, dm.swapped) == (0, 0)
    assert "3,010 of 17,898 rows" in reading.warnings[0]
    assert "16,655 of 17,898 rows" in reading.warnings[1]
    assert reading.columns["dm_skewness"].source == "Excess kurtosis of the DM-SNR curve"
    assert all(
        item.taken == "as named" for item in read_candidates(data_dir / "HTRU_2.arff").evidence
    )


@pytest.mark.kaggle
def test_the_training_part_is_refused_until_its_gaps_are_allowed(data_dir: Path) -> None:
    reading = read_candidates(data_dir / "pulsar_data_train.csv", name="train")
    with pytest.raises(QuarantineRateError) as refused:
        check_candidates(reading)
    for part in ("3,255 of 12,528 rows", "26.0%", "column 3", "column 6", "column 8", "line 5"):
        assert part in str(refused.value)
    checked = check_candidates(reading, max_quarantine=0.3)
    assert len(checked.accepted) == 9_273
    assert sum(checked.quality.reasons.values()) == 3_538
    assert checked.quarantined["text"].str.contains(",,").all()


@pytest.mark.kaggle
def test_the_test_part_is_unlabelled(data_dir: Path) -> None:
    reading = read_candidates(data_dir / "pulsar_data_test.csv")
    checked = check_candidates(reading, max_quarantine=0.3)
    assert not reading.labelled
    assert checked.quality.pulsars is None
    assert list(checked.accepted) == [*FEATURE_NAMES, "line"]
    assert checked.quality.rows["read"] == 5_370
    assert len(checked.accepted) == 5_370 - len(checked.quarantined) == 3_985


def test_an_extra_column_leaves_the_real_features_findable(data_dir: Path, tmp_path: Path) -> None:
    text = (data_dir / "HTRU_2.csv").read_bytes().decode().split("\r")
    path = tmp_path / "x"
    path.write_text("\n".join(f"{i},{line},{i % 13 + 3}.5,Mock" for i, line in enumerate(text)))
    checked = check_candidates(read_candidates(path))
    assert checked.quality.fingerprint == FINGERPRINT


def test_five_rows_tell_skewness_from_kurtosis(data_dir: Path, tmp_path: Path) -> None:
    text = (data_dir / "HTRU_2.csv").read_bytes().decode().split("\r")
    path = tmp_path / "x"
    path.write_text("\n".join(text[:5]))
    assert [item.taken for item in read_candidates(path).evidence] == ["as named"] * 2
