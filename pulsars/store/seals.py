"""A seal on a record: the sha256 of its own text, by which a flipped bit is noticed.

The files of a published folder are vouched for by its manifest. What nothing else vouches for, such
as that manifest, the pointer to the champion and a verdict, vouches for itself.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from schemas import for_json

_MARK = ',\n  "seal": "'


_DIGITS = 64


def sealed(record: dict[str, Any]) -> str:
    """Write a record as JSON whose last entry is the sha256 of all before it.

    Parameters
    ----------
    record : dict
        Plain JSON values, at least one; NaN and infinity are refused, for they are not JSON.
    """
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    body = for_json(text).removesuffix("\n}")
    return f"{body}{_MARK}{_seal_of(body)}"


def is_broken(text: str, record: dict[str, Any]) -> bool:
    """Whether a record is not what was sealed; one of an earlier version has no seal to break.

    Parameters
    ----------
    text : str
        The whole file.
    record : dict
        The same, read as JSON.
    """
    body, mark, seal = text.rpartition(_MARK)
    if mark:
        return seal != _seal_of(body)
    # The name of the seal may be what was changed; no other record ends with so long a word.
    last = next(reversed(record.values()), None)
    return isinstance(last, str) and len(last) == _DIGITS


def _seal_of(body: str) -> str:
    return f'{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'
