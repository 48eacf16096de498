"""What the house is made of, as Prefect knows it."""

from __future__ import annotations

import importlib
from typing import Any

from tests.rooms import module_of, tracked


def in_the_house(kind: type, *rooms: str) -> dict[str, Any]:
    """Give everything of a kind that a module of some rooms makes, by its name."""
    modules = [module_of(path) for path in tracked()]
    found = {}
    for module in modules:
        if module.split(".")[0] in rooms:
            for name, value in vars(importlib.import_module(module)).items():
                if isinstance(value, kind) and value.fn.__module__ == module:
                    found[f"{module}.{name}"] = value
    return found
