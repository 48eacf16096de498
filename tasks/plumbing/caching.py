"""When a finished step may serve again: same content in, same code, and its files still intact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from prefect.cache_policies import CachePolicy
from prefect.context import TaskRunContext
from prefect.results import ResultStore
from prefect.serializers import JSONSerializer
from pydantic import BaseModel

from pulsars.store import code_version
from schemas import Record


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
