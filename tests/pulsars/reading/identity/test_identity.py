"""What says which candidate a row is, is carried along as it stands, and never learnt from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.reading.identity.roles import role_by_name
from pulsars.reading.judging.in_memory import Checked, examine_candidates
from pulsars.reading.reader import read_candidates
from schemas import FEATURE_NAMES, LeakageError, ParameterError, carried_texts

Write = Callable[..., Path]
NAMES = list(FEATURE_NAMES)
ATTRIBUTES = [f"@attribute {name} numeric" for name in NAMES]


def table(rows: np.ndarray, **columns: list[str]) -> list[str]:
    """CSV lines of features, label and further columns, with a header."""
    header = ",".join([*NAMES, "label", *columns])
    cells = [[*map(repr, row[:8].tolist()), f"{row[8]:.0f}"] for row in rows]
    more = zip(*columns.values(), strict=True) if columns else [()] * len(cells)
    return [header, *(",".join([*row, *beside]) for row, beside in zip(cells, more, strict=True))]


def arff(rows: np.ndarray, comments: list[str]) -> list[str]:
    """ARFF lines as the extractor of HTRU2 writes them: the candidate's file behind a %."""
    lines = [",".join([*map(repr, row[:8].tolist()), f"{row[8]:.0f}"]) for row in rows]
    body = [f"{line}%{comment}" for line, comment in zip(lines, comments, strict=True)]
    return ["@relation x", *ATTRIBUTES, "@attribute class {0,1}", "@data", *body]


def numbered(n_rows: int, text: str = "{}") -> list[str]:
    return [text.format(i) for i in range(n_rows)]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("name", "name"), ("Source Name", "name"), ("PSRJ name", None), ("psr", "name"),
        ("filename", "path"), ("cand_path", "path"), ("pngFile", "path"), ("candidate_id", "id"),
        ("RA", "ra"), ("raj", "ra"), ("src_raj", "ra"), ("DEC (deg)", "dec"), ("decj", "dec"),
        ("period_ms", "period"), ("P0", "period"), ("best_period", "period"), ("DM", "dm"),
        ("dm (pc/cm3)", "dm"), ("S/N", "snr"), ("SNR", "snr"), ("sn", "snr"), ("dm_err", None),
        ("beam", None), ("mean_flux", None), ("dm_mean", None), ("dm_max", None),
        ("decision", None), ("telescope_name", "id"), ("", None), ("nbins", None),
        ("p_value", None), ("P1", None), ("P", "period"), ("p0_ms", "period"),
        ("RAJ2000", "ra"), ("_DEJ2000", "dec"), ("DE_deg", "dec"), ("RAdeg", "ra"),
        ("DEdeg", "dec"), ("RA_ICRS", "ra"), ("DE_ICRS", "dec"), ("src_dej", "dec"),
        ("dej", "dec"), ("RAB1950", None), ("DE-", None), ("RAh", None), ("e_DEdeg", None),
        ("objid", "id"), ("fname", "path"), ("image", "path"), ("beam_name", "id"),
        ("filterbank_path", "id"), ("FieldName", "id"), ("pointing_file", "id"), ("field", None),
        ("beam_ra", "ra"), ("n_beams", None), ("fil_file", "id"),
    ],
)  # fmt: skip
def test_a_role_is_told_by_the_words_of_a_name(name: str, role: str | None) -> None:
    if name == "PSRJ name":
        role = "id"
    assert role_by_name(name) == role


def test_what_looks_like_identity_is_carried_and_what_does_not_is_ignored(
    write: Write, rows: np.ndarray
) -> None:
    n = len(rows)
    reading = read_candidates(
        write(
            table(
                rows,
                beam=numbered(n, "{}"),
                DM=numbered(n, "{}.50"),
                file=numbered(n, "/a/cand_{}.pfd"),
                name=numbered(n, "c{}"),
            )
        )
    )
    assert list(reading.carried) == ["name", "file", "DM"]
    assert reading.carried["DM"].tolist()[:2] == ["0.50", "1.50"]
    assert reading.carried_from["file"].position == 12
    assert reading.warnings[-1].endswith("are ignored: column 10 'beam'")


