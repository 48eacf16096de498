"""What Prefect keeps on disk of our steps and flows, told from what it keeps of others."""

from __future__ import annotations

import re
from pathlib import Path

RESULT = r"[0-9a-f]{64}-\d+|[0-9a-f]{32}"
"""How Prefect names a result: by the key of `tasks.caching`, or at random."""

_OURS = re.compile(rb'__class__\\?": \\?"schemas\.|^\{"run": .*"decision": .*"because": ')
_WORKS_IN = re.compile(rb'"path\\?": \\?"([^"\\]*/unfinished/[0-9a-f]{16})/')


def is_ours(path: Path) -> bool:
    """Whether a kept result is a record of ours, or what the flow `decide` came to."""
    return _OURS.search(_content(path)) is not None


def works_on(path: Path) -> bool:
    """Whether a kept result names files of a private directory that is there."""
    works_in = _WORKS_IN.search(_content(path))
    return works_in is not None and Path(works_in[1].decode(errors="replace")).is_dir()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
