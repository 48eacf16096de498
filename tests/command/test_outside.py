"""Whatever an outsider writes, nothing that it says is obeyed where it is shown."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from pulsars.simulation.populations import simulate
from schemas.features import FEATURE_NAMES

pytestmark = pytest.mark.slow

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066\x7f"
HOSTILE = f"=cmd|' /C calc'!A0 {ESCAPES}<img src=x onerror=alert(1)>[x](javascript:alert(1)) | `a`"
FORMULA = '=HYPERLINK("http://evil")'
OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)
RAW = re.compile(r"(?<!\\)<img|(?<!\\)\[x(?<!\\)\]\(")


def table(n: int, *, label: Callable[[int], str], bad: int = 0) -> str:
    """Write candidates with a column that is named and filled by an enemy."""
    X, y = simulate(n, prevalence=0.2, rng=np.random.default_rng(4))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*FEATURE_NAMES, HOSTILE, "label"])
    for row, one in zip(X.tolist(), y.tolist(), strict=True):
        writer.writerow([*map(repr, row), HOSTILE, label(int(one))])
    for number in range(bad):
        writer.writerow([HOSTILE if number % 2 else FORMULA])
    return buffer.getvalue()


@pytest.fixture(scope="module")
def shown(
    served: Pulsar, prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Run every command on hostile files; give what each said, and where all of it is."""
    home = tmp_path_factory.mktemp("hostile")
    out, box = home / "out", home / "box"
    box.mkdir()
    name = f"{HOSTILE.replace('/', '')}\n.csv"
    sky = home / name
    sky.write_text(table(1200, label=str, bad=8), encoding="utf-8")
    (box / name).write_text(table(300, label=str), encoding="utf-8")
    (box / f"bad{name}").write_text(table(300, label=lambda _: HOSTILE), encoding="utf-8")
    rare = home / "parameters.json"
    rare.write_text(json.dumps({"n_resamples": 100, "floor": 0.1}))
    root = ("--out", out)
    commands: dict[str, tuple[object, ...]] = {
        "validate": ("validate", sky),
        "validate json": ("validate", sky, "--json"),
        "refused": ("validate", box / f"bad{name}"),
        "missing": ("validate", home / f"none{name}"),
        "typed": ("validate", sky, HOSTILE),
        "train": ("train", sky, *root, "--parameters", rare),
        "show": ("show", *root),
        "runs": ("runs", *root),
        "runs json": ("runs", *root, "--json"),
        "score": ("score", sky, *root),
        "inbox": ("inbox", box, *root, "--settle-seconds", 0),
        "history": ("history", *root),
        "history json": ("history", *root, "--json", "--html"),
    }
    said = {word: served(*words) for word, words in commands.items()}
    return {"said": said, "out": out, "box": box, "api": prefect_server, "sky": sky}


def test_every_command_does_its_work(shown: dict[str, Any]) -> None:
    codes = {word: done.returncode for word, done in shown["said"].items()}
    refused = {"refused": 3, "missing": 3, "typed": 3}
    assert codes == {word: refused.get(word, 0) for word in codes}


def test_no_terminal_is_told_anything(shown: dict[str, Any]) -> None:
    for word, done in shown["said"].items():
        assert not OBEYED.search(done.stdout), word
        assert not OBEYED.search(done.stderr), word
    for word in ("validate", "refused", "missing", "typed", "train", "runs", "score", "inbox"):
        done = shown["said"][word]
        assert r"\x1b[2J" in done.stdout + done.stderr, word


def test_no_line_of_a_terminal_begins_with_what_an_outsider_wrote(shown: dict[str, Any]) -> None:
    for word in ("train", "inbox", "validate", "refused", "missing"):
        done = shown["said"][word]
        lines = (done.stdout + done.stderr).splitlines()
        assert not [line for line in lines if line.startswith(".csv")], word


def test_json_says_what_was_there(shown: dict[str, Any]) -> None:
    (column,) = json.loads(shown["said"]["validate json"].stdout)["carried"]
    assert r"\x1b]0;owned" in column
    runs = json.loads(shown["said"]["runs json"].stdout)["runs"]
    assert r"\u202e" in runs[0]["data"]["name"]


