from __future__ import annotations

import re
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pulsars.report import training_page as page
from pulsars.report.shown_parameters import shown_parameters
from pulsars.report.training_page import (
    Facts,
    headline,
    model_card,
    projected_precision,
    render_page,
)
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters

HOSTILE = '<script>alert("1")</script>|`[x](y)`\n# <b>'
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "use"}


def measured(tn: float, fp: float, fn: float, tp: float) -> dict[str, dict[str, float | None]]:
    values = {
        "tn": tn,
        "fp": fp,
        "fn": fn,
        "tp": tp,
        "recall": tp / max(tp + fn, 1),
        "precision": tp / max(tp + fp, 1),
        "specificity": tn / max(tn + fp, 1),
    }
    values |= dict.fromkeys(page.words.METRICS.keys() - values.keys(), 0.5)
    return {name: {"value": v, "low": 0.9 * v, "high": 1.1 * v} for name, v in values.items()}


def quality(**changes: Any) -> dict[str, Any]:
    return {
        "rows": {"read": 20, "accepted": 18, "quarantined": 2},
        "pulsars": 5,
        "prevalence": 0.25,
        "columns": {
            name: {"source": f"a {name}", "position": place, "how": "by name"}
            for place, name in enumerate((*FEATURE_NAMES, "label"), start=1)
        },
        "dialect": {"format": "csv", "delimiter": "\t", "header": True},
        "reasons": {"dm_mean is missing": 2},
        "samples": [{"line": 17, "reasons": "dm_mean is missing", "text": "1,2,,4"}],
        "row_warnings": {"flat curve": 1},
        "warnings": ["pulsars are not spread evenly over the file"],
        "moments": {
            "profile": {
                "curve": "profile",
                "rows": 20_000,
                "as_named": 16_655,
                "swapped": 0,
                "said": "header",
                "taken": "swapped",
            }
        },
        "pulsars_per_tenth": [1, 0, 0, 0, 4, 0, 0, 0, 0, 0],
        "summary": {
            name: {"min": -2.0, "p05": 0.0, "median": 1.0, "p95": 2.0, "max": 2.5}
            for name in FEATURE_NAMES
        },
        "fingerprint": "f" * 64,
    } | changes


def meaning(**changes: Any) -> dict[str, Any]:
    def mistake(line: int, label: int) -> dict[str, Any]:
        return {
            "line": line,
            "label": label,
            "probability": 0.0123,
            "logit": -4.4,
            "values": dict.fromkeys(FEATURE_NAMES, 7.125),
            "contributions": dict(zip(FEATURE_NAMES, (1, -2, 3, -4, 0, 0, 0, 5), strict=True)),
        }

    def around(value: float) -> dict[str, float | None]:
        return {"value": value, "low": 0.9 * value, "high": 1.1 * value}

    return {
        "calibration": {
            "bins": [],
            "ece": 0.0123,
            "brier": dict.fromkeys(page.words.BRIER, 0.0171),
            "brier_uncorrected": None,
        },
        "projection": {
            "recall": around(0.838),
            "false_alarm_rate": around(0.0055),
            "surveys": [
                {
                    "prevalence": prevalence,
                    "precision": around(0.5),
                    "false_alarms": around(23.4),
                    "called": around(0.0123),
                }
                for prevalence in (0.0916, 0.01, 0.0001)
            ],
        },
        "budget": {
            "n_rows": 3580,
            "n_pulsars": 328,
            "called": {"n": 293, "recall": 0.838, "low": 0.8, "high": 0.873},
            "round": [
                {"n": 100, "recall": 100 / 328, "low": 0.27, "high": 0.34},
                {"n": 300, "recall": 0.85, "low": 0.811, "high": 0.884},
            ],
            "points": [],
        },
        "leak": {
            "strategy": "cycle",
            "claimed": {"precision": 0.97, "recall": 0.9, "f1": 0.934},
            "honest": {"precision": 0.76, "recall": 0.91, "f1": 0.828},
            "copied": 0.998,
            "not_measured": None,
        },
        "mistakes": {
            "intercept": -4.0,
            "n_missed": 53,
            "n_false_alarms": 18,
            "missed": [mistake(4711, 1)],
            "false_alarms": [mistake(4712, 0)],
        },
        "influence": {
            name: {"moves": 0.1 * place, "direction": direction}
            for place, (name, direction) in enumerate(
                zip(FEATURE_NAMES, (1, -1, 0, 1, 1, 1, 1, 0.9), strict=True), start=1
            )
        },
    } | changes


