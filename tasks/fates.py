"""What became of a content before."""

from __future__ import annotations

from pathlib import Path

from pulsars.store.scores import SHA256_DIGITS, scored_contents
from tasks.rejecting import is_rejected


class Fates:
    """Scored and rejected contents below an artifact root.

    The scores are listed once: a listing a file would make a pass quadratic.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._scored = set(scored_contents(out))

    def of(self, sha256: str) -> str | None:
        """Say what became of a content: "scored", "rejected", or None when it is new."""
        if sha256[:SHA256_DIGITS] in self._scored:
            return "scored"
        return "rejected" if is_rejected(self._out, sha256) else None

    def note_scored(self, sha256: str) -> None:
        """Note what was scored since the listing."""
        self._scored.add(sha256[:SHA256_DIGITS])
