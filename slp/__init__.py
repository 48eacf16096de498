"""The learning machinery in NumPy and nothing else: perceptron, losses, training, measures.

`slp.perceptron` is the file to begin with. Arrays are `X` of shape (n_samples, n_features) and `y`
of shape (n_samples,) holding 1 for a pulsar and 0 for a non-pulsar. What is random takes a
`numpy.random.Generator`; what is refused raises ValueError with the value and the bound.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


def __getattr__(name: str) -> Any:
    """Import what `__init__.pyi` names, once it is asked for: words alone need no NumPy."""
    if name == "__all__":
        return __dir__()
    if name not in _face():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"slp.{_face()[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_face())


@cache
def _face() -> dict[str, str | None]:
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    nodes = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    return {alias.name: node.module for node in nodes for alias in node.names}
