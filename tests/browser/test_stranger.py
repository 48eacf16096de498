"""A page from elsewhere, in the browser of the operator, against the server of `pulsar up`."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.hosts import serving

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

# JSON in a Blob without a type is sent abroad without asking first; a form is, too.
PAGE = """<!doctype html><title>under way</title><body><script>
const step = {"prefect.deployments.steps.run_shell_script": {script: "touch pwned"}};
const evil = {pull_steps: [step]};
const ask = (method, path, body, more) => fetch(API + path, {
  method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), ...more,
}).then(answer => answer.status, error => String(error));
const blob = body => ({headers: {}, body: new Blob([JSON.stringify(body)])});
const socket = path => new Promise(done => {
  const opened = new WebSocket(API.replace("http", "ws") + path, ["prefect"]);
  opened.onopen = () => done(101);
  opened.onerror = () => done("no socket");
});
(async () => {
  const found = [
    await ask("PATCH", "/deployments/" + ID, evil),
    await ask("PATCH", "/deployments/" + ID, evil, blob(evil)),
    await ask("POST", `/deployments/${ID}/create_flow_run`, {}),
    await ask("POST", `/deployments/${ID}/create_flow_run`, {}, blob({})),
    await ask("POST", `/deployments/${ID}/create_flow_run`, {}, {mode: "no-cors", ...blob({})}),
    await ask("POST", "/deployments/filter", {}),
    await fetch(API + "/health").then(answer => answer.status, error => String(error)),
    await socket("/events/in"),
  ];
  document.body.textContent = JSON.stringify(found);
  document.title = "done";
})();
</script>"""


@pytest.fixture(scope="module")
def up(pulsar: Pulsar, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Have the server and the scheduled flows up; give what `up` told, and the home folder."""
    home = tmp_path_factory.mktemp("stranger")
    env = {"PREFECT_HOME": str(home / "prefect")}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = pulsar("up", "--inbox", "in", "--port", port, "--json", cwd=home, env=env)
    try:
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        yield {**told, "home": home, "secret": Path(told["secret_file"]).read_text().strip()}
    finally:
        pulsar("down", env=env)


@pytest.fixture(scope="module")
def operator(browser: Browser) -> Iterator[BrowserContext]:
    """The operator's browser, which keeps what it is told."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


def log_in(page: Page, secret: str) -> None:
    """Do what docs/operating.md says: the UI asks, and the file answers."""
    field = page.locator("input").first
    field.wait_for(timeout=60_000)
    field.fill(secret)
    field.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url, timeout=60_000)


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_ui_opens_with_the_password_and_not_with_another(
    version: str, host: str, browser: Browser, up: dict[str, Any]
) -> None:
    at, asked, said = up["ui"].replace("127.0.0.1", host), [], []

    def first_visit() -> Page:
        context = browser.new_context()
        context.add_cookies([{"name": "prefect_ui_version", "value": version, "url": at}])
        page = context.new_page()
        page.on("response", lambda answer: asked.append(answer.url))
        page.on("console", lambda line: said.append(line.text))
        page.goto(at)
        page.locator("input").first.wait_for(timeout=60_000)
        assert "/login" in page.url
        return page

    page = first_visit()
    page.locator("input").first.fill("another")
    with page.expect_response(lambda answer: answer.status == HTTPStatus.UNAUTHORIZED):
        page.locator("input").first.press("Enter")
    page.wait_for_timeout(2000)
    assert "/login" in page.url
    page.context.close()
    page = first_visit()  # for the UI keeps what was typed until it has seen the refusal
    log_in(page, up["secret"])
    assert ("/v2/" in page.url) == (version == "v2")
    page.goto(page.url.partition("/dashboard")[0] + "/deployments")
    page.get_by_text("inbox", exact=True).first.wait_for(timeout=60_000)
    assert [url for url in asked if not url.startswith((at, "data:", "blob:"))] == []
    refused = [line for line in said if "Content Security Policy" in line]
    assert [line for line in refused if "amplitude" not in line] == []
    page.context.close()


def test_the_ui_is_shown_in_no_frame_of_another_page(
    operator: BrowserContext, up: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(f"<iframe src='{up['ui']}'></iframe>")
    for place in served(tmp_path):
        page = operator.new_page()
        with page.expect_console_message(
            lambda said: "frame-ancestors 'none'" in said.text, timeout=60_000
        ):
            page.goto(place)
        (frame,) = page.frames[1:]
        frame.wait_for_url("chrome-error://**", timeout=60_000)
        page.close()


def test_a_page_from_elsewhere_leaves_nothing_and_the_operator_goes_on(
    operator: BrowserContext, up: dict[str, Any], tmp_path: Path
) -> None:
    page = operator.new_page()
    page.goto(up["ui"])
    log_in(page, up["secret"])
    bait = deployment(page, up)
    (tmp_path / "index.html").write_text(
        PAGE.replace("<script>", f"<script>const API = '{up['url']}', ID = '{bait['id']}';")
    )
    stranger = operator.new_page()
    for place in served(tmp_path):
        stranger.goto(place)
        stranger.wait_for_function("document.title === 'done'", timeout=60_000)
        found = json.loads(stranger.inner_text("body"))
        refused = "TypeError: Failed to fetch"
        # Of what it may not even read it learns nothing: 0.
        assert found == [refused, refused, refused, refused, 0, refused, refused, "no socket"]
    assert not deployment(page, up)["pull_steps"]
    runs = asked(page, up, "POST", "/flow_runs/filter", {})["json"]
    assert [run for run in runs if not run["auto_scheduled"]] == []

    evil = {"prefect.deployments.steps.run_shell_script": {"script": "touch own"}}
    place = f"/deployments/{bait['id']}"
    assert asked(page, up, "PATCH", place, {"pull_steps": [evil]})["status"] == 204
    assert asked(page, up, "POST", f"{place}/create_flow_run", {})["status"] == 201
    deadline = time.monotonic() + 120
    while not list(up["home"].rglob("own")):
        assert time.monotonic() < deadline, "the attack is none, not even for the operator"
        time.sleep(0.5)
    # What was asked for before that has been noticed by now, too.
    assert list(up["home"].rglob("pwned")) == []


def served(folder: Path) -> Iterator[str]:
    """Serve a folder from another port, under both names of this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with serving(partial(Quiet, directory=str(folder))) as port:
        for host in ("127.0.0.1", "localhost"):
            yield f"http://{host}:{port}/"


def deployment(page: Page, up: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = asked(page, up, "GET", "/deployments/name/inbox/inbox")["json"]
    return found


def asked(page: Page, up: dict[str, Any], method: str, path: str, body: object = None) -> Any:
    """Ask from the UI's own page, as the UI does; again while its database is busy (503)."""
    script = """async ([method, url, body]) => {
      const password = localStorage.getItem("prefect-password");
      const headers = {"Content-Type": "application/json", "Authorization": "Basic " + password};
      const ask = () => fetch(url, {method, headers, body: body && JSON.stringify(body)});
      let answer = await ask();
      for (let n = 0; answer.status === 503 && n < 10; n++) {
        await new Promise(done => setTimeout(done, 1000));
        answer = await ask();
      }
      const text = await answer.text();
      return {status: answer.status, json: text ? JSON.parse(text) : null};
    }"""
    return page.evaluate(script, [method, up["url"] + path, body])
