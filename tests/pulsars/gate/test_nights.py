"""A few chains of nights by the gate's own rule; `make nights` simulates thousands."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit import chains, nights
from benchmarks.audit.chains import FAR, Setting, enters, flattered, slide
from benchmarks.audit.sky import GROWN, REAL, WILD, Night, Retraining, best_quality
from pulsars.gate.weighing import Lead, weigh
from schemas import Decision
from schemas.parameters import TrainingParameters


def streams(n: int) -> list[np.random.Generator]:
    return [np.random.default_rng([1, chain]) for chain in range(n)]


def test_the_nights_are_those_of_the_default_margin() -> None:
    assert TrainingParameters(data="x").margin == chains.MARGIN


@pytest.mark.slow
def test_a_model_measures_its_true_quality_on_many_rows() -> None:
    rng = np.random.default_rng(3)
    night = Night.draw(400_000, rng)
    for kind in (REAL, WILD):
        for quality in (best_quality() - 0.02, best_quality() - 0.003):
            assert night.look(quality, kind, rng).value == pytest.approx(quality, abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [REAL, WILD])
def test_a_much_worse_challenger_seldom_gets_in(kind: Retraining) -> None:
    n = sum(enters(Setting(700, kind, same=False), -FAR, 50, rng) for rng in streams(60))
    assert n <= 6


@pytest.mark.slow
def test_an_equal_and_a_better_challenger_get_in() -> None:
    equal = sum(enters(Setting(700, GROWN, same=True), 0, 50, rng) for rng in streams(40))
    better = sum(enters(Setting(3_600, REAL, same=True), FAR, 5, rng) for rng in streams(40))
    assert equal >= 36
    assert better >= 36


@pytest.mark.slow
def test_two_hundred_steps_down_do_not_add_up_and_without_the_anchor_they_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = Setting(700, REAL, same=False)
    held = [slide(setting, 200, 0.002, rng) for rng in streams(6)]
    assert max(held) <= 0.0045

    def forgetful(over_champion: Lead, _: Lead | None, *, margin: float) -> Decision:
        return weigh(over_champion, None, margin=margin)

    monkeypatch.setattr(chains, "weigh", forgetful)
    assert min(slide(setting, 200, 0.002, rng) for rng in streams(3)) > 0.01


@pytest.mark.slow
def test_a_champion_of_equals_is_flattered_by_no_more_than_the_page_says() -> None:
    from pulsars.report.history_page import FLATTERY

    found = [flattered(Setting(700, REAL, same=True), 50, rng) for rng in streams(40)]
    assert 0 < np.mean(found) <= FLATTERY == nights.FLATTERY


def test_a_share_holds_by_its_limit_and_not_by_itself() -> None:
    assert nights.at_most(0.05)(8, 400)[2]
    assert not nights.at_most(0.05)(16, 400)[2]  # 4 %, and 6 % is no surprise
    assert nights.at_least(0.95)(395, 400)[2]
    assert not nights.at_least(0.95)(384, 400)[2]
