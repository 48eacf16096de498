"""Pearson's kurtosis is noticed, taken off when told to, and a file that mixes both is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.reading.checking import check_file
from pulsars.reading.judging.in_memory import examine_candidates
from pulsars.reading.meaning.kurtosis_counts import KurtosisCounts
from pulsars.reading.meaning.pearson import (
    judge_kurtosis,
    settle_kurtosis,
    taken_off,
    without_offset,
)
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas import FEATURE_NAMES, KurtosisError, allows_pearson
from slp import Reference

Write = Callable[..., Path]
NAMES = list(FEATURE_NAMES)
KURTOSIS = [3, 7]


@pytest.fixture(scope="module")
def htru2(data_dir: Path) -> np.ndarray:
    return np.asarray(read_candidates(data_dir / "HTRU_2.csv").frame.to_numpy())


@pytest.fixture(scope="module")
def htru1(data_dir: Path) -> np.ndarray:
    path = data_dir / "other-surveys" / "HTRU_1_sample.arff"
    return np.asarray(read_candidates(path).frame.to_numpy())


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Read features, and a label, by way of a Parquet file."""

    def read_rows(X: np.ndarray, folds: object = None, **asked: object) -> Reading:
        frame = pd.DataFrame(X, columns=[*NAMES, "label"][: X.shape[1]])
        if folds is not None:
            frame = frame.assign(fold_sha256=np.where(folds, "0" * 64, ""))
        frame.to_parquet(tmp_path / "x.parquet")
        return read_candidates(tmp_path / "x.parquet", **asked)  # type: ignore[arg-type]

    return read_rows


def plain(X: np.ndarray, columns: list[int] = KURTOSIS, rows: object = slice(None)) -> np.ndarray:
    """Pearson's kurtosis in some columns and rows."""
    moved = X.copy()
    for column in columns:
        moved[rows, column] += 3
    return moved


def noted(reading: Reading) -> bool:
    return any("--kurtosis pearson" in warning for warning in reading.warnings)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30).filter(lambda x: np.std(x) > 1e-3))
def test_the_plain_fourth_moment_of_any_numbers_is_allowed(values: list[float]) -> None:
    z = (np.array(values) - np.mean(values)) / np.std(values)
    assert allows_pearson([(z**3).mean()], [(z**4).mean()])[0]


def test_the_moments_of_noise_are_not_allowed_once_three_is_taken_off() -> None:
    z = np.random.default_rng(0).normal(size=(50, 64))
    z = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    skewness, kurtosis = (z**3).mean(axis=1), (z**4).mean(axis=1)
    assert allows_pearson(skewness, kurtosis).all()
    assert allows_pearson(skewness, kurtosis - 3).mean() < 0.1


