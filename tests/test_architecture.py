"""Imports point one way: flows → tasks → slp, schemas. A fresh interpreter is the witness."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "slp": {"slp"},
    "interop": {"interop", "slp"},
    "schemas": {"schemas"},
    "tasks": {"tasks", "slp", "schemas"},
    "flows": {"flows", "tasks", "slp", "schemas"},
}
SOURCES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).glob("*.py"))]


def imports_of(path: Path) -> set[str]:
    """First names of everything a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    local = imports_of(path) & set(MAY_IMPORT)
    assert local <= MAY_IMPORT[path.parent.name]


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.name == "slp"], ids=str)
def test_slp_imports_numpy_and_the_standard_library_only(path: Path) -> None:
    foreign = imports_of(path) - set(sys.stdlib_module_names) - {"slp", "numpy"}
    assert not foreign


@pytest.mark.parametrize("room", ["slp", "schemas"])
def test_the_core_loads_no_prefect_in_a_fresh_interpreter(room: str) -> None:
    names = [f"{room}.{path.stem}" for path in (ROOT / room).glob("*.py")]
    script = (
        f"import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name.removesuffix('.__init__'))\n"
        f"print(sorted(m for m in sys.modules if m.split('.')[0] in ('prefect', 'tasks', 'flows')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_nothing_is_pickled_and_no_global_seed_is_set() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert "import pickle" not in text, path
        assert "allow_pickle=True" not in text, path
        assert "random.seed(" not in text, path


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from flows import cli\n"
        "heavy = {'prefect', 'pandas', 'pandera', 'matplotlib', 'pyarrow', 'numpy', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
