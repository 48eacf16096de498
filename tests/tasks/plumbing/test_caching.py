"""A kept step serves again only for the same content, the same code and intact files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from prefect import Task

from pulsars.store.versions import DECIDE, PAGES, code_version
from schemas.parameters import TrainingParameters
from tasks.plumbing import caching
from tests.rooms import ROOT, imports_of, listed, module_of, tracked
from tests.tasks.house import in_the_house


def test_a_key_depends_on_name_inputs_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = TrainingParameters(data="x.csv")
    key = caching.content_key("split", {"p": parameters})
    assert key == caching.content_key("split", {"p": TrainingParameters(data="x.csv")})
    assert key != caching.content_key("train", {"p": parameters})
    assert key != caching.content_key("split", {"p": TrainingParameters(data="x.csv", seed=1)})
    monkeypatch.setattr(caching, "code_version", lambda *_: "another")
    assert key != caching.content_key("split", {"p": parameters})


def test_two_tasks_of_one_name_share_no_key() -> None:
    steps = {
        name: one
        for name, one in in_the_house(Task, "tasks").items()
        if isinstance(one.cache_policy, caching.ByContent)
    }
    names = [one.name for one in steps.values()]
    assert len(set(names)) < len(names), "no two of the house are called alike any more"
    nothing_kept: Any = SimpleNamespace(exists=lambda _key: False)

    def key_of(one: Any) -> str:
        context: Any = SimpleNamespace(task=one, result_store=nothing_kept)
        return caching.ByContent().compute_key(context, {"p": 1}, {})

    assert len({key_of(one) for one in steps.values()}) == len(steps)


def test_an_input_that_is_neither_record_nor_json_is_refused() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        caching.content_key("split", {"X": np.zeros(3)})


UNDECIDED = {
    "command", "service", "interop", "pulsars",
    "pulsars.report", "pulsars.review", "pulsars.simulation",
}  # fmt: skip
"""Rooms that no result of a training step depends on, but by what it is handed."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the house, to be changed."""
    root = tmp_path_factory.mktemp("house")
    for path in [*tracked(), *ROOT.glob("pulsars/**/*.j2")]:
        to = root / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    return root


def versions_of(root: Path) -> tuple[str, str]:
    """Give the version of what decides under a folder, and that of what makes a page."""
    code_version.cache_clear()
    return code_version(root=root), code_version(PAGES, root=root)


def test_what_decides_are_all_files_of_the_rooms_that_a_result_depends_on_and_no_other(
    copied: Path, touched: Callable[[Path], list[tuple[str, str]]]
) -> None:
    rooms = listed()

    def read(*also: str) -> set[str]:
        touched(copied)
        code_version.cache_clear()
        code_version(*also, root=copied)
        return {path for event, path in touched(copied) if event == "open"}

    files = [path for path in copied.rglob("*") if path.suffix in {".py", ".j2"}]
    room = {str(path): rooms.of(module_of(path, copied)) for path in files}
    decide = {path for path, name in room.items() if name and name not in UNDECIDED}
    assert len(decide) > 150
    assert read() == decide
    assert read(PAGES) == decide | {path for path, name in room.items() if name == "pulsars.report"}


@pytest.mark.parametrize("room", [*DECIDE, PAGES])
def test_a_change_in_any_file_that_a_result_depends_on_is_another_version(
    room: str, copied: Path, tmp_path: Path
) -> None:
    # A house of this room alone: with all of them, every change would have all files read again.
    copytree(copied / room, tmp_path / room)
    found = [versions_of(tmp_path)]
    for path in filter(Path.is_file, (tmp_path / room).rglob("*")):
        path.write_bytes(path.read_bytes() + b"# changed")
        found.append(versions_of(tmp_path))
    decides, makes_a_page = (len(set(seen)) for seen in zip(*found, strict=True))
    assert len(found) > 5
    assert makes_a_page == len(found)
    assert decides == (1 if room == PAGES else len(found))


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


def test_who_reads_what_people_said_is_asked_anew_by_each_run() -> None:
    """Or a change in `pulsars.review` would be answered with what was kept."""
    reads = {
        path
        for path in tracked()
        if module_of(path).startswith(("tasks.", "flows."))
        and any(name.startswith("pulsars.review") for name in imports_of(path, module_of(path)))
    }
    assert reads == {ROOT / "tasks/settling.py"}
    assert "**IO)" in (ROOT / "tasks/settling.py").read_text()
    assert "**STEP)" not in (ROOT / "tasks/settling.py").read_text()


ONLY_SHOWN = {"tasks.evaluating", "tasks.scoring", "tasks.sweeping"}
"""Tasks that take from the report what they leave in the Prefect UI, and write none of it."""


def test_what_words_and_pictures_are_written_by_is_keyed_by_their_code_too() -> None:
    says = {
        module_of(path): path.read_text()
        for path in tracked()
        if module_of(path).startswith("tasks.")
        and any(name.startswith("pulsars.report.") for name in imports_of(path, module_of(path)))
        and "@task" in path.read_text()
    }
    assert says.keys() > ONLY_SHOWN
    keyed = {module: text for module, text in says.items() if module not in ONLY_SHOWN}
    assert keyed.keys() >= {"tasks.drifting", "tasks.reporting"}
    for module, text in keyed.items():
        assert "**PAGE)" in text, module
        assert "**STEP)" not in text, module