@pytest.mark.parametrize("n_rows", [20, 50, 400])
def test_a_file_of_pearsons_kurtosis_is_noted(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray, n_rows: int
) -> None:
    for X in (htru2, htru1):
        rows = X[:: len(X) // n_rows][:n_rows]
        reading = read(plain(rows))
        assert noted(reading)
        np.testing.assert_array_equal(reading.frame[NAMES[3]], rows[:, 3] + 3)
        assert not noted(read(rows))
        assert not noted(read(plain(rows), kurtosis="excess"))


def test_one_cell_in_error_hides_nothing(read: Callable[..., Reading], htru2: np.ndarray) -> None:
    rows = plain(htru2[:100])
    rows[7, 3] = 0.1
    assert noted(read(rows))


def test_one_curve_alone_is_noted_where_rows_are_many(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    for column, name, other in ((3, "profile", "dm"), (7, "dm", "profile")):
        warning = read(plain(htru2[:1000], [column])).warnings[-1]
        assert f"{name}_kurtosis" in warning
        assert f"{other}_kurtosis" not in warning
        assert not noted(read(plain(htru2[:100], [column])))


@pytest.mark.parametrize(("column", "name"), [(3, "profile"), (7, "dm")])
def test_what_is_said_of_one_curve_leads_out(
    read: Callable[..., Reading], htru2: np.ndarray, column: int, name: str
) -> None:
    by_hand = f"take 3 off {name}_kurtosis in the file yourself"
    rows = plain(htru2[:1000], [column])
    assert by_hand in read(rows).warnings[-1]
    with pytest.raises(KurtosisError, match=by_hand):
        read(rows, kurtosis="pearson")
    rows[:, column] -= 3
    assert not noted(read(rows))


def test_what_is_said_of_both_curves_leaves_it_to_the_option(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    assert "yourself" not in read(plain(htru2[:1000])).warnings[-1]
    with pytest.raises(KurtosisError, match="split it"):
        read(plain(htru2[:1000], rows=slice(500)), kurtosis="pearson")


def test_fewer_than_twenty_rows_are_not_judged(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    assert not noted(read(plain(htru2[:19])))


def test_real_samples_of_any_kind_are_neither_noted_nor_refused(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray
) -> None:
    whole = {id(X): read(X) for X in (htru2, htru1)}
    rng = np.random.default_rng(0)
    for X in (htru2, htru1):
        reading = whole[id(X)]
        kinds = [np.arange(len(X)), np.flatnonzero(X[:, 8] == 1), np.flatnonzero(X[:, 8] == 0)]
        for rows in kinds:
            for size in (20, 50, 100, 500):
                if size > len(rows):
                    continue
                drawn = [rng.choice(rows, size, replace=False) for _ in range(50)]
                starts = rng.integers(0, len(rows) - size + 1, 50)
                for some in (*drawn, *(rows[at : at + size] for at in starts)):
                    part = replace(
                        reading, frame=reading.frame.iloc[some], lines=reading.lines[some]
                    )
                    assert settle_kurtosis(part, "auto").warnings == reading.warnings


def of_rows(reading: Reading, rows: np.ndarray) -> Reading:
    return replace(reading, frame=reading.frame.iloc[rows], lines=np.arange(len(rows)) + 1)


@pytest.mark.parametrize("kind", [None, *(pytest.param(k, marks=pytest.mark.slow) for k in (0, 1))])
def test_a_table_that_is_sorted_or_cut_by_any_column_is_neither_noted_nor_refused(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray, kind: int | None
) -> None:
    for X in (htru2, htru1):
        reading = read(X)
        rows = np.flatnonzero(X[:, 8] == kind) if kind is not None else np.arange(len(X))
        for column in range(8):
            order = rows[np.argsort(X[rows, column], kind="stable")]
            cuts = [
                order[::way][: round(share * len(rows))]
                for way in (1, -1)
                for share in (0.02, 0.2, 0.5)
            ]
            by_class = order[np.argsort(X[order, 8], kind="stable")]
            for some in (order, order[::-1], by_class, *cuts, *map(np.sort, cuts)):
                assert settle_kurtosis(of_rows(reading, some), "auto").warnings == reading.warnings


@pytest.mark.parametrize("n_rows", [200, 1000, 5000])
def test_a_part_that_is_drawn_and_sorted_is_neither_noted_nor_refused(
    read: Callable[..., Reading], htru2: np.ndarray, n_rows: int
) -> None:
    rng, reading = np.random.default_rng(7), read(htru2)
    others = np.flatnonzero(htru2[:, 8] == 0)
    for drawn in (rng.choice(others, n_rows, replace=False) for _ in range(40)):
        for column in (0, 1, 3):
            rows = drawn[np.argsort(htru2[drawn, column])]
            assert settle_kurtosis(of_rows(reading, rows), "auto").warnings == reading.warnings


@pytest.mark.parametrize("digits", [2, 3])
def test_a_table_that_is_rounded_and_sorted_is_not_refused(
    read: Callable[..., Reading], htru2: np.ndarray, digits: int
) -> None:
    X = np.vectorize(lambda x: float(f"{x:.{digits}g}"))(htru2)
    reading = read(X)
    for column in (1, 3):
        rows = np.argsort(X[:, column], kind="stable")
        assert settle_kurtosis(of_rows(reading, rows), "auto").warnings == reading.warnings


def test_sorted_files_of_two_kinds_of_kurtosis_joined_are_refused(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray
) -> None:
    rng = np.random.default_rng(3)
    for X in (htru2, htru1):
        for cut in (50, len(X) // 10, len(X) // 2):
            rows = rng.permutation(len(X))
            for column in range(9):
                parts = [X[some][np.argsort(X[some, column])] for some in (rows[:cut], rows[cut:])]
                with pytest.raises(KurtosisError, match="lines 1 to"):
                    read(plain(np.vstack(parts), rows=slice(cut)))


def test_a_sorted_mixture_is_refused_by_its_two_peaks(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    X = plain(htru2, rows=np.random.default_rng(4).random(len(htru2)) < 0.5)
    for column in range(8):
        with pytest.raises(KurtosisError, match="mixes two kinds"):
            read(X[np.argsort(X[:, column])])


def test_counts_that_an_earlier_version_kept_are_read_and_refuse_as_they_did(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    reading = replace(read(plain(htru2), kurtosis="excess"))
    mixed = replace(
        reading, frame=pd.DataFrame(plain(htru2, rows=slice(100)), columns=reading.frame.columns)
    )
    counts = KurtosisCounts.of(mixed)
    runs = {name: list(getattr(counts, name)[:5]) for name in ("head", "tail", "longest", "wrong")}
    kept = json.loads(json.dumps({**counts.to_dict(), **runs}))
    del kept["cells"]
    old = KurtosisCounts.from_dict(kept)
    assert old.longest[:5] == counts.longest[:5]
    for some in (old, old.then(counts), counts.then(old)):
        with pytest.raises(KurtosisError):
            judge_kurtosis(some, "auto", reading.columns, name="x")
    assert KurtosisCounts.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts


def test_it_is_taken_off_when_told_to_and_that_is_said(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    reading = read(plain(htru2[:500]), kurtosis="pearson")
    np.testing.assert_allclose(reading.frame.to_numpy(), htru2[:500], rtol=1e-12, atol=1e-12)
    assert reading.converted == ("profile_kurtosis", "dm_kurtosis")
    checked = examine_candidates(reading)
    assert checked.quality.converted == reading.converted
    assert any("3 was taken off" in warning for warning in checked.quality.warnings)
    assert len(checked.accepted) == 500


def test_a_row_that_cannot_be_is_set_aside_and_many_are_refused(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    one = examine_candidates(read(plain(htru2[:500], rows=np.arange(500) != 7), kurtosis="pearson"))
    assert one.quarantined["line"].tolist() == [8]
    with pytest.raises(KurtosisError, match="cannot have Pearson's kurtosis"):
        read(plain(htru2[:500], rows=np.arange(500) > 7), kurtosis="pearson")
    with pytest.raises(KurtosisError):
        read(htru2[:500], kurtosis="pearson")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("n_rows", [400, 2000])
def test_two_files_joined_of_which_one_has_pearsons_are_refused(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray, share: float, n_rows: int
) -> None:
    for X in (htru2[:n_rows], htru1[:1000]):
        cut = round(len(X) * share)
        with pytest.raises(KurtosisError, match=f"lines 1 to {cut:,}"):
            read(plain(X, rows=slice(cut)))
        read(plain(X, rows=slice(cut)), kurtosis="excess")


@pytest.mark.parametrize("n_rows", [200, 1000])
def test_noise_of_pearsons_before_pulsars_of_another_survey_is_refused(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray, n_rows: int
) -> None:
    """No other row has like stdev and skewness: that nothing is near is no acquittal."""
    noise, pulsars = htru2[htru2[:, 8] == 0][:n_rows], htru1[htru1[:, 8] == 1][:n_rows]
    X = plain(np.vstack([noise, pulsars]), rows=slice(len(noise)))
    with pytest.raises(KurtosisError, match="mixes two kinds"):
        read(X)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_shuffled_mixture_is_refused(
    read: Callable[..., Reading], htru2: np.ndarray, share: float
) -> None:
    rng = np.random.default_rng(4)
    for n_rows in (500, 2000, 17_898):
        rows = rng.choice(len(htru2), n_rows, replace=False)
        with pytest.raises(KurtosisError, match="mixes two kinds"):
            read(plain(htru2[rows], rows=rng.random(n_rows) < share))


def test_a_shuffled_mixture_is_told_by_the_dm_curve_too(
    read: Callable[..., Reading], htru1: np.ndarray
) -> None:
    rows = np.random.default_rng(4).random(len(htru1)) < 0.5
    with pytest.raises(KurtosisError, match="dm_kurtosis is common near 0"):
        read(plain(htru1, rows=rows))


@pytest.mark.parametrize("n_rows", [50, 200, 2000])
def test_the_training_rows_leave_no_doubt(
    read: Callable[..., Reading], htru2: np.ndarray, n_rows: int
) -> None:
    reference = Reference.of(htru2[::2, :8])
    rows = htru2[1::2][:: 8949 // n_rows][:n_rows]
    assert "--kurtosis excess" in (taken_off(read(plain(rows)), reference) or "")
    moved = without_offset(read(plain(rows))).frame.to_numpy()
    np.testing.assert_allclose(moved, rows, rtol=1e-12, atol=1e-12)
    assert taken_off(read(rows), reference) is None


def test_another_survey_of_pearsons_is_converted_too_and_one_of_excess_is_not(
    read: Callable[..., Reading], htru2: np.ndarray, htru1: np.ndarray
) -> None:
    reference = Reference.of(htru2[:, :8])
    assert taken_off(read(plain(htru1)), reference)
    assert taken_off(read(htru1), reference) is None


def test_where_the_model_learnt_from_pearsons_nothing_is_taken_off(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    reference = Reference.of(plain(htru2)[:, :8])
    assert taken_off(read(plain(htru2[:400])), reference) is None


@pytest.mark.parametrize("asked", [{}, {"keep": ["fold_sha256"]}, {"keep": ["none"]}])
def test_the_kurtosis_of_folds_that_were_measured_here_is_known_whatever_it_looks_like(
    read: Callable[..., Reading], htru2: np.ndarray, asked: dict[str, object]
) -> None:
    reference, rows = Reference.of(htru2[::2, :8]), htru2[1::20]
    measured = np.full(len(rows), fill_value=True)
    for X in (plain(rows), plain(rows, rows=slice(200))):  # by Pearson's signs all, or the first
        reading = read(X, measured, **asked)
        assert not noted(reading)
        assert reading.converted == ()
        assert taken_off(reading, reference) is None
        np.testing.assert_array_equal(reading.frame.to_numpy(), X)


def test_of_folds_that_were_measured_here_nothing_is_taken_off_when_told_to(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    rows = plain(htru2[:100])
    for measured, n in ((np.arange(100) >= 0, 100), (np.arange(100) == 7, 1)):
        with pytest.raises(KurtosisError, match=f"x.parquet: {n} rows .* --drop fold_sha256"):
            read(rows, measured, kurtosis="pearson")
        assert read(rows, measured, kurtosis="pearson", drop=["fold_sha256"]).converted


def test_rows_of_no_fold_in_a_table_of_folds_are_judged_as_they_are_anywhere(
    read: Callable[..., Reading], htru2: np.ndarray
) -> None:
    reference, others = Reference.of(htru2[::2, :8]), np.arange(500) >= 300
    rows = plain(htru2[:500], rows=others)
    reading = read(rows, ~others)
    assert [one for one in reading.warnings if "of 200 rows" in one and "--kurtosis" in one]
    assert taken_off(reading, reference) is None  # 3 is taken off a whole file, or not at all
    with pytest.raises(KurtosisError, match=r"lines 301 to 400 .* and \d+ other rows"):
        read(plain(htru2[:500], rows=slice(300, 400)), ~others)
    assert noted(read(plain(htru2[:500]), np.zeros(500, bool)))  # a column that says nothing


SAID = [
    "mean of profile,standard deviation of profile,skewness of profile,Pearson kurtosis of profile",
    "mean of DM curve,standard deviation of DM curve,skewness of DM curve,DM kurtosis (Pearson's)",
]


def titled(X: np.ndarray, names: str) -> list[str]:
    return [names, *(",".join(map(repr, row)) for row in X.tolist())]


@pytest.mark.parametrize("n_rows", [1, 7, 15, 19])
def test_a_name_that_says_pearson_is_noted_however_few_the_rows(
    write: Write, rows: np.ndarray, n_rows: int
) -> None:
    X = rows[:n_rows, :8]
    path = write(titled(plain(X), ",".join(SAID)))
    reading = read_candidates(path)
    assert noted(reading)
    assert re.findall("column [0-9]", reading.warnings[-1]) == ["column 4", "column 8"]
    checked = check_file(str(path), max_quarantine=0.05, columns=None, drop=())
    assert checked.quality.warnings[-1] == reading.warnings[-1]
    asked = read_candidates(path, kurtosis="pearson")
    np.testing.assert_allclose(asked.frame[NAMES], X, rtol=1e-9)
    assert not noted(read_candidates(path, kurtosis="excess"))


def test_a_name_that_says_pearson_of_one_curve_is_noted_for_that_one(
    write: Write, rows: np.ndarray
) -> None:
    X = plain(rows[:15, :8], [3])
    names = f"{SAID[0]},{','.join(NAMES[4:])}"
    (note,) = [one for one in read_candidates(write(titled(X, names))).warnings if "3 off" in one]
    assert "take 3 off profile_kurtosis in the file yourself" in note
    assert "column 8" not in note


@pytest.mark.parametrize(
    ("words", "added"),
    [
        (("Pearson kurtosis", "Pearson excess kurtosis"), 3),
        (("Pearson kurtosis", "Pearson (Fisher) kurtosis"), 3),
        (("Pearson kurtosis", "Pearson kurtosis"), 0),
        (("Pearson kurtosis of DM", "kurtosis of DM"), 0),
    ],
)
def test_a_name_that_says_pearson_is_not_repeated_where_it_says_excess_or_rows_cannot_be(
    write: Write, rows: np.ndarray, words: tuple[str, str], added: int
) -> None:
    X = rows[:15, :8].copy()
    X[:, KURTOSIS] += added
    names = ",".join(SAID).replace("DM kurtosis (Pearson's)", "Pearson kurtosis of DM curve")
    assert not noted(read_candidates(write(titled(X, names.replace(*words)))))


@pytest.mark.parametrize(
    "name",
    [
        "ek_pearson_{}",
        "ex_kurt_pearson_{}",
        "exKurtPearson_{}",
        "EKPearson {}",
        "{}_kurtosis_pearson_minus_3",
        "{} kurtosis (Pearson - 3)",
        "{}_kurtosis_pearson-3",
        "{}_kurtosis_not_pearson",
        "NonPearson kurtosis {}",
        "Pearson's ExcessKurtosis {}",
    ],
)
def test_a_name_of_excess_kurtosis_that_holds_pearson_is_not_called_pearsons(
    write: Write, rows: np.ndarray, name: str
) -> None:
    X = plain(rows[:15, :8])  # the rows allow both
    for called, curves in ((name, ()), ("{}_kurtosis_pearson_30", ("column 4", "column 8"))):
        names = [*NAMES[:3], called.format("profile"), *NAMES[4:7], called.format("dm")]
        reading = read_candidates(write(titled(X, ",".join(names))), columns="1,2,3,4,5,6,7,8")
        said = [one for one in reading.warnings if "called Pearson's" in one]
        assert [place for one in said for place in re.findall("column [0-9]", one)] == [*curves]


def test_of_two_names_that_say_pearson_none_is_noted_alone(write: Write, rows: np.ndarray) -> None:
    X = plain(rows[:15, :8], [3])
    X[:, 7] = X[:, 6] ** 2
    names = ",".join(SAID)
    assert not noted(read_candidates(write(titled(X, names))))
    assert noted(read_candidates(write(titled(X, names.replace("(Pearson's)", "")))))


@pytest.mark.parametrize(("n_wrong", "allowed"), [(2, True), (3, False)])
def test_rows_in_error_in_one_of_two_that_are_called_pearsons_send_nobody_to_the_other(
    write: Write, rows: np.ndarray, n_wrong: int, *, allowed: bool
) -> None:
    X = np.vstack([rows[:, :8]] * 2)
    X[:, 7] = np.maximum(X[:, 7], X[:, 6] ** 2 - 1.9)
    X = plain(X)
    X[:, 3] = np.maximum(X[:, 3], X[:, 2] ** 2 + 1.1)
    X[100 : 100 + n_wrong, 3] = X[100 : 100 + n_wrong, 2] ** 2
    path = write(titled(X, ",".join(SAID)))
    (note,) = [one for one in read_candidates(path).warnings if "--kurtosis pearson" in one]
    assert "in the file yourself" not in note
    assert re.findall("column [0-9]", note) == ["column 4", "column 8"]
    assert ("3 of 480 rows" in note) is not allowed
    if not allowed:
        with pytest.raises(KurtosisError):
            read_candidates(path, kurtosis="pearson")
        path = write(titled(np.delete(X, range(100, 103), 0), ",".join(SAID)))
    assert read_candidates(path, kurtosis="pearson").converted
