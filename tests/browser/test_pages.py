"""The pages that runs, sweeps and scores leave, as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("report", "sweep", "scores", "companion", "faces", "history", "compare")
LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    {"viewport": {"width": 390, "height": 800}, "color_scheme": "light"},
]


@pytest.fixture(scope="session")
def pages(
    prefect_server: str,  # noqa: ARG001 - the flows need it
    tmp_path_factory: pytest.TempPathFactory,
    train_here: Callable[..., dict[str, Any]],
) -> dict[str, Path]:
    """Make one page of each kind from a small simulated sky."""
    from command.demonstration import write_simulation
    from command.show_compared import write_compared
    from flows.scoring import score
    from flows.sweep import sweep
    from pulsars.gate.comparing import duel
    from pulsars.report.history_page import render_history
    from pulsars.store.history import find_history
    from pulsars.store.runs import load_run
    from schemas.score_parameters import ScoreParameters
    from schemas.sweep_parameters import SweepParameters

    folder = tmp_path_factory.mktemp("pages")
    sky, out = folder / "sky.csv", folder / "out"
    write_simulation(sky, rows=1500, prevalence=0.15, seed=3)
    run = train_here(sky, out, floor=0.1, n_resamples=100)
    asked = SweepParameters(data=str(sky), out=str(out), n_epochs=2, n_folds=2, nested=False)
    swept = sweep(asked)
    scored = score(ScoreParameters(data=str(sky), out=str(out)))
    far = pd.read_csv(sky, comment="#")
    far[["dm_mean", "dm_stdev"]] /= 10
    far.to_csv(folder / "far.csv", index=False)
    asked_far = ScoreParameters(data=str(folder / "far.csv"), out=str(out), despite_drift=True)
    ranked = score(asked_far)
    assert ranked.ranked_by == "companion"
    history = folder / "history.html"
    history.write_text(render_history(find_history(out)), encoding="utf-8")
    published = load_run(Path(run["path"]))
    compare = write_compared(
        [published] * 2, [duel(published, published)], out / "compare.html", root=out
    )
    return {
        "compare": compare,
        "report": Path(run["path"]) / "report.html",
        "sweep": Path(swept.path) / "sweep.html",
        "scores": Path(scored.path) / "report.html",
        "faces": Path(scored.path) / "faces.html",
        "companion": Path(ranked.path) / "report.html",
        "history": history,
    }


DRAW = """text => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const ink = canvas.getContext('2d');
  ink.font = '40px ' + getComputedStyle(document.body).fontFamily;
  ink.fillText(text, 4, 48);
  return canvas.toDataURL();
}"""


def opened(browser: Browser, path: Path, look: dict[str, Any]) -> tuple[Page, list[str]]:
    """Open a page; give what the browser complained of, too."""
    page, complaints = browser.new_page(**look), []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    return page, complaints


def test_every_page_that_there_is_is_looked_at() -> None:
    """Those that a person reviews on are served, and looked at in `test_review.py`."""
    templates = ROOT.glob("pulsars/report/**/*.html.j2")
    whole = {path for path in templates if "<!doctype" in path.read_text().lower()}
    assert {path.name.removesuffix(".html.j2") for path in whole} == {*PAGES} - {"companion"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['viewport']['width']}-{look['color_scheme']}"
)
def test_a_page_is_readable_for_everybody(
    name: str, look: dict[str, Any], pages: dict[str, Path], browser: Browser
) -> None:
    page, complaints = opened(browser, pages[name], look)
    assert not complaints
    assert page.evaluate("document.documentElement.scrollWidth") <= look["viewport"]["width"]
    found = Axe().run(page).response["violations"]
    grave = [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    page.close()
    assert not grave


def test_korean_words_are_drawn_as_they_are_written(
    pages: dict[str, Path], browser: Browser
) -> None:
    """What no font has is a box, the same for every letter."""
    page, _ = opened(browser, pages["report"], LOOKS[0])
    letters = set(re.findall("[가-힣]", page.inner_text("body")))
    boxes = {page.evaluate(DRAW, letter) for letter in ("\U000f1234", "\U000f1235")}
    drawn = {page.evaluate(DRAW, letter) for letter in letters}
    page.close()
    assert len(letters) > 5
    assert len(boxes) == 1
    assert len(drawn - boxes) == len(letters), "install a Korean font: apt-get install fonts-nanum"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_from_anywhere(
    name: str, pages: dict[str, Path], browser: Browser
) -> None:
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_script_that_got_into_a_page_does_not_run(
    name: str, pages: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    page_with = tmp_path / "page.html"
    text = pages[name].read_text(encoding="utf-8")
    enemy = "<script>window.owned = 1</script><img src='http://127.0.0.1:9/x'>"
    page_with.write_text(text.replace("<header>", f"<header>{enemy}", 1), encoding="utf-8")
    page, complaints = opened(browser, page_with, LOOKS[0])
    assert page.evaluate("window.owned === undefined")
    page.close()
    assert len([said for said in complaints if "Content Security Policy" in said]) >= 2


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_printed(
    name: str, pages: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, pages[name], LOOKS[0])
    page.emulate_media(media="print")
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert (tmp_path / "page.pdf").stat().st_size > 10_000
    assert width <= LOOKS[0]["viewport"]["width"]
