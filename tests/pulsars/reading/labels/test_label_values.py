"""What a label's values mean is the user's word where no known encoding tells."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.reading import partitions
from pulsars.reading.access import ranges
from pulsars.reading.checking import check_file
from pulsars.reading.labels import third_class
from pulsars.reading.labels.label_encodings import asked_encoding
from pulsars.reading.labels.third_class import added, smallest
from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError, LabelError, LeakageError, ParameterError
from schemas.features import FEATURE_NAMES
from tests.pulsars.reading.test_partitions import read, same

Write = Callable[..., Path]
Patch = pytest.MonkeyPatch
OTHERS = pytest.mark.parametrize(
    ("no", "yes"),
    [
        (("1",), ("2",)),
        (("-1",), ("1",)),
        (("1",), ("0",)),
        (("N",), ("Y",)),
        (("RFI", "noise"), ("psr",)),
        (("RFI", "0"), ("1",)),
        (("0", "2", "3"), ("1", "4")),
        (("-",), ("+",)),
        (("-", "--"), ("1",)),
    ],
    ids="+".join,
)


def written(rows: np.ndarray, no: tuple[str, ...], yes: tuple[str, ...], name: str) -> list[str]:
    """Write rows with these words for labels, of several by turns."""
    sides = (no, yes)
    words = [sides[int(label)][i % len(sides[int(label)])] for i, label in enumerate(rows[:, 8])]
    cells = [
        ",".join([*map(repr, row[:8].tolist()), word])
        for row, word in zip(rows, words, strict=True)
    ]
    return [",".join([*FEATURE_NAMES, name]), *cells]


@OTHERS
@pytest.mark.parametrize("partition_rows", [1000, 64])
def test_a_label_of_other_values_is_read_as_one_of_0_and_1_is(
    no: tuple[str, ...],
    yes: tuple[str, ...],
    partition_rows: int,
    write: Write,
    rows: np.ndarray,
    tmp_path: Path,
) -> None:
    path = write(written(rows, no, yes, "class"))
    outcome = read(path, tmp_path, rows=partition_rows, pulsar_is=yes, not_pulsar_is=no)
    np.testing.assert_array_equal(outcome.accepted["label"], rows[:, 8])


@pytest.mark.parametrize(
    ("no", "yes"), [(("1",), ("2",)), (("N",), ("Y",)), (("RFI", "noise"), ("psr",))]
)
def test_without_a_word_such_a_label_is_refused_with_the_way_out(
    no: tuple[str, ...], yes: tuple[str, ...], write: Write, rows: np.ndarray
) -> None:
    with pytest.raises(LabelError, match="--pulsar-is"):
        read_candidates(write(written(rows, no, yes, "class")))


def test_what_neither_option_names_is_set_aside(write: Write, rows: np.ndarray) -> None:
    lines = written(rows, ("1",), ("2",), "class")
    lines[7] = lines[7][:-1] + "3"
    reading = read_candidates(write(lines), pulsar_is=["2"], not_pulsar_is=["1"])
    assert reading.cells[["row", "column", "why"]].to_numpy().tolist() == [
        [6, "label", "is no known label"]
    ]


@pytest.mark.parametrize(
    ("no", "yes"), [("no", "yes"), ("FALSE", "true"), ("non-pulsar", "Pulsar")]
)
@pytest.mark.parametrize("partition_rows", [1000, 64])
def test_rows_in_a_second_known_spelling_are_set_aside_as_such_and_what_is_said_leads_out(
    no: str, yes: str, partition_rows: int, write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    lines, others = (written(rows, (a,), (b,), "class") for a, b in (("0", "1"), (no, yes)))
    lines[1::20] = others[1::20]
    for row, word in ((2, "unsure"), (3, "0_1")):
        lines[row] = lines[row][:-1] + word
    path = write(lines)
    aside = read(path, tmp_path, rows=partition_rows).aside
    assert aside.count("is spelled otherwise than 0/1: name every") == len(rows[::20])
    assert aside.count("'unsure' is no known label") == aside.count("'0_1' is no known label") == 1
    asked = {"pulsar_is": ["1", yes], "not_pulsar_is": ["0", no]}
    outcome = read(path, tmp_path, rows=partition_rows, **asked)
    np.testing.assert_array_equal(outcome.accepted["label"], np.delete(rows[:, 8], [1, 2]))


def test_what_somebody_left_unsaid_is_no_other_spelling_of_what_they_said(
    write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    """Or 0, a mark for what nobody knows, would be advised to be named as no pulsar."""
    lines = written(rows, ("-1",), ("1",), "class")
    lines[5] = lines[5].rsplit(",", 1)[0] + ",0"
    asked = {"pulsar_is": ["1"], "not_pulsar_is": ["-1"]}
    assert "label '0' is no known label" in read(write(lines), tmp_path, rows=64, **asked).aside


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("third", ["2", "-1", "9.0"])
def test_a_third_number_is_refused_until_somebody_says_what_each_is(
    third: str, write: Write, rows: np.ndarray, *, header: bool
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row in (7, 8, 90):
        lines[row] = lines[row][:-1] + third
    path = write(lines if header else lines[1:])
    with pytest.raises(LabelError, match=f"{float(third):g} in 3 rows"):
        read_candidates(path)
    reading = read_candidates(path, pulsar_is=["1"], not_pulsar_is=["0"])
    assert reading.frame["label"].isna().sum() == 3
    with pytest.raises(LabelError, match=r"to score all rows .* --drop 9\b"):
        read_candidates(path)
    assert not read_candidates(path, drop=["9"]).labelled


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Take columns from a sample of the 240 rows, and give some that are not in it."""
    monkeypatch.setattr(ranges, "SAMPLE_ROWS", 64)
    monkeypatch.setattr(ranges, "N_SLICES", 4)
    return [20, 60, 110, 200]  # it is 0 to 15, 74 to 89, 149 to 164 and 224 to 239


