"""The rule of the gate against cases worked by hand."""

from __future__ import annotations

import pytest

from pulsars.gate.weighing import Lead, is_proven, is_worse, weigh
from slp import Difference


def lead(value: float, error: float, *, n_pulsars: int = 50) -> Lead:
    return Lead(Difference(value, error), n_pulsars)


def test_with_few_pulsars_nothing_is_as_sure_as_it_measures() -> None:
    """Of 50 pulsars a twentieth of one is a thousandth."""
    sure = lead(0.01, 0.0).sure
    assert (sure.value, sure.error) == pytest.approx((0.01, 0.001))
    assert lead(0.01, 0.0024, n_pulsars=50).sure.error == pytest.approx(0.0026)
    assert lead(0.01, 0.0024, n_pulsars=5_000).sure.error == pytest.approx(0.0024, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        # error 0.0026, so that 2.5 of it are 0.0065 and 1.96 of it 0.0051
        (0.0026, "promoted"),  # at the least -0.0039
        (0.0024, "undecided"),  # -0.0041
        (-0.0050, "undecided"),  # at the most +0.0001
        (-0.0052, "kept"),  # -0.0001
    ],
)
def test_against_the_champion_alone(value: float, decision: str) -> None:
    assert weigh(lead(value, 0.0024), None, margin=0.004) == decision


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        (0.0046, "promoted"),  # -0.0019 against half the margin
        (0.0044, "undecided"),  # -0.0021
        (-0.0052, "kept"),
    ],
)
def test_an_anchor_that_is_not_the_champion_leaves_half_the_margin(
    value: float, decision: str
) -> None:
    assert weigh(lead(0.01, 0.0024), lead(value, 0.0024), margin=0.004) == decision


def test_no_lead_over_the_anchor_makes_good_a_loss_to_the_champion() -> None:
    assert weigh(lead(-0.0052, 0.0024), lead(0.1, 0.0024), margin=0.004) == "kept"
    assert weigh(lead(0.0024, 0.0024), lead(0.1, 0.0024), margin=0.004) == "undecided"


def test_a_margin_of_its_own_is_what_a_person_set() -> None:
    assert weigh(lead(0.0, 0.0024), None, margin=0.007) == "promoted"
    assert weigh(lead(0.0, 0.0024), None, margin=0.006) == "undecided"
    assert weigh(lead(-0.0052, 0.0024), None, margin=0.5) == "kept"


def test_an_anchor_moves_by_a_lead_of_two_and_a_half_errors() -> None:
    assert not is_proven(lead(0.0064, 0.0024))  # 0.0065
    assert is_proven(lead(0.0066, 0.0024))


def test_worse_is_what_lies_below_nothing_with_all_its_interval() -> None:
    assert is_worse(lead(-0.0052, 0.0024))
    assert not is_worse(lead(-0.0050, 0.0024))
