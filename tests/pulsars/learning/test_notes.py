"""A training says when its test part had, or may have had, a say in its settings."""

from __future__ import annotations

import pytest

from pulsars.learning.notes import touched_notes
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
    assert touched_notes(asked(preset="book", test_size=0.2), "same") == []


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
    holds = "holds" if "seed" in changed else "may hold"
    assert note == (
        f"The test part {holds} rows that chose these settings in sweep 0123abcd: its numbers "
        f"flatter. This run has {has}, the sweep had {had}; train with the sweep's for an "
        "untouched test part."
    )


@pytest.mark.parametrize("seed", [3, 4])
def test_of_other_candidates_nothing_is_known(seed: int) -> None:
    (note,) = touched_notes(asked(seed=seed), "other")
    assert "not the candidates of sweep 0123abcd" in note
    assert "unknown" in note
