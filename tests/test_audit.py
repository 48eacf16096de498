"""The shortest form of what `make audit` claims; three chapters have theirs elsewhere."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.audit import calibration, thresholds
from benchmarks.audit.__main__ import CHAPTERS, show
from benchmarks.audit.line import Line
from benchmarks.runs import few_of_htru2


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_that_is_named_can_be_measured(chapter: str) -> None:
    assert callable(import_module(f"benchmarks.audit.{chapter}").measure)


def test_a_line_says_what_was_measured_beside_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        "chapter", [Line("one", ">= 2", "1", holds=False), Line("two", "<= 2", "2", holds=True)], 3
    )
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "chapter (3 s)",
        "  FAILS  one  1  (bound: >= 2)",
        "  holds  two  2  (bound: <= 2)",
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
