"""What Prefect keeps on disk of our steps and flows, told from what it keeps of others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from schemas import Decision, PulsarError

RESULT = r"[0-9a-f]{64}-\d+|[0-9a-f]{32}"
"""How Prefect names a result: by the key of `tasks.plumbing.caching`, or at random."""

_RECORDS = {"schemas.handles", "schemas.sources", "pulsars.store.verdicts"} | {
    f"schemas.{of}records"
    for of in ("", "fold_", "reading_", "score_", "settled_", "sweep_")  # what steps come to
}
_DECIDED = {"run", "decision", "because"}
_SEAL = re.compile(r"[0-9a-f]{64} ")
_WORKS_IN = re.compile(r"(.*/unfinished/[0-9a-f]{16})/")


def is_ours(path: Path) -> bool:
    """Whether a kept result is a record of ours, what `decide` came to, or an error of ours.

    Any error is ours behind the seal of our steps. That of a flow, which has none, is where its
    kind is one of ours, or what it says names a private directory.
    """
    sealed, kept = _kept(path)
    if not isinstance(kept, dict):
        return False
    if kept.keys() == _DECIDED:
        return kept["decision"] in get_args(Decision)
    error = kept.get("__exc_type__")
    if error is None:
        return _is_record(kept.get("__class__"))
    return sealed or _is_error(error) or bool(_WORKS_IN.search(str(kept.get("message"))))


def works_on(path: Path) -> bool:
    """Whether a kept result names files of a private directory that is there."""
    found = (_WORKS_IN.match(text) for text in _texts(_kept(path)[1]))
    return any(Path(one[1]).is_dir() for one in found if one)


def _kept(path: Path) -> tuple[bool, Any]:
    """Read what was kept, and whether the seal of `SealedJSON` is before it; else None.

    Of a step Prefect keeps a record of the result, of a flow the result alone.
    """
    try:
        text = path.read_text("utf-8")
        whole = json.loads(text)
        if isinstance(whole, dict) and whole.keys() >= {"metadata", "result"}:
            text = whole["result"]
        seal = _SEAL.match(text)
        return bool(seal), json.loads(text[seal.end() :] if seal else text)
    except (OSError, ValueError, TypeError, RecursionError):
        return False, None


def _is_record(name: object) -> bool:
    """Whether Prefect's JSON names a record of ours: a package `schemas` others have too."""
    module, _, kind = str(name).rpartition(".")
    return module in _RECORDS and kind in vars(import_module(module))


def _is_error(name: object) -> bool:
    """Whether Prefect's JSON names a kind of `PulsarError`."""
    ours = PulsarError.__module__
    module, _, kind = str(name).rpartition(".")
    found = vars(import_module(ours)).get(kind) if module == ours else None
    return isinstance(found, type) and issubclass(found, PulsarError)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
