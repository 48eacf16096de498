"""Simulated folds: of the same physics as simulated tables."""

from __future__ import annotations

import numpy as np
import pytest

from pulsars.folds.dedispersing import fold_of
from pulsars.folds.measuring import measure
from pulsars.folds.prepfold import pack
from pulsars.simulation.folds import simulate_folds
from pulsars.simulation.populations import simulate
from schemas import breaks_moments


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, again, other = (
        [pack(fold) for fold, _ in simulate_folds(5, rng=rng(seed))] for seed in (3, 3, 4)
    )
    assert one == again
    assert one != other


def test_as_many_are_pulsars_as_is_asked_for_and_they_come_in_random_order() -> None:
    labels = [label for _, label in simulate_folds(40, prevalence=0.25, rng=rng())]
    assert sum(labels) == 10
    assert labels != sorted(labels, reverse=True)


@pytest.mark.parametrize(("n_rows", "prevalence"), [(0, 0.1), (5, -0.1), (5, 1.1)])
def test_what_is_out_of_bounds_is_refused(n_rows: int, prevalence: float) -> None:
    with pytest.raises(ValueError, match="must"):
        next(simulate_folds(n_rows, prevalence=prevalence, rng=rng()))


def test_profiles_have_the_statistics_of_a_simulated_table_and_dm_curves_tell_the_classes() -> None:
    found = list(simulate_folds(300, prevalence=0.5, rng=rng(1)))
    X = np.array([measure(fold_of(fold, name="a fold")) for fold, _ in found])
    y = np.array([label for _, label in found])
    table, label = simulate(3000, prevalence=0.5, rng=rng(2))
    for kind in (0, 1):
        for column in range(3):
            low, middle, high = np.percentile(table[label == kind, column], (15, 50, 85))
            assert low < np.median(X[y == kind, column]) < high
            assert abs(np.median(X[y == kind, column]) - middle) < high - low
    assert np.median(X[y == 1, 5]) > 3 * np.median(X[y == 0, 5])  # spread of χ² over DMs
    assert not breaks_moments(X[:, 2], X[:, 3]).any()
    assert not breaks_moments(X[:, 6], X[:, 7]).any()


def test_a_pulsar_is_brightest_at_its_own_dm() -> None:
    for pfd, _ in simulate_folds(20, prevalence=1.0, rng=rng(5)):
        fold = fold_of(pfd, name="a fold")
        assert fold.telescope == "simulated"
        assert fold.dms is not None
        at_best = np.interp(pfd.dm, fold.dms, fold.dm_curve)
        # Trial DMs are 10 apart, and a fast pulsar's peak may stand between two.
        assert at_best > np.quantile(fold.dm_curve, 0.5)
