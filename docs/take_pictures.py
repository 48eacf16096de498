"""Take the pictures in docs/pictures/ anew: a real run, a real Prefect server, a real browser.

Needs Chromium on the PATH and a font with Korean letters (Debian: ``apt-get install chromium
fonts-nanum``), and the real data (PULSAR_DATA_DIR); run it with ``make pictures``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from benchmarks.command import PULSAR, server

PICTURES = Path(__file__).resolve().parent / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RUN = (sys.executable, "-c", PULSAR)


def main() -> None:
    """Run once against a server of its own, and look at the report and the UI."""
    _require_korean_letters()
    data = Path(os.environ["PULSAR_DATA_DIR"]) / "HTRU_2.csv"
    PICTURES.mkdir(exist_ok=True)
    no_analytics = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), **no_analytics) as url:
        home, address = Path(folder), url.removesuffix("/api")
        (home / "data").mkdir()
        shutil.copy(data, home / "data")
        env = {**os.environ, "PREFECT_API_URL": url, "PREFECT_HOME": folder}
        words = [*RUN, "train", "data/HTRU_2.csv", "--json"]
        done = subprocess.run(words, env=env, cwd=home, check=True, capture_output=True, text=True)
        report = home / json.loads(done.stdout)["path"] / "report.html"
        _picture(report.as_uri(), "report.png", width=1200, height=1250)
        made = _made_by_the_run(env)
        _picture_of_the_steps(f"{address}/runs/flow-run/{made['run']}")
        for key in ("metrics", "learning-curve", "precision-recall", "model-card"):
            _picture(f"{address}/artifacts/artifact/{made[key]}", f"prefect-ui-{key}.png")
        _picture_of_a_review(env, home)


def _require_korean_letters() -> None:
    """Stop where the browser would draw boxes; a picture with boxes looks like a picture."""
    listed = shutil.which("fc-list")
    found = listed and subprocess.run([listed, ":lang=ko"], capture_output=True, check=True).stdout
    if not found:
        sys.exit("no font has Korean letters; install one (Debian: apt-get install fonts-nanum)")


def _made_by_the_run(env: dict[str, str]) -> dict[str, str]:
    """Ask the server for the id of the one run, and of each of its artifacts by key."""
    script = (
        "import json\n"
        "from prefect.client.orchestration import get_client\n"
        "with get_client(sync_client=True) as client:\n"
        "    made = {a.key: str(a.id) for a in client.read_artifacts() if a.key}\n"
        "    print(json.dumps({'run': str(client.read_flow_runs()[0].id), **made}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True
    )
    made: dict[str, str] = json.loads(done.stdout)
    return made


@contextmanager
def _page(address: str, name: str, *, width: int, height: int, scale: float = 1) -> Iterator[Page]:
    """Open a page, and take its picture when whoever asked for it is done."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser(), args=["--no-sandbox"])
        size: ViewportSize = {"width": width, "height": height}
        page = browser.new_page(viewport=size, device_scale_factor=scale)
        page.goto(address)
        yield page
        page.screenshot(path=PICTURES / name)
        browser.close()
    print(f"{name}: {address.split('/', 3)[-1].split('?', maxsplit=1)[0]}")


def _picture(address: str, name: str, *, width: int = 1280, height: int = 1000) -> None:
    with _page(address, name, width=width, height=height) as page:
        page.wait_for_timeout(10_000)


def _picture_of_the_steps(address: str) -> None:
    """Lay a run's graph out step after step: by time alone the UI draws its arrows as a knot."""
    with _page(address, "prefect-ui.png", width=1280, height=1000, scale=1.5) as page:
        page.get_by_text("Task runs").first.wait_for(timeout=60_000)
        page.get_by_label("Run Graph Options").click()
        page.get_by_text("Sequential grid").click()
        page.get_by_label("Run Graph Options").click()
        page.get_by_title("Toggle fullscreen").click()
        page.set_viewport_size({"width": 1280, "height": 400})
        page.wait_for_timeout(2000)
        page.get_by_title("Recenter graph").click()
        page.mouse.move(0, 0)  # or the button shows its name
        page.wait_for_timeout(2000)


def _picture_of_a_review(env: dict[str, str], home: Path) -> None:
    """Look at a candidate of the demonstration, as somebody does who has said a few words."""
    words = [*RUN, "demo", "--review", "--json"]
    with subprocess.Popen(words, env=env, cwd=home, stdout=subprocess.PIPE, text=True) as review:
        url = json.loads(next(iter(review.stdout or ())))["url"]
        with _page(url, "review.png", width=1200, height=900) as page:
            page.get_by_label("Who looks?").fill("Jocelyn")
            page.keyboard.press("Enter")
            for key in ("p", "p", "n"):
                page.keyboard.press(key)
                page.wait_for_timeout(1000)
        review.send_signal(signal.SIGINT)


def _browser() -> str:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser found; install one of {', '.join(BROWSERS)}")
    return browser


if __name__ == "__main__":
    main()