def test_no_file_that_was_published_holds_anything_to_obey(shown: dict[str, Any]) -> None:
    texts = [
        p for p in shown["out"].rglob("*") if p.suffix in {".json", ".csv", ".html", ".md", ".txt"}
    ]
    assert {p.suffix for p in texts} >= {".json", ".csv", ".html", ".md"}
    for path in [*texts, *shown["box"].rglob("*.report.txt")]:
        assert not OBEYED.search(path.read_text(encoding="utf-8")), path.name


def test_pages_show_and_do_not_run(shown: dict[str, Any]) -> None:
    pages = list(shown["out"].rglob("*.html"))
    assert len(pages) >= 3
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "<img" not in text
        assert text.index("Content-Security-Policy") < text.index("<title>")
        assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert any("&lt;img src=x onerror" in path.read_text(encoding="utf-8") for path in pages)


def test_no_cell_of_a_csv_is_a_formula_and_parquet_has_the_exact_text(
    shown: dict[str, Any],
) -> None:
    import pandas as pd

    files = list(shown["out"].rglob("*.csv"))
    assert {p.name for p in files} >= {
        "quarantine.csv",
        "scores.csv",
        "short_list.csv",
        "epochs.csv",
    }
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    number = re.fullmatch(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?", cell)
                    assert number or cell.lstrip(' \t"')[:1] not in {*"=+-@"}, (path.name, cell)
    (quarantine,) = (shown["out"] / "runs").rglob("quarantine.parquet")
    texts = pd.read_parquet(quarantine)["text"].tolist()
    assert any(text.strip('"').startswith("=HYPERLINK") for text in texts)
    assert any("\x1b[2J" in text for text in texts)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *strings(item))
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def asked(api: str, kind: str) -> list[dict[str, Any]]:
    """Ask for all of a kind, page by page: other tests of the session leave theirs too."""
    found: list[dict[str, Any]] = []
    while True:
        answer = httpx.post(f"{api}/{kind}/filter", json={"offset": len(found)})
        if not (page := answer.raise_for_status().json()):
            return found
        found += page


def told(api: str) -> list[str]:
    """Give all that our events say."""
    parts = (part for one in events(api) for part in (one["payload"], one["resource"]))
    return [text for part in parts for text in strings(part)]


def events(api: str) -> Iterator[dict[str, Any]]:
    """Ask for all events of ours, page by page."""
    ours = {"filter": {"event": {"prefix": ["pulsar."]}}}
    answer = httpx.post(f"{api}/events/filter", json=ours).raise_for_status().json()
    yield from answer["events"]
    while answer["next_page"]:
        answer = httpx.get(answer["next_page"]).raise_for_status().json()
        yield from answer["events"]


def test_the_prefect_ui_is_shown_words(shown: dict[str, Any]) -> None:
    artifacts = asked(shown["api"], "artifacts")
    ours = [one for one in artifacts if r"x1b" in json.dumps(one)]
    assert {one["key"] for one in ours} >= {"short-list", "worst-mistakes", "inbox"}
    for one in ours:
        for text in strings(one):
            assert not OBEYED.search(text), one["key"]
            assert not RAW.search(text), one["key"]
            assert "\n" not in text or one["type"] == "markdown"


@pytest.mark.parametrize("kind", ["logs", "flow_runs", "task_runs"])
def test_no_log_and_no_name_in_prefect_is_obeyed(kind: str, shown: dict[str, Any]) -> None:
    found = asked(shown["api"], kind)
    words = {"logs": ("message",), "flow_runs": ("name", "state"), "task_runs": ("name", "state")}[
        kind
    ]
    said = [text for one in found for word in words for text in strings(one[word])]
    assert any(r"\x1b" in text for text in said)
    for text in said:
        assert not OBEYED.search(text), text[:200]


def test_no_event_is_obeyed(shown: dict[str, Any]) -> None:
    deadline = time.monotonic() + 120  # the server keeps events some seconds before it writes them
    while r"\x1b" not in "".join(said := told(shown["api"])):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert not [text for text in said if OBEYED.search(text)]
