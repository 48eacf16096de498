"""People who look at candidates and say what they are, in a real browser, and a stranger."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pulsars.review.labels import read_labels
from pulsars.review.meaning import current
from tests.hosts import serving
from tests.published import trained
from tests.reviewed import publish_scores

LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    {"viewport": {"width": 390, "height": 800}, "color_scheme": "light", "has_touch": True},
]
FOCUSED = "document.activeElement.id || document.activeElement.dataset.value"
Start = Callable[..., "Reviewing"]


class Reviewing:
    """A running `pulsar review`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout
        told = json.loads(process.stdout.readline())
        self.url, self.labels = told["url"], Path(told["labels"])

    def values(self) -> list[tuple[str, str]]:
        return [(one.who, one.value) for one in read_labels(self.labels).statements]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an artifact root with scores and the run whose model ranked them."""
    out, run = tmp_path_factory.mktemp("reviewed"), trained(11)
    (out / "runs").mkdir()
    (out / "runs" / run.name).symlink_to(run)
    model = {"run": run.name, "sha256": "d" * 64, "threshold": 0.5, "simulated": True}
    publish_scores(out, model=model)
    return out


@pytest.fixture
def start(
    root: Path, tmp_path: Path, command: tuple[str, ...], environment: dict[str, str]
) -> Iterator[Start]:
    """Give what starts a review; all that were started are ended."""
    started: list[subprocess.Popen[str]] = []

    def begin(port: int = 0) -> Reviewing:
        words = [*command, "review", "--out", str(root), "--labels", str(tmp_path / "ours.jsonl")]
        words += ["--no-browser", "--json", "--port", str(port)]
        started.append(subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True))
        return Reviewing(started[-1])

    yield begin
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


@pytest.fixture
def review(start: Start) -> Reviewing:
    return start()


@contextmanager
def looking(browser: Browser, review: Reviewing, who: str = "", **look: Any) -> Iterator[Page]:
    """Open the page as one person, in a browser of their own; nothing may be complained of."""
    with browser.new_context(**look) as context:
        page, complaints = context.new_page(), []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(review.url)
        expect(page.locator("#name")).to_be_visible()
        if who:
            page.fill("#name", who)
            page.keyboard.press("Enter")
            expect(page.locator("#face table")).to_be_visible()
        yield page
        assert complaints == []


def saved(page: Page, words: str, *, rank: int | str = r"\d+") -> None:
    expect(page.locator("#said")).to_have_text(re.compile(rf"^Saved: {rank}\. .*, {words}\.$"))


def at(page: Page, place: str) -> None:
    expect(page.locator("#place")).to_have_text(place)


def test_a_name_that_cannot_be_seen_is_refused_at_the_beginning(
    browser: Browser, review: Reviewing
) -> None:
    with looking(browser, review) as page:
        page.fill("#name", "An\u202ena")
        page.keyboard.press("Enter")
        expect(page.locator("#refused")).to_contain_text("cannot be seen")
        expect(page.locator("main")).to_be_hidden()
        page.fill("#name", "Anna")
        page.keyboard.press("Enter")
        expect(page.locator("#face table")).to_be_visible()
        expect(page.locator("#refused")).to_be_empty()


def test_keys_say_what_a_candidate_is_and_go_on(browser: Browser, review: Reviewing) -> None:
    with looking(browser, review, "Anna") as page:
        at(page, "1 of 10")
        for n, (key, words) in enumerate(
            [("p", "a pulsar"), ("n", "not a pulsar"), ("u", "unsure")], 2
        ):
            page.keyboard.press(key)
            saved(page, words, rank=n - 1)
            at(page, f"{n} of 10")
        page.keyboard.press("z")
        saved(page, "taken back")
        at(page, "3 of 10")
        page.keyboard.press("ArrowLeft")
        at(page, "2 of 10")
        pressed = page.locator("button[aria-pressed=true]")
        expect(pressed).to_have_text(re.compile("Not"))
        page.keyboard.press("j")
        expect(pressed).to_have_count(0)
        page.keyboard.press("k")
        page.keyboard.press("k")
        at(page, "1 of 10")
        page.select_option("#filter", "mine")
        at(page, "1 of 8")
    values = [value for _, value in review.values()]
    assert values == ["pulsar", "not", "unsure", "withdrawn"]


@pytest.mark.parametrize("who", ["constructor", "__proto__"])
def test_whoever_is_called_as_what_every_object_has_has_said_nothing_yet(
    who: str, browser: Browser, review: Reviewing
) -> None:
    with looking(browser, review, who) as page:
        page.select_option("#filter", "mine")
        at(page, "1 of 10")
        page.locator("#title").focus()
        page.keyboard.press("p")
        saved(page, "a pulsar", rank=1)
        page.keyboard.press("ArrowLeft")
        expect(page.locator("button[aria-pressed=true]")).to_have_text(re.compile("Pulsar"))
        page.select_option("#filter", "all")
        page.select_option("#filter", "mine")
        at(page, "1 of 9")
    assert review.values() == [(who, "pulsar")]


def test_the_keyboard_alone_is_enough(browser: Browser, review: Reviewing) -> None:
    with looking(browser, review) as page:
        page.keyboard.press("Tab")
        page.keyboard.type("pun?z")
        page.keyboard.press("Enter")
        expect(page.locator("#face table")).to_be_visible()
        assert review.values() == []
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("p")
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        reached = set()
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.add(page.evaluate(FOCUSED))
        assert {"filter", "sort", "other", "help", "next", "pulsar", "withdrawn"} <= reached
        page.locator("[data-value=not]").focus()
        page.keyboard.press("Enter")
        saved(page, "not a pulsar")
    assert review.values() == [("pun?z", "not")]


def test_two_people_at_once_differ_and_a_third_word_settles_it(
    browser: Browser, review: Reviewing
) -> None:
    with looking(browser, review, "Anna") as anna, looking(browser, review, "민지") as minji:
        for _ in range(3):
            anna.keyboard.press("p")
            minji.keyboard.press("n")
        saved(anna, "a pulsar", rank=3)
        saved(minji, "not a pulsar", rank=3)
        expect(anna.locator("#words")).to_have_text("")  # no word of hers on the fourth yet
        for page in (anna, minji):
            at(page, "4 of 10")
        assert len(review.values()) == 6
        anna.select_option("#sort", "teaching")
        anna.select_option("#sort", "probability")
        at(anna, "1 of 10")
        expect(anna.locator("#words")).to_have_text("민지: not a pulsar")
        anna.select_option("#filter", "conflicts")
        at(anna, "1 of 3")
        anna.locator("#title").focus()
        anna.keyboard.press("s")
        anna.keyboard.press("p")
        saved(anna, "a pulsar", rank=1)
    first, *others = current(read_labels(review.labels)).values()
    assert (first.value, first.conflict) == ("pulsar", False)
    assert all(one.conflict for one in others)


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['viewport']['width']}-{look['color_scheme']}"
)
def test_the_page_is_usable_for_everybody(
    look: dict[str, Any], browser: Browser, review: Reviewing
) -> None:
    with looking(browser, review, **look) as page:
        require_usable(page, look)
        page.fill("#name", "Anna")
        page.keyboard.press("Enter")
        expect(page.locator("#face table")).to_be_visible()
        require_usable(page, look)
        for button in page.locator("footer button, #at button").all():
            box = button.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
        act = "tap" if look.get("has_touch") else "click"
        getattr(page.locator("[data-value=pulsar]"), act)()
        saved(page, "a pulsar")
        getattr(page.locator("#help"), act)()
        require_usable(page, look)
    assert review.values() == [("Anna", "pulsar")]


def require_usable(page: Page, look: dict[str, Any]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= look["viewport"]["width"]
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in grave] == []


def test_what_a_killed_server_did_not_confirm_is_kept_and_sent_to_the_next(
    browser: Browser, start: Start
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    review = start(port)
    with browser.new_context() as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(review.url)
        page.fill("#name", "Anna")
        page.keyboard.press("Enter")
        at(page, "1 of 10")
        page.keyboard.press("p")
        saved(page, "a pulsar")
        review.process.send_signal(signal.SIGKILL)
        review.process.wait()
        page.keyboard.press("n")
        page.keyboard.press("u")
        expect(page.locator("#unsaved")).to_contain_text("Not saved: 2 words are kept here")
        assert review.values() == [("Anna", "pulsar")]
        again = start(port)
        # The page of before goes on asking, and who answers now knows nothing of it.
        page.locator("#again").click()
        expect(page.locator("#unsaved")).to_contain_text("another page is served here now")
        page.goto(again.url)
        saved(page, "unsure")
        expect(page.locator("#unsaved")).to_be_hidden()
        page.keyboard.press("n")
        saved(page, "not a pulsar")
    assert [value for _, value in again.values()] == ["pulsar", "not", "unsure", "not"]


# JSON in a Blob without a type is sent abroad without asking first; a form is, too.
ENEMY = """<!doctype html><title>under way</title><body>
<iframe name="hidden"></iframe><form target="hidden" method="post" enctype="text/plain">
<input name='{"id":"12345678","who":"enemy","value":"withdrawn","candidate":null,"x":"' value='"}'>
</form><script>
const word = JSON.stringify({id: "12345678", who: "Anna", value: "withdrawn", candidate: null});
const ask = (more) => fetch(SAY, {method: "POST", credentials: "include", ...more})
  .then(answer => answer.status, error => String(error));
