"""Scores are repeated where they are the same but for the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from slp import repeats

KEPT = np.array([1e-300, 1e-12, 0.25, 0.5, 1.0])


def test_the_same_scores_and_those_of_another_processor_are_repeated() -> None:
    assert repeats(KEPT, KEPT)
    assert repeats(np.nextafter(KEPT, 1), KEPT)
    assert repeats(KEPT * 1e3 * (1 - 1e-13), KEPT * 1e3)
    assert repeats([], [])


@pytest.mark.parametrize(
    "again",
    [KEPT + 1e-6, KEPT[:-1], KEPT[:, None], KEPT[2], KEPT * np.nan, -KEPT],
    ids=["one differs", "fewer", "another shape", "one", "no numbers", "another sign"],
)
def test_other_scores_are_not(again: np.ndarray) -> None:
    assert not repeats(again, KEPT)
