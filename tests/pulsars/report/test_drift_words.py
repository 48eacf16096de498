"""What is said of a comparison: feature, number, direction, mix, and what to look for."""

from __future__ import annotations

import numpy as np
import pytest

from pulsars.report.drift_words import describe_drift, drift_sentence, drift_table
from pulsars.simulation.populations import simulate
from slp.watching.drift import Drift, measure_drift
from slp.watching.reference import Reference


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference.of(*simulate(4000, prevalence=0.1, rng=np.random.default_rng(1)))


def compared(
    reference: Reference,
    *,
    prevalence: float = 0.1,
    columns: tuple[int, ...] = (),
    factor: float = 1.0,
    n: int = 1500,
) -> Drift:
    X, _ = simulate(n, prevalence=prevalence, rng=np.random.default_rng(2))
    X[:, list(columns)] *= factor
    return measure_drift(reference, X)


def test_a_stop_names_a_feature_its_direction_and_where_to_look(reference: Reference) -> None:
    higher = drift_sentence(compared(reference, columns=(4,), factor=5.0), run="r1")
    assert "dm_mean" in higher
    assert "standard deviations higher" in higher
    assert "No share of pulsars explains it" in higher
    assert "trial DMs" in higher
    lower = drift_sentence(compared(reference, columns=(0,), factor=0.1), run="r1")
    assert "standard deviations lower" in lower
    assert "folding" in lower
    both = drift_sentence(compared(reference, columns=(0, 4), factor=5.0), run="r1")
    assert "swapped columns" in both


def test_where_kurtosis_alone_is_another_a_3_too_many_is_the_first_to_look_for(
    reference: Reference,
) -> None:
    X, _ = simulate(1500, prevalence=0.1, rng=np.random.default_rng(2))
    said = []
    for column in (3, 7, 6):
        new = X.copy()
        new[:, column] += 3 * X[:, column].std()
        said.append(
            "kurtosis with 3 more" in drift_sentence(measure_drift(reference, new), run="r")
        )
    assert said == [True, True, False]
    both = drift_sentence(compared(reference, columns=(4, 7), factor=5.0), run="r")
    assert "kurtosis with 3 more" not in both


def test_another_mix_is_said_with_its_share(reference: Reference) -> None:
    drift = compared(reference, prevalence=0.4)
    said = describe_drift(drift, run="r1")
    assert said["verdict"] == "watch"
    assert said["explained"]
    assert said["pulsars"] == pytest.approx(0.4, abs=0.03)
    assert f"as if {said['pulsars']:.0%}".replace("%", "\xa0%") in said["sentence"]
    assert said["limits"]["psi"] == [0.1, 0.18]
    assert "as if none" in drift_sentence(compared(reference, prevalence=0.0, n=9000), run="r1")


def test_of_a_reference_without_classes_no_mix_is_said() -> None:
    X, _ = simulate(4000, prevalence=0.1, rng=np.random.default_rng(1))
    said = describe_drift(compared(Reference.of(X), prevalence=0.4), run="r1")
    assert said["verdict"] == "stop"
    assert said["pulsars"] is None
    assert "share of pulsars" not in said["sentence"]
    assert said["limits"]["psi"] == [0.1, 0.25]


@pytest.mark.parametrize(("factor", "level"), [(5.0, "stop"), (1.0, "ok")])
def test_curves_that_changed_places_are_named_where_they_may_be_what_stops(
    reference: Reference, factor: float, level: str
) -> None:
    drift = compared(reference, columns=(0, 4), factor=factor)
    said = describe_drift(drift, run="r1", doubt="say --columns 5,6,7,8,1,2,3,4")
    assert said["verdict"] == level
    assert ("--columns 5,6,7,8,1,2,3,4" in said["sentence"]) == (level == "stop")


def test_a_spread_is_no_direction(reference: Reference) -> None:
    X, _ = simulate(1500, prevalence=0.1, rng=np.random.default_rng(2))
    for factor, word in ((3.0, "more widely"), (0.1, "less widely")):
        new = X.copy()
        middle = np.median(X[:, 0])
        new[:, 0] = middle + factor * (X[:, 0] - middle)
        assert word in drift_sentence(measure_drift(reference, new), run="r1")


@pytest.mark.parametrize("n", [3, 29])
def test_few_rows_that_lie_outside_are_said_to(reference: Reference, n: int) -> None:
    far = compared(reference, columns=tuple(range(8)), factor=1e4, n=n)
    said = drift_sentence(far, run="r1")
    assert far.level == "stop"
    assert "100.0\xa0% of them lie outside" in said
    few = drift_sentence(compared(reference, n=n), run="r1")
    assert f"{n} rows are fewer than the 30" in few


def test_the_table_shows_what_another_mix_leaves(reference: Reference) -> None:
    rows = drift_table(compared(reference, prevalence=0.5))
    assert max(float(row["PSI"]) for row in rows) > 0.3
    assert max(float(row["PSI left"]) for row in rows) < 0.1
    assert all(isinstance(cell, str) for row in rows for cell in row.values())