@pytest.mark.parametrize("header", [True, False])
def test_a_third_number_between_the_rows_of_a_sample_is_refused_in_the_same_words_anywhere(
    unseen: list[int], write: Write, rows: np.ndarray, tmp_path: Path, *, header: bool
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row, cell in zip((unseen[0], unseen[1], unseen[-2], unseen[-1]), "5225", strict=True):
        lines[1 + row] = lines[1 + row][:-1] + cell
    path = write(lines if header else lines[1:])
    said = set()
    for partition_rows in (1000, 100, 64):
        with pytest.raises(LabelError, match="holds 0, 1 and 2 in 2 rows, 5 in 2 rows") as refusal:
            read(path, tmp_path, rows=partition_rows)
        said.add(str(refusal.value))
    with pytest.raises(LabelError) as refusal:
        read_candidates(path, name="night")
    assert said == {str(refusal.value)}


@pytest.mark.parametrize("partition_rows", [1000, 64])
@pytest.mark.parametrize("others", [("pulsar (known)",) * 3, ("J1", "J2", "J3")])
def test_other_words_than_two_are_refused_where_they_can_hold_pulsars_and_few_are_set_aside(
    others: tuple[str, ...],
    partition_rows: int,
    write: Write,
    rows: np.ndarray,
    tmp_path: Path,
) -> None:
    """Half of the pulsars may be `pulsar (known)`, and would be set aside in silence."""
    lines = written(rows, ("non-pulsar",), ("pulsar",), "class")
    pulsars = np.flatnonzero(rows[:, 8] == 1)
    for row, word in zip((*pulsars[:3], pulsars[3]), (*others[:2], "1", others[2]), strict=True):
        path = write(lines)
        lines[1 + row] = lines[1 + row].rsplit(",", 1)[0] + f",{word}"
    aside = read(path, tmp_path, rows=partition_rows).aside
    assert aside.count("no known label") == 2
    with pytest.raises(LabelError, match=r"holds words that are known and '[pJ].* in [13] rows?"):
        read(write(lines), tmp_path, rows=partition_rows)
    asked = {"pulsar_is": ["pulsar", *others], "not_pulsar_is": ["non-pulsar"]}
    outcome = read(write(lines), tmp_path, rows=partition_rows, **asked)
    assert len(outcome.accepted) == len(rows) - 1


@given(
    numbers=st.lists(st.integers(-9, 9).map(float), max_size=40),
    ends=st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted),
)
def test_numbers_counted_in_parts_are_those_counted_at_once_however_many_are_kept(
    numbers: list[float], ends: list[int]
) -> None:
    parts = [numbers[: ends[0]], numbers[ends[0] : ends[1]], numbers[ends[1] :]]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(third_class, "MAX_DISTINCT", 4)
        counted = [smallest(Counter(part).items()) for part in (*parts, numbers)]
        assert reduce(added, counted[:3]) == counted[3]
    assert len(counted[3]) <= 4


