"""What Prefect does not promise is used in two modules, which the next version is tried with."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.rooms import OUTSIDE, ROOT, imports_of, module_of, tracked

HOMES = {"service.prefect_private", "tasks.plumbing.prefect_private"}
"""Where such names may stand."""

MODULES = ("prefect.server", "prefect.utilities", "prefect.logging.handlers", "fastapi")
"""Prefect's server is a program, not a library, and FastAPI is its own affair."""

NAMES = {"prefect.context.TagsContext"}
"""Contexts may be read; Prefect says that nobody else should change them."""

ATTRIBUTES = {"deployment_concurrency_lease_id"}
WORDS = ("PREFECT__", *(f"{module}." for module in MODULES))
"""How a text begins that names one of them."""


def is_private(name: str) -> bool:
    """Tell a dotted name that a later Prefect may not have."""
    first, *rest = name.split(".")
    if first == "prefect" and any(part.startswith("_") for part in rest):
        return True
    return name in NAMES or any(f"{name}.".startswith(f"{module}.") for module in MODULES)


def private_names(path: Path, module: str) -> Iterator[str]:
    """Give every such name that a file imports, looks up or spells as a text."""
    yield from (name for name in imports_of(path, module) if is_private(name))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (node.value for word in WORDS if node.value.startswith(word))


def strays(root: Path = ROOT) -> set[tuple[str, str]]:
    """Give every such name with the module that it stands in and should not."""
    return {
        (module, name)
        for path in tracked(root)
        if path.relative_to(root).parts[0] not in OUTSIDE
        and (module := module_of(path, root)) not in HOMES
        for name in private_names(path, module)
    }


def underscored(path: Path) -> Iterator[str]:
    """Give what a file takes of other objects that begins with an underscore, also by `getattr`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id="self")):
                pass
            case (
                ast.Attribute(attr=str(name))
                | ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_])
            ) if name.startswith("_"):
                yield name


def test_private_names_of_prefect_stand_in_two_modules() -> None:
    assert strays() == set()
    for home in HOMES:
        path = ROOT / f"{home.replace('.', '/')}.py"
        assert list(private_names(path, home)), f"{home} has none, and can go"


@pytest.mark.parametrize("home", sorted(HOMES))
def test_each_private_name_has_a_test_that_says_what_it_is_for(home: str) -> None:
    path = ROOT / f"{home.replace('.', '/')}.py"
    tests = (ROOT / "tests" / home.replace(".", "/")).with_name("test_prefect_private.py")
    told = set(re.findall(r"\w+", tests.read_text(encoding="utf-8")))
    used = {name.rpartition(".")[2] for name in private_names(path, home)} | {*underscored(path)}
    assert len(used) > 5
    assert used - told == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from prefect.server import api\n", "prefect.server.api"),
        ("def f():\n    import prefect.server.models\n", "prefect.server.models"),
        ("from prefect._internal import versioning\n", "prefect._internal.versioning"),
        ("from prefect.context import TagsContext\n", "prefect.context.TagsContext"),
        ("import fastapi\n", "fastapi"),
        ("E = {'PREFECT__SERVER_FINAL': '1'}\n", "PREFECT__SERVER_FINAL"),
        ("LEASE = d.deployment_concurrency_lease_id\n", "deployment_concurrency_lease_id"),
    ],
)
def test_one_elsewhere_is_found(text: str, name: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "stray.py").write_text(text)
    assert strays(tmp_path) == {("service.stray", name)}


def test_a_later_prefect_comes_only_when_the_bound_is_moved() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (prefect,) = (Requirement(one) for one in asked if Requirement(one).name == "prefect")
    here = version("prefect")
    major, minor = map(int, here.split(".")[:2])
    assert prefect.specifier.contains(here)
    assert not prefect.specifier.contains(f"{major}.{minor + 1}.0")
    assert not prefect.specifier.contains(f"{major}.{minor - 1}.9")
