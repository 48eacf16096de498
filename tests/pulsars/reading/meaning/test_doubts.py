"""What the values say against whoever named the columns is said, and nothing of the true tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.meaning.order import share_of_contrary
from pulsars.reading.reader import read_candidates
from schemas import ColumnsError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
NAMES = [*FEATURE_NAMES, "label"]
DM_FIRST = [4, 5, 6, 7, 0, 1, 2, 3, 8]
SAID_OF_CURVES = ("say the opposite", "changed places")


@pytest.fixture
def whole(rows: np.ndarray) -> np.ndarray:
    """Give rows whose profiles have whole numbers in 128 bins, as surveys keep them."""
    kept = rows.copy()
    kept[:, 0] = np.round(kept[:, 0] * 128) / 128
    return kept


def text(rows: np.ndarray, names: Sequence[str] | None = NAMES, *, sign: str = ",") -> str:
    head = [sign.join(names)] if names else []
    return "\n".join([*head, *(sign.join(map(repr, row.tolist())) for row in rows)]) + "\n"


def doubts(path: Path, **how: str) -> list[str]:
    notes = read_candidates(path, **how).warnings
    return [note for note in notes if any(said in note for said in SAID_OF_CURVES)]


def test_names_that_interchange_the_curves_are_contradicted_with_a_way_out_that_works(
    write: Write, whole: np.ndarray
) -> None:
    path = write(text(whole[:, DM_FIRST]))
    (said,) = doubts(path)
    assert "the values say the opposite" in said
    way_out = said.rpartition("--columns ")[2]
    assert way_out == "5,6,7,8,1,2,3,4"
    assert not doubts(path, columns=way_out)
    np.testing.assert_array_equal(read_candidates(path, columns=way_out).frame.to_numpy(), whole)


def test_where_only_other_names_than_the_means_say_whose_they_are_no_exchange_is_advised(
    write: Write, whole: np.ndarray
) -> None:
    """All eight would change places, and six of them against their names."""
    names = ["mean" if name.endswith("_mean") else name for name in NAMES]
    (said,) = doubts(write(text(whole[:, [4, 1, 2, 3, 0, 5, 6, 7, 8]], names)))
    assert "--columns" in said
    assert not any(character.isdigit() for character in said.partition("--columns")[2])


def test_an_order_that_the_user_gives_is_contradicted_too(write: Write, whole: np.ndarray) -> None:
    path = write(text(whole, None))
    assert not doubts(path)
    assert len(doubts(path, columns="5,6,7,8,1,2,3,4,9")) == 1


@pytest.mark.parametrize(
    ("names", "n_contrary", "share"), [(NAMES, 120, "50%"), (NAMES, 10, "4%"), (None, 10, "4%")]
)
def test_files_of_two_orders_joined_to_one_are_noticed(
    write: Write, whole: np.ndarray, names: list[str] | None, n_contrary: int, share: str
) -> None:
    mixed = np.concatenate([whole[:-n_contrary], whole[-n_contrary:][:, DM_FIRST]])
    (said,) = doubts(write(text(mixed, names)))
    assert re.findall(r"\d+%", said) == [share]
    assert all(named in said for named in ("curves", "two orders", "--columns"))


@pytest.mark.parametrize("form", ["%.3f", "%.4f", "%.6f", "%.6g", "%.9g"])
@pytest.mark.parametrize("n_contrary", [10, 40, 120])
def test_rounded_means_tell_of_two_orders_too(
    write: Write, whole: np.ndarray, form: str, n_contrary: int
) -> None:
    mixed = np.concatenate([whole[:-n_contrary], whole[-n_contrary:][:, DM_FIRST]])
    lines = [",".join(form % cell for cell in row) for row in mixed.tolist()]
    lines[3] = lines[3].replace(lines[3].split(",")[0], "")  # a missing cell, and a damaged one
    lines[5] = lines[5].replace(lines[5].split(",")[0], "140.123456789")
    (said,) = doubts(write([",".join(NAMES), *lines]))
    (share,) = map(int, re.findall(r"(\d+)%", said))
    assert share == pytest.approx(100 * n_contrary / len(whole), abs=5)  # not each row tells
    assert all(named in said for named in ("curves", "two orders", "--columns"))
    assert not doubts(write([",".join(NAMES), *lines[:-n_contrary]]))


@pytest.mark.parametrize("digits", [3, 4, 6, 15])
def test_of_real_pulsars_or_noise_alone_nothing_is_said_however_rounded(
    data_dir: Path, digits: int
) -> None:
    for name in ("HTRU_2.csv", "other-surveys/HTRU_1_sample.arff"):
        frame = read_candidates(data_dir / name).frame
        for part in (frame, frame[frame["label"] == 1], frame[frame["label"] == 0]):
            profile, dm = (
                part[mean].round(digits).to_numpy() for mean in ("profile_mean", "dm_mean")
            )
            assert share_of_contrary(profile, dm) is None
            swapped = np.arange(len(profile)) % 20 == 0
            joined = np.where(swapped, dm, profile), np.where(swapped, profile, dm)
            assert share_of_contrary(*joined) == pytest.approx(0.05, abs=0.01)


def test_rounded_numbers_are_no_sign_of_two_orders(whole: np.ndarray) -> None:
    for digits in range(4):
        profile, dm = np.round(whole[:, 0], digits), np.round(whole[:, 4], digits)
        assert share_of_contrary(profile, dm) is None


@pytest.mark.parametrize("below", [15, 20, 25])
def test_a_shortlist_of_narrow_pulsars_is_exchanged_by_nobody_and_contradicted_by_nothing(
    write: Write, data_dir: Path, below: int
) -> None:
    for path in ("HTRU_2.csv", "other-surveys/HTRU_1_sample.arff"):
        whole = read_candidates(data_dir / path).frame[NAMES].to_numpy()
        narrow = np.array([[float(f"{x:.6g}") for x in row] for row in whole[whole[:, 0] < below]])
        for rows in (narrow, narrow[:6], narrow[narrow[:, 8] == 1][:12]):
            if len(rows) < 5:
                continue
            for order in (list(range(8)), DM_FIRST[:8]):
                with pytest.raises(ColumnsError, match="do not tell"):
                    read_candidates(write(text(rows[:, order], None)))
            assert doubts(write(text(rows))) == []
            labelled = read_candidates(write(text(rows))).frame[NAMES].to_numpy()
            np.testing.assert_array_equal(labelled, rows)


def test_noise_with_rounded_means_tells_which_curve_is_which_still(
    write: Write, data_dir: Path
) -> None:
    whole = read_candidates(data_dir / "HTRU_2.csv").frame[NAMES].to_numpy()[::200, :8]
    rows = np.array([[float(f"{x:.6g}") for x in row] for row in whole])
    for order in (list(range(8)), DM_FIRST[:8]):
        reading = read_candidates(write(text(rows[:, order], None)))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert doubts(write(text(rows[:, DM_FIRST[:8]], NAMES[:8])))


def test_of_the_real_tables_nothing_is_said(data_dir: Path) -> None:
    for name in ("HTRU_2.csv", "pulsar_stars.csv", "other-surveys/HTRU_1_sample.arff"):
        notes = read_candidates(data_dir / name).warnings
        assert not [note for note in notes if "no curve that was scaled" in note]
        assert not doubts(data_dir / name)


def test_curves_on_another_scale_are_noticed(write: Write, rows: np.ndarray) -> None:
    small = rows.copy()
    small[:, [0, 1, 4, 5]] /= 255
    notes = read_candidates(write(text(small))).warnings
    said = [note for note in notes if "no curve that was scaled to 0–255" in note]
    assert [note.split(" are ")[0] for note in said] == [
        "column 1 'profile_mean' and column 2 'profile_stdev'",
        "column 5 'dm_mean' and column 6 'dm_stdev'",
    ]


@pytest.mark.parametrize(("n", "share"), [(5, "2%"), (24, "10%"), (110, "46%"), (4, None)])
def test_a_table_of_two_scales_is_noticed(
    write: Write, rows: np.ndarray, n: int, share: str | None
) -> None:
    joined = rows.copy()
    joined[-n:, [0, 1, 4, 5]] /= 255
    notes = read_candidates(write(text(joined))).warnings
    said = [note for note in notes if "no curve that was scaled to 0–255" in note]
    assert len(said) == (2 if share else 0)
    assert all(f"in {share} of the rows" in note for note in said)


def test_rows_that_are_possible_on_no_scale_are_none_of_a_second_scale(
    write: Write, rows: np.ndarray
) -> None:
    gaps = rows.copy()
    gaps[:20, [0, 1]] = -999
    gaps[20:40, 4] = 999
    notes = read_candidates(write(text(gaps))).warnings
    assert not [note for note in notes if "no curve that was scaled" in note]


@pytest.mark.filterwarnings("error")
def test_a_number_beyond_all_bounds_is_no_warning_of_numpy(write: Write, rows: np.ndarray) -> None:
    beyond = rows.copy()
    beyond[7, :8] = 1.7e308
    reading = read_candidates(write(text(beyond)))
    assert not [note for note in reading.warnings if "no curve that was scaled" in note]


def test_two_values_that_are_no_known_label_are_named_where_there_are_no_names(
    write: Write, rows: np.ndarray
) -> None:
    other = rows.copy()
    other[:, 8] += 1
    reading = read_candidates(write(text(other, None)))
    assert not reading.labelled
    assert any("column 9 (1.0, 2.0)" in note for note in reading.warnings)


def test_of_columns_that_are_no_moments_no_order_is_advised(write: Write, rows: np.ndarray) -> None:
    mixed = rows[:, [5, 4, 3, 0, 7, 2, 1, 6]]
    with pytest.raises(ColumnsError, match="choose the columns with --columns") as refused:
        read_candidates(write(text(mixed, None)))
    assert "cannot be skewness and excess kurtosis" in str(refused.value)


def test_of_two_possible_labels_either_may_be_left_out(write: Write, rows: np.ndarray) -> None:
    flag = np.random.default_rng(0).permutation(rows[:, 8])
    path = write(text(np.column_stack([flag, rows]), None))
    with pytest.raises(ColumnsError, match=r"--drop 1 or --drop 10"):
        read_candidates(path)
    np.testing.assert_array_equal(read_candidates(path, drop=["1"]).frame.to_numpy(), rows)


def test_columns_that_are_called_by_numbers_are_advised_by_them(
    write: Write, whole: np.ndarray
) -> None:
    path = write(text(whole, [str(place) for place in range(9)]))
    (said,) = [note for note in read_candidates(path).warnings if "makes sure of it" in note]
    assert "--columns 0,1,2,3,4,5,6,7 " in said
    again = read_candidates(path, columns="0,1,2,3,4,5,6,7")
    np.testing.assert_array_equal(again.frame.to_numpy(), whole)


def test_a_name_in_quotes_is_found_with_and_without_them(write: Write, rows: np.ndarray) -> None:
    path = write(text(rows, [f"'{name}'" for name in NAMES]))
    for label in ("label", "'label'", "''label''"):
        assert not read_candidates(path, drop=[label]).labelled


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("names", [NAMES, None])
def test_the_line_by_which_excel_tells_itself_the_delimiter_is_none_of_the_table(
    write: Write, rows: np.ndarray, sign: str, names: list[str] | None
) -> None:
    reading = read_candidates(write(f"sep={sign}\n{text(rows, names, sign=sign)}"))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.lines[0] == (3 if names else 2)


@pytest.mark.parametrize("n_rows", [1, 3, 7])
def test_few_rows_under_the_readme_s_names_are_read_as_in_every_copy_of_it(
    n_rows: int, kaggle: str, write: Write, rows: np.ndarray
) -> None:
    tame = rows[:n_rows].copy()
    tame[:, [2, 3, 6, 7]] = [0.3, 0.2, 0.5, 0.4]
    lines = [",".join([*map(repr, row[:8].tolist()), f"{row[8]:.0f}"]) for row in tame]
    reading = read_candidates(write([kaggle, *lines]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), tame)
    assert [one.said for one in reading.evidence] == ["readme", "readme"]
    assert sum("every copy of it" in note for note in reading.warnings) == 2
    named = read_candidates(
        write([kaggle, *lines]), columns="profile_skewness=4,profile_kurtosis=3"
    )
    assert named.frame["profile_skewness"].tolist() == tame[:, 3].tolist()