@pytest.mark.parametrize("text", ["J{:04}-3015", "/b/{}.fil"])
def test_a_beam_called_like_a_pulsar_or_a_file_names_no_candidate(
    write: Write, rows: np.ndarray, text: str
) -> None:
    beams = [text.format(i * 2 // 3) for i in range(len(rows))]
    reading = read_candidates(write(table(rows, beam=beams, cand=numbered(len(rows), "c{}"))))
    assert list(reading.carried) == ["beam", "cand"]
    assert "same_source" not in examine_candidates(reading).accepted


@pytest.mark.parametrize(("column", "lacking"), [("RAJ2000", "dec"), ("DEJ2000", "ra")])
def test_half_a_position_is_noted(
    write: Write, rows: np.ndarray, column: str, lacking: str
) -> None:
    reading = read_candidates(write(table(rows, **{column: numbered(len(rows), "1{}")})))
    assert list(reading.carried) == [column]
    assert any(said.endswith(f"call its column {lacking}") for said in reading.warnings)


def test_positions_as_sigproc_packs_them_tell_one_source_from_another(
    write: Write, rows: np.ndarray
) -> None:
    n = len(rows)
    path = write(
        table(
            rows,
            src_raj=["123456.7", "123457.7", "113456.7", *numbered(n - 3, "100000.{}")],
            src_dej=["-302010.5", "-302011.5", "-302010.5", *numbered(n - 3, "100000.{}")],
            period=["0.5"] * 3 + numbered(n - 3, "1.{:03}"),
        )
    )
    groups = examine_candidates(read_candidates(path)).accepted["same_source"]
    assert groups[0] == groups[1] >= 0
    assert groups[2] == -1


def test_keep_and_drop_say_otherwise(write: Write, rows: np.ndarray) -> None:
    n = len(rows)
    path = write(table(rows, beam=numbered(n, "b{}"), name=numbered(n, "c{}")))
    for keep, drop, carried in (
        ([], [], ["name"]),
        (["beam"], [], ["name", "beam"]),
        (["10"], ["name"], ["beam"]),
        (["all"], [], ["name", "beam"]),
        (["none"], [], []),
        (["beam"], ["beam"], ["name"]),
    ):
        assert list(read_candidates(path, keep=keep, drop=drop).carried) == carried
    with pytest.raises(ParameterError, match="--keep none"):
        read_candidates(path, keep=["none", "beam"])


def test_a_kept_column_is_no_feature(write: Write, rows: np.ndarray) -> None:
    lines = [f"{100 + i / 7},{line}" for i, line in enumerate(table(rows)[1:])]
    reading = read_candidates(write(lines), keep=["1"])
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["column_1"].tolist()[:2] == ["100.0", "100.14285714285714"]


def test_a_copy_of_the_label_is_carried_when_asked_for_and_refused_else(
    write: Write, rows: np.ndarray
) -> None:
    copy = ["P" if value else "N" for value in rows[:, 8]]
    path = write(table(rows, verdict=copy))
    with pytest.raises(LeakageError):
        read_candidates(path)
    reading = read_candidates(path, keep=["verdict"])
    assert reading.carried["verdict"].tolist() == copy
    assert list(reading.frame) == [*NAMES, "label"]


def test_a_name_of_ours_is_changed_in_plain_sight(write: Write, rows: np.ndarray) -> None:
    n = len(rows)
    path = write(table(rows, rank=numbered(n), Probability=numbered(n, "0.{}")))
    reading = read_candidates(path, keep=["rank", "Probability"])
    assert list(reading.carried) == ["file_rank", "file_Probability"]
    assert "column 10 'rank' is carried as 'file_rank'" in reading.warnings[0]


def test_two_columns_of_one_name_are_told_apart(write: Write, rows: np.ndarray) -> None:
    lines = table(rows, name=numbered(len(rows)), other=numbered(len(rows), "x{}"))
    lines[0] = lines[0].replace("other", "Name")
    assert list(read_candidates(write(lines)).carried) == ["name", "Name_11"]


def test_a_long_cell_is_cut_and_says_so(write: Write, rows: np.ndarray) -> None:
    names = numbered(len(rows), "c{}")
    names[3] = "x" * 5_000
    cells = read_candidates(write(table(rows, name=names))).carried["name"]
    assert len(cells[3]) == 500
    assert cells[3].endswith("… (5,000 characters)")
    assert cells[4] == "c4"


def test_the_comment_behind_an_arff_row_is_carried(write: Write, rows: np.ndarray) -> None:
    paths = numbered(len(rows), "/survey/beam 7/50%/cand_{}.phcx")
    reading = read_candidates(write(arff(rows, paths)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["comment"].tolist() == paths
    assert reading.roles == {"comment": "path"}
    assert not read_candidates(write(arff(rows, paths)), drop=["comment"]).carried_from


@pytest.mark.parametrize("mark", ["%", " % ", "#", " # ", "\t# "])
@pytest.mark.parametrize("delimiter", [",", "\t", " "])
@pytest.mark.parametrize("first", [0, 1])
def test_the_comment_behind_a_csv_row_is_carried_and_the_text_stays_whole(
    mark: str, delimiter: str, first: int, write: Write, rows: np.ndarray
) -> None:
    paths = numbered(len(rows), "/survey/a,b/cand_{}.phcx")
    header, *below = [line.replace(",", delimiter) for line in table(rows)]
    lines = [f"{line}{mark}{path}" for line, path in zip(below, paths, strict=True)]
    reading = read_candidates(write([header, *lines][first:]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.carried["comment"].tolist() == paths
    assert reading.texts[5] == lines[5]


@pytest.mark.parametrize("value", ["#N/A", "#DIV/0!", "#NAME?"])
def test_what_a_spreadsheet_could_not_compute_is_no_comment(
    value: str, write: Write, rows: np.ndarray
) -> None:
    lines = [line.replace(",", " ") for line in table(rows, ratio=[value] * len(rows))]
    assert "comment" not in read_candidates(write(lines)).carried


def test_the_comment_behind_a_row_without_a_label_is_carried_too(
    write: Write, rows: np.ndarray
) -> None:
    paths = numbered(len(rows), "/survey/cand_{}.phcx")
    unlabelled = [line.rpartition(",")[0] for line in table(rows)[1:]]
    lines = [f"{line},?%{path}" for line, path in zip(unlabelled, paths, strict=True)]
    reading = read_candidates(write(lines))
    assert not reading.labelled
    assert reading.carried["comment"].tolist() == paths


def test_a_percent_sign_in_a_cell_is_no_comment(write: Write, rows: np.ndarray) -> None:
    lines = table(rows, name=numbered(len(rows), "50%of {}"), duty=numbered(len(rows), "{}%"))
    reading = read_candidates(write(lines), keep=["all"])
    assert reading.carried["name"][3] == "50%of 3"
    assert reading.carried["duty"][3] == "3%"


def test_numbers_that_a_comment_holds_are_no_features(write: Write, rows: np.ndarray) -> None:
    reading = read_candidates(write(arff(rows, numbered(len(rows), "{}.5"))))
    assert list(reading.frame) == [*NAMES, "label"]
    assert reading.carried["comment"][2] == "2.5"


def test_types_of_parquet_are_kept(tmp_path: Path, rows: np.ndarray) -> None:
    frame = pd.DataFrame(rows, columns=[*NAMES, "label"]).astype({"label": int})
    frame["period"] = np.arange(len(rows)) / 8
    frame["candidate_id"] = pd.array([2**60 + i for i in range(len(rows))], dtype="Int64")
    frame.loc[3, "candidate_id"] = pd.NA
    frame["name"] = None
    frame.loc[4:, "name"] = "x"
    frame.to_parquet(tmp_path / "x.parquet")
    carried = read_candidates(tmp_path / "x.parquet").carried
    assert carried["period"].dtype == np.float64
    assert carried["candidate_id"].tolist()[2:5] == [str(2**60 + 2), "", str(2**60 + 4)]
    assert carried["name"].tolist()[3:5] == ["", "x"]


def checked(write: Write, rows: np.ndarray, **columns: list[str]) -> Checked:
    return examine_candidates(read_candidates(write(table(rows, **columns))))


def test_accepted_and_quarantined_rows_both_carry_it(write: Write, rows: np.ndarray) -> None:
    wrong = rows.copy()
    wrong[7, 1] = 200.0
    found = checked(write, wrong, name=numbered(len(rows), "c{}"))
    assert list(found.accepted) == [*NAMES, "label", "line", "name"]
    assert found.quarantined["name"].tolist() == ["c7"]
    assert [sample.named for sample in found.quality.samples] == ["c7"]
    at = found.accepted["line"].to_numpy() - 2
    assert found.accepted["name"].tolist() == [f"c{i}" for i in at]


def test_identity_changes_neither_fingerprint_nor_the_count_of_repeats(
    write: Write, rows: np.ndarray
) -> None:
    twice = np.concatenate([rows, rows[:3]])
    bare = checked(write, twice).quality
    named = checked(write, twice, name=numbered(len(twice), "c{}")).quality
    assert named.fingerprint == bare.fingerprint
    assert named.row_warnings == bare.row_warnings == {"repeats an earlier row": 3}
    assert named.carried["name"].position == 10
    assert type(named).from_dict(named.to_dict()) == named


@given(
    st.lists(
        st.text(st.characters(categories=("L", "N", "P", "S")), max_size=60),
        min_size=12,
        max_size=12,
    )
)
def test_any_quoted_text_comes_through_or_its_row_is_set_aside(texts: list[str]) -> None:
    import tempfile

    rng = np.random.default_rng(0)
    curves = rng.normal(size=(12, 2, 64))
    cells = []
    for row in curves:
        one = []
        for curve in row:
            curve = 255 * (curve - curve.min()) / np.ptp(curve)  # noqa: PLW2901
            z = (curve - curve.mean()) / curve.std()
            one += [curve.mean(), curve.std(), (z**3).mean(), (z**4).mean() - 3]
        cells.append(one)
    quoted = ['"' + " ".join(text.replace('"', '""').split()) + '"' for text in texts]
    lines = [",".join([*NAMES, "name"])]
    lines += [",".join([*map(repr, map(float, c)), q]) for c, q in zip(cells, quoted, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        reading = read_candidates(path, keep=["name"])
    assert len(reading.carried) == len(reading.frame) == 12


def test_a_cell_without_a_value_in_a_typed_file_names_nobody(
    tmp_path: Path, rows: np.ndarray
) -> None:
    frame = pd.DataFrame(rows, columns=[*NAMES, "label"])
    frame["cand_id"] = [None if i % 2 else True for i in range(len(rows))]
    frame["snr"] = [np.nan if i % 2 else 7.5 for i in range(len(rows))]
    frame.loc[1, "dm_mean"] = np.nan
    frame.to_parquet(tmp_path / "typed.parquet")
    checked = examine_candidates(read_candidates(tmp_path / "typed.parquet"))
    assert [one.named for one in checked.quality.samples] == [""]
    whole = checked.accepted.iloc[[0, 2]].to_dict("records")
    assert carried_texts(whole[0], ["cand_id", "snr"]) == {"cand_id": "true", "snr": "7.5"}
    assert carried_texts(whole[1], ["cand_id", "snr"]) == {}
