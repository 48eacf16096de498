"""When a finished step may serve again: same content in, same code, and its files still intact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect.cache_policies import CachePolicy
from prefect.serializers import JSONSerializer
from pydantic import BaseModel

from schemas.handles import Record

if TYPE_CHECKING:
    from prefect.context import TaskRunContext
    from prefect.results import ResultStore

_ROOT = Path(__file__).resolve().parent.parent

DECIDE = ("flows", "tasks", "pulsars", "schemas", "slp")
"""Rooms whose code decides what a step makes, with all that is in them."""

PACKAGES = ("numpy", "pandas", "pandera", "prefect", "pyarrow", "matplotlib")
"""Packages whose version is part of what decides a run."""


@cache
def code_version(*also: str, root: Path = _ROOT) -> str:
    """Hash the source that decides, and its packages' versions: any change is another version.

    Prefect's TASK_SOURCE hashes only a task's own lines, so an edit in a function that the task
    calls would be answered with the old result.

    Parameters
    ----------
    *also : str
        Folders that decide here beside `DECIDE`, such as that of the pages for what makes a page.
    root : Path
        The folder that they stand in.
    """
    digest = hashlib.sha256()
    for room in (*DECIDE, *also):
        for path in sorted((root / room).rglob("*")):
            if path.suffix in {".py", ".j2"}:
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}\0".encode())
    return digest.hexdigest()[:16]


def content_key(name: str, inputs: dict[str, Any], also: tuple[str, ...] = ()) -> str:
    """Hash a step's name, the code version and its inputs.

    Parameters
    ----------
    name : str
        The task's own, not what it is called: two tasks with like inputs must not share a key.
    inputs : dict
        Records, parameters and plain JSON values.
    also : tuple of str
        As of `code_version`.

    Raises
    ------
    TypeError
        If an input is neither: hashing its pickle would be slow and differ between processes.
    """
    text = json.dumps([name, code_version(*also), inputs], default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"a step's input must be a record or plain JSON, not {type(value).__name__}")


@dataclass
class ByContent(CachePolicy):
    """Key a step by content, and pass over a kept result whose files are gone or changed.

    Prefect serves a kept result without looking at what it points to, so the key counts on
    until it names a result that is intact or none at all.

    Attributes
    ----------
    also : tuple of str
        Folders whose code decides too what these steps make, as of `code_version`.
    """

    also: tuple[str, ...] = ()

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],  # noqa: ARG002 - Prefect's signature
        **_kwargs: Any,
    ) -> str:
        """Give the first key whose kept result can be trusted or is yet to be made."""
        key = content_key(task_ctx.task.task_key, inputs, self.also)
        store: ResultStore = task_ctx.result_store
        candidates = (f"{key}-{attempt}" for attempt in count())
        return next(k for k in candidates if not store.exists(k) or trusted(store, k))


class SealedJSON(JSONSerializer):
    """JSON after its own sha256: a flipped bit makes no other number of a number.

    Prefect itself trusts whatever it finds kept.
    """

    type: Literal["sealed-json"] = "sealed-json"

    def dumps(self, obj: Any) -> bytes:
        """Give the seal and the JSON."""
        text = super().dumps(obj)
        return _seal(text) + b" " + text

    def loads(self, blob: bytes) -> Any:
        """Read the JSON where its seal is right.

        Raises
        ------
        ValueError
            If it is not.
        """
        seal, _, text = blob.partition(b" ")
        if seal != _seal(text):
            raise ValueError("a kept result is not what was kept")
        return super().loads(text)


def _seal(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def trusted(store: ResultStore, key: str) -> Record | None:
    """Give what was kept under a key; None when it, or a file that it names, is not as it was."""
    try:
        kept = store.read(key).result
    except Exception:  # noqa: BLE001 - cut short by a crash, or changed: nobody knows what to
        return None
    return kept if isinstance(kept, Record) and kept.intact() else None
