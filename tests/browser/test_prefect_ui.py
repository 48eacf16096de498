"""What a run shows in the Prefect UI."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

Pulsar = Callable[..., subprocess.CompletedProcess[str]]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>[press](javascript:alert(3))\x1b[2J"


@pytest.fixture(scope="module")
def ui(pulsar: Pulsar, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Train on the real server that `pulsar up` starts; give addresses and artifacts."""
    home = tmp_path_factory.mktemp("ui")
    env = {"PREFECT_HOME": str(home / "prefect")}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    up = pulsar("up", "--inbox", "in", "--port", port, "--json", cwd=home, env=env)
    try:
        assert up.returncode == 0, up.stderr
        place = json.loads(up.stdout)
        assert pulsar("simulate", "sky.csv", "--rows", 1500, cwd=home).returncode == 0
        add_column(home / "sky.csv", HOSTILE)
        done = pulsar("train", "sky.csv", "--json", cwd=home, env=env)
        assert done.returncode == 0, done.stderr
        secret = Path(place["secret_file"]).read_text().strip()
        token = base64.b64encode(secret.encode()).decode()
        owner = {"Authorization": f"Basic {token}"}
        made = httpx.post(place["url"] + "/artifacts/latest/filter", json={}, headers=owner).json()
        runs = httpx.post(place["url"] + "/flow_runs/filter", json={}, headers=owner).json()
        train = next(run for run in runs if run["name"].startswith("sky.csv"))
        yield {
            "at": place["ui"],
            "login": f"localStorage.setItem('prefect-password', '{token}')",
            "run": train["id"],
            "summary": json.loads(done.stdout),
            **{each["key"]: each["latest_id"] for each in made},
        }
    finally:
        pulsar("down", env=env)


def add_column(path: Path, name: str) -> None:
    """Give a file a column that no reader asked for."""
    note, header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([note, f"{header},{name}", *(f"{row},x" for row in rows)]) + "\n")


def shown(browser: Browser, ui: dict[str, Any], path: str, wanted: str) -> Page:
    """Open a page of the UI, as one who has logged in, and wait until it shows the words."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.add_init_script(ui["login"])
    page.goto(ui["at"] + path)
    page.get_by_text(wanted, exact=False).first.wait_for(timeout=60_000)
    return page


def artifact(browser: Browser, ui: dict[str, Any], key: str, wanted: str) -> Page:
    return shown(browser, ui, f"/artifacts/artifact/{ui[key]}", wanted)


def test_the_metrics_table_shows_every_metric_with_its_interval(
    browser: Browser, ui: dict[str, Any]
) -> None:
    page = artifact(browser, ui, "metrics", "average_precision")
    f1 = ui["summary"]["metrics"]["test"]["f1"]
    said = f"{f1['value']:.4f} ({f1['low']:.4f}–{f1['high']:.4f})"
    expect(page.locator("body")).to_contain_text(said, use_inner_text=True)


def test_the_confusion_matrix_shows_its_four_counts(browser: Browser, ui: dict[str, Any]) -> None:
    page = artifact(browser, ui, "confusion-matrix", "called pulsar")
    expect(page.locator("tbody td")).to_have_count(6)
    heads = [text.strip().casefold() for text in page.locator("thead th").all_inner_texts()]
    cells = [text.strip() for text in page.locator("tbody td").all_inner_texts()]
    rows = [dict(zip(heads, cells[at : at + 3], strict=True)) for at in range(0, len(cells), 3)]
    test = ui["summary"]["metrics"]["test"]
    tn, fp, fn, tp = (f"{test[name]['value']:.0f}" for name in ("tn", "fp", "fn", "tp"))
    assert rows == [
        {"truth": "non-pulsar", "called non-pulsar": tn, "called pulsar": fp},
        {"truth": "pulsar", "called non-pulsar": fn, "called pulsar": tp},
    ]


@pytest.mark.parametrize("key", ["learning-curve", "precision-recall", "calibration", "budget"])
def test_an_image_is_drawn(key: str, browser: Browser, ui: dict[str, Any]) -> None:
    page = artifact(browser, ui, key, "SIMULATED")
    image = page.locator("img[src^='data:image']").first
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") > 100


def test_the_model_card_is_formatted_and_says_what_it_learnt_from(
    browser: Browser, ui: dict[str, Any]
) -> None:
    page = artifact(browser, ui, "model-card", "SIMULATED DATA")
    expect(page.locator("h2", has_text="How well").first).to_be_visible()
    expect(page.locator("table").first).to_be_visible()


def test_a_column_named_by_an_enemy_is_shown_and_does_nothing(
    browser: Browser, ui: dict[str, Any]
) -> None:
    page, said = browser.new_page(viewport={"width": 1280, "height": 1000}), []
    page.add_init_script(ui["login"])
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(f"{ui['at']}/artifacts/artifact/{ui['data-quality']}")
    page.get_by_text("onerror", exact=False).first.wait_for(timeout=60_000)
    text = page.inner_text("body")
    assert "<img src=x onerror=alert(1)><script>alert(2)</script>" in text
    assert "[press](javascript:alert(3))\\x1b[2J" in text
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert not said


def test_the_run_shows_its_steps_and_that_it_is_done(browser: Browser, ui: dict[str, Any]) -> None:
    page = shown(browser, ui, f"/runs/flow-run/{ui['run']}", "Completed")
    expect(page.locator("body")).to_contain_text("sky.csv, seed 0", use_inner_text=True)


def test_the_progress_ends_at_all(browser: Browser, ui: dict[str, Any]) -> None:
    page = artifact(browser, ui, "training-progress", "100")
    expect(page.locator("body")).to_contain_text("training-progress", use_inner_text=True)
