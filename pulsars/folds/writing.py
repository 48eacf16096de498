"""Folds as files, each whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.folds.prepfold import pack
from pulsars.store import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pulsars.folds.prepfold import Prepfold
    from schemas import FileRef


def write_pfd(path: Path, pfd: Prepfold) -> FileRef:
    """Write a fold as prepfold does; see `pulsars.folds.prepfold.pack`."""
    return write_bytes(path, pack(pfd))
