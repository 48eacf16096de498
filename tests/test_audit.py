"""The shortest form of what `make audit` claims; three chapters have theirs elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.audit import calibration, coverage, thresholds
from benchmarks.audit.__main__ import CHAPTERS, main, runner_asked
from benchmarks.audit.line import Line
from benchmarks.audit.mapped import audit, lines_of, pieces_of
from benchmarks.harness import show
from benchmarks.runs import few_of_htru2


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_that_is_named_can_be_measured(chapter: str) -> None:
    pieces = pieces_of(chapter, "short")
    assert pieces
    assert all(map(callable, pieces))


def test_pieces_are_what_can_be_told_apart() -> None:
    asked = [piece.args[1:3] for piece in pieces_of("coverage", "full")]  # type: ignore[attr-defined]
    assert len(set(asked)) == len(asked) == 5 * len(coverage.REPETITIONS["full"])
    assert len(pieces_of("nights", "short")) == 34
    assert len(pieces_of("drift", "short")) == 1


@pytest.fixture(scope="module")
def few() -> list[Line]:
    """What the chapter on coverage says of very few samples, without a runner."""
    pieces = pieces_of("coverage", "short", fewer=200)
    return lines_of("coverage", [cell for piece in pieces for cell in piece()])


@pytest.mark.slow
@pytest.mark.parametrize(("runner", "workers"), [("threads", 2), ("processes", 2)])
def test_an_audit_says_the_same_whoever_runs_its_pieces(
    runner: str,
    workers: int,
    few: list[Line],
    prefect_server: str,  # noqa: ARG001 - the flow needs a server
    capfd: pytest.CaptureFixture[str],
) -> None:
    told = audit(["coverage"], "short", runner_asked(runner, workers), {"fewer": 200})
    lines, seconds = told["coverage"]
    assert [*told] == ["coverage"]
    assert lines == few
    assert seconds > 0
    assert "30 of 30 pieces" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--workers", "0"], "workers"), (["--dask-address", "tcp://here:1"], "runner dask")],
)
def test_a_runner_that_cannot_be_is_refused_before_a_server_starts(
    words: list[str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def started(_main: Any) -> None:
        pytest.fail("a server was started")

    monkeypatch.setattr("benchmarks.audit.__main__.exit_with", started)
    monkeypatch.setattr("sys.argv", ["audit", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert named in capsys.readouterr().err


def test_a_line_says_what_was_measured_beside_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        "chapter", [Line("one", ">= 2", "1", holds=False), Line("two", "<= 2", "2", holds=True)], 3
    )
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "chapter (3 s)",
        "  BROKEN  one  1  (bound: >= 2)",
        "  held    two  2  (bound: <= 2)",
    ]


def test_the_threshold_of_the_probabilities_jumps_less_than_that_of_the_labels(
    data_dir: Path,  # noqa: ARG001 - without the files it is skipped
) -> None:
    found = thresholds.measure_rules(5, lambda seed: few_of_htru2(2000, seed))
    spread = {name: rule["threshold"].std() for name, rule in found.items()}
    assert spread[thresholds.DEFAULT] < spread[thresholds.OLD_RULE] / 2
    assert spread[thresholds.HELD_OUT] < spread[thresholds.OLD_RULE]


def test_probabilities_of_jittered_rows_are_probabilities(
    data_dir: Path,  # noqa: ARG001 - without the files it is skipped
) -> None:
    found = calibration.table_row(2, oversample="jitter")
    assert 0.95 <= found["sum"] <= 1.05
    assert found["ece"] <= found["floor"] + 0.005
