"""Damage of every kind to the files that a published run, a pointer or a memory rests in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

DEEP = 100_000
HOSTILE: list[Callable[[], Any]] = [
    lambda: None,
    lambda: True,
    lambda: 5,
    lambda: -1,
    lambda: 1.5,
    lambda: 10**400,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: "",
    lambda: "x" * 100_000,
    lambda: "../../../etc/passwd",
    lambda: "/",
    lambda: "\x1b[2J\u202e",
    lambda: "\ud800",
    lambda: "9999-99-99T00:00:00",
    list,
    dict,
    lambda: [[]] * 3,
    lambda: {"": {}},
    lambda: ["a"] * 10_000,
]
WHOLE = [
    b"",
    b" ",
    b"null",
    b"true",
    b"5",
    b'"text"',
    b"[]",
    b"{}",
    b"[{}]",
    b"NaN",
    b"-",
    b"\0" * 100,
    b"\xff\xfe{\0}\0",
    b"\xef\xbb\xbf{}",
    b"[" * DEEP,
    b"[" * DEEP + b"]" * DEEP,
    b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    b'{"data":{},"files":{},"parameters":{}}',
    b'{"history":[' + b'{"history":' * DEEP,
    b"1" * 100_000,
    b'{"run":1e999999}',
    b"PAR1",
    b"PK\x03\x04",
    b"<html>",
    b"a,b\n1,2\n",
    b'{"a":1}{"a":2}',
]


def tamper(raw: bytes, others: list[bytes], rng: Random) -> tuple[bytes, str]:
    """Give another content for a file, and say what was done."""
    way = rng.choice(["value", "value", "value", "key", "whole", "flip", "cut", "swap", "lines"])
    if way in ("value", "key"):
        changed = _change(raw, rng, only_keys=way == "key")
        if changed is not None:
            return changed
        way = "flip"
    if way == "whole":
        content = rng.choice(WHOLE)
        return content, f"whole {content[:20]!r}"
    if way == "flip":
        broken = bytearray(raw)
        for _ in range(rng.choice([1, 1, 2, 30])):
            broken[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        return bytes(broken), "flip"
    if way == "cut":
        return raw[: rng.randrange(len(raw))], "cut"
    if way == "swap":
        return rng.choice(others), "swapped for another file"
    return raw[: len(raw) // 2] + b"\r\n\xff\x00" + raw[len(raw) // 2 :], "bytes in between"


def _change(raw: bytes, rng: Random, *, only_keys: bool) -> tuple[bytes, str] | None:
    """Change one value of a JSON file, at any depth, or one key."""
    try:
        root = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(root, (dict, list)) or not root:
        return None
    holder, path = root, []
    while True:
        key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
        path.append(str(key))
        inner = holder[key]
        if not (isinstance(inner, (dict, list)) and inner) or rng.random() < 0.35:
            break
        holder = inner
    where = ".".join(path)
    if only_keys:
        gone = holder.pop(key)
        if isinstance(holder, dict) and rng.random() < 0.4:
            holder[f"{key}x"] = gone
        return json.dumps(root).encode(), f"no {where}"
    if rng.random() < 0.08:
        holder[key] = "@@"
        deep = b"[" * DEEP + b"]" * DEEP
        return json.dumps(root).encode().replace(b'"@@"', deep), f"{where} is deep"
    holder[key] = rng.choice(HOSTILE)()
    return json.dumps(root).encode(), f"{where} is {str(holder[key])[:30]!r}"