def facts(**changes: Any) -> Facts:
    fields: dict[str, Any] = {
        "run_id": "abc123",
        "simulated": False,
        "source": {
            "origin": "data/some.csv",
            "name": "some.csv",
            "sha256": "a" * 64,
            "fingerprint": "f" * 64,
        },
        "parameters": {"seed": 7, "columns": None, "drop": []},
        "preset": None,
        "seed": 7,
        "code_version": "0.1.0",
        "rows": {
            "read": 20,
            "accepted": 18,
            "quarantined": 2,
            "train": 10,
            "validation": 4,
            "test": 4,
        },
        "metrics": {
            "train": measured(9000, 60, 150, 850),
            "validation": measured(3240, 20, 55, 273),
            "test": measured(3234, 18, 53, 275),
        },
        "epochs": [],
        "best_epoch": 7,
        "meaning": meaning(),
        "model": {
            "inputs": "standard",
            "features": list(FEATURE_NAMES),
            "coef": [0.5, -0.25, 3.0, -1.0, 0.0, 0.1, 0.2, 0.3],
            "intercept": -4.0,
            "scale": {"mean": [1.0] * 8, "std": [2.0] * 8},
            "threshold": 0.31,
        },
        "threshold_spec": "f1",
        "learnt_from": ["train"],
        "quality": quality(),
        "proofs": [{"name": "no leak", "holds": True, "text": "0 rows lie in two parts"}],
        "notes": [],
        "companion": {
            "features": ["profile_mean", "profile_skewness"],
            "test": {
                "roc_auc": {"value": 0.978, "low": 0.97, "high": 0.985},
                "average_precision": {"value": 0.9321, "low": 0.91, "high": 0.95},
            },
        },
        "figures": {"confusion": '<svg role="img" aria-label="x"><path d=""/></svg>\n'},
    }
    return Facts(**FOR_FACES | fields | changes)


FOR_FACES: dict[str, Any] = {
    "request": "abc123" + 58 * "0",
    "packages": {"python": "3.11.7", "numpy": "2.4.6"},
    "thresholds": [
        {"threshold": 0.31, "recall": 0.8, "precision": None, "flagged": 0.1, "n_flagged": 358,
         "in_use": True},
    ],
    "features": [
        {"name": "dm_mean", "svg": "<svg></svg>", "label": "DM mean by class", "low": "0",
         "high": "9", "medians": "pulsars 3"},
    ],
    "faces": ["<p>face of 4711</p>", "<p>face of 4712</p>"],
}  # fmt: skip


