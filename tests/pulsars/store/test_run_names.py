"""Names of runs: in order of publication, whatever the clock says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pulsars.store.published import next_name


def published(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "manifest.json").touch()


def test_the_first_name_is_the_time_and_the_request(tmp_path: Path) -> None:
    stamp, _, request = next_name(tmp_path / "runs", request="0123abcd").rpartition("-")
    named = datetime.strptime(f"{stamp}+0000", "%Y%m%d-%H%M%S-%f%z")
    assert abs((datetime.now(UTC) - named).total_seconds()) < 60
    assert request == "0123abcd"


def test_a_name_comes_after_what_a_clock_ahead_left_and_no_two_are_the_same(tmp_path: Path) -> None:
    published(tmp_path, "29991231-235959-999-aaaaaaaa")
    for expected in ("30000101-000000-000", "30000101-000000-001"):
        name = next_name(tmp_path, request="aaaaaaaa")
        assert name == f"{expected}-aaaaaaaa"
        published(tmp_path, name)


def test_what_is_not_named_by_a_time_is_no_matter(tmp_path: Path) -> None:
    for name in ("mine", "20261399-000000-000-x", "99990101"):
        published(tmp_path, name)
    (tmp_path / "29991231-235959-999-empty").mkdir()
    assert next_name(tmp_path, request="r")[:4] == str(datetime.now(UTC).year)
