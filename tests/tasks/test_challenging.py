"""A challenge that is cut short is done by the next try, and leaves no root that looks damaged."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from pulsars.store.champions import read_reigns
from pulsars.store.resuming import find_unjudged
from pulsars.store.seals import sealed
from pulsars.store.verdicts import Verdict, keep_verdict
from schemas.errors import ChampionError
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from schemas.records import Published, Source, TrainingJob
from schemas.verdict_records import By
from tasks import challenging
from tasks.challenging import challenge
from tests.pulsars.gate.challengers import ASKED, publish


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_first_champion_is_never_without_a_pointer_and_heals_where_it_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = publish(tmp_path, "a")
    done = Published(run="a", path=str(run.path), model_sha256=run.model_sha256)
    asked = ASKED.model_copy(update={"out": str(tmp_path)})
    for name in ("crown", "keep_verdict"):
        with monkeypatch.context() as patched:
            patched.setattr(challenging, name, full)
            with pytest.raises(OSError, match="No space"):
                challenge.fn(asked, done)
        read_reigns(tmp_path)
    assert challenge.fn(asked, done).decision == "promoted"
    assert [reign.run for reign in read_reigns(tmp_path)] == ["a"]
    said = run.verdict()
    assert said
    assert said.decision == "promoted"


NAME = "20261127-" + "a" * 8


def training_of(out: Path) -> tuple[TrainingJob, TrainingParameters]:
    """The request whose answer the run `NAME` is."""
    data, folder = out / "sky.csv", out / "working"
    data.write_text("1\n")
    folder.mkdir()
    asked = ASKED.model_copy(update={"data": str(data), "out": str(out)})
    source = Source(origin=str(data), name="sky.csv", file=FileRef.of(data))
    path = out / "runs" / NAME / "manifest.json"
    found = json.loads(path.read_text())
    del found["seal"]
    path.write_text(sealed(found | {"request": "a" * 64, "token": "t"}))
    job = TrainingJob(
        parameters=asked, source=source, request="a" * 64, token="t", folder=str(folder)  # noqa: S106 - it opens nothing
    )  # fmt: skip
    return job, asked


def test_a_first_champion_that_an_earlier_version_wrote_no_pointer_of_is_finished(
    tmp_path: Path,
) -> None:
    keep_verdict(tmp_path, publish(tmp_path, NAME), Verdict("promoted", "the first"))
    job, asked = training_of(tmp_path)
    found = find_unjudged(job)
    assert found
    assert found.run == NAME
    assert challenge.fn(asked, found).decision == "promoted"
    assert [(one.run, one.how) for one in read_reigns(tmp_path)] == [(NAME, "gate")]


@pytest.mark.parametrize("other", ["promoted", "damaged", "after a champion", "by a person"])
def test_a_pointer_that_others_may_have_stood_in_is_lost_and_not_finished(
    other: str, tmp_path: Path
) -> None:
    run = publish(tmp_path, NAME)
    against = "b" if other == "after a champion" else None
    by: By = "person" if other == "by a person" else "gate"
    keep_verdict(tmp_path, run, Verdict("promoted", "x", against, by=by))
    if other == "promoted":
        keep_verdict(tmp_path, publish(tmp_path, "b", noise=0.1), Verdict("promoted", "x"))
    if other == "damaged":
        (tmp_path / "verdicts" / "b.json").write_text("")
    job, asked = training_of(tmp_path)
    found = find_unjudged(job)
    assert found
    with pytest.raises(ChampionError):
        challenge.fn(asked, found)
    assert not (tmp_path / "champion.json").exists()
