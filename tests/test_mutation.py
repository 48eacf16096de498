"""That `make mutation` still runs, and still sees a formula that was changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_one_changed_formula_is_noticed(data_dir: Path) -> None:
    env = os.environ | {"PULSAR_DATA_DIR": os.path.relpath(data_dir, ROOT)}  # mutants run elsewhere
    asked = ["-m", "benchmarks.mutation", "measures/confusion", "--sample", "1", "--quick"]
    done = subprocess.run(
        [sys.executable, *asked],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 mutants of ")
    assert done.stdout.endswith(", 0 survived\n")
