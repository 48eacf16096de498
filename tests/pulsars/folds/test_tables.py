"""Folds as tables: found by content, a row each, labelled, written, and found again."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from command.show_folds import print_features
from pulsars.folds import finding, looking_again
from pulsars.folds.finding import FoldsFound, find_folds
from pulsars.folds.kept_tables import keep_table, put_folds_together
from pulsars.folds.labelling import label_folds, read_labels_of_folds
from pulsars.folds.making import make_features, require_target
from pulsars.folds.measuring import measure
from pulsars.folds.opening import read_fold
from pulsars.folds.prepfold import SIMULATED, pack
from pulsars.folds.tables import COLUMNS, tabulate
from pulsars.reading.checking import check_file
from pulsars.reading.fetching import obtain
from pulsars.reading.judging.in_memory import check_candidates
from pulsars.reading.reader import read_candidates
from pulsars.reading.sources.piped import keep_piped
from schemas import (
    FEATURE_NAMES,
    FileRef,
    FingerprintError,
    FoldError,
    LabelError,
    Limits,
    ParameterError,
    QuarantineRateError,
    Source,
    SourceNotFoundError,
    UnreadableFileError,
)
from tests.phcx import pack_phcx
from tests.pulsars.folds.strategies import prepfold
from tests.pulsars.folds.test_phcx import section


def night(folder: Path, n: int = 3, **given: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        (folder / f"{number}.pfd").write_bytes(pack(prepfold(number, **given)))
    return folder


def source_of(*origins: Path, downloads: Path) -> Source:
    first, *more = map(str, origins)
    return obtain(first, downloads, more=more, patience=1.0)


def found_in(*origins: Path, downloads: Path) -> FoldsFound:
    found = find_folds(source_of(*origins, downloads=downloads), [*map(str, origins)])
    assert found is not None
    return found


def together(folder: Path, *origins: Path) -> Source:
    source = source_of(*origins, downloads=folder)
    found = find_folds(source, [])
    assert found is not None
    parts = [keep_table(folder, tabulate(one.folds)) for one in found.batches(folder, None)]
    return put_folds_together(folder, source, parts)


@pytest.mark.parametrize("named", ["night", "night/0.pfd"])
def test_a_row_says_where_its_fold_is_wherever_it_is_measured(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(tmp_path / "night", n=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    (batch,) = found_in(Path(named), downloads=tmp_path / "d").batches(tmp_path, None)
    monkeypatch.chdir(tmp_path / "elsewhere")  # as a worker of a cluster may stand
    (place,) = tabulate(batch.folds)["fold"]
    assert place == str(tmp_path / "night" / "0.pfd")


def test_a_row_holds_the_statistics_and_says_which_fold_it_is_of(tmp_path: Path) -> None:
    folder = night(tmp_path / "night")
    (folder / "two.phcx").write_bytes(pack_phcx([section(1), section(2, section="pdmp")]))
    table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
    assert tuple(table.columns) == COLUMNS
    assert table["name"].tolist() == ["0", "1", "2", "two"]
    assert table["section"].tolist() == ["", "", "", "FFT"]
    assert table["telescope"].tolist() == ["Parkes"] * 4
    assert table["ra"].tolist() == [*["17:44:29.3"] * 3, "285.763042"]
    assert (table["refused"] == "").all()
    for place, sha256, row in zip(
        table["fold"], table["fold_sha256"], table[[*FEATURE_NAMES]].to_numpy(), strict=True
    ):
        assert FileRef.of(Path(place)).sha256 == sha256
        assert np.array_equal(row, measure(read_fold(Path(place).read_bytes(), name="x")))


def test_a_fold_that_cannot_be_measured_is_a_row_that_says_why(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 1)
    (folder / "cut.pfd").write_bytes(pack(prepfold())[:900])
    (folder / "empty.pfd").write_bytes(b"")
    (folder / "flat.pfd").write_bytes(pack(prepfold(profiles=np.ones((4, 8, 32)))))
    (folder / "table.phcx.gz").write_text("1,2,3\n")
    table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
    refused = dict(zip(table["name"], table["refused"], strict=True))
    assert [name for name, why in refused.items() if not why] == ["0"]
    for name, said in {
        "cut": "cut short",
        "empty": "0 bytes",
        "flat": "flat",
        "table": "neither",
    }.items():
        assert said in refused[name]
    assert table.loc[table["refused"] != "", [*FEATURE_NAMES]].isna().all(axis=None)


def test_what_lies_beside_folds_is_passed_over_and_what_is_named_beside_them_refused(
    tmp_path: Path,
) -> None:
    folder = night(tmp_path / "night")
    (folder / "0.pfd.bestprof").write_text("# of prepfold\n")
    found = found_in(folder, downloads=tmp_path / "d")
    assert (len(found.folds), found.passed_over) == (3, ("0.pfd.bestprof",))
    table = tmp_path / "table.csv"
    table.write_text("1,2\n")
    with pytest.raises(ParameterError, match="no fold"):
        found_in(folder, table, downloads=tmp_path / "d")


def test_an_empty_file_beside_folds_stops_none_of_them(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 2)
    (folder / "0.pfd.ps").touch()
    found = found_in(folder, downloads=tmp_path / "d")
    assert [one.name for one in found.folds] == ["0.pfd", "1.pfd"]
    assert found.passed_over == ("0.pfd.ps",)


def test_where_there_is_no_fold_there_are_tables_or_errors(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("1,2,3\n")
    source = source_of(tmp_path / "a.csv", tmp_path / "b.csv", downloads=tmp_path / "d")
    assert find_folds(source, []) is None
    (tmp_path / "c.pfd").write_bytes(b"")
    source = source_of(tmp_path / "a.csv", tmp_path / "c.pfd", downloads=tmp_path / "d")
    with pytest.raises(UnreadableFileError, match=r"c\.pfd is empty"):
        find_folds(source, [])
    os.mkfifo(tmp_path / "pipe.pfd")
    assert not finding.is_fold(tmp_path / "pipe.pfd")


def test_a_fold_that_changes_after_it_was_hashed_stops_the_measuring(tmp_path: Path) -> None:
    folder = night(tmp_path / "night")
    folds = found_in(folder, downloads=tmp_path / "d").folds
    (folder / "1.pfd").write_bytes(pack(prepfold(9)))
    with pytest.raises(FingerprintError, match=r"1\.pfd was changed"):
        tabulate(folds)
    (folder / "1.pfd").unlink()
    with pytest.raises(FingerprintError, match=r"1\.pfd is gone"):
        tabulate(folds)


def test_batches_put_together_are_the_table_of_all_and_known_by_the_folds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = night(tmp_path / "night", 5)
    whole = together(tmp_path / "d", folder)
    monkeypatch.setattr(finding, "BATCH", 2)
    batches = found_in(folder, downloads=tmp_path / "d").batches(tmp_path / "d", None)
    assert [len(batch.folds) for batch in batches] == [2, 2, 1]
    again = together(tmp_path / "d", folder)
    assert again.file.sha256 == whole.file.sha256
    assert Path(whole.file.path).name == whole.file.sha256
    assert (whole.origin, whole.members) == (str(folder), [])
    copied = night(tmp_path / "elsewhere", 5)
    assert together(tmp_path / "d", copied).content == whole.content != whole.file.sha256


def test_one_fold_is_known_by_its_own_content(tmp_path: Path) -> None:
    fold = night(tmp_path / "night", 1) / "0.pfd"
    assert together(tmp_path / "d", fold).content == FileRef.of(fold).sha256


def test_where_no_fold_can_be_measured_the_first_reason_is_given(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 2, variances=np.zeros((4, 8)))
    with pytest.raises(FoldError, match=r"none of 2 folds can be measured; the first.*sum to 0"):
        together(tmp_path / "d", folder)


def test_a_table_of_simulated_folds_says_so(tmp_path: Path) -> None:
    real = together(tmp_path / "d", night(tmp_path / "real"))
    drawn = together(tmp_path / "d", night(tmp_path / "drawn", telescope="simulated"))
    marks = [
        b"pulsar.simulated" in pq.read_metadata(one.file.path).metadata for one in (real, drawn)
    ]
    assert marks == [False, True]


def test_folds_are_validated_like_a_table(tmp_path: Path) -> None:
    folder = night(tmp_path / "night")
    (folder / "cut.pfd").write_bytes(pack(prepfold())[:900])
    for data, n_read, n_aside in ((folder, 4, 1), (folder / "1.pfd", 1, 0)):
        checked = check_file(str(data), max_quarantine=0.3, columns=None, drop=())
        assert checked.refusal is None
        assert checked.quality.rows["read"] == n_read
        assert checked.quality.rows["quarantined"] == n_aside
        assert {"fold", "fold_sha256", "telescope", "name"} <= set(checked.quality.carried)


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("place", "count", "said"),
    [
        (0, -5, "byte 0: numdms is -5; it must be from 1 to 1,048,576"),
        (3, 0, "byte 12: nsub is 0; it must be from 1 "),
        (4, 2**31 - 1, "byte 16: npart is 2,147,483,647; it must be from 1 to 1,048,576"),
        (5, 1, "byte 20: proflen is 1; it must be from 2 "),
        (6, 0, "byte 24: numchan is 0; it must be from 1 "),
    ],
)
def test_a_fold_with_an_absurd_count_is_refused_for_it_alone_and_among_others(
    tmp_path: Path, place: int, count: int, said: str, packed: Callable[[bytes], bytes]
) -> None:
    content = bytearray(pack(prepfold()))
    struct.pack_into("<i", content, 4 * place, count)
    folder = night(tmp_path / "night", 1)
    for name in ("odd.pfd", "odd.bin", "odd.pfd.gz"):
        odd = folder / name
        odd.write_bytes(packed(bytes(content)))
        with pytest.raises(FoldError) as refused:
            check_file(str(odd), max_quarantine=0.0, columns=None, drop=())
        assert f"{odd}, {said}" in str(refused.value)
        table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
        assert [said in one for one in table["refused"]] == [False, True]
        odd.unlink()


TRUTH = "file,label\nnight/0.pfd,1\n1.pfd,0\n2.pfd,0\n"


@pytest.mark.parametrize("keep", [(), ("none",)])
def test_a_fold_without_statistics_stops_no_other_and_its_reason_is_that_of_its_row(
    tmp_path: Path, keep: tuple[str, ...]
) -> None:
    folder = night(tmp_path / "night", 2)
    for name in ("a", "b", "c"):
        (folder / f"{name}.pfd").write_bytes(pack(prepfold())[:900])
    whole = together(tmp_path / "d", folder)
    reading = read_candidates(Path(whole.file.path), keep=keep)
    checked = check_candidates(reading, max_quarantine=0.0)
    assert checked.quality.rows == {"read": 5, "accepted": 2, "quarantined": 3}
    assert checked.quality.reasons == {"fold cannot be measured": 3}
    for name, said in zip("abc", checked.quarantined["reasons"], strict=True):
        refused = tabulate(found_in(folder / f"{name}.pfd", downloads=tmp_path / name).folds)
        assert said == f"fold cannot be measured: {refused['refused'][0]}"


def test_a_position_that_no_sky_has_is_said_and_carried(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 2)
    (folder / "odd.phcx").write_bytes(
        pack_phcx([replace(section(1), ra="99:00:00", dec="-120:00:00")])
    )
    (folder / "un.phcx").write_bytes(pack_phcx([replace(section(2), ra="", dec="Unknown")]))
    checked = check_candidates(read_candidates(Path(together(tmp_path / "d", folder).file.path)))
    assert checked.accepted["ra"].tolist()[2] == "99:00:00"
    said = [one for one in checked.quality.warnings if "place in the sky" in one]
    assert [("1 rows" in one, "'99:00:00'" in one, "'-120:00:00'" in one) for one in said] == [
        (True, True, False),
        (True, False, True),
    ]


def test_a_fold_from_standard_input_is_said_to_be_nowhere(tmp_path: Path) -> None:
    content = io.BytesIO(pack(prepfold()))
    kept = keep_piped(content, tmp_path / "piped", limits=Limits())
    table = tabulate(found_in(kept, downloads=tmp_path / "d").folds)
    assert table[["name", "fold", "refused"]].to_numpy().tolist() == [["standard input", "", ""]]
    assert table["fold_sha256"].tolist() == [FileRef.of(kept).sha256]


def test_a_link_to_nothing_that_is_called_like_a_fold_is_set_aside(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 1)
    (folder / "gone.pfd").symlink_to(tmp_path / "nowhere.pfd")
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
    assert table["name"].tolist() == ["0", "gone"]
    assert "gone.pfd" in table["refused"][1]


def test_a_fold_whose_path_is_no_text_is_set_aside_and_what_is_beside_passed_over(
    tmp_path: Path,
) -> None:
    folder = night(tmp_path / "night", 2)
    for name in (b"caf\xe9.pfd", b"caf\xe8.pfd", b"caf\xe9.pfd.ps"):
        (folder / os.fsdecode(name)).write_bytes((folder / "0.pfd").read_bytes())
    found = found_in(folder, downloads=tmp_path / "d")
    assert found.passed_over == ("caf\\udce9.pfd.ps",)
    assert found.note() == ""
    table = tabulate(found.folds)
    assert table["name"].tolist() == ["0", "1", "caf\\udce8", "caf\\udce9"]
    assert [one.split(": ")[-1] for one in table["refused"]] == [
        *["", ""],
        *["its path is no UTF-8 text; rename it"] * 2,
    ]
    whole = together(tmp_path / "d", folder)
    checked = check_file(str(folder), max_quarantine=0.0, columns=None, drop=())
    assert checked.quality.rows == {"read": 4, "accepted": 2, "quarantined": 2}
    for ending in (".csv", ".parquet"):
        target = str(tmp_path / f"made{ending}")
        made = make_features(whole.file, target, labels=None, n_passed_over=1)
        assert made.aside is not None
        assert "caf\\udce9.pfd: its path is no" in Path(made.aside.path).read_text("utf-8")


def test_folds_set_aside_beyond_those_that_are_shown_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = night(tmp_path / "night", 1)
    for number in range(12):
        (folder / f"cut{number:02}.pfd").write_bytes(pack(prepfold())[:900])
    table = together(tmp_path / "d", folder).file
    made = make_features(table, str(tmp_path / "f.csv"), labels=None, n_passed_over=0)
    print_features(made, as_json=False)
    assert "  and 2 more" in capsys.readouterr().out.splitlines()


def test_how_many_folds_were_labelled_is_said_and_how_many_are_pulsars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "truth.csv").write_text(TRUTH)
    table = together(tmp_path / "d", night(tmp_path / "night")).file
    for labels, said in ((str(tmp_path / "truth.csv"), (3, 1)), (None, (0, None))):
        target = str(tmp_path / f"{said[0]}.csv")
        made = make_features(table, target, labels=labels, n_passed_over=0)
        print_features(made, as_json=True)
        found = json.loads(capsys.readouterr().out)
        assert (found["labelled"], found["pulsars"]) == said
        print_features(made, as_json=False)
        lines = capsys.readouterr().out.splitlines()
        assert ("3 of 3 labelled, 1 pulsar" in lines) == (labels is not None)


def test_a_measured_row_that_is_wrong_counts_among_measured_rows(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 4)
    for number in range(6):
        (folder / f"cut{number}.pfd").write_bytes(pack(prepfold())[:900])
    reading = read_candidates(Path(together(tmp_path / "d", folder).file.path))
    frame = reading.frame.copy()
    frame.loc[0, "profile_mean"] = 256.0
    wrong = replace(reading, frame=frame)
    assert check_candidates(wrong, max_quarantine=0.25).quality.rows["quarantined"] == 7
    with pytest.raises(QuarantineRateError, match=r"profile_mean.* in 1 rows"):
        check_candidates(wrong, max_quarantine=0.24)


def bright(seed: int) -> bytes:
    """Pack a fold whose reduced χ² is far above 255, for one bin is."""
    plain = prepfold(seed)
    profiles = plain.profiles.copy()
    profiles[:, :, 5] += 1000.0
    return pack(replace(plain, dms=np.linspace(39.0, 41.0, 9), profiles=profiles))


@pytest.mark.parametrize("keep", [(), ("none",)])
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_the_dm_curve_of_a_pfd_has_no_bound_above_and_that_of_a_phcx_has(
    tmp_path: Path, ending: str, keep: tuple[str, ...]
) -> None:
    folder = night(tmp_path / "night", 5)
    (folder / "bright.pfd").write_bytes(bright(7))
    (folder / "plain.phcx").write_bytes(pack_phcx([section(1)]))
    made = str(tmp_path / f"made{ending}")
    make_features(together(tmp_path / "d", folder).file, made, labels=None, n_passed_over=0)
    reading = read_candidates(Path(made), keep=keep)
    checked = check_candidates(reading)
    assert checked.quality.rows == {"read": 7, "accepted": 7, "quarantined": 0}
    assert reading.frame["dm_mean"][5] > 255
    frame = reading.frame.copy()
    frame.loc[6, "dm_mean"] = 256.0
    said = check_candidates(replace(reading, frame=frame), max_quarantine=0.9).quarantined
    assert [text.split(";")[0] for text in said["reasons"]] == [
        "dm_mean '256.0' is outside 0 to 255"
    ]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("dm_mean", -0.5, "dm_mean '-0.5' is below 0"),
        ("dm_stdev", -1.0, "dm_stdev '-1.0' is below 0"),
        ("dm_stdev", 1e4, "dm_stdev '10000.0' is more than dm_mean allows: variance ≤ 99·mean²"),
        ("dm_mean", np.inf, "dm_mean 'inf' is not finite"),
        ("profile_mean", 256.0, "profile_mean '256.0' is outside 0 to 255"),
    ],
)
def test_what_no_chi_squared_can_have_is_set_aside(
    tmp_path: Path, column: str, value: float, reason: str
) -> None:
    reading = read_candidates(
        Path(together(tmp_path / "d", night(tmp_path / "night", 4)).file.path)
    )
    frame = reading.frame.copy()
    frame.loc[2, column] = value
    said = check_candidates(replace(reading, frame=frame), max_quarantine=0.9).quarantined
    assert said["line"].tolist() == [reading.lines[2]]
    assert reason in said["reasons"][0]


def test_labels_are_joined_by_the_names_of_files(tmp_path: Path) -> None:
    table = tabulate(found_in(night(tmp_path / "night"), downloads=tmp_path / "d").folds)
    (tmp_path / "truth.csv").write_text(TRUTH)
    labelled = label_folds(table, read_labels_of_folds(tmp_path / "truth.csv"), name="truth.csv")
    assert labelled["label"].tolist() == [1, 0, 0]
    with pytest.raises(LabelError, match=r"no label for 2 of 3 folds, the first 1\.pfd"):
        label_folds(table, {"0.pfd": 1}, name="truth.csv")


@pytest.mark.parametrize(
    ("no", "yes"), [("0", "1"), ("0.0", "1.0"), (" 0. ", "+1"), ("0\xa0", "1\xa0"), ("0e0", "1e0")]
)
def test_labels_count_by_value_as_those_of_a_table_do(tmp_path: Path, no: str, yes: str) -> None:
    (tmp_path / "truth.csv").write_text(f"file,label\n0.pfd,{yes}\n1.pfd,{no}\n")
    assert read_labels_of_folds(tmp_path / "truth.csv") == {"0.pfd": 1, "1.pfd": 0}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,label\n0.pfd,1\n", "line 1: no columns file and label"),
        (b"", "line 1"),
        (b"file,label\n0.pfd,2\n", "line 2: the label '2'"),
        (b"file,label\n0.pfd\n", "line 2: the label ''"),
        (b"file,label\n0.pfd,0.5\n", "line 2: the label '0.5'"),
        (b"file,label\n0.pfd,nan\n", "line 2: the label 'nan'"),
        (b"file,label\n0.pfd,0_1\n", "line 2: the label '0_1'"),
        ("file,label\n0.pfd,\u0661\n".encode(), "line 2: the label '\u0661'"),
        (b"file,label\n0.pfd,pulsar\n", "line 2: the label 'pulsar'"),
        (b"file,label\n0.pfd,1\n0.pfd,0\n", "line 3: 0.pfd has another label"),
        (b"\xff\xfe\x00", "cannot be read as CSV"),
    ],
)
def test_labels_that_say_nothing_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "truth.csv").write_bytes(content)
    with pytest.raises((LabelError, UnreadableFileError), match=r"truth\.csv") as refused:
        read_labels_of_folds(tmp_path / "truth.csv")
    assert said in str(refused.value)
    with pytest.raises(SourceNotFoundError):
        read_labels_of_folds(tmp_path / "none.csv")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_table_of_simulated_folds_says_that_they_are(tmp_path: Path, ending: str) -> None:
    for telescope in (SIMULATED, "Lovell"):
        folder = night(tmp_path / telescope, telescope=telescope)
        source = together(tmp_path / "d", folder)
        target = tmp_path / f"{telescope}{ending}"
        make_features(source.file, str(target), labels=None, n_passed_over=0)
        assert read_candidates(target).dialect.simulated == (telescope == SIMULATED)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_of_simulated_and_real_folds_it_is_said_how_many_are_simulated(
    tmp_path: Path, ending: str
) -> None:
    folder = night(tmp_path / "night", 5, telescope=SIMULATED)
    (folder / "real.pfd").write_bytes(pack(prepfold(9)))
    (folder / "cut.pfd").write_bytes(pack(prepfold())[:900])
    source = together(tmp_path / "d", folder)
    target = tmp_path / f"made{ending}"
    make_features(source.file, str(target), labels=None, n_passed_over=0)
    for path in (Path(source.file.path), target):
        for keep in ((), ("none",)):
            reading = read_candidates(path, keep=keep)
            assert reading.dialect.simulated == "5 of 6"
            quality = check_candidates(reading, max_quarantine=0.5).quality
            assert sum("5 of 6 of its candidates" in one for one in quality.warnings) == 1
    checked = check_file(str(folder), max_quarantine=0.5, columns=None, drop=())
    assert sum("5 of 6 of its candidates" in one for one in checked.quality.warnings) == 1
    (folder / "real.pfd").unlink()
    alone = read_candidates(Path(together(tmp_path / "d", folder).file.path))
    assert alone.dialect.simulated is True


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_table_holds_what_was_measured_and_a_list_the_others(
    tmp_path: Path, ending: str
) -> None:
    folder = night(tmp_path / "night")
    (folder / "cut.pfd").write_bytes(pack(prepfold())[:900])
    (tmp_path / "truth.csv").write_text(TRUTH)
    target = str(tmp_path / f"made{ending}")
    source = together(tmp_path / "d", folder)
    made = make_features(source.file, target, labels=str(tmp_path / "truth.csv"), n_passed_over=2)
    assert (made.n_found, made.n_measured, made.n_aside, made.n_passed_over) == (4, 3, 1, 2)
    assert made.n_pulsars == 1
    read = pd.read_csv if ending == ".csv" else pd.read_parquet
    found = read(target)
    assert "refused" not in found
    assert found["label"].tolist() == [1, 0, 0]
    assert made.aside is not None
    assert "cut short" in Path(made.aside.path).read_text()
    (folder / "cut.pfd").unlink()
    again = make_features(
        together(tmp_path / "d", folder).file,
        target,
        labels=str(tmp_path / "truth.csv"),
        n_passed_over=0,
    )
    assert again.aside is None
    assert not Path(made.aside.path).exists()


def test_what_is_no_table_of_folds_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "sky.csv").write_text("years,of,work\n")
    for target in ("sky.csv", "sky.txt"):
        with pytest.raises(ParameterError, match="sky"):
            require_target(str(tmp_path / target), labelled=False)


def test_a_list_of_something_else_beside_the_table_stays(tmp_path: Path) -> None:
    source = together(tmp_path / "d", night(tmp_path / "night"))
    own = tmp_path / "made.parquet.aside.csv"
    own.write_text("years,of,work\n")
    with pytest.raises(ParameterError, match=r"made\.parquet\.aside\.csv"):
        make_features(source.file, str(tmp_path / "made.parquet"), labels=None, n_passed_over=0)
    assert own.read_text() == "years,of,work\n"
    assert not (tmp_path / "made.parquet").exists()


def test_folds_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    folders = [night(tmp_path / name, 1) for name in ("n1", "n2")]
    table = tabulate(found_in(*folders, downloads=tmp_path / "d").folds)
    labels = {"n1/0.pfd": 1, "0.pfd": 0}
    assert label_folds(table, labels, name="truth.csv")["label"].tolist() == [1, 0]
    with pytest.raises(LabelError, match="no label for 1 of 2 folds"):
        label_folds(table, {"n1/0.pfd": 1}, name="truth.csv")
    with pytest.raises(LabelError, match=r"0\.pfd may be any of 2 folds"):
        label_folds(table, {"0.pfd": 1}, name="truth.csv")
    (tmp_path / "truth.csv").write_text("file,label\n./n1/0.pfd,1\nn2//0.pfd,0\n")
    labels = read_labels_of_folds(tmp_path / "truth.csv")
    assert label_folds(table, labels, name="truth.csv")["label"].tolist() == [1, 0]


def test_faces_are_of_the_folds_that_have_the_hash_and_of_no_other(tmp_path: Path) -> None:
    folder = night(tmp_path / "night", 4)
    table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
    (folder / "1.pfd").write_bytes(pack(prepfold(9)))
    (tmp_path / "d").mkdir(exist_ok=True)
    kept = tmp_path / "d" / table["fold_sha256"][2]
    (folder / "2.pfd").rename(kept)
    (folder / "3.pfd").unlink()
    os.mkfifo(folder / "3.pfd")
    rows = table.assign(rank=[3, 5, 6, 7]).to_dict("records")
    faces, n_gone = looking_again.faces_of(rows, downloads=tmp_path / "d")
    assert (set(faces), n_gone) == ({3, 6}, 2)
    assert faces[3].telescope == "Parkes"
    odd = [
        {"rank": 1},
        {"rank": 2, "fold": "\0", "fold_sha256": "../x"},
        {"rank": 3, "fold_sha256": None},
    ]
    assert looking_again.faces_of(odd, downloads=tmp_path) == ({}, 0)


@pytest.mark.parametrize("name", ["a\x1b[2Jb.pfd", "a\nb\u202e.pfd", r"a\x1b.pfd"])
def test_a_fold_has_a_face_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    fold = night(tmp_path / "night", 1) / "0.pfd"
    fold = fold.rename(fold.with_name(name))
    table = tabulate(found_in(fold, downloads=tmp_path / "d").folds)
    assert table["fold"][0].isprintable()
    faces, n_gone = looking_again.faces_of(
        table.assign(rank=1).to_dict("records"), downloads=tmp_path / "d"
    )
    assert (set(faces), n_gone) == ({1}, 0)


def test_the_face_is_of_the_section_that_was_measured(tmp_path: Path) -> None:
    fold = tmp_path / "two.phcx"
    fold.write_bytes(pack_phcx([section(1), section(2, section="pdmp")]))
    folds = found_in(fold, downloads=tmp_path / "d").folds
    rows = tabulate(folds, section="1").assign(rank=4).to_dict("records")
    assert rows[0]["section"] == "pdmp"
    faces, _ = looking_again.faces_of(rows, downloads=tmp_path)
    assert faces[4].section == "pdmp"


def test_a_file_that_is_another_is_read_once_however_many_rows_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold = night(tmp_path / "night", 1) / "0.pfd"
    opened, read = os.open, []

    def noted(path: Any, *flags: Any) -> int:
        read.append(path)
        return opened(path, *flags)

    monkeypatch.setattr(os, "open", noted)
    rows = [{"rank": n, "fold": str(fold), "fold_sha256": f"{n:064x}"} for n in range(1, 20)]
    rows += [
        {"rank": n, "fold": str(fold), "fold_sha256": FileRef.of(fold).sha256} for n in (20, 21)
    ]
    faces, n_gone = looking_again.faces_of(rows, downloads=tmp_path / "d")
    assert (set(faces), n_gone) == ({20, 21}, 19)
    assert read.count(fold) == 2  # once to know its hash, once to draw it


def test_of_a_single_fold_no_names_are_doubted(tmp_path: Path) -> None:
    """Its moments are called what they are: most copies of HTRU2 are none of ours."""
    fold = night(tmp_path / "night", 1) / "0.pfd"
    reading = read_candidates(Path(together(tmp_path / "d", fold).file.path))
    assert reading.warnings == ()
    assert [one.taken for one in reading.evidence] == ["as named"] * 2
    table = tabulate(found_in(fold, downloads=tmp_path / "d").folds)
    table.drop(columns="fold_sha256").to_csv(tmp_path / "table.csv", index=False)
    assert "interchanged" in read_candidates(tmp_path / "table.csv").warnings[0]


def test_a_fold_at_the_end_of_a_long_path_keeps_its_name_its_place_its_label_and_its_face(
    tmp_path: Path,
) -> None:
    folder = night(tmp_path / "/".join(["f" * 200] * 4), 2)
    whole = Path(together(tmp_path / "d", folder).file.path)
    places = [str(folder / f"{n}.pfd") for n in (0, 1)]
    table = pd.read_parquet(whole)
    assert (table["name"].tolist(), table["fold"].tolist()) == (["0", "1"], places)
    assert label_folds(table, {"0.pfd": 1, "1.pfd": 0}, name="x")["label"].tolist() == [1, 0]
    carried = read_candidates(whole).carried
    assert carried["fold"].tolist() == places
    rows = carried.assign(rank=[1, 2]).to_dict("records")
    faces, n_gone = looking_again.faces_of(rows, downloads=tmp_path / "d")
    assert (set(faces), n_gone) == ({1, 2}, 0)


def test_a_message_of_a_fold_at_the_end_of_a_long_path_says_what_is_wrong(tmp_path: Path) -> None:
    folder = night(tmp_path / "/".join(["f" * 200] * 12), 1)
    (folder / "cut.pfd").write_bytes(pack(prepfold())[:900])
    refused = tabulate(found_in(folder, downloads=tmp_path / "d").folds)["refused"]
    assert [len(one) < 700 and "cut short" in one for one in refused] == [False, True]


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb\u202e", r"a\x1b"])
def test_a_fold_finds_its_label_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    folder = night(tmp_path / "night", 2)
    (folder / "0.pfd").rename(folder / f"{name}.pfd")
    table = tabulate(found_in(folder, downloads=tmp_path / "d").folds)
    truth = pd.DataFrame({"file": [f"{name}.pfd", "1.pfd"], "label": [1, 0]})
    truth.to_csv(tmp_path / "truth.csv", index=False)
    labels = read_labels_of_folds(tmp_path / "truth.csv")
    labelled = label_folds(table, labels, name="truth.csv")
    assert labelled.set_index("name")["label"].to_dict()["1"] == 0
    assert sorted(labelled["label"]) == [0, 1]


@pytest.mark.parametrize("name", ["plain.csv", "a\x1b[2Jb.csv", "b\u202e.csv"])
def test_a_table_that_is_named_beside_folds_is_refused_whatever_it_is_called(
    tmp_path: Path, name: str
) -> None:
    folder, table = night(tmp_path / "night"), tmp_path / name
    table.write_text("1,2\n")
    with pytest.raises(ParameterError, match="is no fold") as refused:
        found_in(folder, table, downloads=tmp_path / "d")
    assert str(refused.value).isprintable()
