"""Reviews are worth their effort: the shortest form of what `make audit` says of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.audit import reviews
from benchmarks.runs import htru2
from benchmarks.survey import survey

Pulsar = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.slow
def test_what_is_most_informative_teaches_more_than_chance_and_bends_no_probability(
    data_dir: Path,  # noqa: ARG001 - without the files it is skipped
) -> None:
    lines = [*reviews.loop(*htru2(), 5), *reviews.ways(*htru2(), 5, sizes=(500,))]
    assert [line.what for line in lines if not line.holds] == []


@pytest.mark.slow
def test_the_model_of_a_reviewed_night_is_better_on_the_next(
    served: Pulsar, tmp_path: Path
) -> None:
    def pulsar(*words: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(served(*words, "--json").stdout)
        return said

    ranking, _ = survey(tmp_path, pulsar, n_rows=2_000, seed=52, n_measured=8_000)
    assert "average_precision" in ranking.what
    assert ranking.holds, ranking.measured
