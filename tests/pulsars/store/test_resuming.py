"""What answers a request is taken up only where it is what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulsars.store.files import write_text
from pulsars.store.resuming import find_unjudged, published_from
from pulsars.store.seals import sealed
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from schemas.records import Source, TrainingJob
from tests.published import published_as

REQUEST = "a" * 64


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    data = tmp_path / "sky.csv"
    data.write_text("1\n")
    (tmp_path / "working").mkdir()
    return TrainingJob(
        parameters=TrainingParameters(data=str(data), out=str(tmp_path)),
        source=Source(origin=str(data), name="sky.csv", file=FileRef.of(data)),
        request=REQUEST, token="t", folder=str(tmp_path / "working"),  # noqa: S106 - it opens nothing
    )  # fmt: skip


def published(out: Path, name: str = "2026") -> Path:
    return published_as(out, f"{name}-{REQUEST[:8]}", request=REQUEST, token="t")  # noqa: S106 - as above


def damage(run: Path, files: Any) -> None:
    """Have a manifest list other files, under a seal that is right."""
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["seal"]
    write_text(run / "manifest.json", sealed({**manifest, "files": files}))


@pytest.mark.parametrize(
    "files",
    [
        ["model.json"], "model.json", None, 5, {}, {"model.json": 5}, {"model.json": "x"},
        {"model.json": "0" * 64}, {"../../sky.csv": "0" * 64}, {"model.json": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_manifest_that_is_not_what_was_written_is_no_answer(
    files: Any, job: TrainingJob, tmp_path: Path
) -> None:
    damage(published(tmp_path), files)
    assert find_unjudged(job) is None
    assert Path(job.folder).is_dir()


def test_a_damaged_answer_does_not_hide_an_older_one(job: TrainingJob, tmp_path: Path) -> None:
    older = published(tmp_path, "2025")
    damage(published(tmp_path, "2026"), ["model.json"])
    found = find_unjudged(job)
    assert found is not None
    assert found.path == str(older)


def test_what_came_from_a_jobs_own_folder_is_found_by_its_token(
    job: TrainingJob, tmp_path: Path
) -> None:
    run = published(tmp_path)
    whole = (run / "manifest.json").read_bytes()
    damage(run, [5])
    assert published_from(job, tmp_path / "runs") is None
    (run / "manifest.json").write_bytes(whole)
    assert published_from(job, tmp_path / "runs") == run
