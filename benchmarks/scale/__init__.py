"""What many rows cost, beside what they could cost at the least."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.audit.line import Line, Size
from benchmarks.harness import timed


def measure(chapter: str, size: Size, **more: Any) -> tuple[list[Line], float]:
    """Measure one chapter, and say how many seconds it took."""
    return timed(import_module(f"benchmarks.scale.{chapter}").measure, size, **more)
