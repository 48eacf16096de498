"""Several files are read as one table, in the order of their names, or what differs is named."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.reading.checking import check_file
from pulsars.reading.fetching import obtain
from pulsars.reading.judging.in_memory import check_candidates, examine_candidates
from pulsars.reading.reader import read_candidates
from pulsars.reading.sources.members import find_members, folders_passed_over, short_names
from schemas import (
    ColumnsError,
    KurtosisError,
    Limits,
    ParameterError,
    QuarantineRateError,
    SizeError,
    SourceNotFoundError,
    UnreadableFileError,
)
from schemas.features import FEATURE_NAMES

HEADER = ",".join([*FEATURE_NAMES, "label"])

PLAIN: dict[str, Any] = {"columns": None, "drop": (), "keep": (), "max_quarantine": 0}

Night = Callable[..., Path]


@pytest.fixture
def night(tmp_path: Path, lines: list[str]) -> Path:
    """Make a folder of three tables, 80 rows each."""
    folder = tmp_path / "night"
    folder.mkdir()
    for at, name in enumerate(("b.csv", "a.csv", "c.csv")):
        rows = [HEADER, *lines[80 * at : 80 * at + 80]]
        (folder / name).write_text("\n".join(rows) + "\n")
    (folder / ".hidden").write_text("x")
    (folder / "_SUCCESS").write_text("")
    return folder


def test_a_folder_and_a_pattern_stand_for_files_in_the_order_of_their_names(night: Path) -> None:
    meant = [str(night / name) for name in ("a.csv", "b.csv", "c.csv")]
    assert find_members([str(night)]) == meant
    assert find_members([f"{night}/*.csv"]) == meant
    assert find_members([f"{night}/[bc].csv"]) == meant[1:]
    assert find_members([str(night / "c.csv"), str(night / "a.csv")]) == [meant[2], meant[0]]


def packed(night: Path) -> Path:
    for path in [*night.glob("*.csv")]:
        (night / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return night


def test_packed_files_are_a_table_too(night: Path) -> None:
    whole = check_file(str(night), **PLAIN).quality
    again = check_file(str(packed(night)), **PLAIN).quality
    assert again.rows == whole.rows == {"read": 240, "accepted": 240, "quarantined": 0}
    assert again.fingerprint == whole.fingerprint
    (night / "b.csv.gz").write_bytes((night / "b.csv.gz").read_bytes()[:-30])
    with pytest.raises(UnreadableFileError, match=r"b\.csv\.gz is a damaged gzip"):
        check_file(str(night), **PLAIN)


def test_packed_files_that_are_too_many_to_be_held_are_refused_before_all_are_unpacked(
    night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schemas.limits.MAX_CELLS", 1000)
    limits = Limits(max_cells=1000)  # which a file of these bytes may have, read by parts
    check_file(str(packed(night) / "a.csv.gz"), **PLAIN, limits=limits)
    (night / "c.csv.gz").write_bytes(b"not even opened")
    with pytest.raises(SizeError, match="160 rows of 9 columns"):
        check_file(str(night), **PLAIN, limits=limits)


def test_a_file_that_is_called_like_a_pattern_is_that_file(night: Path) -> None:
    odd = night / "[ab].csv"
    odd.write_text("x")
    assert find_members([str(odd)]) == [str(odd)]


@pytest.mark.parametrize("what", ["", "/*.parquet"])
def test_where_there_is_no_file_that_is_said(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceNotFoundError, match="empty"):
        find_members([f"{tmp_path}/empty{what}"])


@pytest.mark.parametrize("pattern", ["", "/*"])
def test_folders_that_nobody_looks_into_are_named(night: Path, pattern: str) -> None:
    named = [f"{night}{pattern}", str(night / "a.csv"), "https://host/*"]
    assert folders_passed_over(named) == ""
    for name in ("deep/nested", "more", "else", ".git"):
        (night / name).mkdir(parents=True)
    said = folders_passed_over(named)
    assert "3 folders" in said
    assert "deep, else, more" in said
    with pytest.raises(SourceNotFoundError, match="nested"):
        find_members([str(night / "deep")])
    assert any(
        "deep, else, more" in one for one in check_file(str(night), **PLAIN).quality.warnings
    )


@pytest.mark.parametrize("pattern", ["", "/*.csv"])
def test_what_cannot_be_read_in_a_folder_is_refused_by_name_and_not_taken_for_absent(
    night: Path, pattern: str
) -> None:
    (night / "d.csv").symlink_to("nowhere")
    with pytest.raises(SourceNotFoundError, match=r"d\.csv.* leads nowhere"):
        check_file(f"{night}{pattern}", **PLAIN)
    (night / "d.csv").unlink()
    os.mkfifo(night / "d.csv")
    with pytest.raises(UnreadableFileError, match=r"d\.csv is no regular file"):
        check_file(f"{night}{pattern}", **PLAIN)


def test_a_pattern_in_a_store_stands_for_its_objects(object_store: Any) -> None:
    for name in ("b", "a", "c.csv/in"):
        object_store.pipe_file(f"survey/fits/{name}.csv", b"1")
    meant = [f"s3://survey/fits/{name}.csv" for name in ("a", "b")]
    assert find_members(["s3://survey/fits/*.csv"]) == meant
    assert find_members(["S3://survey/fits/[ab].csv"]) == meant
    with pytest.raises(SourceNotFoundError):
        find_members(["s3://survey/fits/*.parquet"])
    assert find_members(["s3://survey/a?version"]) == ["s3://survey/a?version"]
    for other in ("https://host/*.csv", "nosuch://bucket/*.csv", "secret://night-*"):
        assert find_members([other]) == [other]


def test_an_object_that_is_called_like_a_pattern_is_that_object(object_store: Any) -> None:
    for name in ("a1.csv", "a[1].csv", "a*.csv"):
        object_store.pipe_file(f"survey/called/{name}", b"1")
        assert find_members([f"s3://survey/called/{name}"]) == [f"s3://survey/called/{name}"]
    assert len(find_members(["s3://survey/called/a*"])) == 3


@pytest.mark.parametrize(
    "pattern", ["s3://survey::file:///etc/*", "s3://key:s3cret@survey/*", "s3://sur*/a.csv"]
)
def test_no_store_is_asked_for_a_pattern_that_names_no_bucket(pattern: str) -> None:
    with pytest.raises(ParameterError) as caught:
        find_members([pattern])
    assert "s3cret" not in str(caught.value)


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    assert short_names(["x/a.csv", "y/b.csv"]) == ["a.csv", "b.csv"]
    assert short_names(["x/a.csv", "y/a.csv"]) == ["x/a.csv", "y/a.csv"]


def test_several_files_are_one_source_known_by_the_hashes_of_their_contents(
    night: Path, tmp_path: Path
) -> None:
    source = obtain(str(night), tmp_path / "downloads", patience=1)
    paths = [night / name for name in ("a.csv", "b.csv", "c.csv")]
    members = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [one.file.sha256 for one in source.members] == members
    assert [one.name for one in source.members] == ["a.csv", "b.csv", "c.csv"]
    listed = "".join(f"{one}\n" for one in members).encode()
    assert source.file.sha256 == hashlib.sha256(listed).hexdigest()
    assert source.intact()
    again = obtain(f"{night}/*.csv", tmp_path / "elsewhere", patience=1)
    assert again.file.sha256 == source.file.sha256
    turned = obtain(
        str(night / "b.csv"),
        tmp_path / "downloads",
        more=[str(night / "a.csv"), str(night / "c.csv")],
        patience=1,
    )
    assert turned.file.sha256 != source.file.sha256
    assert (turned.name, turned.origin) == ("b.csv and 2 more", f"{night / 'b.csv'} and 2 more")
    (night / "b.csv").write_text("another")
    assert not source.intact()


def test_a_folder_of_one_file_is_that_file(night: Path, tmp_path: Path) -> None:
    for name in ("b.csv", "c.csv"):
        (night / name).unlink()
    source = obtain(str(night), tmp_path / "downloads", patience=1)
    alone = obtain(str(night / "a.csv"), tmp_path / "downloads", patience=1)
    assert source == alone
    assert source.members == []


def test_one_table_is_read_of_several_files_and_a_row_says_of_which(night: Path) -> None:
    names = ("a.csv", "b.csv", "c.csv")
    paths = {name: night / name for name in names}
    (night / "b.csv").write_text((night / "b.csv").read_text() + "1,2,3\n")
    reading = read_candidates(paths, name="night")
    alone = [read_candidates(path) for path in paths.values()]
    assert reading.name == "night"
    pd.testing.assert_frame_equal(
        reading.frame, pd.concat([one.frame for one in alone], ignore_index=True)
    )
    assert reading.lines.tolist() == [line for one in alone for line in one.lines.tolist()]
    assert list(reading.texts) == [text for one in alone for text in one.texts]
    assert reading.carried["file"].tolist() == [
        name for name, one in zip(names, alone, strict=True) for _ in one.lines
    ]
    checked = examine_candidates(reading)
    assert checked.quarantined[["file", "line"]].to_numpy().tolist() == [["b.csv", 82]]
    assert set(checked.accepted["file"]) == set(names)


def test_a_refusal_of_several_files_says_in_which_the_first_row_is(night: Path) -> None:
    paths = {name: night / name for name in ("a.csv", "b.csv")}
    rows = (night / "b.csv").read_text().splitlines()[1:]
    rows = [f"{row.rsplit(',', 1)[0]},maybe" for row in rows]
    (night / "b.csv").write_text("\n".join([HEADER, *rows]))
    with pytest.raises(QuarantineRateError, match=r"The first is line 2 \(b\.csv\): "):
        check_candidates(read_candidates(paths, name="night"))


@pytest.mark.parametrize(
    ("pearson", "said"),
    [
        ("b", "lines 2 to 81 of b.csv look"),
        ("c", "lines 2 to 81 of c.csv look"),
        ("bc", "line 2 of b.csv to line 81 of c.csv look"),
    ],
)
def test_of_two_kinds_of_kurtosis_it_is_said_in_which_files_one_stands(
    night: Path, data_dir: Path, pearson: str, said: str
) -> None:
    X = read_candidates(data_dir / "HTRU_2.csv").frame.to_numpy()[:240]
    for at, name in enumerate("abc"):
        rows = X[80 * at : 80 * at + 80].copy()
        rows[:, [3, 7]] += 3 * (name in pearson)
        np.savetxt(night / f"{name}.csv", rows, "%.10g", ",", header=HEADER, comments="")
    paths = {f"{name}.csv": night / f"{name}.csv" for name in "abc"}
    with pytest.raises(KurtosisError) as refused:
        read_candidates(paths, name="night")
    assert said in str(refused.value)
    assert "read the files of each kind by themselves" in str(refused.value)
    with pytest.raises(KurtosisError, match=r"the first is line [0-9]+ of a\.csv"):
        read_candidates(paths, name="night", kurtosis="pearson")


@pytest.mark.slow
def test_large_files_are_put_together_without_their_texts(data_dir: Path, tmp_path: Path) -> None:
    raw = (data_dir / "HTRU_2.csv").read_bytes()
    cut = raw.index(b"\n" if b"\n" in raw else b"\r", len(raw) // 2) + 1
    paths = {name: tmp_path / name for name in ("1.csv", "2.csv")}
    paths["1.csv"].write_bytes(raw[:cut])
    paths["2.csv"].write_bytes(raw[cut:])
    reading, whole = read_candidates(paths), read_candidates(data_dir / "HTRU_2.csv")
    assert np.array_equal(reading.frame.to_numpy(), whole.frame.to_numpy())
    assert list(reading.texts) == list(whole.texts)


def test_a_column_of_the_file_that_is_called_file_stays_beside_ours(night: Path) -> None:
    paths = {}
    for name in ("a.csv", "b.csv"):
        head, *rows = (night / name).read_text().splitlines()
        (night / name).write_text(
            "\n".join([f"{head},file", *(f"{row},/x/1.phcx" for row in rows)])
        )
        paths[name] = night / name
    reading = read_candidates(paths)
    assert list(reading.carried) == ["file", "file_10"]
    assert set(reading.carried["file"]) == {"a.csv", "b.csv"}
    assert list(read_candidates(paths["a.csv"]).carried) == ["file"]


def test_parquet_files_whose_numbers_have_several_types_are_one_table(
    tmp_path: Path, rows: np.ndarray
) -> None:
    paths = {}
    for name, kind in (("a", pa.int64()), ("b", pa.float64())):
        table = pa.table(dict(zip([*FEATURE_NAMES, "label"], rows.T, strict=True)))
        place = table.column_names.index("label")
        table = table.set_column(place, "label", table["label"].cast(kind))
        paths[name] = tmp_path / name
        pq.write_table(table, paths[name])
    reading = read_candidates(paths)
    assert len(reading.frame) == 480
    assert reading.lines.tolist() == [*range(1, 241), *range(1, 241)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("profile_mean", "mean_profile"), "column 1 'mean_profile'"),
        (lambda text: text.replace("\n", ",1\n"), "10 columns"),
        (lambda text: text.split("\n", 1)[1], "column 1"),
    ],
)
def test_a_file_with_other_columns_is_named(
    night: Path, change: Callable[[str], str], said: str
) -> None:
    (night / "b.csv").write_text(change((night / "b.csv").read_text()))
    with pytest.raises(ColumnsError, match=r"b\.csv") as refused:
        read_candidates({name: night / name for name in ("a.csv", "b.csv", "c.csv")})
    assert said in str(refused.value)


def test_a_file_of_another_format_is_named(night: Path, rows: np.ndarray) -> None:
    table = pa.table(dict(zip([*FEATURE_NAMES, "label"], rows.T, strict=True)))
    pq.write_table(table, night / "d.parquet")
    with pytest.raises(ColumnsError, match=r"d.parquet is parquet and a.csv is csv"):
        read_candidates({name: night / name for name in ("a.csv", "d.parquet")})


def test_limits_hold_for_all_of_them_together(night: Path) -> None:
    paths = {name: night / name for name in ("a.csv", "b.csv", "c.csv")}
    with pytest.raises(SizeError):
        read_candidates(paths, limits=Limits(max_cells=240 * 9 - 1))
    assert len(read_candidates(paths, limits=Limits(max_cells=240 * 9)).frame) == 240


def test_a_folder_is_validated_as_a_run_would_take_it(night: Path) -> None:
    checked = check_file(str(night), max_quarantine=0.05, columns=None, drop=())
    assert checked.quality.rows == {"read": 240, "accepted": 240, "quarantined": 0}
    assert checked.quality.name == str(night)
    assert checked.refusal is None


def test_a_path_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    bad = Path(os.fsdecode(folder + b"/bad\xff.csv"))
    (tmp_path / "good.csv").touch()
    bad.touch()
    with pytest.raises(UnreadableFileError, match=r"bad\\+udcff\.csv: its path is no UTF-8 text"):
        find_members([str(tmp_path)])
    alone = bad.rename(bad.with_suffix(".pfd"))
    with pytest.raises(UnreadableFileError, match=r"bad\\+udcff\.pfd: its path is no UTF-8 text"):
        find_members([str(alone)])


def test_a_file_that_is_named_twice_is_refused(night: Path) -> None:
    with pytest.raises(ParameterError, match=r"a\.csv is named twice"):
        find_members([str(night / "a.csv"), str(night / "*.csv")])


def test_no_two_files_are_called_the_same_however_long_their_names() -> None:
    places = [f"/{'x' * 5000}/{end}/a" for end in "bc"]
    assert len(set(short_names(places))) == 2
