"""The rooms of the house, as `pyproject.toml` lists them, and what breaks their rules."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = ("tests", "benchmarks", "docs")
"""Folders of Python that nothing of the product imports."""


class Rooms(NamedTuple):
    """What the house has.

    Attributes
    ----------
    may_import : dict
        By room, as a dotted name, the others that it may import from.
    prefect : list
        Rooms that may import Prefect.
    faces : dict
        By room that has one, the names that others may take from it, each with its module.
    """

    may_import: dict[str, list[str]]
    prefect: list[str]
    faces: dict[str, dict[str, str]]

    def of(self, module: str) -> str | None:
        """Name the innermost room that a module stands in; None outside."""
        parts = module.split(".")
        names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        return next((name for name in names if name in self.may_import), None)


def listed(root: Path = ROOT) -> Rooms:
    """Read the list."""
    house = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pulsar"]
    stubs = {room: root / room.replace(".", "/") / "__init__.pyi" for room in house["rooms"]}
    faces = {room: _face(room, stub) for room, stub in stubs.items() if stub.is_file()}
    return Rooms(house["rooms"], house["prefect"], faces)


def _face(room: str, stub: Path) -> dict[str, str]:
    """Read what a room lets others take: names, or modules of its own."""
    found = {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        assert isinstance(node, ast.ImportFrom), "a face is a list of imports"
        found |= {alias.name: f"{room}.{node.module or alias.name}" for alias in node.names}
    return found


def tracked(root: Path = ROOT) -> list[Path]:
    """Give every Python file that is, or would be, committed."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    return sorted(root / name for name in done.stdout.split("\0") if name)


def module_of(path: Path, root: Path = ROOT) -> str:
    """Name the module that a file is."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path, module: str) -> frozenset[str]:
    """Dotted names of everything a module imports, at its top or inside a function."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package.split(".")[: -node.level + 1 or None]) if node.level else ""
            base = ".".join(part for part in (start, node.module) if part)
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(found)


def violations(root: Path = ROOT, files: list[Path] | None = None) -> Iterator[str]:
    """Say for every file of the house what it does that it may not."""
    rooms = listed(root)
    for path in tracked(root) if files is None else files:
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] in OUTSIDE:
            continue
        module = module_of(path, root)
        room = rooms.of(module)
        if room is None:
            yield f"{name} stands in no room"
            continue
        for imported in sorted(imports_of(path, module)):
            why = _why_not(rooms, room, imported)
            if why:
                yield f"{name} imports {imported}: {why}"


def _why_not(rooms: Rooms, room: str, imported: str) -> str | None:
    first = imported.split(".", maxsplit=1)[0]
    if first.startswith("prefect"):
        return None if room in rooms.prefect else "no room of Prefect"
    other = rooms.of(imported)
    if other is None:
        foreign = first not in sys.stdlib_module_names and first != "numpy"
        return "slp is NumPy only" if room == "slp" and foreign else None
    if other == room:
        return None
    if other in rooms.faces:
        name = imported.removeprefix(f"{other}.")
        if name not in rooms.faces[other]:
            return f"no part of the face of {other}"
        imported = rooms.faces[other][name]
    may = rooms.may_import[room]
    if any(f"{imported}.".startswith(f"{allowed}.") for allowed in may):
        return None
    return f"{room} may import {', '.join(may) or 'no other room'}"


def foreign_imports(root: Path = ROOT) -> dict[str, set[str]]:
    """Give every package that is not ours, nor Python's, with the rooms that import it."""
    rooms, found = listed(root), defaultdict(set)
    for path in tracked(root):
        module = module_of(path, root)
        room = rooms.of(module)
        for imported in imports_of(path, module) if room else ():
            first = imported.split(".", maxsplit=1)[0]
            if first not in sys.stdlib_module_names and rooms.of(imported) is None:
                found[first].add(str(room))
    return dict(found)


def circles(root: Path = ROOT, *, of_packages: bool = False) -> list[list[str]]:
    """Give modules that import each other, at their top or inside a function.

    Of packages: those in a room that do so, by any of their modules.
    """
    files = {module_of(path, root): path for path in tracked(root)}
    graph = {
        module: {
            name
            for imported in imports_of(path, module)
            for name in (imported, imported.rpartition(".")[0])
            if name in files and name != module
        }
        for module, path in files.items()
        if path.relative_to(root).parts[0] not in OUTSIDE
    }
    if of_packages:
        graph = _joined(graph, listed(root))
    return [sorted(knot) for knot in _knots(graph) if len(knot) > 1]


def _joined(graph: dict[str, set[str]], rooms: Rooms) -> dict[str, set[str]]:
    """Put modules together that stand in one package within a room."""

    def node(module: str) -> str:
        package = module if f"{module}." in starts else module.rpartition(".")[0]
        return package if rooms.of(package) not in {package, None} else module

    starts = {f"{module.rpartition('.')[0]}." for module in graph}
    found = defaultdict[str, set[str]](set)
    for module, others in graph.items():
        found[node(module)] |= {node(other) for other in others} - {node(module)}
    return dict(found)


def _knots(graph: dict[str, set[str]]) -> list[set[str]]:
    """Give the strongly connected components: from each module all that it reaches and back."""
    reached = {module: _reach(graph, module) for module in graph}
    knots = {
        frozenset({module} | {other for other in reached[module] if module in reached[other]})
        for module in graph
    }
    return [set(knot) for knot in knots]


def _reach(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for module in graph[ahead.pop()] - found:
            found.add(module)
            ahead.append(module)
    return found