def test_a_third_number_in_a_sample_is_refused_before_any_partition_is_read(
    unseen: list[int], write: Write, rows: np.ndarray, tmp_path: Path, monkeypatch: Patch
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row in (5, 80, unseen[0]):
        lines[1 + row] = lines[1 + row][:-1] + "2"
    monkeypatch.setattr(partitions, "read_part", None)
    with pytest.raises(LabelError, match=r"0, 1 and 2 in 2 rows \(of 64 that were looked at\)"):
        read(write(lines), tmp_path, rows=64)


def test_words_in_a_sample_are_held_against_the_pulsars_of_the_whole(
    unseen: list[int], write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    """Of those in it a tenth may be called so, and of all less than a twentieth."""
    lines = written(rows, ("non-pulsar",), ("pulsar",), "class")
    seen = [row for row in np.flatnonzero(rows[:, 8] == 1).tolist() if row < 16 < unseen[0]]
    for row in seen[:2]:
        lines[1 + row] = lines[1 + row].rsplit(",", 1)[0] + ",pulsar (known)"
    outcomes = [read(write(lines), tmp_path, rows=size) for size in (1000, 64)]
    assert [len(outcome.accepted) for outcome in outcomes] == [len(rows) - 2] * 2


@pytest.mark.parametrize("name", ["label", "kind"])
def test_what_a_named_label_says_is_taken_on_the_user_s_word_however_few_rows_say_it(
    name: str, write: Write, rows: np.ndarray
) -> None:
    lines = written(rows, ("0",), ("1",), name)
    for row in range(0, len(rows), 3):
        for at in (row, row + 1):
            lines[1 + at] = lines[1 + at][:-1] + "2"
    asked = {"pulsar_is": ["1"], "not_pulsar_is": ["0"], "columns": f"label={name}"}
    label = read_candidates(write(lines), **asked).frame["label"]
    assert label.isna().sum() == 160
    assert label[2::3].tolist() == rows[2::3, 8].tolist()


def test_what_neither_option_names_is_set_aside_of_0_and_1_too_wherever_it_stands(
    unseen: list[int], write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row in (unseen[0], unseen[-1]):
        lines[1 + row] = lines[1 + row][:-1] + "2"
    path, asked = write(lines), {"pulsar_is": ["1"], "not_pulsar_is": ["0"]}
    outcome = read(path, tmp_path, rows=64, **asked)
    assert len(outcome.accepted) == len(rows) - 2
    assert read_candidates(path, **asked).frame["label"].isna().sum() == 2


def test_fractions_and_a_single_odd_number_between_the_rows_of_a_sample_are_set_aside(
    unseen: list[int], write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row, cell in ((unseen[0], "2"), (unseen[1], "0.5"), (unseen[-1], "0.5"), (unseen[-2], "3")):
        lines[1 + row] = lines[1 + row][:-1] + cell
    assert len(read(write(lines), tmp_path, rows=64).accepted) == len(rows) - 4


def test_a_single_odd_number_and_fractions_are_set_aside(write: Write, rows: np.ndarray) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    for row, cell in ((7, "2"), (8, "0.5"), (90, "0.5"), (91, "0.5")):
        lines[row] = lines[row][:-1] + cell
    assert read_candidates(write(lines)).frame["label"].isna().sum() == 4


def test_a_label_that_is_turned_round_is_noted(tmp_path: Path, rows: np.ndarray) -> None:
    balanced = np.concatenate([rows[rows[:, 8] == 1], rows[rows[:, 8] == 0][:60]])
    frame = pd.DataFrame(balanced[:, :8], columns=list(FEATURE_NAMES))
    how: dict[str, Any] = {"columns": None, "drop": (), "max_quarantine": 0.05}
    noted = []
    for label in (balanced[:, 8], 1 - balanced[:, 8]):
        path = tmp_path / "sky.csv"
        frame.assign(label=label.astype(int)).to_csv(path, index=False)
        warnings = check_file(str(path), **how).quality.warnings
        noted.append(sum("flatter profiles" in warning for warning in warnings))
    assert noted == [0, 1]


def test_of_curves_that_changed_places_no_label_is_said_to_be_turned_round(
    tmp_path: Path, rows: np.ndarray
) -> None:
    balanced = np.concatenate([rows[rows[:, 8] == 1], rows[rows[:, 8] == 0][:60]])
    balanced[:, 0] = np.round(balanced[:, 0] * 128) / 128
    names = [*FEATURE_NAMES[4:], *FEATURE_NAMES[:4], "label"]
    path = tmp_path / "sky.csv"
    pd.DataFrame(balanced, columns=names).to_csv(path, index=False)
    noted = []
    for columns in (None, "1,2,3,4,5,6,7,8"):
        how: dict[str, Any] = {"columns": columns, "drop": (), "max_quarantine": 0.05}
        warnings = check_file(str(path), **how).quality.warnings
        noted.append([part in " ".join(warnings) for part in ("--columns", "--pulsar-is")])
    assert noted == [[True, False], [False, False]]


def test_a_name_in_a_label_s_place_can_be_carried_as_the_refusal_says(
    write: Write, rows: np.ndarray
) -> None:
    lines = written(rows, ("NGC 6440",), ("J0437-4715",), "target")
    path = write(lines)
    with pytest.raises(LabelError, match="--keep 'target'"):
        read_candidates(path)
    reading = read_candidates(path, keep=["target"])
    assert not reading.labelled
    names = np.where(rows[:, 8] == 1, "J0437-4715", "NGC 6440")
    np.testing.assert_array_equal(reading.carried["target"], names)


def test_typed_columns_are_read_so_too(tmp_path: Path, rows: np.ndarray) -> None:
    frame = pd.DataFrame(rows[:, :8], columns=list(FEATURE_NAMES))
    frame.assign(target=rows[:, 8].astype(int) + 1).to_parquet(tmp_path / "numbers")
    frame.assign(target=np.where(rows[:, 8] == 1, "P", "R")).to_parquet(tmp_path / "words")
    numbers = read_candidates(tmp_path / "numbers", pulsar_is=["2.0"], not_pulsar_is=["1"])
    words = read_candidates(tmp_path / "words", pulsar_is=["p"], not_pulsar_is=["r"])
    for reading in (numbers, words):
        np.testing.assert_array_equal(reading.frame["label"], rows[:, 8])


def test_the_word_for_a_label_makes_no_label_of_a_flag_beside_named_features(
    write: Write, rows: np.ndarray
) -> None:
    path = write(written(rows, ("1",), ("2",), "beams"))
    asked = {"pulsar_is": ["2"], "not_pulsar_is": ["1"]}
    reading = read_candidates(path, **asked)
    assert not reading.labelled
    assert any('--columns "label=beams"' in note for note in reading.warnings)
    named = read_candidates(path, columns="label=beams", **asked)
    np.testing.assert_array_equal(named.frame["label"], rows[:, 8])


def test_words_that_the_user_names_find_the_column_and_two_such_columns_are_refused(
    write: Write, rows: np.ndarray
) -> None:
    asked = {"pulsar_is": ["psr"], "not_pulsar_is": ["RFI"]}
    lines = written(rows, ("RFI",), ("psr",), "kind")
    reading = read_candidates(write(lines), **asked)
    np.testing.assert_array_equal(reading.frame["label"], rows[:, 8])
    beside = ["other", *("psr" if i % 3 else "RFI" for i in range(len(rows)))]
    two = [f"{line},{word}" for line, word in zip(lines, beside, strict=True)]
    with pytest.raises(ColumnsError, match="can both be the label"):
        read_candidates(write(two), **asked)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("words", [("rfi", "psr", "unsure"), ("1", "2", "7")])
def test_values_that_the_user_names_find_the_column_however_many_others_stand_in_it(
    write: Write,
    rows: np.ndarray,
    tmp_path: Path,
    words: tuple[str, str, str],
    *,
    header: bool,
) -> None:
    no, yes, other = words
    lines = written(rows, (no,), (yes,), "kind")
    for row in range(1, len(lines), 10):
        lines[row] = f"{lines[row].rpartition(',')[0]},{other}"
    path = write(lines if header else lines[1:])
    asked = {"pulsar_is": [yes], "not_pulsar_is": [no]}
    columns = "label=kind" if header and no.isdigit() else None  # a flag beside named features
    if columns:
        notes = read_candidates(path, **asked).warnings
        assert any(f'--columns "{columns}"' in note for note in notes)
    kept = np.arange(len(rows)) % 10 != 0
    for partition_rows in (1000, 64):
        outcome = read(path, tmp_path, rows=partition_rows, columns=columns, **asked)
        np.testing.assert_array_equal(outcome.accepted["label"], rows[kept, 8])
        assert outcome.aside.count("is no known label") == len(rows) - kept.sum()


def test_of_two_columns_the_one_in_which_nearly_all_cells_are_named_is_the_label(
    write: Write, rows: np.ndarray
) -> None:
    lines = written(rows, ("rfi",), ("psr",), "kind")
    beside = ["other", *(("psr", "rfi", "unsure")[i % 3] for i in range(len(rows)))]
    two = [f"{line},{word}" for line, word in zip(lines, beside, strict=True)]
    reading = read_candidates(write(two), pulsar_is=["psr"], not_pulsar_is=["rfi"])
    np.testing.assert_array_equal(reading.frame["label"], rows[:, 8])


@pytest.mark.parametrize("words", [("no", "yes"), ("rfi", "psr", "unsure", "unsure", "unsure")])
def test_that_no_column_holds_what_the_user_names_is_noted(
    write: Write, rows: np.ndarray, words: tuple[str, ...]
) -> None:
    lines = [line.rpartition(",")[0] for line in written(rows, ("0",), ("1",), "label")]
    kinds = ["kind", *(words[i % len(words)] for i in range(len(rows)))]
    path = write([f"{line},{word}" for line, word in zip(lines, kinds, strict=True)])
    reading = read_candidates(path, pulsar_is=["psr"], not_pulsar_is=["rfi"])
    assert not reading.labelled
    assert any("--columns" in note and "label=" in note for note in reading.warnings)


def test_an_unlabelled_table_is_none_the_less(write: Write, rows: np.ndarray) -> None:
    lines = [line.rpartition(",")[0] for line in written(rows, ("0",), ("1",), "label")]
    assert not read_candidates(write(lines), pulsar_is=["2"], not_pulsar_is=["1"]).labelled


def test_the_words_of_the_user_come_before_what_is_known(write: Write, rows: np.ndarray) -> None:
    path = write(written(rows, ("0",), ("1",), "label"))
    with pytest.raises(LabelError, match="4/3"):
        read_candidates(path, pulsar_is=["3"], not_pulsar_is=["4"])


@pytest.mark.parametrize(
    ("pulsar", "other"),
    [(["2"], []), ([], ["1"]), (["2"], ["1", "2.0"]), (["P S R"], ["psr"]), ([" "], ["1"])],
)
def test_half_a_word_or_one_for_both_is_refused(pulsar: list[str], other: list[str]) -> None:
    with pytest.raises(ParameterError, match="--pulsar-is"):
        asked_encoding(pulsar, other)


def test_the_fingerprint_is_that_of_the_same_candidates(tmp_path: Path, rows: np.ndarray) -> None:
    frame = pd.DataFrame(rows[:, :8], columns=list(FEATURE_NAMES))
    frame.assign(label=rows[:, 8].astype(int)).to_csv(tmp_path / "known.csv", index=False)
    frame.assign(label=rows[:, 8].astype(int) + 1).to_csv(tmp_path / "other.csv", index=False)
    how = {"columns": None, "drop": (), "max_quarantine": 0.05}
    known = check_file(str(tmp_path / "known.csv"), **how)
    other = check_file(str(tmp_path / "other.csv"), pulsar_is=["2"], not_pulsar_is=["1"], **how)
    assert known.quality.fingerprint == other.quality.fingerprint
    assert other.quality.dialect["label_encoding"] == "1/2"


@pytest.mark.parametrize(
    ("name", "words"),
    [("class", ("RFI", "PSR")), ("label", ("1", "2")), ("true_class", ("-1", "1"))],
)
@pytest.mark.parametrize(("beside", "flags"), [("target", ("0", "1")), ("pulsar", ("no", "yes"))])
def test_of_two_columns_called_the_label_the_one_that_can_be_read_is_not_taken_for_it(
    write: Write, rows: np.ndarray, name: str, words: Any, beside: str, flags: Any
) -> None:
    """What people said, in words of their own, was ignored, and a flag learnt from."""
    lines = written(rows, (words[0],), (words[1],), name)
    flag = [i // 3 % 2 for i in range(len(rows))]
    path = write(
        [f"{a},{b}" for a, b in zip(lines, [beside, *(flags[i] for i in flag)], strict=True)]
    )
    with pytest.raises(ColumnsError, match=f"'{beside}' and .*'{name}'"):
        read_candidates(path)
    asked = {"pulsar_is": [words[1]], "not_pulsar_is": [words[0]]}
    for drop in ([], [beside]):
        found = read_candidates(path, drop=drop, **asked).frame["label"]
        assert found.tolist() == rows[:, 8].tolist()
    for way in ({"drop": [name]}, {"keep": [name]}):
        assert read_candidates(path, **way).frame["label"].tolist() == flag


@pytest.mark.parametrize("kinds", [11, 1])
def test_names_of_candidates_under_a_label_s_name_are_no_rival_of_a_label(
    write: Write, rows: np.ndarray, kinds: int
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    names = [f"J{i % kinds:04}" for i in range(len(rows))]
    path = write(
        [f"{lines[0]},target", *(f"{a},{b}" for a, b in zip(lines[1:], names, strict=True))]
    )
    assert read_candidates(path).frame["label"].tolist() == rows[:, 8].tolist()


BOTH_FORMATS = pytest.mark.parametrize(
    "form", ["csv", pytest.param("parquet", marks=pytest.mark.slow)]
)


def beside(rows: np.ndarray, folder: Path, form: str, name: str, **columns: Any) -> Path:
    """Write a table with further columns beside its eight features, in a form."""
    frame = pd.DataFrame(rows[:, :8], columns=list(FEATURE_NAMES)).assign(**columns)
    path = folder / f"{name}.{form}"
    frame.to_csv(path, index=False) if form == "csv" else frame.to_parquet(path, index=False)
    return path


def turns(rows: np.ndarray, *kinds: Any) -> list[Any]:
    """Give each row one of some kinds, that say nothing of its label."""
    return [kinds[i // 3 % len(kinds)] for i in range(len(rows))]


@BOTH_FORMATS
@pytest.mark.parametrize("name", ["y", "class"])
def test_numbers_that_are_not_whole_are_no_rival_of_a_label_and_one_slip_makes_none_of_classes(
    tmp_path: Path, rows: np.ndarray, form: str, name: str
) -> None:
    labels = rows[:, 8].astype(int)
    offsets = turns(rows, -0.5, 0.0, 0.5)
    path = beside(rows, tmp_path, form, "beams", pulsar=labels, **{name: offsets})
    assert same(path, tmp_path, rows=64).accepted["label"].tolist() == labels.tolist()
    classes = [1.5, *turns(rows, 1.0, 2.0)[1:]]
    path = beside(rows, tmp_path, form, "classes", target=labels, **{name: classes})
    with pytest.raises(ColumnsError, match=f"'target' and .*'{name}'"):
        read_candidates(path)


@BOTH_FORMATS
@pytest.mark.parametrize(
    ("label", "name", "kinds"),
    [
        ("label", "target", ("Ter5", "M28")),
        ("pulsar", "Target", ("Ter5", "M28")),
        ("class", "y", (-2, -1, 0, 1, 2)),
        ("label", "y", (1, 2)),
        ("label", "class", ("A", "B", "C")),
        ("is_pulsar", "Class", ("I", "II", "III")),
        ("label", "class", (1, 2, 3)),
        ("isPulsar", "the class", ("new", "known")),
        ("Label", "class", ("MSP", "normal")),
    ],
)
def test_what_is_surely_called_the_label_is_it_beside_what_may_be_no_label(
    tmp_path: Path, rows: np.ndarray, form: str, label: str, name: str, kinds: Any
) -> None:
    for labels in (rows[:, 8].astype(int), 0 * rows[:, 8].astype(int)):
        path = beside(rows, tmp_path, form, "night", **{name: turns(rows, *kinds), label: labels})
        reading = read_candidates(path)
        assert reading.frame["label"].tolist() == labels.tolist()
        noted = [note for note in reading.warnings if f"column 9 '{name}'" in note]
        assert [note.split(":")[0][-7:] for note in noted] == ["ignored"]
        if len(kinds) == 2:
            outcome = same(path, tmp_path, rows=64)
            assert outcome.accepted["label"].tolist() == labels.tolist()
            assert noted[0] in json.loads(outcome.quality)["warnings"]


@pytest.mark.parametrize(
    ("label", "name", "kinds"),
    [
        ("class", "label", ("A", "B")),
        ("pulsar", "class", ("A", "B", "C")),
        ("target", "y", ("A", "B")),
        ("target", "class", ("A", "B")),
        ("label", "class", ("RFI", "PSR", "unsure")),
        ("label", "class", ("known pulsar", "other")),
        ("is_pulsar", "class", ("P", "N")),
        ("label", "class", ("펄서", "잡음")),
        ("is_pulsar", "class", (1, 2)),
        ("label", "class", (-1, 1)),
        ("label", "class", (0, 2, 2, 2, 1, 2)),
        ("label", "ground_truth", ("bg", "src")),
        ("class", "target", ("RFI", "PSR")),
        ("label", "class", ("no candidate", "hit")),
    ],
)
def test_what_may_be_the_label_in_words_of_its_own_is_refused_beside_one_that_can_be_read(
    tmp_path: Path, rows: np.ndarray, label: str, name: str, kinds: Any
) -> None:
    labels = rows[:, 8].astype(int)
    path = beside(rows, tmp_path, "csv", "c", **{name: turns(rows, *kinds), label: labels})
    with pytest.raises(ColumnsError, match=f"'{label}' and column 9 '{name}'"):
        read_candidates(path)


@pytest.mark.parametrize(
    ("label", "name", "kinds"),
    [
        ("label", "class", ("FP", "TP")),
        ("class", "target", ("Ter5", "M28")),
        ("class", "y", (1, 2)),
    ],
)
def test_what_tells_much_of_a_label_may_be_the_truth_whatever_the_two_are_called(
    tmp_path: Path, rows: np.ndarray, label: str, name: str, kinds: Any
) -> None:
    truth = rows[:, 8].astype(int)
    noisy = truth ^ (np.random.default_rng(0).random(len(rows)) < 0.2)
    said = [kinds[one] for one in truth]
    path = beside(rows, tmp_path, "csv", "c", **{name: said, label: noisy})
    with pytest.raises(ColumnsError, match=f"'{label}' and column 9 '{name}'"):
        read_candidates(path)


@BOTH_FORMATS
def test_what_is_one_thing_in_each_file_of_a_set_is_no_rival_of_a_label_but_in_a_label_s_words(
    tmp_path: Path, rows: np.ndarray, form: str
) -> None:
    labels = rows[:, 8].astype(int)

    def written_in(n_rows: int, *kinds: str) -> list[Path]:
        return [
            beside(
                part := rows[at : at + n_rows],
                tmp_path,
                form,
                f"{n_rows}-{at:03}",
                **{"class": kinds[at // n_rows % len(kinds)], "target": part[:, 8].astype(int)},
            )
            for at in range(0, len(rows), n_rows)
        ]

    def checked(paths: list[Path]) -> Any:
        more = [str(path) for path in paths[1:]]
        return check_file(str(paths[0]), more=more, columns=None, drop=(), max_quarantine=0.05)

    pointings = written_in(60, "Ter5", "M28")
    alone = [checked([path]).summary()["rows"]["accepted"] for path in pointings]
    assert alone == [60] * 4
    assert checked(pointings).summary()["rows"]["accepted"] == len(rows)
    reading = read_candidates({path.name: path for path in pointings})
    assert reading.frame["label"].tolist() == labels.tolist()
    for paths in (written_in(40, "RFI", "PSR"), written_in(6, "A", "B")):
        with pytest.raises(ColumnsError, match="'target' and column 9 'class'"):
            checked(paths)


@pytest.mark.parametrize("name", ["what's it", 'a "class"', "$HOME `x`", "-v", "a,b", "my class"])
def test_a_column_is_named_in_advice_as_a_shell_takes_it(
    name: str, write: Write, rows: np.ndarray
) -> None:
    lines = written(rows, ("0",), ("1",), "label")
    quoted = name.replace('"', '""')
    path = write([f'{lines[0]},"{quoted}"', *(f"{one},{one[-1]}" for one in lines[1:])])
    with pytest.raises(LeakageError, match="repeats") as refused:
        read_candidates(path)
    advised = re.search(r"--drop .*(?=\.)", str(refused.value))
    option, word = shlex.split(advised[0] if advised else "")
    assert option == "--drop"
    assert len(read_candidates(path, drop=[word]).frame) == len(rows)


@BOTH_FORMATS
@pytest.mark.parametrize(
    ("label", "name", "words"),
    [
        ("label", "class", ("RFI", "PSR")),
        ("target", "class", ("noise", "candidate")),
        ("class", "target", ("no pulsar", "pulsar!")),
        ("pulsar", "class", ("A", "B")),
        ("is_pulsar", "class", ("1", "2")),
    ],
)
def test_what_repeats_a_label_in_words_of_its_own_is_leakage_whatever_it_is_called(
    tmp_path: Path, rows: np.ndarray, form: str, label: str, name: str, words: tuple[str, str]
) -> None:
    labels = rows[:, 8].astype(int)
    said = [words[one] for one in labels]
    path = beside(rows, tmp_path, form, "c", **{label: labels, name: said})
    with pytest.raises(LeakageError, match=f"'{name}' repeats .*'{label}'.*--drop '{name}'"):
        read(path, tmp_path, rows=64)
    assert read_candidates(path, drop=[name]).frame["label"].tolist() == labels.tolist()


@pytest.mark.parametrize(
    ("name", "other"), [("class", "label"), ("target", "label"), ("class", "target")]
)
def test_of_a_turned_label_and_one_in_other_words_both_ways_out_are_said(
    write: Write, rows: np.ndarray, name: str, other: str
) -> None:
    lines = written(rows, ("noise",), ("signal",), name)
    turned = [f"{1 - label:.0f}" for label in rows[:, 8]]
    path = write(
        [f"{lines[0]},{other}", *(f"{a},{b}" for a, b in zip(lines[1:], turned, strict=True))]
    )
    with pytest.raises(
        ColumnsError, match=f"--drop '{other}'.*--pulsar-is.*--drop '{name}'"
    ) as refused:
        read_candidates(path)
    assert f"pulsars are {turned.count('1')} of {len(rows)} rows" in str(refused.value)
    asked = {"pulsar_is": ["signal"], "not_pulsar_is": ["noise"], "drop": [other]}
    assert read_candidates(path, **asked).frame["label"].tolist() == rows[:, 8].tolist()
