"""What the docs say can be done can be done."""

from __future__ import annotations

import ast
import pkgutil
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from command.cli import app
from pulsars.reading.formats.dialect import DELIMITERS
from tests.rooms import OUTSIDE, ROOT, listed, tracked

HOUSE = listed().may_import
MADE = {"artifacts", "build", "real"}
"""Folders that a command makes; they may be there or not."""

TOP = [
    ROOT / name
    for name in ("README.md", "README.ko.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
]
PAGES = [*TOP, *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
BLOCK = re.compile(r"```(?:sh|console)\n(.*?)```", re.DOTALL)


def commands_in(page: Path, program: str) -> list[list[str]]:
    """Words of every command of a program that a page prints in a code block."""
    lines = [line for block in BLOCK.findall(page.read_text()) for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines if not line.startswith("$")]
    return [line[1:] for line in words if line and line[0].endswith(program)]


def test_the_page_of_commands_is_what_the_command_says_of_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "typer", "command.cli", "utils", "docs", "--name", "pulsar"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = (ROOT / "docs" / "commands.md").read_text()
    assert page.strip() == done.stdout.strip(), "run `make docs`"


@pytest.mark.slow
@pytest.mark.parametrize(("page", "at_least"), [("README.md", 12), ("README.ko.md", 8)])
def test_every_command_in_the_readme_works(
    prefect_server: str,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    at_least: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    (tmp_path / "data").mkdir()
    (tmp_path / "arriving").mkdir()
    shutil.copy(data_dir / "HTRU_2.csv", tmp_path / "data")
    # Until somebody ends them; tests/service/test_up.py and tests/command/test_review.py run these.
    stay = {"up", "down", "review", "--review"}
    commands = [words for words in commands_in(ROOT / page, "pulsar") if not stay & {*words}]
    assert len(commands) >= at_least
    for words in commands:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"pulsar {' '.join(words)}: {done.output} {done.exception}"


def test_every_option_that_a_page_names_exists() -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    printed = [words for page in PAGES for words in commands_in(page, "pulsar")]
    own = {"--help", *(name for param in get_command(app).params for name in param.opts)}
    asked = [words for words in printed if words[0] not in own]
    assert len(asked) > 35
    for words in asked:
        options = {name for param in known[words[0]].params for name in param.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, words


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [page.read_text() for page in PAGES]
    printed = [word for page in PAGES for words in commands_in(page, "make") for word in words]
    named = {word for word in printed if "=" not in word}
    named |= {word for text in texts for word in re.findall(r"`make ([a-z-]+)", text)}
    assert len(named) > 20
    assert named <= targets


def test_every_target_is_in_the_table_of_contributing_or_what_the_readme_begins_with() -> None:
    chores = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| (`make .*?) \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`make ([a-z-]+)`", row)}
    assert len(chores) > 20
    assert set(chores) - told == {"help", "run", "install", "install-dev"}


def test_every_suite_and_lint_are_run_before_a_change_lands_and_on_github() -> None:
    makefile = (ROOT / "Makefile").read_text()
    suites = set(re.findall(r"^(test(?:-[a-z]+)?):.*## ", makefile, re.MULTILINE))
    parts = {"test-core", "test-flows", "test-faults"}
    assert suites > {"test", *parts}
    for script in (".ci/run", ".github/workflows/ci.yml"):
        named = set(re.findall(r"[\w-]+", (ROOT / script).read_text()))
        assert (suites - parts) | {"lint", "audit-dependencies"} <= named, script
    recipes = dict(re.findall(r"^([a-z-]+):.*\n\t(.*tests/.*)", makefile, re.MULTILINE))
    calls = dict(re.findall(r"^(test[a-z-]*):.*\n\t.*\$\(MAKE\) (.*)", makefile, re.MULTILINE))
    slow = {"slow-core", "slow-flows", "slow-docs", "slow-faults"}
    folders = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").glob("*/**/test_*.py")}
    alone = {"browser", "deploy", "week"}
    assert alone < folders
    for folder in alone:
        assert f"tests/{folder}" in recipes[f"test-{folder}"].split()
    asked = {"tests/test_*.py", *(f"tests/{folder}" for folder in folders - alone)}
    for whole, several in (("test", parts), ("test-slow", slow)):
        assert several <= set(calls[whole].split())
        named = {word for part in several for word in recipes[part].split()}
        assert asked - named == set(), whole


def test_every_script_that_the_makefile_runs_exists() -> None:
    named = re.findall(r"(?:[a-z]+/)+[a-z_]+\.py", (ROOT / "Makefile").read_text())
    assert named
    assert all((ROOT / name).is_file() for name in named)


def test_every_link_to_a_file_leads_somewhere() -> None:
    targets = [page.parent / name for page in PAGES for name in LINK.findall(page.read_text())]
    assert len(targets) > 25
    assert [target for target in targets if not target.exists()] == []


def test_every_page_is_reached_from_the_readme_and_from_the_index() -> None:
    for start in (ROOT / "README.md", ROOT / "docs" / "README.md"):
        reached = reached_from(start)
        pages = {*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.ipynb"), *TOP}
        assert len(pages) > 60
        assert {page.relative_to(ROOT).as_posix() for page in pages - reached} == set()


def reached_from(page: Path) -> set[Path]:
    """Give every file that the links of a page lead to, and theirs, and so on."""
    seen, ahead = {page}, [page]
    while ahead:
        at = ahead.pop()
        links = LINK.findall(at.read_text()) if at.suffix == ".md" else []
        found = {(at.parent / link).resolve() for link in links} - seen
        seen |= found
        ahead += [path for path in found if path.is_file()]
    return seen


def test_every_decision_is_listed() -> None:
    list_decisions = runpy.run_path(str(ROOT / "docs" / "list_decisions.py"))
    page = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert page == list_decisions["index"](), "run `make docs`"
    assert page.count("\n- ") > 45


TOPS = "|".join(sorted({room.split(".")[0] for room in HOUSE}))
ENDS = "py|j2|sh|yaml|ipynb|lock|env"
CODE = re.compile(rf"(?<![\w/.])((?:[\w.-]+/)+[\w-]+\.(?:{ENDS}))(?::\s?(\w+))?")
FOLDER = re.compile(r"`((?:[\w.-]+/)+)`")
NAME = re.compile(rf"`((?:{TOPS})(?:\.\w+)+)")


def test_every_file_and_folder_of_the_house_that_a_page_names_is_there() -> None:
    named = {(page, *found) for page in PAGES for found in CODE.findall(page.read_text())}
    assert len(named) > 60
    for page, file, inside in named:
        path = next((p for p in (ROOT / file, page.parent / file) if p.is_file()), None)
        assert path, f"{page.name} names {file}"
        assert not inside or re.search(rf"\b{inside}\b", path.read_text()), f"{file}: {inside}"
    tops = {path.name for path in ROOT.iterdir()}
    folders = {(page, name) for page in PAGES for name in FOLDER.findall(page.read_text())}
    ours = {(page, name) for page, name in folders if name.split("/")[0] in tops - MADE}
    assert len(ours) > 25
    assert {(page.name, name) for page, name in ours if not (ROOT / name).is_dir()} == set()


def test_every_module_and_name_in_it_that_a_page_or_a_docstring_names_is_there() -> None:
    sources = [path for path in tracked() if path.relative_to(ROOT).parts[0] not in OUTSIDE]
    named = {(p, name) for p in (*PAGES, *sources) for name in NAME.findall(p.read_text())}
    assert len(named) > 80
    assert {(page.name, name) for page, name in named if not resolves(name)} == set()


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or something that one has."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_the_map_in_the_readme_is_the_rooms_with_what_each_says_of_itself() -> None:
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| `([\w/]+)/` \| (.+) \|$", readme, re.MULTILINE)
    said = {room.replace(".", "/"): what_it_is(room) for room in HOUSE}
    assert len(rows) == len(said)
    assert dict(rows) == said
    packages = {path.parent for path in tracked() if path.name == "__init__.py"}
    names = {path.relative_to(ROOT).as_posix() for path in packages}
    assert {name for name in names if is_room(name)} == set(said)


def is_room(name: str) -> bool:
    """Whether a folder is a room: at the top, or one level below `pulsars`."""
    top, *below = name.split("/")
    return top not in OUTSIDE and len(below) <= (top == "pulsars")


def what_it_is(room: str) -> str:
    """Give the first paragraph of what a room's `__init__` says, on one line."""
    path = ROOT / room.replace(".", "/") / "__init__.py"
    return " ".join(str(ast.get_docstring(ast.parse(path.read_text()))).split("\n\n")[0].split())


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    names = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert len(names) > 15
    assert {name for name in names if f"pulsar {name}" not in readme} == set()


def test_without_korean_letters_no_picture_is_taken(tmp_path: Path) -> None:
    for asked, answer in (("has none", ""), ("is there", "echo NanumGothic")):
        (tmp_path / "fc-list").write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / "fc-list").chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-m", "docs.take_pictures"],
            cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert ("fonts-nanum" in done.stderr) == (asked == "has none")
        assert ("PULSAR_DATA_DIR" in done.stderr) == (asked == "is there")  # what it needs next


def test_the_sample_is_what_the_simulator_draws() -> None:
    """To the last digits only: another processor may round them otherwise."""
    from pulsars.reading.reader import read_candidates
    from pulsars.simulation.populations import simulate
    from schemas.features import FEATURE_NAMES

    reading = read_candidates(ROOT / "data" / "sample.csv")
    X, y = simulate(500, prevalence=0.092, rng=np.random.default_rng(0))
    np.testing.assert_allclose(reading.frame[list(FEATURE_NAMES)], X, rtol=1e-3, atol=1e-3)
    assert reading.frame["label"].tolist() == y.tolist()
    assert reading.dialect.simulated


def test_nothing_committed_names_a_registry_or_a_machine() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = done.stdout.splitlines()
    assert {"README.md", "pyproject.toml", "requirements.lock", ".ci/run"} <= set(names)
    for name in names:
        path = ROOT / name
        if path.suffix in {".png", ".parquet", ".xz"} or not path.is_file():
            continue
        text = path.read_text()
        hosts = ("files.python" + "hosted", "pypi" + ".org/simple", "/wo" + "rk/")
        assert not [host for host in hosts if host in text], name


def test_every_delimiter_that_is_read_is_among_the_dialects() -> None:
    *names, last = DELIMITERS.values()
    assert f"{', '.join(names)} or {last}s;" in (ROOT / "docs" / "data.md").read_text()
