"""Where Python looks for modules: never in the current folder, whoever asks for that later.

`python -P` leaves the current folder out as a process begins. What migrates Prefect's database puts
it in again, in front of all others, so that a file there that is named like a module would be run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, SupportsIndex


class _NeverHere(list[str]):
    """A search path that the current folder cannot be put into, whatever changes it."""

    def __setitem__(self, at: Any, value: Any) -> None:
        if isinstance(at, slice):
            super().__setitem__(at, [one for one in value if not _is_here(one)])
        elif not _is_here(str(value)):
            super().__setitem__(at, str(value))

    def __iadd__(self, values: Iterable[str]) -> Self:  # type: ignore[override, misc] # of texts alone
        """Put entries at the end, but for the current folder."""
        self.extend(values)
        return self

    def append(self, value: str) -> None:
        """Put an entry at the end, unless it is the current folder."""
        if not _is_here(value):
            super().append(value)

    def extend(self, values: Iterable[str]) -> None:
        """Put entries at the end, but for the current folder."""
        super().extend([one for one in values if not _is_here(one)])

    def insert(self, at: SupportsIndex, value: str) -> None:
        """Put an entry somewhere, unless it is the current folder."""
        if not _is_here(value):
            super().insert(at, value)


def _is_here(entry: str) -> bool:
    try:
        return Path(entry).resolve() == Path.cwd()
    except OSError:  # the current folder is gone
        return False


def keep_out_the_current_folder() -> None:
    """Have nobody in this process add the current folder; what is there already stays."""
    sys.path = _NeverHere(sys.path)
