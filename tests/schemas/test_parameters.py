"""Every setting that a sweep may try is one that a training takes."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pulsars.learning.settings import parameters_to_train_with
from schemas.parameters import ChosenBy, TrainingParameters
from schemas.sweep_parameters import SweepParameters
from slp.choosing.grid import Grid
from slp.kinds import BALANCES, INPUT_KINDS, SOLVERS, parse_threshold

CHOSEN_BY = ChosenBy(
    sweep="0123abcd", seed=3, validation_size=0.2, test_size=0.2, fingerprint="f" * 64
)
WITHOUT_SGD = ("learning_rate", "batch_size", "n_epochs")


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


@st.composite
def sweeps(draw: st.DrawFn) -> SweepParameters:
    """Draw from all that `SweepParameters` allows: bounds as they stand in its fields."""
    solver = draw(some(st.sampled_from(SOLVERS)))
    rates = draw(some(st.floats(1e-6, 10)))
    most = math.nextafter(1 / max(rates), 0) * 0.999 if "sgd" in solver else 1e6
    asked = {
        "data": "x.csv",
        "seed": draw(st.integers(0, 2**63 - 1)),
        "validation_size": draw(st.floats(0.01, 0.49)),
        "test_size": draw(st.floats(0.01, 0.49)),
        "inputs": draw(some(st.sampled_from(INPUT_KINDS))),
        "oversample": draw(some(st.sampled_from(BALANCES))),
        "solver": solver,
        "l2": draw(some(st.floats(0, min(most, 1e6)))),
        "learning_rate": rates,
        "batch_size": draw(some(st.integers(1, 2**31))),
        "n_epochs": draw(st.integers(1, 10_000)),
        "max_quarantine": draw(st.floats(0, 0.99)),
    }
    if "sgd" not in solver:
        asked = {name: value for name, value in asked.items() if name not in WITHOUT_SGD}
    return SweepParameters.model_validate(asked)


@given(sweeps())
def test_every_setting_that_a_sweep_allows_trains(asked: SweepParameters) -> None:
    names = Grid.__dataclass_fields__
    grid = Grid(**{name: getattr(asked, name) for name in names})
    for setting in (each for group in grid.passes() for each in group):
        kept = parameters_to_train_with(vars(setting), asked, CHOSEN_BY)
        trains = TrainingParameters.model_validate({"data": "x.csv", **kept})
        assert (trains.l2, trains.solver, trains.chosen_by) == (
            setting.l2, setting.solver, CHOSEN_BY,
        )  # fmt: skip


def test_newton_takes_a_penalty_that_a_step_of_sgd_would_not_survive() -> None:
    assert TrainingParameters(data="x.csv", l2=1e6).l2 == 1e6
    with pytest.raises(ValidationError, match=r"l2 5 is not below 1 / learning_rate = 3\.33333"):
        TrainingParameters(data="x.csv", l2=5, solver="sgd")


@pytest.mark.parametrize("l2", [math.inf, math.nan, 1.1e6, -1.0])
def test_a_penalty_out_of_bounds_is_refused(l2: float) -> None:
    with pytest.raises(ValidationError, match="l2"):
        TrainingParameters(data="x.csv", l2=l2)


def test_parameters_are_read_without_numpy() -> None:
    script = "import schemas.parameters, schemas.sweep_parameters, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "slp.kinds" in loaded
    assert "numpy" not in loaded


@pytest.mark.parametrize(
    "text",
    [
        "expected-f1",
        "f1",
        ".5",
        "1e-3",
        "5e-1",
        "recall:0.95",
        "recall:1.0",
        "budget:0",
        "budget:1e3",
    ],
)
def test_a_threshold_is_kept_as_it_is_written(text: str) -> None:
    assert TrainingParameters(data="x.csv", threshold=text).threshold == text
    assert TrainingParameters(data="x.csv", threshold=f" {text.upper()} ").threshold == text
    pattern = TrainingParameters.model_json_schema()["properties"]["threshold"]["pattern"]
    assert re.search(pattern, text)


@pytest.mark.parametrize("number", [0.5, 1e-7, 0.1 + 0.2])
def test_a_threshold_that_is_a_number_is_that_number(number: float) -> None:
    given = json.loads(json.dumps({"data": "x.csv", "threshold": number}))
    assert parse_threshold(TrainingParameters(**given).threshold).amount == number


@pytest.mark.parametrize("value", [True, 0, 1.0, math.nan, None, [0.5]])
def test_a_threshold_that_is_no_number_between_0_and_1_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match="threshold"):
        TrainingParameters(data="x.csv", threshold=value)


@pytest.mark.parametrize(
    "text", ["f1:2", "0", "0.0", "1.", "nan", "-0.5", "٠.٥", "recall:0", "recall:1.1", "budget:5.5"]
)
def test_a_threshold_out_of_bounds_is_refused_by_what_it_may_be(text: str) -> None:
    with pytest.raises(
        ValidationError, match=r"is none of expected-f1, f1, recall:R with R in \(0, 1\], bud"
    ):
        TrainingParameters(data="x.csv", threshold=text)


def test_a_preset_draws_from_the_seed_of_the_book_alone() -> None:
    with pytest.raises(ValidationError, match="preset book fixes seed; leave out either"):
        TrainingParameters(data="x.csv", preset="book", seed=3)
    assert TrainingParameters(data="x.csv", preset="book", seed=0).preset == "book"  # as files have


def test_a_preset_learns_from_no_reviews() -> None:
    with pytest.raises(ValidationError, match="preset book-balanced fixes labels"):
        TrainingParameters(data="x.csv", preset="book-balanced", labels="labels.jsonl")


def test_labels_are_a_file_and_no_address_whose_password_would_be_shown() -> None:
    with pytest.raises(ValidationError, match="name a file on this machine") as refused:
        TrainingParameters(data="x.csv", labels="https://u:hunter2@host/labels.jsonl")
    assert "hunter2" not in str(refused.value)
