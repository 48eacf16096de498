"""Every number in docs/formulas.md, computed again."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from slp.perceptron import cross_entropy, sigmoid

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formulas.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())
TABLE = [
    tuple(float(cell.replace("−", "-")) for cell in line.strip("|").split("|"))
    for line in PAGE.splitlines()
    if re.match(r"\| [−\d]", line)
]
PREVALENCE = 1639 / 17_898  # of HTRU2


def entropy(*chances: float) -> float:
    return -sum(p * math.log(p) for p in chances)


def test_the_table_has_its_seven_rows() -> None:
    assert [row[0] for row in TABLE] == [-1000, -5, 0, 1.0986, 5, 40, 1000]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"logit {row[0]:g}")
def test_the_table_is_what_the_functions_give(row: tuple[float, ...]) -> None:
    logit, probability, as_pulsar, as_noise, slope_pulsar, slope_noise = row
    assert sigmoid(logit) == pytest.approx(probability, rel=1e-4)
    assert cross_entropy([1, 0], logit) == pytest.approx([as_pulsar, as_noise], rel=2e-4)
    # At 40 float64 gives 0 for the slope, as the page says.
    slopes = [slope_pulsar, slope_noise]
    assert sigmoid(logit) - np.array([1, 0]) == pytest.approx(slopes, rel=1e-4, abs=1e-17)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (r"log 3 ≈ ([\d.]+)", math.log(0.75 / 0.25)),
        (r"largest at p = 0.5, where it is ([\d.]+)", 0.5 * (1 - 0.5)),
        (r"1 bit, which is ([\d.]+) nats", math.log(2)),
        (r"\(([\d.]+) % are\)", 100 * PREVALENCE),
        (r"a pulsar \(9.16 % are\) tells ([\d.]+) bits", -math.log2(PREVALENCE)),
        (r"that it is none, ([\d.]+)\.", -math.log2(1 - PREVALENCE)),
        (r"labels it is ([\d.]+) nats", entropy(PREVALENCE, 1 - PREVALENCE)),
        (r"0.306 nats or ([\d.]+) bits", entropy(PREVALENCE, 1 - PREVALENCE) / math.log(2)),
        (r"scores HTRU2's entropy, ([\d.]+);", entropy(PREVALENCE, 1 - PREVALENCE)),
        (r"about ([\d.]+) · 10³⁰⁸", float(np.finfo(np.float64).max) / 1e308),
        (r"which is e\^([\d.]+);", math.log(float(np.finfo(np.float64).max))),
        (r"float32 is e\^([\d.]+)\.", math.log(float(np.finfo(np.float32).max))),
        (r"t = ([\d.]+) · 10⁻¹⁸", math.exp(-40) * 1e18),
    ],
)
def test_a_number_in_the_text_is_right_to_its_last_digit(words: str, number: float) -> None:
    quoted = re.search(words, TEXT)
    assert quoted, words
    digits = len(quoted[1].partition(".")[2])
    assert f"{number:.{digits}f}" == quoted[1]


def test_saying_the_prevalence_of_every_candidate_scores_the_entropy() -> None:
    logit = math.log(PREVALENCE / (1 - PREVALENCE))
    loss = PREVALENCE * cross_entropy(1, logit) + (1 - PREVALENCE) * cross_entropy(0, logit)
    assert loss == pytest.approx(entropy(PREVALENCE, 1 - PREVALENCE), rel=1e-12)


def test_the_plain_form_fails_where_the_page_says_it_does() -> None:
    with np.errstate(all="ignore"):
        plain = 1 / (1 + np.exp(np.float64(1000)))
        assert plain == 0
        assert np.isnan(-0.0 * np.log(plain) - np.log(1 - plain))  # z = 0: 0 times infinity
    assert 1 / (1 + np.exp(-np.float64(37))) == 1
    assert 1 / (1 + np.exp(-np.float64(36))) < 1
    assert np.log(1 + math.exp(-40)) == 0


def test_wrong_beliefs_cost_the_divergence() -> None:
    p, q = np.array([0.2, 0.8]), np.array([0.5, 0.5])
    cross = -(p * np.log(q)).sum()
    assert cross == pytest.approx(entropy(*p) + (p * np.log(p / q)).sum())
    assert cross > entropy(*p)
    # the same from a logit, with a label that is a probability
    assert cross_entropy(0.8, 0.0) == pytest.approx(cross)
