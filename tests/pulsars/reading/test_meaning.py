"""What a table means is never guessed without a word: labels, curves, lines that are no rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.access import ranges
from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError, TableError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
NAMES = list(FEATURE_NAMES)
DM_FIRST = [4, 5, 6, 7, 0, 1, 2, 3]
README_NAMES = [name.replace("kurtosis", "?").replace("skewness", "kurtosis") for name in NAMES]
README_NAMES = [name.replace("?", "skewness") for name in README_NAMES]


def cells_of(rows: np.ndarray, order: Sequence[int] = range(8)) -> list[list[str]]:
    """Features as text, in the order asked for."""
    return [[repr(float(row[i])) for i in order] for row in rows]


def lines_of(
    rows: np.ndarray,
    names: Sequence[str] | None = None,
    *columns: Sequence[str],
    order: Sequence[int] = range(8),
) -> list[str]:
    """CSV lines of the features and of further columns."""
    table = [row + [column[i] for column in columns] for i, row in enumerate(cells_of(rows, order))]
    return [",".join(row) for row in ([list(names)] if names else []) + table]


def spelled(rows: np.ndarray, no: str, yes: str) -> list[str]:
    return [yes if value else no for value in rows[:, 8]]


def flags(rows: np.ndarray, no: str = "0", yes: str = "1") -> list[str]:
    """A column of two values that has nothing to do with the label."""
    return [yes if i % 3 else no for i in range(len(rows))]


# Labels


@pytest.mark.parametrize("mark", ["!pulsar", "~yes", "pulsar?", "#Non Pulsar", "(pulsar)", "¬1"])
def test_a_mark_makes_a_label_unknown(write: Write, rows: np.ndarray, mark: str) -> None:
    labels = spelled(rows, "non-pulsar", "pulsar")
    labels[7] = mark
    reading = read_candidates(write(lines_of(rows, [*NAMES, "label"], labels)))
    assert reading.frame["label"].isna().to_numpy().nonzero()[0].tolist() == [7]
    assert reading.cells[["row", "value", "why"]].to_numpy().tolist() == [
        [7, mark, "is no known label"]
    ]


@pytest.mark.parametrize(
    ("no", "yes"),
    [("Not Pulsar", "PULSAR"), ("non_pulsar", "pulsar"), ("NON-PULSAR", "Pulsar"), ("No", "yes")],
)
def test_case_blanks_dashes_and_underscores_do_not_count(
    write: Write, rows: np.ndarray, no: str, yes: str
) -> None:
    labels = spelled(rows, no, yes)
    reading = read_candidates(write(lines_of(rows, [*NAMES, "label"], labels)))
    assert reading.frame["label"].tolist() == rows[:, 8].tolist()


@pytest.mark.parametrize(("no", "yes"), [("0", "1"), ("no", "yes"), ("False", "True")])
@pytest.mark.parametrize("name", ["is_rfi", "flag", "detected_before", "type", "is_psr"])
def test_two_values_make_no_label_where_names_speak(
    write: Write, rows: np.ndarray, name: str, no: str, yes: str
) -> None:
    path = write(lines_of(rows, [*NAMES, name], spelled(rows, yes, no)))
    reading = read_candidates(path)
    assert not reading.labelled
    assert f'--columns "label={name}"' in (reading.label_hint or "")
    assert reading.label_hint in reading.warnings
    asked = read_candidates(path, columns=f"label={name}")
    assert asked.frame["label"].tolist() == (1 - rows[:, 8]).tolist()
    assert asked.label_hint is None


def test_an_unknown_spelling_beside_a_flag_is_no_label_and_neither_is_the_flag(
    write: Write, rows: np.ndarray
) -> None:
    kinds = spelled(rows, "noise", "signal")
    path = write(lines_of(rows, [*NAMES, "kind", "flag"], kinds, flags(rows)))
    reading = read_candidates(path)
    assert not reading.labelled
    assert "column 9 'kind' (noise, signal)" in (reading.label_hint or "")
    assert '--columns "label=flag"' in (reading.label_hint or "")
    nameless = write(lines_of(rows, None, kinds, flags(rows)))
    with pytest.raises(ColumnsError, match=r"column 10 .*column 9.*'noise', 'signal'.*--drop 9"):
        read_candidates(nameless)


def test_a_feature_of_two_values_beside_a_guessed_label_is_not_advised_to_be_left_out(
    write: Write, rows: np.ndarray
) -> None:
    coarse = rows.copy()
    coarse[:, 6] = np.where(np.arange(len(rows)) % 9, -1.0, 0.0)
    path = write(lines_of(coarse, None, flags(rows)))
    with pytest.raises(ColumnsError, match=r"column 9 .*column 7, .*--columns") as refusal:
        read_candidates(path)
    assert "--drop" not in str(refusal.value)
    reading = read_candidates(path, columns="1,2,3,4,5,6,7,8,9")
    assert reading.frame["label"].tolist() == [int(flag) for flag in flags(rows)]


def test_words_that_say_pulsar_are_a_label_under_any_name(write: Write, rows: np.ndarray) -> None:
    words = spelled(rows, "non-pulsar", "pulsar")
    path = write(lines_of(rows, [*NAMES, "flag", "kind"], flags(rows), words))
    reading = read_candidates(path)
    assert reading.frame["label"].tolist() == rows[:, 8].tolist()
    assert reading.columns["label"].position == 10
    assert reading.columns["label"].how == "by its words"
    assert "column 10 'kind' is taken for the label" in (reading.label_hint or "")


def test_a_label_by_name_wins_over_words(write: Write, rows: np.ndarray) -> None:
    guess = spelled(rows, "non-pulsar", "pulsar")
    guess[:20] = ["pulsar"] * 20
    labels = spelled(rows, "0", "1")
    path = write(lines_of(rows, [*NAMES, "guess", "target"], guess, labels))
    reading = read_candidates(path)
    assert reading.frame["label"].tolist() == rows[:, 8].tolist()
    assert reading.label_hint is None


@pytest.mark.parametrize("option", ["drop", "keep"])
def test_a_label_that_an_option_took_is_said_and_noted_nowhere(
    write: Write, rows: np.ndarray, option: str
) -> None:
    path = write(lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1")))
    reading = read_candidates(path, **{option: ["label"]})
    assert not reading.labelled
    assert reading.label_hint == f"--{option} took column 9 'label'"
    assert reading.label_hint not in reading.warnings


@pytest.mark.parametrize("names", [None, [*(f"f{i}" for i in range(1, 9)), "l"]])
def test_values_tell_the_label_where_names_do_not_and_it_is_said(
    write: Write, rows: np.ndarray, names: list[str] | None
) -> None:
    reading = read_candidates(write(lines_of(rows, names, spelled(rows, "0", "1"))))
    assert reading.frame["label"].tolist() == rows[:, 8].tolist()
    assert reading.columns["label"].how == "by its values"
    assert "column 9" in (reading.label_hint or "")
    assert reading.label_hint in reading.warnings


# Lines that are no rows


@pytest.mark.parametrize("names", [NAMES, ["id", *NAMES]])
@pytest.mark.parametrize("header", [True, False])
def test_commented_rows_are_passed_over_and_counted(
    write: Write, rows: np.ndarray, names: list[str], *, header: bool
) -> None:
    table = lines_of(rows, None, spelled(rows, "0", "1"))
    if "id" in names:
        table = [f"c{i},{line}" for i, line in enumerate(table)]
    table[3] = "#" + table[3]
    table[9] = " % " + table[9]
    text = [",".join([*names, "label"])] * header + table
    reading = read_candidates(write([*text, "# end of the night"]))
    left = np.delete(rows, [3, 9], axis=0)
    np.testing.assert_array_equal(reading.frame.to_numpy(), left)
    assert reading.cells.empty
    assert reading.dialect.skipped == 3
    first = 4 + header
    assert any(f"3 lines (the first is line {first})" in note for note in reading.warnings)


def test_names_of_rows_may_begin_as_a_comment_does(write: Write, rows: np.ndarray) -> None:
    table = lines_of(rows, None, spelled(rows, "0", "1"))
    head = ",".join(["id", *NAMES, "label"])
    every = [f"#{i},{line}" for i, line in enumerate(table)]
    np.testing.assert_array_equal(read_candidates(write([head, *every])).frame.to_numpy(), rows)
    most = [*every[:-20], *(line[1:] for line in every[-20:])]
    with pytest.raises(TableError, match=r"220 of 240 rows begin with # .*line 2\b"):
        read_candidates(write([head, *most]))


def test_an_error_value_of_a_spreadsheet_is_a_cell_and_no_comment(
    write: Write, lines: list[str]
) -> None:
    lines = [*lines]
    lines[5] = "#DIV/0!," + lines[5].split(",", 1)[1]
    reading = read_candidates(write(lines))
    assert len(reading.frame) == 240
    assert reading.cells["row"].tolist() == [5]


def test_the_same_header_once_more_is_passed_over_and_counted(
    write: Write, rows: np.ndarray
) -> None:
    head, *table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    loud = ", ".join(name.upper().replace("_", " ") for name in head.split(","))
    path = write([head, head, *table[:100], loud, *table[100:], "# " + head])
    reading = read_candidates(path)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.cells.empty
    assert reading.dialect.skipped == 3
    assert any("2 lines (the first is line 2)" in note for note in reading.warnings)
    assert reading.lines[100] == 104
    assert any("line 244 is passed over, with # or %" in note for note in reading.warnings)


@pytest.mark.parametrize(
    ("every", "n_passed"), [(50, 5), (20, 12), (10, 0), (2, 0), (1, 0), (0, 0)]
)
def test_a_mark_in_quotes_comments_a_row_out_but_where_many_names_begin_so(
    every: int, n_passed: int, write: Write, rows: np.ndarray
) -> None:
    """R and spreadsheets write names in quotes, the mark that somebody typed before one, too."""
    lines = [",".join(['"id"', *FEATURE_NAMES, "label"])]
    for at, row in enumerate(rows):
        name = "#N/A" if not every else ("#" * (at % every == 0) + f"c{at}")
        lines.append(",".join([f'"{name}"', *map(repr, row.tolist())]))
    if not every:
        lines[1:200] = [line.replace("#N/A", "c", 1) for line in lines[1:200]]
    reading = read_candidates(write(lines))
    assert (len(reading.frame), reading.dialect.skipped) == (240 - n_passed, n_passed)


@pytest.mark.parametrize("mark", ["#1 priority", "%ile", "#"])
@pytest.mark.parametrize("others", ["", "seen twice", "J{}", "{}"])
def test_a_remark_in_quotes_that_begins_with_a_mark_takes_no_row_out(
    mark: str, others: str, write: Write, rows: np.ndarray
) -> None:
    lines = [",".join(["notes", *FEATURE_NAMES, "label"])]
    for at, row in enumerate(rows):
        note = others.format(at) if at % 30 else mark
        lines.append(",".join([f'"{note}"', *map(repr, row.tolist())]))
    reading = read_candidates(write(lines))
    assert (len(reading.frame), reading.dialect.skipped) == (240, 0)


@pytest.mark.parametrize("commented", [True, False])
@pytest.mark.parametrize(
    "second",
    [
        [*(NAMES[i] for i in DM_FIRST), "label"],
        [*README_NAMES, "label"],
        [*NAMES, "target"],
        ["profile_mean", "profile_stdev", "SNR mean", *NAMES[3:], "label"],
    ],
)
def test_another_header_below_rows_is_refused_with_both_lines(
    write: Write, rows: np.ndarray, second: list[str], *, commented: bool
) -> None:
    head, *table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    mark = "# " if commented else ""
    path = write([head, *table[:100], mark + ",".join(second), *table[100:]])
    with pytest.raises(ColumnsError, match=r"line 102: a second header.* line 1; "):
        read_candidates(path)


@pytest.mark.parametrize(
    "title", ["HTRU2, made in 2020", "profile,,,,dm,,,,", "\\fixlen = T", "Sheet 1,,,,,,,,"]
)
def test_a_title_above_the_names_is_refused_with_the_line_to_take_out(
    title: str, write: Write, rows: np.ndarray
) -> None:
    table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    with pytest.raises(ColumnsError, match=r"line 2: names .* line 1 .*; take line 1 out"):
        read_candidates(write([title, *table]))
    same_rows = read_candidates(write(table))
    np.testing.assert_array_equal(same_rows.frame.to_numpy(), rows)


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        (["Survey export", ""], "lines 1 to 2"),
        (["Survey export 2024", "made by me", "", ""], "lines 1 to 4"),
        (["Survey export,,,,,,,,", ",,,,,,,,"], "lines 1 to 2"),
        (["", "Survey export", ""], "lines 2 to 3"),
    ],
)
def test_a_title_with_lines_between_is_refused_with_the_lines_to_take_out(
    above: list[str], lines: str, write: Write, rows: np.ndarray
) -> None:
    table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    with pytest.raises(ColumnsError, match=rf"line {len(above) + 1}: names .*; take {lines} out"):
        read_candidates(write([*above, *table]))


def test_a_header_below_rows_without_one_is_refused(write: Write, rows: np.ndarray) -> None:
    head, *table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    with pytest.raises(ColumnsError, match=r"line 101: a header in the middle"):
        read_candidates(write([*table[:100], head, *table[100:]]))


def test_a_row_of_rubbish_is_no_header(write: Write, rows: np.ndarray) -> None:
    head, *table = lines_of(rows, [*NAMES, "label"], spelled(rows, "0", "1"))
    table[50] = ",".join(["?"] * 9)
    table[60] = ",".join(["n/a"] * 8 + ["0"])
    table[70] = ",".join(["damaged"] * 9)
    reading = read_candidates(write([head, *table]))
    assert sorted(set(reading.cells["row"])) == [50, 60, 70]


# Curves


@pytest.mark.parametrize("names", [None, [f"f{i}" for i in range(8)], ["mean", "sd", "sk", "ek"]])
@pytest.mark.parametrize("n_rows", [12, 240])
def test_the_curve_that_stands_first_is_told_by_the_means(
    write: Write, rows: np.ndarray, names: list[str] | None, n_rows: int
) -> None:
    if names and len(names) == 4:
        names = [*names, *(f"{name}.1" for name in names)]
    rows = rows[:n_rows]
    for order in (list(range(8)), DM_FIRST):
        reading = read_candidates(write(lines_of(rows, names, order=order)))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
        ways = [re.search(r"--columns ([\d,]+)", note) for note in reading.warnings]
        positions = ",".join(str(order.index(i) + 1) for i in range(8))
        assert [way.group(1) for way in ways if way] == [positions]


def test_curves_that_nothing_tells_apart_are_refused_with_both_readings(
    write: Write, rows: np.ndarray
) -> None:
    rows = rows.copy()
    rows[:, :4] = rows[:, 4:8]
    rows[:, 4:8] = rows[::-1, :4]
    path = write(lines_of(rows))
    with pytest.raises(ColumnsError) as refused:
        read_candidates(path)
    ways = re.findall(r"--columns ([\d,]+\d)", str(refused.value))
    assert ways == ["1,2,3,4,5,6,7,8", "5,6,7,8,1,2,3,4"]
    for way in ways:
        reading = read_candidates(path, columns=way)
        order = [int(position) - 1 for position in way.split(",")]
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, order])
        assert not any("no name" in note for note in reading.warnings)


def test_a_name_of_one_column_tells_the_order_of_the_curves(write: Write, rows: np.ndarray) -> None:
    for known in (0, 4):
        for order in (list(range(8)), DM_FIRST):
            names = [f"f{i}" for i in range(8)]
            names[order.index(known)] = NAMES[known]
            reading = read_candidates(write(lines_of(rows, names, order=order)))
            np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
            assert any("by their values and place" in note for note in reading.warnings)


STATISTICS = ("mean", "std", "skew", "kurt")


@pytest.mark.parametrize(
    ("profile", "dm"),
    [
        ("profile_{}_norm", "dm_{}_norm"),
        ("Prof.{}!x", "DM.{}!x"),
        ("{}Pulse_x", "{}SNR_x"),
        ("integrated pulse {} (counts)", "dispersion measure {} (counts)"),
        ("pulse_{}_x", "pulse_dm_{}_x"),
        ("profX_{}", "dmcurve_{}_x"),
    ],
)
@pytest.mark.parametrize("alike", [True, False])
def test_a_word_of_a_curve_in_names_that_are_not_known_says_which_curve_is_which(
    write: Write, rows: np.ndarray, profile: str, dm: str, *, alike: bool
) -> None:
    names = [said.format(word) for said in (profile, dm) for word in STATISTICS]
    rows = rows[::-1, [*DM_FIRST, 8]].copy()  # the profile's values say that they are the DM's
    if alike:
        rows[:, :4] = rows[::-1, 4:8]
    for order in (list(range(8)), DM_FIRST):
        reading = read_candidates(write(lines_of(rows, [names[i] for i in order], order=order)))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
        positions = ",".join(str(order.index(i) + 1) for i in range(8))
        assert f"--columns {positions} " in reading.warnings[0]
        assert any("say the opposite" in note for note in reading.warnings) is not alike


@pytest.mark.parametrize(
    ("profile", "dm"), [("profile_{}_norm", "dm_{}_norm"), ("{}Pulse_x", "{}SNR_x")]
)
def test_names_that_say_of_which_curve_all_eight_are_speak_and_make_no_label_of_a_flag(
    write: Write, rows: np.ndarray, profile: str, dm: str
) -> None:
    names = [said.format(word) for said in (profile, dm) for word in STATISTICS]
    labels = [f"{label:.0f}" for label in rows[:, 8]]
    path = write(lines_of(rows, [*names, "is_rfi"], labels))
    reading = read_candidates(path)
    assert not reading.labelled
    assert '--columns "label=is_rfi"' in (reading.label_hint or "")
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
    assert not read_candidates(path, columns="1,2,3,4,5,6,7,8").labelled
    assert read_candidates(path, columns="label=is_rfi").labelled
    for last, words in (("label", labels), ("kind", spelled(rows, "non-pulsar", "pulsar"))):
        taken = read_candidates(write(lines_of(rows, [*names, last], words)))
        assert taken.frame["label"].tolist() == rows[:, 8].tolist()
    half = [*names[:7], "f8", "l"]
    assert read_candidates(write(lines_of(rows, half, labels))).labelled


@pytest.mark.parametrize(
    ("first", "second", "profile_first"),
    [
        ("snr_{}_fold", "trial_{}_q", False),
        ("y_{}_x", "pulse_{}_x", False),
        ("prof_{}_x", "int16_{}", True),
        ("dispersion measure {} (x)", "ip_{}_x", False),
    ],
)
@pytest.mark.parametrize("alike", [True, False])
def test_a_word_in_the_names_of_one_curve_tells_only_where_the_means_do_not(
    write: Write, rows: np.ndarray, first: str, second: str, *, profile_first: bool, alike: bool
) -> None:
    names = [said.format(word) for said in (first, second) for word in STATISTICS]
    order = list(range(8)) if not profile_first else DM_FIRST  # the means contradict the word
    rows = rows[:, [*order, 8]].copy()
    if alike:
        rows[:, :4] = rows[::-1, 4:8]
    reading = read_candidates(write(lines_of(rows, names)))
    taken = DM_FIRST if profile_first is not alike else list(range(8))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, taken])
    assert ("by a word" in reading.warnings[0]) is alike
    assert not any("is called" in note for note in reading.warnings)


@pytest.mark.parametrize(
    ("profile", "dm"),
    [
        ("points_{}", "admin_{}"),
        ("int16_{}", "f_{}"),
        ("b {} z", "sub-int {} z"),
        ("professional_{}_x", "snr_{}_z"),
        ("snr_{}_z", "profiler_{}_z"),
        ("a_{}", "b_{}_dm_x"),
        ("prof_snr_{}_x", "c_{}"),
        ("dm_pulse_{}_x", "dm_pulse_{}_y"),
    ],
)
def test_words_of_no_curve_or_of_both_leave_the_order_to_the_means(
    write: Write, rows: np.ndarray, profile: str, dm: str
) -> None:
    names = [said.format(word) for said in (profile, dm) for word in STATISTICS]
    names[-1] = names[-1].replace("_dm", "")  # a word that three of four hold
    reading = read_candidates(write(lines_of(rows, names, order=DM_FIRST)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows[:, :8])
    assert "no name says which curve is which" in reading.warnings[0]


def test_a_table_pasted_beside_the_candidates_is_no_part_of_them(
    write: Write, rows: np.ndarray
) -> None:
    side = [["3.5", "7.25", "yes"] if i < 40 else [""] * 3 for i in range(len(rows))]
    for i in range(0, 40, 2):
        side[i] = [f"{i}.25", "-2.5", "no"]
    columns = list(zip(*side, strict=True))
    labels = spelled(rows, "0", "1")
    path = write(lines_of(rows, None, labels, *columns))
    np.testing.assert_array_equal(read_candidates(path).frame.to_numpy(), rows)
    names = [*NAMES, "label", "mean profile", "other", "class"]
    path = write(lines_of(rows, names, labels, *columns))
    np.testing.assert_array_equal(read_candidates(path).frame.to_numpy(), rows)


# One cell in error

RUBBISH = ["", "x", "?", "0", "1", "-1", "7.5", "1e9", "pulsar", "a b", "#", "!", "0;5", "'", '"']
SOUND: dict[str, Callable[[np.ndarray], list[str]]] = {
    "named": lambda r: lines_of(r, [*NAMES, "label"], spelled(r, "0", "1")),
    "headerless": lambda r: lines_of(r, None, spelled(r, "0", "1")),
    "foreign names": lambda r: lines_of(r, [*"abcdefgh", "l"], spelled(r, "no", "yes")),
    "dm first": lambda r: lines_of(r, None, spelled(r, "0", "1"), order=DM_FIRST),
    "index and a constant": lambda r: [
        f"{i},{line},2.5" for i, line in enumerate(lines_of(r, None, spelled(r, "0", "1")))
    ],
    "unlabelled": lambda r: lines_of(r, [*NAMES, "label"], [""] * len(r)),
}


@pytest.mark.parametrize("n_rows", [12, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", sorted(SOUND))
def test_one_cell_in_error_changes_nothing_but_its_row(
    write: Write, rows: np.ndarray, case: str, n_rows: int
) -> None:
    some = np.concatenate([rows[rows[:, 8] == 1][:4], rows[rows[:, 8] == 0][: n_rows - 4]])
    some = some[np.random.default_rng(3).permutation(n_rows)]
    text = SOUND[case](some)
    sound = read_candidates(write(text))
    for n, line in enumerate(text):
        cells = line.split(",")
        at = n % len(cells)
        for rubbish in RUBBISH[n % 3 :: 3]:
            changed = [*text]
            changed[n] = ",".join([*cells[:at], rubbish, *cells[at + 1 :]])
            path = write(changed)
            if (n, rubbish) == (0, "a b") and case in ("named", "unlabelled"):
                with pytest.raises(ColumnsError, match=f"--columns {NAMES[at]}={at + 1}"):
                    read_candidates(path)  # it may be another column, as far as names tell
                continue
            reading = read_candidates(path)
            said = f"{case}: {rubbish!r} in line {n + 1}, cell {at + 1}"
            for name in ("delimiter", "header", "format"):
                assert getattr(reading.dialect, name) == getattr(sound.dialect, name), said
            places = {key: source.position for key, source in reading.columns.items()}
            assert places == {k: s.position for k, s in sound.columns.items()}, said
            assert reading.labelled == sound.labelled, said


@pytest.mark.parametrize("names", [[*NAMES, "kind"], [*(f"f{i}" for i in range(1, 9)), "kind"]])
def test_words_of_one_class_in_all_of_a_sample_are_named_and_read_as_a_label_when_told_to(
    write: Write, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    monkeypatch.setattr(ranges, "SAMPLE_ROWS", 64)
    monkeypatch.setattr(ranges, "N_SLICES", 4)
    others, pulsars = rows[rows[:, 8] == 0], rows[rows[:, 8] == 1]
    kept = np.vstack([others[:95], pulsars, others[95:]])  # no stretch from 90 to 148 is looked at
    path = write(lines_of(kept, names, spelled(kept, "non-pulsar", "pulsar")))
    reading = read_candidates(path)
    assert not reading.labelled
    (way,) = re.findall('--columns "([^"]+)"', reading.label_hint or "")
    assert way == "label=kind"
    told = read_candidates(path, columns=way)
    assert told.frame["label"].tolist() == kept[:, 8].tolist()


def test_words_that_are_of_no_class_in_all_rows_are_not_named(
    write: Write, rows: np.ndarray
) -> None:
    for word in ("yes", "0", "candidate"):
        path = write(lines_of(rows, [*NAMES, "kind"], [word] * len(rows)))
        assert read_candidates(path).label_hint is None
