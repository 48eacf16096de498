"""Every setting that a sweep may try is one that a training takes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pulsars.learning.settings import parameters_to_train_with
from schemas.chosen_by import ChosenBy
from schemas.parameters import InputKind, TrainingParameters
from schemas.sweep_parameters import SweepParameters
from slp.choosing.grid import Grid

CHOSEN_BY = ChosenBy(
    sweep="0123abcd", seed=3, validation_size=0.2, test_size=0.2, fingerprint="f" * 64
)
WITHOUT_SGD = ("learning_rate", "batch_size", "n_epochs")


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


@st.composite
def sweeps(draw: st.DrawFn) -> SweepParameters:
    """Draw from all that `SweepParameters` allows: bounds as they stand in its fields."""
    solver = draw(some(st.sampled_from(["newton", "sgd"])))
    rates = draw(some(st.floats(1e-6, 10)))
    most = math.nextafter(1 / max(rates), 0) * 0.999 if "sgd" in solver else 1e6
    asked = {
        "data": "x.csv",
        "seed": draw(st.integers(0, 2**63 - 1)),
        "validation_size": draw(st.floats(0.01, 0.49)),
        "test_size": draw(st.floats(0.01, 0.49)),
        "inputs": draw(some(st.sampled_from(InputKind.__args__))),  # type: ignore[attr-defined]
        "oversample": draw(some(st.sampled_from(["none", "cycle"]))),
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
