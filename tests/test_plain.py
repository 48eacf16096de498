"""What a training is timed beside does the same work, or the ratio would say nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import plain
from benchmarks.command import require_same_work
from command.demonstration import write_simulation


@pytest.mark.slow
def test_the_plain_script_ends_with_the_model_numbers_and_figures_of_a_training(
    train_here: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sky = tmp_path / "sky.csv"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    train_here(sky, tmp_path / "out")
    monkeypatch.setattr(sys, "argv", ["plain", str(sky), str(tmp_path / "plain")])
    plain.main()
    require_same_work(tmp_path / "plain", tmp_path / "out")
