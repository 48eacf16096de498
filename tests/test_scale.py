"""What the bench of scale stands on: a queue that can be reckoned by hand, candidates that hold."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.harness import none_fails, show
from benchmarks.scale import __main__ as scale
from benchmarks.scale import pipelines, recorded, scoring, training, validating, workers
from benchmarks.scale.candidates import GROUP, write_candidates
from benchmarks.scale.curves import Point, draw
from benchmarks.scale.paper import Load, simulate_map
from pulsars.reading import check_candidates, read_candidates
from schemas import QuarantineRateError


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


@pytest.mark.slow
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
    monkeypatch.setattr(pipelines, "OTHERS", pipelines.ROOT / "nowhere" / "python")
    monkeypatch.setattr(pipelines, "PANDAS", "print(2.0, 3.0)")
    by_pandas, by_polars = pipelines.beside_others(tmp_path / "x.parquet", tmp_path, 4.0, 2.0)
    assert (by_pandas.holds, by_pandas.measured) == (
        False,
        "0.50 (2.00 s; of processor 1.50, 3.00 s)",
    )
    assert (by_polars.holds, none_fails([by_polars])) == (None, True)
    assert "nowhere/python" in by_polars.measured
    assert not none_fails([by_polars, by_pandas])
    show("chapter", [by_polars], 0.0)
    printed = capsys.readouterr().out
    assert "not measured" in printed
    assert "held" not in printed


@pytest.mark.parametrize(
    ("probability", "ranks", "same"),
    [
        ([0.25, 0.5 + 1e-12, 0.75], [3, 2, 1], True),
        ([0.25, 0.5 + 1e-6, 0.75], [3, 2, 1], False),
        ([0.25, 0.5, 0.75], [2, 3, 1], False),
        ([0.25, float("nan"), 0.75], [3, 2, 1], False),
    ],
)
def test_pipelines_are_compared_where_they_say_the_same(
    probability: list[float], ranks: list[int], same: object, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    pq.write_table(pa.table({"probability": [0.25, 0.5, 0.75], "rank": [3, 2, 1]}), one)
    pq.write_table(pa.table({"probability": probability, "rank": ranks}), other)
    with nullcontext() if same else pytest.raises(RuntimeError, match="other"):
        pipelines.require_same(one, other)


@pytest.mark.parametrize(
    ("scoring", "possible", "holds"),
    [(1.8, 1.9, True), (1.8, 1.2, True), (1.4, 1.5, None), (1.4, 1.8, False)],
)
def test_of_two_workers_nothing_can_be_told_where_the_machine_gives_no_more(
    scoring: float, possible: float, holds: object
) -> None:
    ratios = {"sweep": 2.0, "scoring": scoring, "loop": 1.95, "sums": possible}
    times = {
        (name, n): 6.0 / (ratio if n > 1 else 1) for name, ratio in ratios.items() for n in (1, 2)
    }
    sweep, scored = workers.judge(times)
    assert (sweep.holds, scored.holds) == (True, holds)
    assert f"{scoring:.2f}" in scored.measured
    assert f"{possible:.2f}" in scored.measured


def test_every_spoilt_row_is_set_aside(tmp_path: Path) -> None:
    good = write_candidates(tmp_path / "good.parquet", 300)
    bad = validating.spoilt(good, tmp_path / "bad.parquet")
    with pytest.raises(QuarantineRateError, match="300 of 300 rows"):
        check_candidates(read_candidates(bad), max_quarantine=0.5)


def test_a_training_is_judged_by_the_middle_of_its_pairs_and_its_page_whole() -> None:
    def taken(whole: float, evaluated: float, page: int) -> training.Taken:
        return training.Taken({"evaluate": evaluated, "report": 1.0}, whole, 100.0, page)

    small = taken(2.0, 0.5, 1)
    pairs = [[small, taken(*one)] for one in ((9.0, 1.0, 10), (10.0, 1.2, 10), (99.0, 9.0, 10))]
    found = training.lines(pairs)
    assert [line.holds for line in found] == [True, True, True, True]
    assert found[0].measured.startswith("8.00 s")
    assert [line.holds for line in training.lines(pairs[2:])] == [False, False, True, True]
    assert not training.lines([[small, taken(9.0, 1.0, 10**6 + 1)]])[-1].holds


def test_the_least_for_a_table_is_measured_in_its_own_format(tmp_path: Path) -> None:
    scores = tmp_path / "scores.parquet"
    pq.write_table(pa.table({"decision": ["pulsar"] * 9, "rank": range(9)}), scores)
    for name in ("rows.csv", "rows.parquet"):
        took, said = scoring.least(write_candidates(tmp_path / name, 2_000), scores)
        assert 0 < took.seconds < 60
        assert took.worked > 0
        assert "reading" in said


@pytest.mark.slow
def test_what_a_server_recorded_is_counted(prefect_server: str) -> None:
    from prefect import flow, task

    @task(task_run_name="sleeps {of}")
    def sleeps(of: str) -> str:
        return of

    @flow
    def twice() -> None:
        sleeps("one.csv")
        sleeps("other.csv")

    before = recorded.n_task_runs(prefect_server)
    twice()
    assert 0 <= recorded.seconds_of(prefect_server, "sleeps other.csv") < 60
    assert recorded.n_task_runs(prefect_server) == before + 2


def test_a_folder_of_curves_that_is_a_chapter_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["scale", "--curves", "memory"])
    with pytest.raises(SystemExit) as ended:
        scale.main()
    assert ended.value.code == 2
    assert "--curves memory" in capsys.readouterr().err


@pytest.mark.parametrize("chapter", scale.CHAPTERS)
def test_every_chapter_of_the_bench_can_be_measured(chapter: str) -> None:
    assert callable(import_module(f"benchmarks.scale.{chapter}").measure)


def test_a_chapter_that_fails_is_broken_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails in a process of its own, where there is no such module."""
    monkeypatch.setattr(scale, "CHAPTERS", ("nothing", "nobody"))
    monkeypatch.setattr("sys.argv", ["scale"])
    with pytest.raises(SystemExit) as ended:
        scale.main()
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert "2 BROKEN" in printed
    assert all(printed.count(f"BROKEN  {name}") == 2 for name in ("nothing", "nobody"))
