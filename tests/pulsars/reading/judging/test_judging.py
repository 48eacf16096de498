"""Every row is accepted, or set aside with its reasons; nothing is lost between the two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsars.reading.judging.in_memory import check_candidates, examine_candidates
from pulsars.reading.meaning.readings import Reading
from pulsars.reading.reader import read_candidates
from schemas.contract import candidate_schema, find_breaches
from schemas.errors import LabelError, ParameterError, QuarantineRateError, TableError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
HEADER = ",".join([*FEATURE_NAMES, "label"])


@pytest.fixture
def reading(write: Write, lines: list[str]) -> Reading:
    return read_candidates(write([HEADER, *lines]), name="sample")


def changed(reading: Reading, **cells: tuple[int, float]) -> Reading:
    """Give a reading with one cell a column replaced."""
    frame = reading.frame.copy()
    for column, (row, value) in cells.items():
        frame.loc[row, column] = value
    return replace(reading, frame=frame)


def frame_of(rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*FEATURE_NAMES, "label"])


def test_sound_rows_pass_bit_for_bit(reading: Reading, rows: np.ndarray) -> None:
    checked = check_candidates(reading)
    assert list(checked.accepted) == [*FEATURE_NAMES, "label", "line"]
    assert checked.accepted.dtypes.astype(str).tolist() == ["float64"] * 8 + ["int8", "int64"]
    np.testing.assert_array_equal(checked.accepted[list(FEATURE_NAMES)], rows[:, :8])
    assert checked.accepted["line"].tolist() == list(range(2, 242))
    assert checked.quarantined.empty
    assert list(checked.quarantined) == ["line", "reasons", "text"]
    quality = checked.quality
    assert quality.rows == {"read": 240, "accepted": 240, "quarantined": 0}
    assert (quality.pulsars, quality.prevalence) == (48, 0.2)
    content = b"".join(np.float64(value).tobytes() for value in rows.ravel())
    assert quality.fingerprint == hashlib.sha256(content).hexdigest()


def test_the_reasons_of_a_row_stand_in_one_order_whatever_rows_came_before(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = reading.frame.copy()
    frame.loc[1, "dm_stdev"] = -1.0
    frame.loc[5, ["profile_mean", "dm_stdev"]] = -1.0  # what is checked first fails later

    def found() -> list[tuple[str, str, list[int]]]:
        breaches = find_breaches(frame, labelled=True)
        return [(one.column, one.why, one.rows.tolist()) for one in breaches]

    at_once = found()
    monkeypatch.setattr("schemas.contract._ROWS_AT_ONCE", 3)
    assert found() == at_once
    assert next(column for column, _, rows in at_once if 5 in rows) == "profile_mean"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("profile_mean", -0.1, "profile_mean '-0.1' is outside 0 to 255"),
        ("dm_mean", 255.1, "dm_mean '255.1' is outside 0 to 255"),
        ("profile_stdev", -1.0, "profile_stdev '-1.0' is outside 0 to 127.5"),
        ("dm_stdev", np.inf, "dm_stdev 'inf' is not finite"),
        ("profile_skewness", -np.inf, "profile_skewness '-inf' is not finite"),
        ("dm_kurtosis", -2.1, "dm_kurtosis '-2.1' is below -2"),
        ("dm_kurtosis", -1.99, "dm_kurtosis '-1.99' is below dm_skewness² − 2"),
        ("profile_stdev", 127.4, "profile_stdev '127.4' is more than profile_mean allows"),
        ("label", 0.5, "label '0.5' is no label; it must be 0 or 1"),
        ("profile_mean", np.nan, "profile_mean is missing"),
    ],
)
def test_each_breach_is_named_with_column_and_value(
    reading: Reading, column: str, value: float, reason: str
) -> None:
    row = 11
    tame = changed(reading, profile_mean=(row, 100.0), dm_skewness=(row, 1.0))
    checked = examine_candidates(changed(tame, **{column: (row, value)}))
    assert checked.quarantined["line"].tolist() == [13]
    assert reason in checked.quarantined["reasons"][0]
    assert checked.quarantined["text"][0] == reading.texts[11]
    assert 13 not in set(checked.accepted["line"])


def test_bounds_are_inclusive(reading: Reading) -> None:
    flat = changed(
        reading,
        profile_mean=(5, 127.5),  # half of the bins 0, half of them 255
        profile_stdev=(5, 127.5),
        profile_skewness=(5, 0.0),
        profile_kurtosis=(5, -2.0),
        dm_mean=(3, 255.0),
        dm_stdev=(3, 0.0),
        dm_skewness=(3, 0.0),
        dm_kurtosis=(3, 0.0),
    )
    checked = check_candidates(flat)
    assert checked.quality.rows["quarantined"] == 0
    assert checked.quality.row_warnings == {"dm is flat (stdev 0)": 1}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"profile_kurtosis": 1e155}, "profile_kurtosis is more than mean, stdev and skewness"),
        ({"dm_kurtosis": 99999.0}, "dm_kurtosis is more than mean, stdev and skewness"),
        (
            {"dm_stdev": 1e-170, "dm_skewness": 0.0, "dm_kurtosis": 1e300},
            "dm_kurtosis is more than mean, stdev and skewness",
        ),
        ({"dm_stdev": 0.0}, "dm_stdev is 0, which makes a flat curve"),
        ({"profile_stdev": 0.0, "profile_skewness": 0.0}, "profile_stdev is 0, which makes a flat"),
    ],
)
def test_moments_that_no_curve_on_the_scale_has_are_set_aside(
    reading: Reading, cells: dict[str, float], why: str
) -> None:
    checked = check_candidates(
        changed(reading, **{name: (5, cell) for name, cell in cells.items()})
    )
    ((reason, n_rows),) = checked.quality.reasons.items()
    assert (reason.startswith(why), n_rows) == (True, 1)


def test_of_rows_whose_numbers_contradict_each_other_it_is_not_advised_to_go_on_without_them(
    reading: Reading, rows: np.ndarray
) -> None:
    moved = rows.copy()
    moved[:, 5] = np.roll(moved[:, 5], 1)  # a column that slipped by a row
    with pytest.raises(QuarantineRateError, match="which --columns puts right") as refused:
        check_candidates(replace(reading, frame=frame_of(moved)))
    assert "go on with" not in str(refused.value)
    gaps = rows.copy()
    gaps[::10, 5] = np.nan
    with pytest.raises(QuarantineRateError, match=r"go on with .* --max-quarantine 0\.1\b"):
        check_candidates(replace(reading, frame=frame_of(gaps)))


@pytest.mark.parametrize("kind", ["1", "yes", "TRUE", "pulsar", "0", "non-pulsar"])
@pytest.mark.parametrize("max_quarantine", [0.05, 0.9])
def test_of_a_label_that_marks_one_class_alone_nobody_is_advised_to_lose_the_other(
    write: Write, rows: np.ndarray, kind: str, max_quarantine: float
) -> None:
    other = {
        "1": "0",
        "yes": "no",
        "TRUE": "false",
        "pulsar": "not pulsar",
        "0": "1",
        "non-pulsar": "pulsar",
    }[kind]
    marked = rows[:, 8] == (kind not in {"0", "non-pulsar"})

    def table(empty: str) -> Path:
        cells = [kind if one else empty for one in marked]
        head = ",".join([*FEATURE_NAMES, "is_pulsar"])
        return write(
            [
                head,
                *(
                    ",".join([*map(repr, row[:8].tolist()), cell])
                    for row, cell in zip(rows, cells, strict=True)
                ),
            ]
        )

    with pytest.raises((QuarantineRateError, TableError)) as refused:
        check_candidates(read_candidates(table("")), max_quarantine=max_quarantine)
    assert "--max-quarantine" not in str(refused.value)
    assert f"write {other} into these cells" in str(refused.value)
    assert f"{np.count_nonzero(~marked)}:" in str(refused.value)
    filled = check_candidates(read_candidates(table(other)), max_quarantine=0)
    np.testing.assert_array_equal(filled.accepted["label"], rows[:, 8])


def test_who_scores_a_file_that_is_labelled_in_part_is_not_advised_to_lose_the_rest(
    reading: Reading, rows: np.ndarray
) -> None:
    begun = rows.copy()
    begun[60:, 8] = np.nan
    partly = replace(reading, frame=frame_of(begun))
    with pytest.raises(QuarantineRateError, match=r"--drop 9\b") as refused:
        check_candidates(partly, to_train=False)
    assert "--max-quarantine" not in str(refused.value)
    with pytest.raises(QuarantineRateError, match=r"--max-quarantine 0\.75\b"):
        check_candidates(partly)


def test_a_row_carries_all_its_reasons_in_one_line(reading: Reading) -> None:
    broken = changed(reading, profile_mean=(5, 300.0), dm_kurtosis=(5, -7.0), label=(5, 3.0))
    reasons = examine_candidates(broken).quarantined["reasons"]
    assert len(reasons) == 1
    for column in ("profile_mean '300.0'", "dm_kurtosis '-7.0' is below -2", "label '3.0'"):
        assert column in reasons[0]


def test_rows_that_contradict_each_other_are_all_set_aside(
    reading: Reading, rows: np.ndarray
) -> None:
    twin = np.vstack([rows, rows[:3], rows[10:11]])
    twin[240:243, 8] = 1 - twin[240:243, 8]
    more = replace(
        reading,
        frame=frame_of(twin),
        lines=np.arange(1, 245),
        texts=["" for _ in twin],
    )
    checked = check_candidates(more)
    assert checked.quarantined["line"].tolist() == [1, 2, 3, 241, 242, 243]
    ((reason, n_rows),) = checked.quality.reasons.items()
    assert n_rows == 6
    assert all(named in reason for named in ("label", "another row", "same features"))
    assert checked.quality.row_warnings == {"repeats an earlier row": 1}
    assert any(said.startswith("1 rows repeat") for said in checked.quality.warnings)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    faults=st.lists(
        st.tuples(
            st.integers(0, 239),
            st.integers(0, 8),
            st.sampled_from(["", "x", "1e999", "-3", "300", "2", "0.5", "nan"]),
        ),
        max_size=12,
    ),
    cut=st.integers(0, 3),
)
def test_rows_are_conserved_and_untouched(
    faults: list[tuple[int, int, str]], cut: int, lines: list[str], tmp_path: Path
) -> None:
    cells = [line.split(",") for line in lines]
    for row, column, text in faults:
        cells[row][column] = text
    text = [",".join(row) for row in cells]
    for row in range(cut):
        text[row] = text[row].rsplit(",", row + 2)[0]
    path = tmp_path / "x"
    path.write_text("\n".join([HEADER, *text]))
    if any([row[8:] for row in cells[cut:]].count([third]) > 1 for third in ("-3", "2", "300")):
        with pytest.raises(LabelError, match="holds 0, 1 and"):
            read_candidates(path)
        return
    reading = read_candidates(path)
    checked = examine_candidates(reading)
    lines_seen = [*checked.accepted["line"], *checked.quarantined["line"]]
    assert sorted(lines_seen) == list(range(2, 242))
    assert checked.quarantined["reasons"].str.len().min() > 0 or checked.quarantined.empty
    kept = checked.accepted["line"].to_numpy() - 2
    touched = {row for row, _, _ in faults} | set(range(cut))
    assert set(range(240)) - touched <= set(kept.tolist())
    for row, line in zip(checked.accepted.itertuples(index=False), kept, strict=True):
        expected = [float(cell) for cell in text[line].split(",")]
        assert list(row)[:9] == expected
    assert checked.quality.pulsars == (reading.frame["label"] == 1).sum()
    json.dumps(checked.quality.to_dict(), allow_nan=False)


def test_an_input_is_never_changed(reading: Reading) -> None:
    before = reading.frame.copy(deep=True)
    check_candidates(reading)
    pd.testing.assert_frame_equal(reading.frame, before)


def test_the_rate_is_compared_with_the_bound_inclusively(write: Write, lines: list[str]) -> None:
    spoiled = [f"x{line}" if i < 12 else line for i, line in enumerate(lines)]
    reading = read_candidates(write([HEADER, *spoiled]))
    assert check_candidates(reading, max_quarantine=0.05).quality.rows["quarantined"] == 12
    with pytest.raises(QuarantineRateError, match=r"12 of 240 rows \(5.0%\)"):
        check_candidates(reading, max_quarantine=0.0499)
    for bound in (-0.1, 1.1, float("nan")):
        with pytest.raises(ParameterError, match="between 0 and 1"):
            check_candidates(reading, max_quarantine=bound)


def test_no_accepted_row_is_refused_even_when_all_may_be_rejected(
    write: Write, lines: list[str]
) -> None:
    reading = read_candidates(write([HEADER, *(f"x{line}" for line in lines)]))
    with pytest.raises(TableError, match="no row was accepted"):
        check_candidates(reading, max_quarantine=1)
    assert examine_candidates(reading).quality.prevalence is None


def test_one_unlabelled_row_is_enough(write: Write, lines: list[str]) -> None:
    reading = read_candidates(write([HEADER.rsplit(",", 1)[0], lines[0].rsplit(",", 1)[0]]))
    checked = check_candidates(reading)
    assert len(checked.accepted) == 1
    assert checked.quality.pulsars is None
    assert checked.quality.pulsars_per_tenth is None
    assert "label" not in checked.accepted


def test_too_few_of_a_class_and_one_class_of_pulsars_are_refused(
    reading: Reading, rows: np.ndarray
) -> None:
    mixed = rows.copy()
    mixed[:, 8] = 1
    with pytest.raises(TableError, match="all 240 accepted rows are pulsars"):
        check_candidates(replace(reading, frame=frame_of(mixed)))
    mixed[:9, 8] = 0
    with pytest.raises(TableError, match="9 non-pulsars"):
        check_candidates(replace(reading, frame=frame_of(mixed)))


def test_pulsars_in_a_heap_are_warned_of_and_a_shuffle_is_not(
    reading: Reading, rows: np.ndarray
) -> None:
    said = check_candidates(reading).quality.warnings
    assert not any("not spread over the file" in warning for warning in said)
    heaped = rows[np.argsort(rows[:, 8])]
    quality = check_candidates(replace(reading, frame=frame_of(heaped))).quality
    assert quality.pulsars_per_tenth == (0, 0, 0, 0, 0, 0, 0, 0, 24, 24)
    assert "not spread over the file (by tenths: 0, 0" in quality.warnings[0]


def test_more_pulsars_than_others_are_warned_of_and_as_many_are_not(
    reading: Reading, rows: np.ndarray
) -> None:
    half = blurred(rows)
    half[:, 8] = np.arange(len(half)) % 2
    more = half.copy()
    more[0, 8] = 1
    few, many = (
        check_candidates(replace(reading, frame=frame_of(each))).quality.warnings
        for each in (half, more)
    )
    assert not few
    assert len(many) == 1
    assert "50.4 % of the candidates are labelled pulsars" in many[0]


@pytest.mark.parametrize(
    ("n_pulsars", "n_others", "told"),
    [(12, 0, True), (12, 48, False), (6, 0, True), (3, 0, False), (6, 6, False)],
)
def test_that_pulsars_are_set_aside_more_often_than_other_rows_is_said(
    n_pulsars: int, n_others: int, reading: Reading, rows: np.ndarray, *, told: bool
) -> None:
    """5 % of the rows can hold a quarter of the pulsars, and a model learns from the others."""
    lost = frame_of(rows)
    for label, n_rows in ((1, n_pulsars), (0, n_others)):
        lost.loc[np.flatnonzero(rows[:, 8] == label)[:n_rows], "profile_mean"] = -1
    said = check_candidates(replace(reading, frame=lost), max_quarantine=0.3).quality.warnings
    assert any(f"{n_pulsars} of 48 pulsars (" in each for each in said) == told


@pytest.mark.parametrize(("turned", "told"), [(slice(48, 96), "3, 4"), (slice(96, 120), None)])
def test_tenths_of_which_most_are_labelled_pulsars_are_named_and_a_single_one_is_not(
    turned: slice, told: str | None, reading: Reading, rows: np.ndarray
) -> None:
    """Of one table that was joined to another the label may be turned round."""
    mixed = rows.copy()
    mixed[turned, 8] = 1 - mixed[turned, 8]
    said = check_candidates(replace(reading, frame=frame_of(mixed))).quality.warnings
    named = [each for each in said if "labelled pulsars in these tenths" in each]
    assert [f"of the rows: {told}, and" in each for each in named] == [True] * bool(told)
    in_order = frame_of(mixed[np.argsort(-mixed[:, 8])])
    said = check_candidates(replace(reading, frame=in_order)).quality.warnings
    assert not any("labelled pulsars in" in each for each in said)


@pytest.mark.parametrize("share", [0.2, 0.24])
def test_tenths_of_a_sorted_table_in_which_pulsars_are_many_are_not_named(
    share: float, rows: np.ndarray, tmp_path: Path
) -> None:
    pulsars, others = rows[rows[:, 8] == 1], rows[rows[:, 8] == 0]
    some = np.concatenate([pulsars, others[: int(len(pulsars) * (1 - share) / share)]])
    some[::7, 8] = 0  # some that look like pulsars are none
    for feature in range(8):
        frame_of(some[np.argsort(some[:, feature])]).to_csv(tmp_path / "a.csv", index=False)
        said = check_candidates(read_candidates(tmp_path / "a.csv")).quality.warnings
        assert not any("labelled pulsars in" in each for each in said)


@pytest.mark.parametrize("words", ["AVERAGE,Median,total:", "mean,25%,max"])
@pytest.mark.parametrize("numbered", [True, False])
def test_rows_of_a_summary_below_a_table_are_set_aside(
    words: str, write: Write, rows: np.ndarray, *, numbered: bool
) -> None:
    """Their numbers are those of sound rows, and a model would rank an average."""
    lines = [f"id,{HEADER}"]
    for at, row in enumerate(rows):
        name = at if numbered else f"cand {at}"
        lines.append(",".join([f"{name}", *map(repr, row[:8].tolist()), f"{row[8]:.0f}"]))
    names = words.split(",")
    lines += [",".join([name, *lines[1].split(",")[1:]]) for name in names]
    checked = check_candidates(read_candidates(write(lines)))
    assert checked.quarantined["line"].tolist() == [242, 243, 244]
    (reason,) = checked.quality.reasons
    assert reason.startswith("row is a summary of others")
    assert all(
        name in each for name, each in zip(names, checked.quarantined["reasons"], strict=True)
    )


@pytest.mark.parametrize("drop", [(), ("kind",)])
@pytest.mark.parametrize(
    "kind",
    [
        lambda _: "mean",
        lambda at: "mean" if at % 3 == 0 else "best",
        lambda at: "max" if at % 30 == 0 else "best",
        lambda at: {10: "25%", 150: "max", 200: "SUM"}.get(at, f"J{at}"),
        lambda at: "sum" if at > 236 else "best",
        lambda at: {10: "max", 238: "mean", 239: "max"}.get(at, f"J{at}"),
    ],
)
def test_words_that_are_names_or_kinds_of_candidates_make_no_summary(
    kind: Callable[[int], str], drop: tuple[str, ...], write: Write, rows: np.ndarray
) -> None:
    lines = [f"kind,{HEADER}"]
    lines += [",".join([kind(at), *map(repr, row.tolist())]) for at, row in enumerate(rows)]
    assert check_candidates(read_candidates(write(lines), drop=drop)).quarantined.empty


def test_each_file_of_a_set_may_end_in_a_summary(tmp_path: Path, rows: np.ndarray) -> None:
    files = {name: tmp_path / name for name in ("one", "two")}
    for (name, path), part in zip(files.items(), np.split(rows, 2), strict=True):
        lines = [f"id,{HEADER}"]
        lines += [
            ",".join([f"{name} {at}", *map(repr, row.tolist())]) for at, row in enumerate(part)
        ]
        path.write_text(
            "\n".join(
                [*lines, *(f"{word}{lines[-1][len(name) + 4 :]}" for word in ("mean", "std"))]
            )
        )
    checked = check_candidates(read_candidates(files))
    assert checked.quarantined["line"].tolist() == [122, 123, 122, 123]


@pytest.mark.parametrize("asked", [{"drop": ("id",)}, {"keep": ("id",)}])
def test_what_the_user_says_of_the_first_column_holds(
    asked: dict[str, tuple[str, ...]], write: Write, rows: np.ndarray
) -> None:
    lines = [f"id,{HEADER}"]
    lines += [",".join([f"J{at}", *map(repr, row.tolist())]) for at, row in enumerate(rows)]
    lines[-2:] = [lines[-2].replace("J238", "mean"), lines[-1].replace("J239", "max")]
    found = check_candidates(read_candidates(write(lines))).quarantined
    assert found["line"].tolist() == [240, 241]
    assert check_candidates(read_candidates(write(lines), **asked)).quarantined.empty


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("word", ["sum", "mean", "max", "25%", "count"])
def test_a_single_word_is_a_summary_only_where_its_numbers_are(
    word: str, tmp_path: Path, rows: np.ndarray, *, labelled: bool
) -> None:
    """The last candidate of a night may be one of the beam `sum`; of a set, in each file."""
    files = {name: tmp_path / name for name in ("one", "two")}
    for is_one in (False, True):
        for path, part in zip(files.values(), np.split(rows, 2), strict=True):
            frame = frame_of(part)
            above = frame[:-1]
            frame.loc[119] = above.describe().T.get(word, above.sum()) if is_one else part[-1]
            frame["label"] = [*part[:-1, 8].astype(int), 1]  # as the greatest of the labels is
            frame.insert(0, "beam", [*(f"b{at // 10}" for at in range(119)), word])
            frame.drop(columns=[] if labelled else "label").to_csv(path, index=False)
        checked = check_candidates(read_candidates(files))
        assert checked.quarantined["line"].tolist() == [121, 121] * is_one
        assert all("is a summary" in each for each in checked.quarantined["reasons"])


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_the_numbers_of_a_summary_may_have_been_rounded(
    decimals: int, tmp_path: Path, rows: np.ndarray
) -> None:
    frame = frame_of(rows)
    frame.loc[len(rows)] = frame.median().round(decimals)
    frame["label"] = [*rows[:, 8].astype(int), 0]
    frame.insert(0, "beam", [*(f"b{at // 10}" for at in range(len(rows))), "median"])
    frame.to_csv(tmp_path / "night", index=False)
    checked = check_candidates(read_candidates(tmp_path / "night"))
    assert checked.quarantined["line"].tolist() == [len(rows) + 2]


@pytest.mark.parametrize("label", ["all", "1000", "pulsar"])
def test_labels_of_a_summary_count_nowhere(label: str, write: Write, rows: np.ndarray) -> None:
    """Below a labelled table `describe` writes the number of rows, and others a word."""
    said = ("0", "1") if label.isdigit() else ("not_pulsar", "pulsar")
    lines = [f"id,{HEADER}"]
    for at, row in enumerate(rows):
        lines.append(",".join([f"J{at}", *map(repr, row[:8].tolist()), said[int(row[8])]]))
    above = lines[1].split(",")[1:-1]
    lines += [",".join([name, *above, label]) for name in ("count", "mean", "std")]
    reading = read_candidates(write(lines))
    assert reading.n_pulsars == 48
    assert len(check_candidates(reading).quarantined) == 3


def blurred(rows: np.ndarray) -> np.ndarray:
    """Give these rows with labels that no feature tells."""
    mixed = rows.copy()
    mixed[:, 8] = np.random.default_rng(0).permutation(rows[:, 8])
    return mixed


@pytest.mark.parametrize("sign", [1, -1])
def test_a_feature_made_from_the_label_is_warned_of_by_name(
    reading: Reading, rows: np.ndarray, sign: int
) -> None:
    mixed = blurred(rows)
    assert check_candidates(replace(reading, frame=frame_of(mixed))).quality.warnings == ()
    mixed[:, 0] = 100 + sign * 20 * mixed[:, 8] + mixed[:, 0] / 100
    (said,) = check_candidates(replace(reading, frame=frame_of(mixed))).quality.warnings
    assert "(ROC AUC: profile_mean 1.0000)" in said


def test_rows_repeated_with_fewer_digits_are_counted(reading: Reading, rows: np.ndarray) -> None:
    mixed = blurred(rows)
    again = np.array([[float(f"{value:.6g}") for value in row] for row in mixed[:50]])
    twice = np.concatenate([mixed, again])
    lines, texts = np.arange(1, 291), ["" for _ in twice]
    longer = replace(reading, frame=frame_of(twice), lines=lines, texts=texts)
    (said,) = check_candidates(longer).quality.warnings
    assert said.startswith("50 rows repeat another one but for digits after the fifth")


def test_the_report_says_where_everything_came_from(
    write: Write, lines: list[str], rows: np.ndarray, kaggle: str
) -> None:
    text = [f"{line},7" if i else f"y{line},7" for i, line in enumerate(lines)]
    reading = read_candidates(write(["# simulated: folds", f"{kaggle},beam", *text]), name="sample")
    report = check_candidates(reading).quality.to_dict()
    assert report["rows"] == {"read": 240, "accepted": 239, "quarantined": 1}
    assert report["reasons"] == {"profile_mean is not a number": 1}
    assert report["samples"][0]["line"] == 3
    assert report["samples"][0]["text"] == text[0]
    assert report["dialect"]["simulated"] is True
    assert report["dialect"]["label_encoding"] == "0/1"
    assert report["columns"]["dm_kurtosis"]["source"] == "Skewness of the DM-SNR curve"
    assert report["moments"]["dm"]["taken"] == "swapped"
    summary = report["summary"]["dm_mean"]
    assert list(summary) == ["min", "p05", "median", "p95", "max"]
    assert summary["median"] == pytest.approx(np.median(rows[1:, 4]))
    assert summary["p05"] == pytest.approx(np.percentile(rows[1:, 4], 5))
    joined = " ".join(report["warnings"])
    for part in ("simulated", "the header calls column 7", "ignored: column 10 'beam'"):
        assert part in joined
    assert json.loads(json.dumps(report, allow_nan=False))["rows"] == report["rows"]


@pytest.mark.parametrize("labelled", [True, False])
def test_both_schemas_come_from_the_features(*, labelled: bool, rows: np.ndarray) -> None:
    schema = candidate_schema(labelled=labelled)
    names = [*FEATURE_NAMES, "label"] if labelled else [*FEATURE_NAMES]
    assert list(schema.columns) == names
    assert find_breaches(frame_of(rows)[names], labelled=labelled) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.drop(columns="dm_mean"),
        lambda frame: frame.assign(extra=1.0),
        lambda frame: frame.astype({"dm_mean": "str"}),
        lambda frame: pd.concat([frame, frame[["dm_mean"]]], axis=1),
        lambda frame: frame.set_axis([0] * len(frame), axis=0),
        lambda frame: frame.astype({"label": int}),
    ],
)
def test_a_table_of_another_form_is_refused_in_a_sentence(
    rows: np.ndarray, spoil: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    with pytest.raises(TableError, match="not in canonical form"):
        find_breaches(spoil(frame_of(rows)), labelled=True)
