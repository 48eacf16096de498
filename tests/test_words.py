"""One meaning a word: a verdict is the gate's; a page has a headline, drift a level."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import OUTSIDE, ROOT, imports_of, module_of, tracked

WORD = "verdict"


def misnamed(path: Path, module: str) -> list[str]:
    """Give classes, functions, parameters and fields that are called after what is not theirs.

    Who imports anything of a verdict handles one, and may say so.
    """
    if any(WORD in name.lower() for name in (module, *imports_of(path, module))):
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [name for name in _given(tree) if WORD in name.lower()]


def _given(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.arg):
            yield node.arg
        if isinstance(node, ast.ClassDef) and not _is_a_file(node):
            for said in node.body:
                if isinstance(said, ast.AnnAssign) and isinstance(said.target, ast.Name):
                    yield said.target.id


def _is_a_file(node: ast.ClassDef) -> bool:
    """Whether the fields of a class are keys of a file, which stay: decision 0093."""
    return any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)


def test_nothing_but_the_gates_verdict_is_called_one() -> None:
    files = [path for path in tracked() if path.relative_to(ROOT).parts[0] not in OUTSIDE]
    found = {path: misnamed(path, module_of(path)) for path in files}
    assert {path.name: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("class FileVerdict: ...\n", ["FileVerdict"]),
        ("class Found:\n    verdict: str\n", ["verdict"]),
        ("def print_verdict(verdict): ...\n", ["print_verdict", "verdict"]),
        ("class Stored(TypedDict):\n    verdict: str\n", []),
        ("from pulsars.store import Verdict\ndef tell(verdict: Verdict): ...\n", []),
    ],
)
def test_who_takes_the_word_is_found(tmp_path: Path, text: str, named: list[str]) -> None:
    path = tmp_path / "planted.py"
    path.write_text(text)
    assert misnamed(path, "tasks.planted") == named
