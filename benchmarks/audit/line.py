"""One claim, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["short", "full"]
"""A few minutes a chapter, or as long as it takes."""


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
        return {True: "holds", False: "FAILS", None: "not measured"}[self.holds]
