"""What Prefect keeps on disk of our steps and flows, told from what it keeps of others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from schemas import Decision

RESULT = r"[0-9a-f]{64}-\d+|[0-9a-f]{32}"
"""How Prefect names a result: by the key of `tasks.plumbing.caching`, or at random."""

_RECORDS = {"schemas.handles", "schemas.sources"} | {
    f"schemas.{of}records"
    for of in ("", "fold_", "reading_", "score_", "settled_", "sweep_")  # what steps come to
}
_DECIDED = {"run", "decision", "because"}
_WORKS_IN = re.compile(r"(.*/unfinished/[0-9a-f]{16})/")


def is_ours(path: Path) -> bool:
    """Whether a kept result is a record of ours, or what the flow `decide` came to."""
    kept = _kept(path)
    if not isinstance(kept, dict):
        return False
    if kept.keys() == _DECIDED:
        return kept["decision"] in get_args(Decision)
    return _is_record(kept.get("__class__"))


def works_on(path: Path) -> bool:
    """Whether a kept result names files of a private directory that is there."""
    found = (_WORKS_IN.match(text) for text in _texts(_kept(path)))
    return any(Path(one[1]).is_dir() for one in found if one)


def _kept(path: Path) -> Any:
    """Read what was kept, behind the seal of `SealedJSON` where there is one; else None."""
    try:
        text = json.loads(path.read_bytes())["result"]
        return json.loads(text[text.index("{") :])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _is_record(name: object) -> bool:
    """Whether Prefect's JSON names a record of ours: a package `schemas` others have too."""
    module, _, kind = str(name).rpartition(".")
    return module in _RECORDS and kind in vars(import_module(module))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
