"""Change the formulas in slp/ one at a time and see that a test fails.

Usage: python benchmarks/mutation.py [measures/metrics ...] [--sample N] [--seconds S] [--quick]

Every mutant is one changed operator, comparison, sign or number in one module, written to a copy of
the project, whose tests in tests/slp/ then run in a forked process until the first failure. What
no test notices is listed; some mutants change nothing that could be noticed.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PRINTED = "printed.txt"  # what the last tests printed, in the copy
_LEFT_OUT = (".*", "__pycache__", "*.egg-info", "artifacts", "data", "build", "pictures")
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.USub: ast.UAdd, ast.Not: ast.Invert,
}  # fmt: skip


def main() -> None:
    """Run the mutants and list the survivors."""
    asked = _arguments()
    sys.dont_write_bytecode = True
    sites = [(name, n) for name in asked.modules for n in range(len(_mutants(_source(name))))]
    chosen = random.Random(0).sample(  # noqa: S311 - a sample, no secret
        sites, min(asked.sample or len(sites), len(sites))
    )
    survivors = []
    if data := os.environ.get("PULSAR_DATA_DIR"):
        os.environ["PULSAR_DATA_DIR"] = str(Path(data).resolve())  # the tests run elsewhere
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        os.chdir(copy)
        sys.path.insert(0, str(copy))
        _import_what_tests_need()
        which = ["-m", "not slow"] if asked.quick else []
        if _a_test_fails("", which, asked.seconds * 10):
            print(Path(_PRINTED).read_text(), file=sys.stderr)
            sys.exit("the tests fail before anything is changed; mend that first")
        for name, n in sorted(chosen):
            what, text = _mutants(_source(name))[n]
            (copy / "slp" / f"{name}.py").write_text(text)
            if not _a_test_fails(name, which, asked.seconds):
                survivors.append(f"slp/{name}.py:{what}")
                print(f"survived  {survivors[-1]}", flush=True)
            shutil.copy(ROOT / "slp" / f"{name}.py", copy / "slp" / f"{name}.py")
    print(f"{len(chosen)} mutants of {len(sites)}, {len(survivors)} survived")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    files = [p.relative_to(ROOT / "slp") for p in (ROOT / "slp").rglob("*.py")]
    every = sorted(str(p.with_suffix("")) for p in files if p.stem != "__init__")
    parser.add_argument("modules", nargs="*", default=every, metavar="MODULE")
    parser.add_argument("--sample", type=int, help="only so many, drawn at random")
    parser.add_argument("--seconds", type=int, default=120, help="a mutant that hangs is noticed")
    parser.add_argument("--quick", action="store_true", help="run none of the slow tests")
    return parser.parse_args()


def _source(name: str) -> str:
    return (ROOT / "slp" / f"{name}.py").read_text()


def _mutants(source: str) -> list[tuple[str, str]]:
    """Give every mutant of a module: line and change, and the changed text."""
    found = []
    count = len(list(_changes(ast.parse(source))))
    for n in range(count):
        tree = ast.parse(source)
        line, what, change = list(_changes(tree))[n]
        change()
        found.append((f"{line} {what}", ast.unparse(tree)))
    return found


def _changes(tree: ast.AST) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Walk a tree and give, for each place that can be changed, how to change it."""
    for node in ast.walk(tree):
        for field in ("op", "ops"):
            value = getattr(node, field, None)
            operators = value if isinstance(value, list) else [value]
            for at, operator in enumerate(operators):
                if swap := SWAPS.get(type(operator)):
                    what = f"{type(operator).__name__} to {swap.__name__}"
                    yield node.lineno, what, _setter(node, field, at, swap())  # type: ignore[attr-defined]
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
        ):
            what = f"{node.value} to {node.value + 1}"
            yield node.lineno, what, _setter(node, "value", 0, node.value + 1)


def _setter(node: ast.AST, field: str, at: int, new: object) -> Callable[[], None]:
    def change() -> None:
        value = getattr(node, field)
        if isinstance(value, list):
            value[at] = new
        else:
            setattr(node, field, new)

    return change


def _import_what_tests_need() -> None:
    """Import once, before forking, what every test process would import again."""
    for name in ("hypothesis", "numpy", "pytest", "sklearn.linear_model", "sklearn.metrics"):
        importlib.import_module(name)


def _a_test_fails(name: str, which: list[str], seconds: int) -> bool:
    """Run the module's own tests, then all of tests/slp, in a fork; True when one fails."""
    child = os.fork()
    if child == 0:
        _run_tests(name, which)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run_tests(name: str, which: list[str]) -> None:
    import pytest

    printed = os.open(_PRINTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    folder, _, stem = name.rpartition("/")
    own = [str(p) for p in Path("tests/slp", folder).glob(f"test_{stem}.py")]
    flags = ["-q", "-x", *which, "-p", "no:cacheprovider", "--import-mode=importlib"]
    code = pytest.main([*flags, *own]) if own else 0
    os._exit(int(code) or int(pytest.main([*flags, "tests/slp"])))


if __name__ == "__main__":
    main()
