"""What the docs say can be done can be done."""

from __future__ import annotations

import re
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

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
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
def test_every_command_in_the_readme_works(
    prefect_server: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    (tmp_path / "data").mkdir()
    (tmp_path / "arriving").mkdir()
    shutil.copy(data_dir / "HTRU_2.csv", tmp_path / "data")
    background = {"up", "down"}  # tests/service/test_up.py runs these
    commands = [c for c in commands_in(ROOT / "README.md", "pulsar") if c[0] not in background]
    assert len(commands) >= 12
    for words in commands:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"pulsar {' '.join(words)}: {done.output} {done.exception}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_that_a_page_names_exists(page: Path) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    for words in commands_in(page, "pulsar"):
        if words[0] == "--help":
            continue
        options = {name for param in known[words[0]].params for name in param.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for words in commands_in(page, "make") for word in words if "=" not in word}
    named |= set(re.findall(r"`make ([a-z-]+)", page.read_text()))
    assert named <= targets


def test_every_script_that_the_makefile_runs_exists() -> None:
    named = re.findall(r"(?:[a-z]+/)+[a-z_]+\.py", (ROOT / "Makefile").read_text())
    assert named
    assert all((ROOT / name).is_file() for name in named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"pulsar {name}" in readme


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
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".parquet", ".xz"} or not path.is_file():
            continue
        text = path.read_text()
        hosts = ("files.python" + "hosted", "pypi" + ".org/simple", "/wo" + "rk/")
        assert not [host for host in hosts if host in text], name
