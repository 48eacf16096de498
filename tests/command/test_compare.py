"""Runs set beside each other: in a terminal, as JSON, and as a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.report.compare_page import render_comparison, settings_rows
from pulsars.report.compared_run import ComparedRun
from pulsars.store.runs import load_run
from schemas.errors import ParameterError, RunNotFoundError
from tests.published import published_as

A, B, C = (f"2026110{n}-030000-000-0000000{n}" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: A and B on one test part, C on another and with a proof that does not hold."""
    out = tmp_path_factory.mktemp("compared")
    published_as(out, A, parameters={"inputs": "yeo-johnson-quadratic"})
    published_as(out, B, parameters={"l2": 0.01, "threshold": "<b>&"})
    broken = [{"name": "no leak", "holds": False, "text": "3 rows"}]
    published_as(out, C, {"metrics.json": {"proofs": broken}}, of=12, data={"name": "<i>.csv"})
    return out


def asked(root: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["compare", *words, "--out", str(root)])


@pytest.mark.parametrize("words", [(A, A), (A, B, A), (A, B, C, B[:10]), (A, A[-8:])])
def test_a_run_that_is_named_twice_is_refused(root: Path, words: tuple[str, ...]) -> None:
    done = asked(root, *words, "--html")
    twice = B if C in words else A
    assert isinstance(done.exception, ParameterError)
    assert f"run {twice} is named twice" in str(done.exception)
    assert not (root / "compare.html").exists()


def test_two_are_said_as_ever_and_more_beside_them(root: Path) -> None:
    two, three = (json.loads(asked(root, *runs, "--json").stdout) for runs in ((A, B), (A, B, C)))
    assert (two["a"], two["b"], two["more"], two["page"]) == (A, B, [], None)
    assert two["settings"][B] == {"inputs": "standard", "l2": 0.01, "threshold": "<b>&"}
    assert {k: v for k, v in three.items() if k not in {"more", "settings"}} == {
        k: v for k, v in two.items() if k not in {"more", "settings"}
    }
    [other] = three["more"]
    assert (other["a"], other["b"]) == (A, C)
    assert other["failing"] == {"a": "", "b": "1 of 1 proofs does not hold"}
    assert other["n_rows"] > three["n_rows"]


def test_three_are_a_table_that_names_settings_and_the_proofs_that_fail(root: Path) -> None:
    shown = asked(root, A, B, C)
    assert shown.exit_code == 0
    words = " ".join(shown.stdout.split())
    assert "l2 0.01" in words
    assert "1 of 1 proofs does not hold (no leak)" in words
    pair = asked(root, A, C).stdout
    assert "(no leak)" in pair


def test_a_simulated_run_is_marked_wherever_it_is_compared(tmp_path: Path) -> None:
    for run in (A, B, C):
        published_as(tmp_path, run, data={"simulated": run == B})
    assert json.loads(asked(tmp_path, A, B, "--json").stdout)["simulated"] == {
        "a": False,
        "b": True,
    }
    for runs, letters in (((A, B), ["B"]), ((B, A), ["A"]), ((A, C, B), ["C"]), ((A, C), [])):
        shown = asked(tmp_path, *runs).stdout
        assert re.findall("([A-Z]): SIMULATED", shown) == letters
    for runs, title in (((A, B), "partly SIMULATED: "), ((A, C), "")):
        asked(tmp_path, *runs, "--html")
        assert f"<title>{title}Pulsar" in (tmp_path / "compare.html").read_text()


def test_the_page_stands_in_the_root_and_leads_to_every_run(root: Path) -> None:
    done = asked(root, A, B, C, "--html")
    assert str(root / "compare.html") in done.stdout.replace("\n", "")
    page = (root / "compare.html").read_text()
    assert {f"./runs/{run}/report.html" for run in (A, B, C)} <= set(
        re.findall(r'href="([^"]+)"', page)
    )
    assert "B was measured on the very candidates that A was." in page
    assert "C was measured on other candidates than A" in page
    assert "1 of 1 proofs does not hold.</strong> no leak." in page
    assert len(re.findall('<svg role="img" aria-label="[^"]+A, B, C"', page)) == 3
    assert "<i>.csv" not in page
    assert "&lt;b&gt;&amp;" in page
    asked(root, A, B, C, "--html")
    assert (root / "compare.html").read_text() == page


def test_another_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    for run in (A, B):
        published_as(tmp_path, run)
    (tmp_path / "compare.html").write_text("years of work")
    done = asked(tmp_path, A, B, "--html")
    assert isinstance(done.exception, ParameterError)
    assert (tmp_path / "compare.html").read_text() == "years of work"


@pytest.mark.parametrize(
    ("words", "error"), [((A, B, "none"), RunNotFoundError), ([A] * 27, ParameterError)]
)
def test_what_cannot_be_compared_is_refused(
    root: Path, words: tuple[str, ...], error: type[Exception]
) -> None:
    assert isinstance(asked(root, *words).exception, error)
    assert asked(root, A).exit_code == 2


def test_settings_are_laid_out_with_the_default_and_blanks(root: Path) -> None:
    rows = settings_rows([load_run(root / "runs" / run) for run in (A, B)])
    assert {name: (usual, values) for name, usual, values in rows} == {
        "l2": ("—", ["", "0.01"]),
        "threshold": ("expected-f1", ["", "<b>&"]),
        "inputs": ("yeo-johnson-quadratic", ["", "standard"]),
    }


def test_a_run_of_one_class_and_one_without_calibration_are_drawn_too(root: Path) -> None:
    run = load_run(root / "runs" / A)
    del run.measured["calibration"]
    rng = np.random.default_rng(0)
    compared = [
        ComparedRun(letter=letter, published=run, X=np.zeros((5, 8)), y=y, logit=rng.random(5))
        for letter, y in (("A", np.zeros(5, int)), ("B", np.ones(5, int)))
    ]
    counts = {"n_rows": 0, "n_pulsars": 0, "n_contradicted": 3}
    duel = {"verdict": "undecided", "differences": {}, **counts}
    page = render_comparison(compared, [duel], enough=20)
    assert "at least 20 pulsars are needed, and as many non-pulsars" in page
    assert "without 3 that the files label differently" in page
    assert "nan" not in page
