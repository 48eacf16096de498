"""Folds as a table: a row each, also of one that cannot be measured, and then why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.folds.measuring import measure
from pulsars.folds.opening import MOST_BYTES, read_fold
from schemas import (
    FEATURE_NAMES,
    STANDARD_INPUT,
    FingerprintError,
    FoldError,
    Member,
    PulsarError,
    as_called,
    for_place,
    for_table,
    is_address,
)

if TYPE_CHECKING:
    import pandas as pd

FOLD, FOLD_SHA256, SECTION, TELESCOPE, REFUSED = (
    "fold", "fold_sha256", "section", "telescope", "refused",
)  # fmt: skip
_TEXTS = ("name", "ra", "dec", TELESCOPE, FOLD, FOLD_SHA256, SECTION, REFUSED)
COLUMNS = (
    "name", "ra", "dec", "period", "dm", TELESCOPE, *FEATURE_NAMES,
    FOLD, FOLD_SHA256, SECTION, REFUSED,
)  # fmt: skip
"""Of a table of folds, in order."""

_ENDINGS = (".gz", ".pfd", ".phcx")


def read_member(member: Member) -> bytes:
    """Read a file that was hashed before.

    Raises
    ------
    FoldError
        If it was not readable then, or is larger than a fold can be.
    FingerprintError
        If it is gone or has another content now.
    """
    if member.unread:
        raise FoldError(member.unread)
    path, name = Path(member.file.path), for_place(member.origin)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FoldError(f"{name}: {size:,} bytes; at most {MOST_BYTES:,} are read")
        content = path.read_bytes()
    except OSError as error:
        raise FingerprintError(f"{name} is gone ({error.strerror}); start again") from None
    if hashlib.sha256(content).hexdigest() != member.file.sha256:
        raise FingerprintError(f"{name} was changed while it was read; start again")
    return content


def tabulate(folds: Sequence[Member], *, section: str | None = None) -> pd.DataFrame:
    """Measure folds.

    Parameters
    ----------
    folds : sequence of Member
    section : str, optional
        As of `read_fold`.

    Returns
    -------
    DataFrame
        A row each, of `COLUMNS`. Of one that cannot be measured the numbers are missing, and
        ``refused`` says why.

    Raises
    ------
    FingerprintError
        If one was changed since it was hashed.
    """
    import pandas as pd

    table = pd.DataFrame([_row(member, section) for member in folds], columns=[*COLUMNS])
    kinds = {name: "str" if name in _TEXTS else np.float64 for name in COLUMNS}
    return table.astype(kinds)


def _row(member: Member, section: str | None) -> dict[str, Any]:
    known = {
        **dict.fromkeys(_TEXTS, ""),
        "name": _stem(member.origin),
        FOLD: for_table(_place(member)),
        FOLD_SHA256: "" if member.unread else member.file.sha256,
    }
    name = for_place(member.origin)
    try:
        fold = read_fold(read_member(member), name=name, section=section)
        numbers = measure(fold, name=name)
    except FingerprintError:
        raise
    except PulsarError as error:
        return {**known, REFUSED: str(error)}
    told = {"ra": fold.ra, "dec": fold.dec, "period": fold.period, "dm": fold.dm}
    about = {TELESCOPE: fold.telescope, SECTION: fold.section}
    return {**known, **told, **about, **dict(zip(FEATURE_NAMES, numbers.tolist(), strict=True))}


def _place(member: Member) -> str:
    """Say where a fold can be found again; nothing of one that came from standard input."""
    if as_called(member.file.path) == STANDARD_INPUT:
        return ""
    return member.origin if is_address(member.origin) else member.place


def _stem(place: str) -> str:
    """Call a fold by its file, for many programs give all of theirs one name."""
    name = place.rstrip("/").rsplit("/", 1)[-1]
    for ending in _ENDINGS:
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    return name
