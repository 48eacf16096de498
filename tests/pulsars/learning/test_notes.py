"""A training says what its reader has to know: a test part that chose, a label in a feature."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from pulsars.learning.notes import leak_notes, touched_notes
from schemas.parameters import ChosenBy, TrainingParameters

CHOSEN_BY = ChosenBy(
    sweep="0123abcd", seed=3, validation_size=0.2, test_size=0.25, fingerprint="same"
)


def asked(**changed: object) -> TrainingParameters:
    split = {"seed": 3, "test_size": 0.25, "chosen_by": CHOSEN_BY}
    return TrainingParameters.model_validate({"data": "x.csv", **split, **changed})


def test_the_split_of_the_sweep_leaves_nothing_to_say() -> None:
    assert touched_notes(asked(), "same") == []


def test_settings_that_no_sweep_chose_leave_nothing_to_say() -> None:
    assert touched_notes(asked(chosen_by=None, seed=9), "other") == []


def test_a_preset_has_settings_of_its_own() -> None:
    assert touched_notes(asked(preset="book", test_size=0.2, seed=0), "same") == []


@pytest.mark.parametrize(
    ("changed", "has", "had"),
    [
        ({"seed": 4}, "seed 4", "seed 3"),
        ({"test_size": 0.3}, "test_size 0.3", "test_size 0.25"),
        (
            {"seed": 0, "validation_size": 0.1},
            "seed 0, validation_size 0.1",
            "seed 3, validation_size 0.2",
        ),
    ],
    ids=str,
)
def test_another_split_of_the_same_candidates_flatters(
    changed: dict[str, object], has: str, had: str
) -> None:
    (note,) = touched_notes(asked(**changed), "same")
    assert all(named in note for named in ("test part", "sweep 0123abcd", "flatter"))
    assert ("may" in note.split()) is ("seed" not in changed)  # with its seed, nobody knows
    of_both, _, way_out = note.partition(";")
    assert re.findall(r"(?:seed|\w+_size) [\d.]*\d", of_both) == f"{has}, {had}".split(", ")
    assert "train with the sweep's" in way_out


@pytest.mark.parametrize("seed", [3, 4])
def test_of_other_candidates_nothing_is_known(seed: int) -> None:
    (note,) = touched_notes(asked(seed=seed), "other")
    assert "not the candidates of sweep 0123abcd" in note
    assert "unknown" in note


def rows(n_rows: int = 1000) -> tuple[Any, Any]:
    return np.random.default_rng(0).normal(20, 5, size=(n_rows, 8)), np.arange(n_rows) % 10 == 0


def test_a_feature_made_from_the_label_is_named_and_only_training_rows_are_asked() -> None:
    X, y = rows()
    X[:, 4] = 20 + 60 * y + X[:, 3]
    (note,) = leak_notes(X, y, np.arange(600))
    assert "(ROC AUC: dm_mean 1.0000)" in note
    X[:600, 4] = X[:600, 3]
    assert leak_notes(X, y, np.arange(600)) == []


@pytest.mark.parametrize("form", [".17g", ".6g"])
def test_a_file_that_is_there_twice_is_said(form: str) -> None:
    X, y = rows()
    again = np.array([[float(f"{value:{form}}") for value in row] for row in X])
    (note,) = leak_notes(np.concatenate([X, again]), np.concatenate([y, y]), np.arange(1200))
    assert note.startswith("1,000 of the 2,000 rows repeat another one to five digits.")
    few = np.concatenate([X, again[:9]])
    assert leak_notes(few, np.concatenate([y, y[:9]]), np.arange(600)) == []
