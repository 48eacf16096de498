"""The page of the short list's faces, from plain facts."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest

from pulsars.folds.face import Face
from pulsars.report.faces_page import render_faces
from pulsars.report.scores_page import MOST_FACES, ScoreFacts, anchors
from pulsars.simulation.populations import simulate
from schemas.features import FEATURE_NAMES
from slp.watching.reference import Reference


def candidate(rank: int, values: np.ndarray, **more: Any) -> dict[str, Any]:
    named = dict(zip(FEATURE_NAMES, values.tolist(), strict=True))
    return {
        "rank": rank,
        "line": 7 * rank,
        "carried": {},
        "same_source": None,
        "known": None,
        "harmonic": None,
        "probability": 0.9,
        "decision": "pulsar",
        "outside": [],
        "label": None,
        "values": named,
        "contributions": {name: value % 7 - 3 for name, value in named.items()},
        **more,
    }


def face(rng: np.random.Generator, **more: Any) -> Face:
    """Give the largest face that there is, of noise, which no compression makes smaller."""
    plane = rng.integers(0, 256, (32, 64), dtype=np.uint8)
    curve = rng.integers(0, 256, 128, dtype=np.uint8)
    return Face(
        kind="pfd", profile=curve, dm_curve=curve[::-1], dm_low=0.0, dm_high=99.0,
        sub_bands=plane, sub_integrations=plane[::-1], period=0.7145197, dm=26.77, **more,
    )  # fmt: skip


def facts(best: list[dict[str, Any]], **changes: Any) -> ScoreFacts:
    fields: dict[str, Any] = {
        "simulated": False,
        "source": {"origin": "o", "name": "night.csv", "sha256": "a", "fingerprint": "f"},
        "model": {"run": "r1", "sha256": "m", "threshold": 0.4, "simulated": False},
        "parameters": {"budget": 100},
        "code_version": "c",
        "rows": {"read": 1000, "accepted": 1000, "quarantined": 0},
        "reasons": {},
        "ranked_by": "model",
        "n_called": 3,
        "notes": [],
        "converted": [],
        "n_learnt": 0,
        "drift": {},
        "metrics": None,
        "histogram": "",
    }
    return ScoreFacts(best=best, **fields | changes)


X, Y = simulate(1000, prevalence=0.2, rng=np.random.default_rng(5))
REFERENCE = Reference.of(X, Y)


def page(best: list[dict[str, Any]], faces: dict[int, Face] | None = None, **changes: Any) -> str:
    return render_faces(facts(best, **changes), reference=REFERENCE, faces=faces or {})


def test_two_hundred_faces_of_the_largest_size_stay_small_and_are_soon_drawn() -> None:
    best = [candidate(rank, X[rank]) for rank in range(1, MOST_FACES + 1)]
    rng = np.random.default_rng(6)
    faces = {one["rank"]: face(rng) for one in best}
    page(best[:1], faces)  # templates are read once
    began = time.process_time()
    text = page(best, faces)
    assert time.process_time() - began < 2
    assert text.count("<article ") == text.count('class="fold"') == MOST_FACES
    assert len(text.encode()) < 5_000_000
    assert "content-visibility: auto" in text


def test_an_article_says_who_it_is_and_leads_to_its_neighbours() -> None:
    best = [candidate(rank, X[rank]) for rank in (1, 2, 3)]
    best[1]["carried"] = {"name": "J0534+2200", "raj": "05:34:31"}
    best[1] |= {"known": "B0531+21", "harmonic": "1/2"}
    fold = face(np.random.default_rng(1), ra="05:34:31", telescope="Lovell")
    text = page(best, {2: fold})
    [_, first, second, third] = re.split("<article ", text)
    assert "2. J0534+2200" in second
    assert "raj 05:34:31" in second
    assert [text.count("B0531+21") for text in (first, second, third)] == [0, 1, 0]
    assert "period 714.52 ms · DM 26.77 pc cm⁻³ · Lovell" in second
    assert re.findall(r'href="(#line-\d+)"', second) == ["#line-7", "#line-21"]
    assert re.findall(r'href="(#line-\d+)"', first) == ["#line-14"]
    assert "1. Line 7" in first
    assert 'class="fold"' not in third
    assert "1 of them came with their fold" in text


def test_what_a_fold_says_is_not_said_again_by_the_columns_of_the_table() -> None:
    carried = {"name": "J1", "ra": "1.4", "period": "0.71", "fold_sha256": "a" * 64, "snr": "9"}
    best = [candidate(1, X[1], carried=carried), candidate(2, X[2], carried=carried)]
    fold = face(np.random.default_rng(1), ra="05:34:31", dec="+22:00:52")
    text = render_faces(facts(best), reference=REFERENCE, faces={best[0]["rank"]: fold})
    with_fold, without = re.findall(r'<p class="quiet who">(.*?)</p>', text, re.DOTALL)
    assert with_fold == "snr 9 · 05:34:31 +22:00:52 · period 714.52 ms · DM 26.77 pc cm⁻³"
    assert without == f"ra 1.4 · period 0.71 · fold_sha256 {'a' * 64} · snr 9"


def test_what_a_file_says_of_itself_is_text_and_no_page() -> None:
    evil = '<script>alert("x")</script>\u202e'
    best = [candidate(1, X[1], carried={evil: evil, "b": evil})]
    fold = face(np.random.default_rng(1), name=evil, section=evil, telescope=evil, ra=evil)
    text = page(best, {1: fold}, source={"name": evil})
    assert "<script" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text


def test_a_companion_gives_no_probability_and_no_log_odds() -> None:
    one = candidate(1, X[1], probability=None, decision=None, outside=["dm_mean"])
    text = page([one], ranked_by="companion", n_called=None)
    assert "Part of the sum that ranks" in text
    assert "called" not in text.split("<article")[1]
    assert "outside in DM mean" in text


@pytest.mark.parametrize("lines", [(3, 3, 5), (1, 2, 3)])
def test_every_face_has_a_place_of_its_own(lines: tuple[int, ...]) -> None:
    best = [candidate(n, X[n], line=line) for n, line in enumerate(lines, 1)]
    assert len(set(anchors(best))) == 3
    assert anchors(best)[2] == f"line-{lines[2]}"
    assert len(set(re.findall(r'<article id="([^"]+)"', page(best)))) == 3