(async () => {
  const found = [
    await ask({headers: {"Content-Type": "application/json"}, body: word}),
    await ask({body: new Blob([word])}),
    await ask({mode: "no-cors", body: new Blob([word])}),
    await fetch(PLACE, {credentials: "include"}).then(answer => answer.text(), error => "none"),
  ];
  document.forms[0].action = SAY;
  document.forms[0].submit();
  const frame = document.createElement("iframe");
  frame.src = PLACE;
  frame.onload = () => {
    document.body.append(JSON.stringify(found));
    document.title = "done";
  };
  document.body.append(frame);
})();
</script>"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_from_elsewhere_says_and_reads_nothing_even_where_it_knows_the_place(
    host: str, browser: Browser, review: Reviewing, tmp_path: Path
) -> None:
    site = partial(QuietFiles, directory=str(tmp_path))
    with browser.new_context() as context, serving(site) as port:
        page = context.new_page()
        page.goto(review.url)
        page.fill("#name", "Anna")
        page.keyboard.press("Enter")
        at(page, "1 of 10")
        page.keyboard.press("p")
        saved(page, "a pulsar")
        place = json.dumps(page.url)
        text = f"<script>const PLACE = {place}, SAY = {place} + 'say';</script>" + ENEMY
        (tmp_path / "enemy.html").write_text(text)
        enemy, answers = context.new_page(), []
        enemy.on("response", lambda answer: answers.append((answer.url, answer.status)))
        enemy.goto(f"http://{host}:{port}/enemy.html")
        expect(enemy).to_have_title("done")
        said = [status for url, status in answers if url.endswith("/say")]
        assert said
        assert set(said) == {403}
        assert "review.js" not in enemy.inner_text("body")
        assert "form id" not in enemy.content()
    assert review.values() == [("Anna", "pulsar")]


class QuietFiles(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def test_ctrl_c_ends_it_and_a_taken_port_is_said(review: Reviewing) -> None:
    port = int(review.url.split(":")[2].split("/")[0])
    other = subprocess.run(
        [*review.process.args[:-1], str(port)],  # type: ignore[index,misc]
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert other.returncode == 2
    assert f"port {port}" in json.loads(other.stdout)["message"]
    review.process.send_signal(signal.SIGINT)
    assert review.process.wait(120) == 0
