"""A kept step serves again only for the same content, the same code and intact files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from prefect import flow, task

from pulsars.store import versions
from pulsars.store.files import write_text
from pulsars.store.versions import DECIDE, PAGES, code_version
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from tasks.plumbing import caching
from tasks.plumbing.steps import STEP
from tests.rooms import ROOT, imports_of, listed, module_of, tracked

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_a_key_depends_on_name_inputs_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = TrainingParameters(data="x.csv")
    key = caching.content_key("split", {"p": parameters})
    assert key == caching.content_key("split", {"p": TrainingParameters(data="x.csv")})
    assert key != caching.content_key("train", {"p": parameters})
    assert key != caching.content_key("split", {"p": TrainingParameters(data="x.csv", seed=1)})
    monkeypatch.setattr(caching, "code_version", lambda *_: "another")
    assert key != caching.content_key("split", {"p": parameters})


def test_an_input_that_is_neither_record_nor_json_is_refused() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        caching.content_key("split", {"X": np.zeros(3)})


UNDECIDED = {"command", "service", "interop", "pulsars", "pulsars.report", "pulsars.simulation"}
"""Rooms that no result of a training step depends on."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the house, to be changed."""
    root = tmp_path_factory.mktemp("house")
    for path in [*tracked(), *ROOT.glob(f"{PAGES}/**/*.j2")]:
        to = root / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    return root


def test_a_change_in_any_file_that_a_result_depends_on_is_another_version(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "version", cache(versions.version))  # of packages, a slow look
    rooms = listed()

    def version(*also: str) -> str:
        code_version.cache_clear()
        return code_version(*also, root=copied)

    before, of_a_page = version(), version(PAGES)
    decides = 0
    for path in sorted([*copied.rglob("*.py"), *copied.rglob("*.j2")]):
        room = rooms.of(module_of(path, copied))
        text = path.read_bytes()
        path.write_bytes(text + b"# changed")
        assert (version() != before) is (room is not None and room not in UNDECIDED), path
        assert (version(PAGES) != of_a_page) is (
            room is not None and room not in UNDECIDED - {"pulsars.report"}
        ), path
        path.write_bytes(text)
        decides += room not in UNDECIDED
    assert decides > 150
    assert version() == before


def test_what_is_hashed_is_this_house() -> None:
    assert code_version() == code_version(root=ROOT)
    assert all((ROOT / room).is_dir() for room in DECIDE)


def test_a_new_file_or_folder_is_another_version(copied: Path) -> None:
    before = code_version(root=copied)
    for name in ("tasks/inner/new.py", "slp/new.pyi", "schemas/inner/deep/page.html.j2"):
        path = copied / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        code_version.cache_clear()
        assert code_version(root=copied) != before, name
        path.unlink()


def test_a_step_is_not_run_again_while_its_file_is_intact(tmp_path: Path) -> None:
    runs: list[str] = []

    @task(name="writes", **STEP)
    def writes(folder: str, word: str) -> FileRef:
        runs.append(word)
        return write_text(Path(folder) / f"{word}.txt", word)

    @flow
    def twice(*words: str) -> list[FileRef]:
        return [writes(str(tmp_path), word) for word in words]

    first = twice("a")[0]
    assert twice("a")[0] == first
    assert runs == ["a"]
    twice("b")
    assert runs == ["a", "b"]

    Path(first.path).write_text("changed")
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a"], "a changed file was trusted"
    Path(first.path).unlink()
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"], "a missing file was trusted"
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"]


ONLY_SHOWN = {"tasks.evaluating", "tasks.scoring", "tasks.sweeping"}
"""Tasks that take from the report what they leave in the Prefect UI, and write none of it."""


def test_what_words_and_pictures_are_written_by_is_keyed_by_their_code_too() -> None:
    tasks = [path for path in tracked() if module_of(path).startswith("tasks.")]
    for path in tasks:
        module = module_of(path)
        says = any(name.startswith("pulsars.report.") for name in imports_of(path, module))
        if says and module not in ONLY_SHOWN and "@task" in path.read_text():
            assert "**PAGE)" in path.read_text(), module
            assert "**STEP)" not in path.read_text(), module
