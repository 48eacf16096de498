"""Objects of a store, which here is an imitation of S3's: what comes, and what is told."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest

from pulsars.reading.checking import check_file
from pulsars.reading.fetching import obtain
from pulsars.reading.sources import objects
from schemas import (
    DownloadError,
    Limits,
    ParameterError,
    SizeError,
    SourceNotFoundError,
    UnreadableFileError,
)
from schemas.addresses import require_fetched

CONTENT = bytes(range(256)) * 300
ASKED: dict[str, Any] = {"max_quarantine": 0.05, "columns": None, "drop": ()}


def test_an_object_is_fetched_in_pieces_and_known_by_its_content(
    object_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PIECE", 1000)
    object_store.pipe_file("survey/night/sky.csv", CONTENT)
    told: list[tuple[int, int]] = []
    source = obtain(
        "s3://survey/night/sky.csv", tmp_path, patience=5, on_bytes=lambda *at: told.append(at)
    )
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert (source.origin, source.name) == ("s3://survey/night/sky.csv", "sky.csv")
    assert source.file.sha256 == digest
    assert [path.name for path in tmp_path.iterdir()] == [digest]
    assert (tmp_path / digest).read_bytes() == CONTENT
    assert told[0] == (1000, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("address", ["s3://survey/none.csv", "s3://nobodys/none.csv"])
@pytest.mark.usefixtures("object_store")
def test_what_is_not_there_is_told_and_leaves_nothing(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=address):
        obtain(address, tmp_path, patience=5)
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_is_too_large_is_not_read(
    object_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_store.pipe_file("survey/large.csv", CONTENT)
    monkeypatch.setattr(object_store, "cat_file", lambda *_a, **_k: pytest.fail("read"))
    with pytest.raises(SizeError, match=f"{len(CONTENT):,}"):
        obtain("s3://survey/large.csv", tmp_path, patience=5, limits=Limits(max_bytes=10))
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_changes_meanwhile_is_not_taken(
    object_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PIECE", len(CONTENT) // 2)
    object_store.pipe_file("survey/changing.csv", CONTENT)

    def change(have: int, total: int) -> None:
        if have < total:
            object_store.pipe_file("survey/changing.csv", CONTENT[::-1])

    with pytest.raises(DownloadError, match="changed while it was read"):
        obtain("s3://survey/changing.csv", tmp_path, patience=5, on_bytes=change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError("Forbidden"), UnreadableFileError),
        (type("NoCredentialsError", (Exception,), {})("none"), UnreadableFileError),
        (ConnectionError("reset"), DownloadError),
        (type("EndpointConnectionError", (Exception,), {})("gone"), DownloadError),
    ],
)
def test_what_a_store_answers_is_said_in_our_words(
    error: Exception, kind: type[Exception], object_store: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_args: Any, **_more: Any) -> Any:
        raise error

    monkeypatch.setattr(object_store, "info", refuse)
    with pytest.raises(kind, match=r"s3://survey/x\.csv") as caught:
        obtain("s3://survey/x.csv", tmp_path, patience=5)
    assert caught.value.__cause__ is None


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    known = vars(sys.modules["fsspec.registry"])["_registry"]
    monkeypatch.delitem(known, "s3", raising=False)
    with pytest.raises(ParameterError, match=r"pulsar-perceptron\[s3\]"):
        obtain("s3://survey/x.csv", tmp_path, patience=5)


KEYS = [
    "n.csv", "n#2.csv", "n?2.csv", "n%41.csv", "n%2f.csv", "n*.csv", "n[1].csv", "n b+c.csv",
    "n//x.csv", "n@b:c.csv", "n::y.csv", "::n.csv", "né.csv", "-n.csv", "n?.csv#x=1", "../n/..csv",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_all_that_follows_the_bucket_is_the_key(
    key: str, object_store: Any, tmp_path: Path
) -> None:
    for other in KEYS:
        object_store.pipe_file(f"survey/named/{other}", other.encode())
    address = f"s3://survey/named/{key}"
    for _ in range(2):  # what a record calls it is read again
        source = obtain(address, tmp_path, patience=5)
        assert (source.origin, source.name) == (address, key.rsplit("/", 1)[-1])
        assert Path(source.file.path).read_bytes() == key.encode()
        address = source.origin
    upper = obtain(f"S3://survey/named/{key}", tmp_path, patience=5)
    assert upper.file == source.file


def test_a_pattern_takes_objects_whatever_they_are_called(
    object_store: Any, tmp_path: Path
) -> None:
    keys = [key for key in KEYS if "/" not in key]
    for key in keys:
        object_store.pipe_file(f"survey/all/{key}", key.encode())
    found = obtain("s3://survey/all/*", tmp_path, patience=5).members
    assert sorted(one.origin for one in found) == sorted(f"s3://survey/all/{key}" for key in keys)
    for one in found:
        assert Path(one.file.path).read_bytes() == one.name.encode()


def test_a_version_of_an_object_is_read_again_by_its_origin(
    object_store: Any, tmp_path: Path
) -> None:
    object_store.mkdir("versions")
    object_store.make_bucket_versioned("versions")
    object_store.pipe_file("versions/sky.csv", b"old")
    old = object_store.info("versions/sky.csv")["VersionId"]
    object_store.pipe_file("versions/sky.csv", b"new")
    source = obtain(f"s3://versions/sky.csv?versionId={old}", tmp_path, patience=5)
    again = obtain(source.origin, tmp_path, patience=5)
    newest = obtain("s3://versions/sky.csv", tmp_path, patience=5)
    contents = [Path(one.file.path).read_bytes() for one in (source, again, newest)]
    assert contents == [b"old", b"old", b"new"]


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIA:s3cret@bucket/x", "s3://AKIA:s3/cret@bucket/x", "s3://AKIA:1/s3cret@bucket/x",
        "s3://bucket/x?s3_secret_access_key=s3cret", "S3://bucket/x?versionId=1&key=s3cret",
        "s3://s3cret@bucket/x",
    ],
)  # fmt: skip
def test_what_no_store_is_opened_by_is_refused_unread(address: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="AWS_ACCESS_KEY_ID") as caught:
        obtain(address, tmp_path, patience=5)
    assert "cret" not in str(caught.value)


def test_a_key_that_no_record_could_name_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"a\\nb\.csv: its key"):
        require_fetched("s3://survey/a\nb.csv")


@pytest.mark.parametrize(
    "address",
    [
        "s3://", "s3://survey", "s3://survey/", "s3:///x", "s3://b/d/",
        "s3://survey::file:///etc/passwd", "s3://a?b/c",
    ],
)  # fmt: skip
def test_what_names_no_object_is_refused_before_anybody_is_asked(address: str) -> None:
    with pytest.raises(ParameterError, match="s3://bucket/key"):
        require_fetched(address)


def test_an_object_is_validated_as_a_file_is(object_store: Any, tmp_path: Path) -> None:
    from command.demonstration import write_simulation

    write_simulation(tmp_path / "sky.csv", rows=200, prevalence=0.1, seed=3)
    object_store.put_file(str(tmp_path / "sky.csv"), "survey/judged.csv")
    here = check_file(str(tmp_path / "sky.csv"), **ASKED)
    there = check_file("s3://survey/judged.csv", **ASKED)
    assert there.summary()["fingerprint"] == here.summary()["fingerprint"]


def test_a_pattern_in_a_store_is_validated_as_a_folder_is(
    object_store: Any, tmp_path: Path
) -> None:
    from command.demonstration import write_simulation

    (tmp_path / "night").mkdir()
    for name, seed in (("a.csv", 3), ("b.csv", 4)):
        write_simulation(tmp_path / "night" / name, rows=100, prevalence=0.1, seed=seed)
        object_store.put_file(str(tmp_path / "night" / name), f"survey/of-a-night/{name}")
    here = check_file(str(tmp_path / "night"), **ASKED)
    there = check_file("s3://survey/of-a-night/*.csv", **ASKED)
    assert there.summary()["rows"] == here.summary()["rows"]
    assert there.summary()["rows"]["read"] == 200
    assert there.summary()["fingerprint"] == here.summary()["fingerprint"]
