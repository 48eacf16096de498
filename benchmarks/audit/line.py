"""One claim, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Size = Literal["short", "full"]
"""A few minutes a chapter, or as long as it takes."""

Piece = Callable[[], Iterable[Any]]
"""What can be measured by itself: lines, or what the chapter makes lines of."""


@dataclass(frozen=True)
class Line:
    """A claim beside what was measured.

    Attributes
    ----------
    what : str
        What was measured, on what.
    bound : str
        What it has to be.
    measured : str
        What it is.
    holds : bool or None
        None where it could not be measured: neither held nor broken.
    """

    what: str
    bound: str
    measured: str
    holds: bool | None

    @property
    def word(self) -> str:
        """Say whether it holds."""
        return {True: "held", False: "BROKEN", None: "not measured"}[self.holds]
