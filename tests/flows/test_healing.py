"""A disk that fails once costs a pause and no run, and changes no byte."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.demonstration import write_simulation
from flows.sweep import sweep
from flows.training import train
from pulsars.store.locks import exclusive
from schemas.errors import QuarantineRateError
from schemas.parameters import TrainingParameters
from schemas.sweep_parameters import SweepParameters
from tests.failing import fail_once

pytestmark = pytest.mark.usefixtures("undrawn")

QUICK = {"solver": "newton", "inputs": "standard", "n_resamples": 100}


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=400, prevalence=0.2, seed=3)
    return path


@pytest.mark.slow
def test_a_write_that_fails_once_in_each_of_two_steps_heals_to_the_same_bytes(
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undisturbed = train_here(sky, tmp_path / "quiet", **QUICK)
    fails = fail_once(monkeypatch, ".accepted.parquet.part", ".model.json.part")
    healed = train_here(sky, tmp_path / "failing", **QUICK)
    assert not fails
    assert healed["model_sha256"] == undisturbed["model_sha256"]
    assert healed["metrics"] == undisturbed["metrics"]
    assert healed["verdict"]["decision"] == "promoted"


@pytest.mark.usefixtures("prefect_server")
def test_a_refused_training_and_a_refused_sweep_leave_no_private_directory(
    sky: Path, tmp_path: Path
) -> None:
    lines = sky.read_text().splitlines()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([*lines[:50], *(line.replace(",", ",x", 1) for line in lines[50:])]))
    asked = {"data": str(bad), "out": str(tmp_path / "out")}
    with pytest.raises(QuarantineRateError):
        train(TrainingParameters.model_validate(asked))
    with pytest.raises(QuarantineRateError):
        sweep(SweepParameters.model_validate(asked))
    assert list((tmp_path / "out" / "unfinished").iterdir()) == []


HEARS = (
    "import signal\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # whatever started these tests
    "from command.cli import main\n"
    "main()\n"
)


@pytest.mark.slow
def test_ctrl_c_ends_a_run_that_waits_for_another(
    served_environment: dict[str, str], sky: Path, tmp_path: Path
) -> None:
    with exclusive(tmp_path, waiting=lambda: pytest.fail("waited")):
        waits = subprocess.Popen(
            [sys.executable, "-P", "-c", HEARS, "train", str(sky), "--out", str(tmp_path)],
            env=served_environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert waits.stderr
        said = next(line for line in waits.stderr if "waiting" in line or "rror" in line)
        assert "another run" in said
        waits.send_signal(signal.SIGINT)
        assert waits.wait(timeout=300) == 130
        waits.stderr.close()
    assert not (tmp_path / "unfinished").exists()
