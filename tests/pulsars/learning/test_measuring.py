"""What is measured and counted goes by the place of a row, whatever holds the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pulsars.learning.measuring import measure_parts
from pulsars.learning.ranking import best_first
from pulsars.learning.scored_parts import count_scores

RNG = np.random.default_rng(3)
Y = RNG.integers(0, 2, 60)
PROBABILITY = np.round((Y + RNG.random(60)) / 2, 2)


def shuffled(values: np.ndarray) -> pd.Series:
    """Give a column as `DataFrame.sample` leaves it: its labels are not its places."""
    return pd.Series(values, index=np.random.default_rng(1).permutation(len(values)))


HELD: list[Callable[[np.ndarray], Any]] = [shuffled, np.ndarray.tolist]


@pytest.mark.parametrize("held", HELD)
def test_rows_are_taken_by_their_places(held: Callable[[np.ndarray], Any]) -> None:
    parts = {"train": np.arange(20), "test": np.arange(59, 20, -1)}
    metrics = measure_parts(held(Y), held(PROBABILITY), parts, threshold=0.5)
    assert metrics == measure_parts(Y, PROBABILITY, parts, threshold=0.5)
    assert metrics["train"] != metrics["test"]
    assert count_scores(held(Y), held(PROBABILITY)) == count_scores(Y, PROBABILITY)
    assert count_scores(None, held(PROBABILITY)) == count_scores(None, PROBABILITY)
    assert best_first(held(PROBABILITY)).tolist() == best_first(PROBABILITY).tolist()


@pytest.mark.parametrize(
    ("y", "rows", "said"),
    [
        (Y, np.array([1, 60]), "part 'test': index 60 .* 60"),
        (Y, np.array([0.5]), "part 'test': .* integer"),
        (np.ma.masked_equal(Y, 1), np.arange(60), "some are masked"),
    ],
)
def test_a_part_of_rows_that_are_not_there_is_refused(y: Any, rows: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        measure_parts(y, PROBABILITY, {"test": rows}, threshold=0.5)
