"""Which scores are meant."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pulsars.store.scored import find_scored
from schemas.errors import DamagedRecordError, RunNotFoundError
from tests.reviewed import publish_scores

OLD, NEW = "f" * 16 + "-dddddddd", "e" * 16 + "-dddddddd"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    publish_scores(tmp_path, folder=OLD, created="2026-01-01T00:00:00+00:00")
    publish_scores(tmp_path, folder=NEW, created="2026-01-02T00:00:00+00:00")
    return tmp_path


def test_the_newest_are_meant_unless_others_are_named(out: Path) -> None:
    assert find_scored(out, None).name == NEW
    assert find_scored(out, "ffff").name == OLD
    assert find_scored(out, str(out / "scores" / OLD)).name == OLD


def test_scores_by_a_clock_that_was_ahead_are_not_the_newest_until_their_time_comes(
    out: Path,
) -> None:
    ahead = "0" * 16 + "-dddddddd"
    for days, newest in ((3650, NEW), (0.5, ahead)):
        at = datetime.now(UTC) + timedelta(days=days)
        shutil.rmtree(out / "scores" / ahead, ignore_errors=True)
        publish_scores(out, folder=ahead, created=at.isoformat(timespec="seconds"))
        assert find_scored(out, None).name == newest


def test_a_whole_name_is_meant_though_others_begin_with_it(out: Path) -> None:
    publish_scores(out, folder=f"{OLD}-cccccccc", created="2026-01-03T00:00:00+00:00")
    assert find_scored(out, OLD).name == OLD
    assert find_scored(out, f"{OLD}-c").name == f"{OLD}-cccccccc"


def test_where_the_newest_cannot_be_read_no_older_ones_take_their_place(out: Path) -> None:
    manifest = out / "scores" / NEW / "manifest.json"
    manifest.write_text("{")
    for name in (None, NEW):
        with pytest.raises(DamagedRecordError, match=NEW):
            find_scored(out, name)
    os.utime(manifest, (0, 0))
    assert find_scored(out, None).name == OLD


@pytest.mark.parametrize("name", ["", "c", "../scores/x", "/", "\x1b[2J"])
def test_a_name_that_none_or_several_answer_to_is_refused(out: Path, name: str) -> None:
    with pytest.raises(RunNotFoundError, match="answer to"):
        find_scored(out, name)
    publish_scores(out, folder="f" * 15 + "0-dddddddd")
    with pytest.raises(RunNotFoundError, match="2 scores"):
        find_scored(out, "ff")


def test_where_nothing_was_scored_it_is_said(tmp_path: Path) -> None:
    for name in (None, "f"):
        with pytest.raises(RunNotFoundError, match="pulsar score"):
            find_scored(tmp_path, name)
