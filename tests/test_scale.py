"""What the bench of scale stands on: a queue that can be reckoned by hand, candidates that hold."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.audit.__main__ import none_fails, show
from benchmarks.audit.line import Line
from benchmarks.scale import pipelines
from benchmarks.scale.candidates import GROUP, write_candidates
from benchmarks.scale.curves import Point, draw
from benchmarks.scale.paper import Load, simulate_map
from pulsars.reading import check_candidates, read_candidates


@pytest.mark.parametrize(
    ("n_tasks", "n_workers", "load", "ended", "recorded"),
    [
        (12, 3, Load(work=2.0, begin=0.0, record=0.0), 8.0, 8.0),
        (12, 12, Load(work=2.0, begin=0.0, record=1.0), 2.0, 14.0),
        (12, 12, Load(work=0.0, begin=1.0, record=0.5), 12.0, 12.5),
        (1, 5, Load(work=1.0, begin=0.25, record=0.5), 1.25, 1.75),
    ],
)
def test_a_map_takes_as_long_as_what_is_narrowest(
    n_tasks: int, n_workers: int, load: Load, ended: float, recorded: float
) -> None:
    found = simulate_map(n_tasks, n_workers, load)
    assert found.ended == pytest.approx(ended)
    assert found.recorded == pytest.approx(recorded)


def test_jittered_candidates_pass_every_check(tmp_path: Path) -> None:
    path = write_candidates(tmp_path / "rows.parquet", 3_000)
    checked = check_candidates(read_candidates(path), max_quarantine=0)
    assert len(checked.accepted) == 3_000
    assert not checked.accepted.duplicated().any()


def test_many_candidates_come_in_row_groups(tmp_path: Path) -> None:
    path = write_candidates(tmp_path / "rows.parquet", GROUP + 10, labelled=False)
    assert pq.read_metadata(path).num_row_groups == 2


def test_curves_are_drawn_and_told(tmp_path: Path) -> None:
    points = [
        Point("train", 10_000, 1.5, 0.0),
        Point("train", 1_000_000, 3.0, 90.0),
        Point("score", 10_000, 0.0, -1.0),
    ]
    picture, text = draw(points, tmp_path / "new")
    words = picture.read_text()
    assert all(word in words for word in ("train", "score", "seconds", "MiB above 500 rows"))
    header, *lines, _, last = text.read_text().splitlines()
    assert header.split() == ["train", "rows", "seconds", "MiB", "more"]
    assert [(line.split()[:2], line.count("#")) for line in lines] == [
        (["10,000", "1.5"], 15),
        (["1,000,000", "3.0"], 60),
    ]
    assert last.split() == ["10,000", "0.0", "-1"]
    again, _ = draw(points, tmp_path / "again")
    assert again.read_bytes() == picture.read_bytes()


def test_what_cannot_be_measured_neither_holds_nor_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipelines, "OTHERS", {"nobody's and NumPy": ""})
    (line,) = pipelines.beside_others(tmp_path, tmp_path, 1.0)
    assert (line.holds, none_fails([line])) == (None, True)
    assert not none_fails([line, Line("x", "1", "2", holds=False)])
    show("chapter", [line], 0.0)
    printed = capsys.readouterr().out
    assert "not measured" in printed
    assert "holds" not in printed