class Outline(HTMLParser):
    """Reads a page as a browser would: tags, attributes, text, and whether all tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.of: dict[str, list[str]] = {"": self.words}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.of[str(dict(attrs)["aria-labelledby"])] = self.words = []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def section(self, name: str) -> str:
        """Give the text of a section by the id of its heading; of what stands before all by ""."""
        return " ".join(" ".join(self.of[name]).split())

    @property
    def text(self) -> str:
        return " ".join(map(self.section, self.of))


@pytest.fixture(scope="module")
def outline() -> Outline:
    return Outline(render_page(facts()))


def hostile() -> Facts:
    return facts(
        run_id=HOSTILE,
        source=dict.fromkeys(("origin", "name", "sha256", "fingerprint"), HOSTILE),
        parameters={HOSTILE: HOSTILE},
        preset=HOSTILE,
        code_version=HOSTILE,
        threshold_spec=HOSTILE,
        notes=[HOSTILE],
        proofs=[{"name": HOSTILE, "holds": False, "text": HOSTILE}],
        quality=quality(
            columns={"label": {"source": HOSTILE, "position": 1, "how": HOSTILE}},
            dialect={"delimiter": HOSTILE},
            reasons={HOSTILE: 1},
            samples=[{"line": 1, "reasons": HOSTILE, "text": HOSTILE}],
            row_warnings={HOSTILE: 1},
            warnings=[HOSTILE],
        ),
    )


def test_a_headline_whose_proofs_fail_says_so_first() -> None:
    proofs = [{"name": name, "holds": holds, "text": ""} for name, holds in
              (("no leak", True), ("prevalence kept", False))]  # fmt: skip
    said = headline(replace(facts(), proofs=proofs))
    first = said.removesuffix(headline(facts()))
    assert first != said
    assert "prevalence kept" in first
    assert "no leak" not in first


def test_the_headline_says_found_interval_and_right_calls() -> None:
    said = headline(facts()).replace("\u00a0", " ")
    numbers = ["328", "275", "83.8 %", "95 %", "75.5", "92.2 %", "94", "100"]
    assert re.findall(r"\d[\d.]*(?: %)?", said) == numbers
    assert "328 pulsars" in said
    assert "95 % interval 75.5–92.2 %" in said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((10, 2, 0, 0), "The test part holds no pulsar"),
        ((10, 0, 5, 0), "it calls no candidate a pulsar"),
        ((10, 0, 0, 5), "and 5 of the 5 it calls pulsars are ones"),
    ],
)
def test_the_headline_is_a_true_sentence_at_the_edges(
    counts: tuple[float, float, float, float], said: str
) -> None:
    edge = facts(metrics={"train": measured(1, 1, 1, 1), "test": measured(*counts)})
    assert said in headline(edge)
    Outline(render_page(edge))
    model_card(edge)


def test_the_headline_is_the_only_heading_of_its_rank(outline: Outline) -> None:
    assert outline.count("h1") == 1
    assert headline(facts()).replace("\u00a0", " ") in outline.text.replace("\u00a0", " ")


def test_the_same_facts_give_the_same_bytes() -> None:
    assert render_page(facts()) == render_page(facts())
    assert model_card(facts()) == model_card(facts())


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        facts().seed = 8  # type: ignore[misc]


def test_every_tag_is_closed_and_ids_are_unique(outline: Outline) -> None:
    assert outline.open == []
    ids = Counter(attrs["id"] for _, attrs in outline.tags if "id" in attrs)
    assert ids.most_common(1)[0][1] == 1
    targets = {a["href"][1:] for t, a in outline.tags if t == "a" and a["href"].startswith("#")}
    assert targets <= set(ids)
    assert len(targets) == 13


def test_nothing_is_loaded_from_anywhere(outline: Outline) -> None:
    text = render_page(facts())
    assert outline.count("script") == outline.count("link") == outline.count("img") == 0
    assert "src=" not in text
    assert "@import" not in text
    links = {a["href"] for t, a in outline.tags if t == "a" and not a["href"].startswith("#")}
    assert links == {
        "manifest.json",
        "../../history.html",
        "https://doi.org/10.1093/mnras/stw656",
        "https://doi.org/10.6084/m9.figshare.3080389.v1",
    }


def test_every_table_has_a_caption_and_every_head_a_scope(outline: Outline) -> None:
    assert outline.count("table") == outline.count("caption") >= 13
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in outline.tags if tag == "th")


def test_headings_descend_without_a_gap(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_figures_stand_in_the_page_with_their_label() -> None:
    text = render_page(facts())
    assert '<figure>\n<svg role="img" aria-label="x"><path d=""/></svg>\n<figcaption>' in text
    assert Outline(text).count("svg") == 2  # and that of a feature


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("", ("threshold", "f1", "0.310")),
        ("numbers", ("275", "328", "53 missed", "18 false alarms")),
        ("curves", ("0.31 in use 80.0 % — 10.0 % 358",)),
        ("metrics", ("Recall", "true positives")),
        ("features", ("DM mean 0 9 medians: pulsars 3",)),
        ("provenance", ("numpy 2.4.6", "pulsar show abc123", "abc123000")),
        ("quality", ("20 rows read", "18 accepted", "2 quarantined")),
        ("quality", ("a dm_mean", "dm_mean is missing", "1,2,,4", '"\\t"')),
        ("quality", ("pulsars are not spread evenly over the file", "flat curve", "16,655")),
        ("proofs", ("✓ holds", "0 rows lie in two parts")),
        ("provenance", ("[[tn, fp], [fn, tp]]", "0/0 counts as 0", "MNRAS 459, 1104")),
        ("trust", ("0.012", "expected calibration error")),
        ("survey", ("9.2 %", "0.01 %", "of 10,000")),
        ("budget", ("300 279 85.0 % 81.1–88.4 %",)),  # round(0.85 * 328)
        ("leak", ("100 %", "F1 0.934 0.828 +0.106")),
        ("mistakes", ("4,711", "face of 4712", "1 of 53", "1 of 18")),
        ("mistakes", ("+5.00 DM kurtosis +3.00 profile skewness +1.00 profile mean",)),
        ("mistakes", ("−4.00 profile kurtosis −2.00 profile stdev",)),
        ("weights", ("초과 첨도", "DM kurtosis 0.80")),
        ("weights", ("× 20.1",)),  # the odds of weight 3
        ("weights", ("for a pulsar", "against a pulsar", "either way")),
    ],
)
def test_a_section_names_its_values(outline: Outline, section: str, said: tuple[str, ...]) -> None:
    text = outline.section(section)
    assert [part for part in said if part.casefold() not in text.casefold()] == []


def test_a_leak_control_of_drawn_rows_names_their_number() -> None:
    whole, drawn = meaning(), meaning()
    drawn["leak"] = {**drawn["leak"], "n_rows": 16_384}
    said = [Outline(render_page(facts(meaning=each))).section("leak") for each in (whole, drawn)]
    assert "its training part only (cycle)" in said[0]
    assert "16,384 rows of its training part (cycle)" in said[1]


def test_the_strongest_weight_comes_first() -> None:
    rows = re.findall(r'<th scope="row">([^<]+)<small lang="ko">', render_page(facts()))
    assert rows[:3] == ["profile skewness", "profile kurtosis", "profile mean"]
    assert "<details>\n<summary>The other" not in render_page(facts())
    assert rows[-1] == "bias"


def test_many_weights_are_not_a_wall() -> None:
    from slp.inputs import Inputs
    from slp.scaling import Scale

    scale = Scale([0.0] * 8, [1.0] * 8)
    names = Inputs("quadratic", scale, products=Scale([0.5] * 44, [2.0] * 44)).names(FEATURE_NAMES)
    model = {
        "inputs": "quadratic",
        "features": list(names),
        "coef": [0.01 * place for place in range(44)],
        "intercept": 0.0,
        "scale": {"mean": [0.5] * 44, "std": [2.0] * 44},
        "threshold": 0.5,
    }
    text = render_page(facts(model=model))
    at_once, folded = text.split("<summary>The other 32 weights</summary>")
    rows = re.findall(r'<th scope="row">([^<]+)<small lang="ko">', at_once)
    assert len(rows) == 13  # twelve and the bias
    assert rows[0] == "DM kurtosis²"
    cells = r'<th scope="row">([^<]+)<small.*?<td>([^<]+)</td>'
    meaning = dict(re.findall(cells, at_once))
    square, product = meaning["DM kurtosis²"], meaning["DM skewness × DM kurtosis"]
    assert all(word in square for word in ("DM kurtosis", "average", "either side"))
    assert "DM skewness" not in square
    assert all(word in product for word in ("DM skewness", "DM kurtosis", "high", "low"))
    assert len(re.findall(r'<small lang="ko">', folded)) == 32
    card = model_card(facts(model=model))
    assert re.search(r"\b12\b.*\b44\b", card)
    assert card.count("× 1.") == 12


def test_the_brier_score_without_the_shift_is_told_where_there_was_one() -> None:
    calibration = meaning()["calibration"] | {"brier_uncorrected": 0.0321}
    shifted = facts(meaning=meaning(calibration=calibration))
    assert "0.032" in render_page(shifted)
    meant = [model_card(one).split("## What the numbers mean")[1] for one in (shifted, facts())]
    assert ["0.032" in text.split("##")[0] for text in meant] == [True, False]
    assert "0.017" in meant[0]


def has_a_table(page: str, section: str) -> bool:
    return "<table" in page.partition(f'aria-labelledby="{section}"')[2].partition("</section>")[0]


def test_what_could_not_be_measured_is_said_and_not_invented() -> None:
    nothing = meaning(projection=None, budget=None)
    nothing["leak"] = dict.fromkeys(nothing["leak"]) | {"not_measured": "<it> was a preset"}
    nothing["mistakes"] |= {"missed": [], "false_alarms": []}
    bare = facts(meaning=nothing)
    without, with_all = render_page(bare), render_page(facts())
    for section, why in (
        ("survey", "one class"),
        ("budget", "no pulsar"),
        ("leak", "<it> was a preset"),
        ("mistakes", "rightly"),
    ):
        assert why in Outline(without).section(section)
        assert why not in Outline(with_all).section(section)
        assert has_a_table(with_all, section)
        assert not has_a_table(without, section)
    assert "None" not in Outline(without).text
    assert "None" not in model_card(bare)


def test_without_a_false_alarm_the_projection_tells_only_its_sure_end() -> None:
    projection = meaning()["projection"]
    projection["false_alarm_rate"] |= {"value": 0.0}
    page = render_page(facts(meaning=meaning(projection=projection)))
    assert re.search("at least 45.0 % .* at most 26", Outline(page).section("survey"))


def test_simulated_is_loud_and_only_then_there() -> None:
    for text in (render_page(facts()), model_card(facts())):
        assert "simulat" not in text.lower()
    simulated = facts(simulated=True)
    text = render_page(simulated)
    assert 'class="banner loud"' in text
    assert "<title>SIMULATED: " in text
    assert "Of 328 simulated pulsars" in text
    assert "**SIMULATED DATA." in model_card(simulated)


def test_a_proof_that_fails_is_a_banner_and_takes_the_claim_away() -> None:
    broken = facts(proofs=[{"name": "no leak", "holds": False, "text": "9 rows lie in two parts"}])
    text = render_page(broken)
    assert "Does not hold: no leak." in text
    assert "✗ does not hold" in text
    assert "had no say" not in text
    assert "DOES NOT HOLD: no leak." in model_card(broken)


def test_notes_are_banners() -> None:
    noted = facts(notes=["The leak flatters by 0.278."])
    assert '<p class="banner" role="note">The leak flatters by 0.278.</p>' in render_page(noted)
    assert "**Note.** The leak flatters by 0.278." in model_card(noted)


def test_a_run_without_validation_has_no_such_column() -> None:
    whole = facts()
    metrics = {part: whole.metrics[part] for part in ("train", "test")}
    without = replace(whole, metrics=metrics, rows={**whole.rows, "validation": 0})
    assert ">Validation<" in render_page(whole)
    assert ">Validation<" not in render_page(without)
    assert "| metric | meaning | test | train (learnt from) |" in model_card(without)


def test_a_part_that_is_measured_in_part_says_of_how_many_rows() -> None:
    long = facts(rows={**facts().rows, "train": 60_000, "validation": 3588, "test": 3580})
    said = re.findall("<small>([^<]+) rows", render_page(long))
    assert said == ["3,580", "3,588", "10,060 of 60,000"]


def test_what_is_not_defined_is_a_dash_and_never_nan() -> None:
    undefined = measured(5, 1, 1, 5) | {"roc_auc": dict.fromkeys(("value", "low", "high"))}
    bare = facts(metrics={"train": undefined, "test": undefined})
    for text in (render_page(bare), model_card(bare)):
        assert "—" in text
        assert "None" not in text
        assert not re.search(r"\bnan\b", text.lower())


def test_weights_of_an_unscaled_model_are_per_unit() -> None:
    whole = facts()
    raw = replace(whole, model={**whole.model, "scale": {"mean": [0.0] * 8, "std": [1.0] * 8}})
    assert "Weight per unit" in render_page(raw)
    assert "One unit more" in model_card(raw)
    assert "Weight per standard deviation" in render_page(whole)


def test_a_feature_that_is_not_one_of_the_eight_is_shown_too() -> None:
    model = {
        "inputs": "quadratic",
        "features": ["dm_mean × dm_stdev"],
        "coef": [2.0],
        "intercept": 0.0,
        "scale": {"mean": [0.5], "std": [1.5]},
        "threshold": 0.5,
    }
    assert "dm_mean × dm_stdev".replace("_", " ").replace("dm", "DM") in render_page(
        facts(model=model)
    )


def test_a_clean_file_says_that_no_row_was_quarantined() -> None:
    clean = quality(
        rows={"read": 20, "accepted": 20, "quarantined": 0},
        reasons={},
        samples=[],
        row_warnings={},
        warnings=[],
    )
    text = render_page(facts(quality=clean))
    assert "No row was quarantined." in text
    assert "<h3>Warnings</h3>" not in text


def test_bars_of_the_tenths_are_as_high_as_their_counts() -> None:
    heights = re.findall(r"height:([\d.]+)%", render_page(facts()))
    assert heights == ["20.0", *["0.0"] * 3, "80.0", *["0.0"] * 5]


def test_the_projection_counts_right_in_a_thought_survey() -> None:
    # a million candidates at 1 in 1,000: of 1,000 pulsars 838.4 found, of 999,000 others 5,529.5
    found = 1_000 * 275 / 328
    alarms = 999_000 * 18 / 3252
    assert projected_precision(facts(), 0.001) == pytest.approx(found / (found + alarms), rel=1e-12)


def test_the_projection_promises_nothing_without_a_false_alarm() -> None:
    perfect = facts(metrics={"train": measured(9, 0, 1, 9), "test": measured(9, 0, 1, 9)})
    assert projected_precision(perfect, 0.001) is None
    assert "Where one candidate in 1,000" not in render_page(perfect)
    assert "Where one candidate in 1,000" in render_page(facts())


def test_whatever_a_user_names_is_text_in_the_page() -> None:
    text = render_page(hostile())
    outline = Outline(text)
    assert outline.open == []
    assert outline.count("script") == outline.count("b") == 0
    assert "<b>" not in text
    assert outline.text.count('<script>alert("1")</script>') >= 15


def test_whatever_a_user_names_is_text_in_the_card() -> None:
    card = model_card(hostile())
    assert not re.search(r"(?<!\\)[<>\[\]`]", card)
    assert r"\<script\>" in card
    assert sum(line.startswith("# ") for line in card.splitlines()) == 1


@pytest.mark.parametrize("case", [facts, hostile])
def test_every_row_of_a_card_s_table_has_as_many_cells_as_its_head(case: Any) -> None:
    blocks = [block for block in model_card(case()).split("\n\n") if block.startswith("|")]
    assert len(blocks) == 2
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.strip().splitlines()}
        assert len(widths) == 1


def test_the_card_warns_of_other_prevalence_and_other_surveys() -> None:
    card = model_card(facts())
    assert re.search(r"one pulsar in 1,000 candidates.*\d %", card, re.IGNORECASE)
    assert re.search("threshold does not", card)  # carry over, which is the point
    assert re.search(r"\| Recall \|[^|]+\| 0\.838 \(0\.755–0\.922\) \|", card)


def test_page_and_card_say_how_well_the_companion_ranks_and_what_it_weighs() -> None:
    for text in (render_page(facts()), model_card(facts())):
        assert "companion of 2 weights" in text
        assert "without probabilities: profile mean, profile skewness." in text
        assert "ROC AUC 0.978 (0.970–0.985) and average precision 0.932 (0.910–0.950)" in text
    without = facts(companion=None)
    assert "this model has no companion" in model_card(without)
    assert "In another survey" not in render_page(without)


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", render_page(facts()), flags=re.DOTALL)
    block = blocks[("light", "dark").index(scheme)]
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    for paper in ("paper", "sheet"):
        for ink in ("ink", "quiet", "link", "good", "bad"):
            low, high = sorted((luminance(colors[paper]), luminance(colors[ink])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)


def test_the_real_file_s_quality_report_fits_the_page(data_dir: Path) -> None:
    from pulsars.reading.judging.in_memory import check_candidates
    from pulsars.reading.reader import read_candidates

    checked = check_candidates(read_candidates(data_dir / "HTRU_2.csv"))
    outline = Outline(render_page(facts(quality=checked.quality.to_dict())))
    assert "17,898 rows read, 17,898 accepted, 0 quarantined" in outline.text
    assert "157 271 340 175 220 132 203 88 26 27" in outline.text
    assert "16,655" in outline.text


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ({"solver": "newton", "l2": None}, {"l2": "0.0714, which is 1 / the 14 rows learnt from"},
         {"learning_rate", "batch_size", "n_epochs", "patience", "n_resamples", "runner"}),
        ({"solver": "newton", "l2": 0.25}, {"l2": 0.25}, {"n_epochs"}),
        ({"solver": "sgd", "l2": 0.0, "learning_rate": 0.3}, {"l2": 0.0, "learning_rate": 0.3}, ()),
        ({"solver": "sgd", "oversample": "cycle", "l2": None},
         {"l2": "1 / the rows learnt from, counted after balancing"}, ()),
        ({"preset": "book", "seed": 3}, {"preset": "book"},
         {"seed", "solver", "l2", "inputs", "threshold", "test_size"}),
    ],
)  # fmt: skip
def test_parameters_are_shown_that_had_an_effect_and_with_the_value_used(
    asked: dict[str, Any], shown: dict[str, Any], hidden: set[str]
) -> None:
    whole = TrainingParameters(data="-").model_dump(mode="json") | asked
    found = shown_parameters(
        whole, rows={"train": 10, "validation": 4}, learnt_from=["train", "validation"]
    )
    assert found | shown == found
    assert not set(found) & set(hidden)
    assert set(shown_parameters(asked, rows={}, learnt_from=[])) <= set(asked)
