"""Every file stands in one room, and imports point one way; a fresh interpreter is the witness."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from statistics import median

import pytest

from tests.rooms import (
    OUTSIDE,
    ROOT,
    circles,
    foreign_imports,
    imports_of,
    listed,
    module_of,
    tracked,
    violations,
)

ROOMS = listed()
STUBS = [ROOT / room.replace(".", "/") / "__init__.pyi" for room in ROOMS.faces]
SOURCES = [path for path in tracked() if path.relative_to(ROOT).parts[0] not in OUTSIDE]


def test_every_file_stands_in_a_room_and_imports_only_what_that_room_may() -> None:
    assert len(SOURCES) > 150
    assert {ROOMS.of(module_of(path)) for path in SOURCES} == set(ROOMS.may_import)
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("slp/inner/deep.py", "import pandas\n", "NumPy only"),
        ("slp/inner/late.py", "def f():\n    from schemas import PulsarError\n", "no other room"),
        ("schemas/inner/deep.py", "from prefect import task\n", "no room of Prefect"),
        ("tasks/inner/deep.py", "import flows.training\n", "tasks may import"),
        ("cellar/deep.py", "", "stands in no room"),
        ("stray.py", "", "stands in no room"),
        ("flows/inner/deep.py", "from slp.perceptron import Perceptron\n", "face of slp"),
        ("flows/deep.py", "from pulsars.store import _private\n", "face of pulsars.store"),
    ],
)
def test_what_breaks_a_rule_is_found(tmp_path: Path, name: str, text: str, said: str) -> None:
    for file in ("pyproject.toml", *(stub.relative_to(ROOT) for stub in STUBS)):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    planted = tmp_path / name
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    found = list(violations(tmp_path))
    assert len(found) == 1
    assert found[0].startswith(name)
    assert said in found[0]


def imports_of_a_notebook(path: Path) -> set[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    nodes = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom))
    return {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}


NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
BY_HAND = {name for notebook in NOTEBOOKS for name in imports_of_a_notebook(notebook)}


@pytest.mark.parametrize("room", sorted(ROOMS.faces))
def test_a_room_lets_others_take_what_they_take_and_no_more(room: str) -> None:
    taken = {
        name.removeprefix(f"{room}.")
        for path in SOURCES
        if ROOMS.of(module_of(path)) != room
        for name in imports_of(path, module_of(path))
        if ROOMS.of(name) == room
    }
    taken |= {name.removeprefix(f"{room}.") for name in BY_HAND if ROOMS.of(name) == room}
    assert set(ROOMS.faces[room]) == taken
    module = importlib.import_module(room)
    assert all(hasattr(module, name) for name in ROOMS.faces[room])


def test_no_modules_import_each_other() -> None:
    assert circles() == []


def test_modules_that_import_each_other_are_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "slp").mkdir()
    (tmp_path / "slp" / "one.py").write_text("from slp import other\n")
    (tmp_path / "slp" / "other.py").write_text("def f():\n    from .one import g\n")
    (tmp_path / "slp" / "alone.py").write_text("import slp.one\n")
    assert circles(tmp_path) == [["slp.one", "slp.other"]]


def test_no_packages_in_a_room_import_each_other() -> None:
    assert circles(of_packages=True) == []


def test_packages_that_import_each_other_are_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    texts = {
        "one/first.py": "from slp.two.first import a\n",
        "two/first.py": "",
        "two/second.py": "from slp.base import b\n",
        "base.py": "from slp.one.second import c\n",
        "one/second.py": "",
    }
    for name, text in texts.items():
        path = tmp_path / "slp" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    assert circles(tmp_path) == []
    assert circles(tmp_path, of_packages=True) == [["slp.base", "slp.one", "slp.two"]]


def test_what_is_packaged_and_typed_are_the_rooms() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    tops = {room.split(".")[0] for room in ROOMS.may_import}
    assert {name.rstrip("*") for name in tool["setuptools"]["packages"]["find"]["include"]} == tops
    assert set(tool["mypy"]["packages"]) == {*tops, "benchmarks"}


def test_every_package_that_a_room_imports_is_declared_and_none_that_no_room_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {"dotenv": "python-dotenv", "sklearn": "scikit-learn"}
    imported = foreign_imports()
    assert imported["prefect"] == set(ROOMS.prefect)
    optional = {name for name, rooms in imported.items() if rooms == {"interop"}}
    assert optional == {"sklearn"}
    needed = {names.get(name, name.replace("_", "-")) for name in imported}
    declared = {re.split("[<>=~! ]", line)[0] for line in project["dependencies"]}
    assert needed - {"scikit-learn"} == declared
    extras = project["optional-dependencies"]["sklearn"]
    assert [re.split("[<>=~! ]", line)[0] for line in extras] == ["scikit-learn"]


def test_what_is_no_room_of_prefect_loads_none_in_a_fresh_interpreter() -> None:
    """One interpreter for all rooms, which says after which of them Prefect is there."""
    rooms = sorted(set(ROOMS.may_import) - set(ROOMS.prefect))
    names = {
        room: [module_of(path) for path in SOURCES if ROOMS.of(module_of(path)) == room]
        for room in rooms
    }
    assert all(names.values())
    script = (
        f"import importlib, json, sys\n"
        f"known, found = {['prefect', *ROOMS.prefect]}, {{}}\n"
        f"for room, names in {names}.items():\n"
        f"    for name in names: importlib.import_module(name)\n"
        f"    found[room] = sorted(m for m in sys.modules if m.split('.')[0] in known)\n"
        f"print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {room: [] for room in rooms}


def test_nothing_is_pickled_and_no_global_seed_is_set() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert "import pickle" not in text, path
        assert "allow_pickle=True" not in text, path
        assert "random.seed(" not in text, path


def test_no_module_changes_the_filters_of_warnings_which_are_those_of_every_thread() -> None:
    for path in SOURCES:
        assert not re.search(r"catch_warnings|simplefilter|filterwarnings", path.read_text()), path


def test_no_module_and_no_function_is_longer_than_can_be_read_in_one_go() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert text.count("\n") <= 250, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                told = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
                assert node.end_lineno - (told or 0) <= 40, (path, node.name)


def test_half_of_all_modules_and_of_all_functions_are_short() -> None:
    texts = [path.read_text() for path in SOURCES]
    assert median(text.count("\n") for text in texts) <= 115
    functions = [
        (node.end_lineno or 0) - node.lineno + 1
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert median(functions) <= 9


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from command import cli\n"
        "heavy = {'prefect', 'pandas', 'pandera', 'matplotlib', 'pyarrow', 'numpy', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
