"""The simulation that asks every printed interval whether it holds the truth, cut very short."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit import coverage
from benchmarks.audit.populations import Population, populations
from slp.measures.interval import Interval
from slp.measures.metrics import METRICS


@pytest.fixture(scope="module")
def small() -> tuple[Population, ...]:
    return populations(40_000)


@pytest.mark.slow
def test_every_printed_interval_holds_the_truth(small: tuple[Population, ...]) -> None:
    lines = coverage.lines(coverage.cells(small, {8: 60, 92: 60}))
    assert [line.what for line in lines] == [*METRICS, coverage.CURVE, "one N alone"]
    assert [line.what for line in lines if not line.holds] == []


@pytest.mark.slow
def test_intervals_that_are_too_narrow_are_found_out(
    small: tuple[Population, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(*args: object, **options: object) -> dict[str, Interval]:
        wide = right(*args, **options)  # type: ignore[arg-type]
        return {
            name: Interval(it.value, (it.value + it.low) / 2, (it.value + it.high) / 2)
            for name, it in wide.items()
        }

    right = coverage.intervals
    monkeypatch.setattr(coverage, "intervals", half)
    lines = coverage.lines(coverage.cells(small[:2], {92: 200}))
    assert {line.what for line in lines if not line.holds} == set(METRICS)


def test_five_populations_hold_as_many_pulsars_as_they_say(small: tuple[Population, ...]) -> None:
    assert len({population.name for population in small}) == 5
    rng = np.random.default_rng(0)
    for population in small:
        y, _ = population.draw(population.size_for(92), rng)
        assert abs(y.sum() - 92) < 4 * 92**0.5


def test_what_takes_few_values_is_excused_only_where_nothing_lies_between() -> None:
    def holds(covered: float, least: float, most: float) -> bool:
        return coverage.Cell("fp", 8, "made", covered, 0.1, least, most).holds()

    assert holds(98.0, least=87.0, most=99.0)
    assert not holds(98.0, least=95.0, most=99.0)
    assert holds(90.0, least=60.0, most=98.0)
    assert not holds(90.0, least=60.0, most=95.0)
    assert holds(92.8, least=92.0, most=93.0)  # within three errors


def test_the_neighbours_of_a_share_are_a_value_less_and_a_value_more() -> None:
    values = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    those = [Interval(value, value, value) for value in values]
    held = np.array(values) < 2
    assert coverage.neighbours(those, held) == pytest.approx((50, 100))
    assert coverage.neighbours(those, np.array(values) == 0) == pytest.approx((0, 80))
