"""A copy of what is published, on a disk or in an imitation of an object store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulsars.store.copying import copy_published
from schemas import CopyError, ParameterError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "0123-abcd"
    (made / "scores.parquet").mkdir(parents=True)
    for name in ("a.csv", "manifest.json", "scores.parquet/part-00000.parquet", "z.html"):
        (made / name).write_bytes(f"{name} of it".encode())
    return made


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_store_gets_every_file_and_the_manifest_last(
    folder: Path, object_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, order = object_store.put_file, []

    def noting(path: str, remote: str) -> Any:
        order.append(remote.removeprefix("survey/scores/0123-abcd/"))
        return put(path, remote)

    monkeypatch.setattr(object_store, "put_file", noting)
    assert copy_published(folder, "s3://survey/scores/") == "s3://survey/scores/0123-abcd"
    assert order == ["a.csv", "scores.parquet/part-00000.parquet", "z.html", "manifest.json"]
    there = {
        path.removeprefix("survey/scores/0123-abcd/"): object_store.cat_file(path)
        for path in object_store.find("survey/scores/0123-abcd")
    }
    assert there == content(folder)
    copy_published(folder, "s3://survey/scores")
    assert len(order) == 4  # what is there already is left


def test_a_folder_gets_the_same_and_no_half_files(folder: Path, tmp_path: Path) -> None:
    copy_published(folder, str(tmp_path / "elsewhere"))
    assert content(tmp_path / "elsewhere" / folder.name) == content(folder)


def test_a_copy_that_was_cut_short_is_completed(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere" / folder.name
    there.mkdir(parents=True)
    (there / "a.csv").write_text("half")
    copy_published(folder, str(tmp_path / "elsewhere"))
    assert content(there) == content(folder)


def test_what_takes_nothing_is_told_and_can_be_tried_again(
    folder: Path, object_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_more: Any) -> Any:
        raise PermissionError("no")

    monkeypatch.setattr(object_store, "put_file", refuse)
    with pytest.raises(CopyError, match="s3://survey/shut") as caught:
        copy_published(folder, "s3://survey/shut")
    assert isinstance(caught.value, OSError)


def test_an_address_that_nothing_opens_is_refused(folder: Path) -> None:
    with pytest.raises(ParameterError, match="--copy-to"):
        copy_published(folder, "gopher://survey/scores")


def test_a_store_that_does_not_answer_is_named(folder: Path) -> None:
    with pytest.raises(CopyError, match=r"could not be copied to ftp://127\.0\.0\.1:1/x"):
        copy_published(folder, "ftp://127.0.0.1:1/x")
