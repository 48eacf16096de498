"""Which code made a thing: a hash of the source that decides."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

_ROOT = Path(__file__).resolve().parents[2]

DECIDE = (
    "flows",
    "tasks",
    "pulsars/folds",
    "pulsars/gate",
    "pulsars/inbox",
    "pulsars/learning",
    "pulsars/reading",
    "pulsars/store",
    "schemas",
    "slp",
)
"""Rooms whose code decides what a step makes, with all that is in them.

What people said is read anew by each run, and handed to its steps by the hash of what came of it:
of `pulsars.review` no step that is kept depends on more.
"""

PAGES = "pulsars/report"
"""The room that decides what a page says, and nothing before it."""

PACKAGES = (
    "numpy", "pandas", "pandera", "prefect", "pyarrow", "matplotlib",
    "pydantic", "jinja2", "markupsafe",
)  # fmt: skip
"""Packages whose version is part of what decides a run."""


@cache
def package_versions() -> Mapping[str, str]:
    """Give the version of Python itself, and of each of `PACKAGES`; looking them up takes 10 ms."""
    packages = {name: version(name) for name in PACKAGES}
    # All who ask are given the same: nobody may change it.
    return MappingProxyType({"python": platform.python_version(), **packages})


@cache
def code_version(*also: str, root: Path = _ROOT) -> str:
    """Hash the source that decides, and its packages' versions: any change is another version.

    Prefect's TASK_SOURCE hashes only a task's own lines, so an edit in a function that the task
    calls would be answered with the old result.

    Parameters
    ----------
    *also : str
        Folders that decide here beside `DECIDE`, such as that of the pages for what makes a page.
    root : Path
        The folder that they stand in.
    """
    digest = hashlib.sha256()
    for room in (*DECIDE, *also):
        for path in sorted((root / room).rglob("*")):
            if path.suffix in {".py", ".pyi", ".j2"}:
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    for name, release in package_versions().items():
        digest.update(f"{name} {release}\0".encode())
    return digest.hexdigest()[:16]
