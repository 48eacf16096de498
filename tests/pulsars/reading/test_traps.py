"""Files that were read wrongly once: each is read to its truth or refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError, LabelError, QuarantineRateError


@pytest.fixture
def traps(data_dir: Path) -> Path:
    return data_dir / "traps"


def flagged(reading: Reading, name: str) -> bool:
    """Whether the file is unlabelled and says how to make a label of a column."""
    said = f'--columns "label={name}"' in (reading.label_hint or "")
    return said and not reading.labelled and reading.label_hint in reading.warnings


def test_not_pulsar_with_a_mark_is_no_pulsar(traps: Path) -> None:
    with pytest.raises(LabelError, match="'!pulsar'"):
        read_candidates(traps / "label_not_mark.csv")


def test_a_doubtful_pulsar_is_set_aside(traps: Path) -> None:
    with pytest.raises(LabelError, match=r"'pulsar\?' in 11 rows"):
        read_candidates(traps / "label_uncertain.csv")
    asked = {"pulsar_is": "pulsar", "not_pulsar_is": "non-pulsar"}
    reading = read_candidates(traps / "label_uncertain.csv", **asked)
    assert int((reading.frame["label"] == 1).sum()) == 15
    assert set(reading.cells["value"]) == {"pulsar?"}
    with pytest.raises(QuarantineRateError, match=r"11 of 120 rows"):
        check_candidates(reading)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("rfi_as_label.csv", "is_rfi"),
        ("flag_beats_unknown_label.csv", "flag"),
        ("unlabelled_flag_as_label.csv", "detected_before"),
    ],
)
def test_a_flag_is_no_label(traps: Path, file: str, name: str) -> None:
    reading = read_candidates(traps / file)
    assert flagged(reading, name)
    assert "label" not in reading.frame


def test_a_second_header_in_another_order_is_refused(traps: Path) -> None:
    with pytest.raises(ColumnsError, match=r"line \d+: a second header.* line 1;"):
        read_candidates(traps / "second_header_other_order.csv")


def test_commented_rows_are_no_rows(traps: Path) -> None:
    lines = (traps / "commented_rows_id_first.csv").read_text().splitlines()
    marked = [number for number, line in enumerate(lines, start=1) if line.startswith("#")]
    reading = read_candidates(traps / "commented_rows_id_first.csv")
    assert marked
    assert not set(marked) & set(reading.lines.tolist())
    assert len(reading.frame) == len(lines) - 1 - len(marked)
    assert reading.dialect.skipped == len(marked)


def test_a_headerless_file_with_the_dm_curve_first_is_recognised(traps: Path) -> None:
    path = traps / "headerless_dm_first.csv"
    reading = read_candidates(path)
    cells = np.array([line.split(",") for line in path.read_text().splitlines()], dtype=float)
    np.testing.assert_array_equal(reading.frame.to_numpy(), cells[:, [4, 5, 6, 7, 0, 1, 2, 3, 8]])
    assert any("the DM-SNR curve is taken to stand first" in note for note in reading.warnings)


@pytest.mark.parametrize("n_rows", [20, 100, 1000])
@pytest.mark.parametrize("file", ["HTRU_2.csv", "other-surveys/HTRU_1_sample.arff"])
def test_the_order_of_the_curves_is_told_in_parts_of_two_surveys(
    data_dir: Path, tmp_path: Path, file: str, n_rows: int
) -> None:
    frame = read_candidates(data_dir / file).frame
    rng = np.random.default_rng(n_rows)
    for attempt in range(3):
        some = frame.iloc[rng.choice(len(frame), n_rows, replace=False)].to_numpy()
        for order in ([0, 1, 2, 3, 4, 5, 6, 7, 8], [4, 5, 6, 7, 0, 1, 2, 3, 8]):
            path = tmp_path / f"part-{attempt}.csv"
            np.savetxt(path, some[:, order], fmt="%.17g", delimiter=",")
            np.testing.assert_array_equal(read_candidates(path).frame.to_numpy(), some)


def test_an_original_without_header_is_read_profile_first_and_it_is_said(
    data_dir: Path,
) -> None:
    reading = read_candidates(data_dir / "HTRU_2.csv")
    assert [source.position for source in reading.columns.values()] == list(range(1, 10))
    assert any("the profile is taken to stand first" in note for note in reading.warnings)
