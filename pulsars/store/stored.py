"""The one way back from disk for what was written as JSON: whole and of its shape, or refused.

Files below an artifact root are ours, and yet anything may stand in them: a disk that is failing,
an editor, a later version. Whoever reads them reads through here.

The files of a published folder are vouched for by its manifest. What nothing else vouches for, such
as that manifest, the pointer to the champion and a verdict, vouches for itself by a seal: the
sha256 of its own text, by which a flipped bit is noticed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from pulsars.store.listing import is_there
from pulsars.store.regular import NoRegularFileError, regular
from pulsars.store.seals import is_broken
from schemas import (
    DamagedRecordError,
    ForbiddenRecordError,
    LaterFormatError,
    RunNotFoundError,
    first_fault,
)

_MOST_BYTES = 256 << 20  # `settings.json` of 100,000 settings has a tenth of it
_DEEPEST = 32
_SHOWN = 200


T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Damaged:
    """What a list has left out.

    Attributes
    ----------
    path : str
        The folder or file.
    because : str
        Why it cannot be read, and what to do.
    """

    path: str
    because: str


class Entries(dict[str, Any]):
    """A JSON object that names its file when it is asked for what it lacks."""

    def __init__(self, entries: Iterable[tuple[str, Any]] = (), path: Path | None = None) -> None:
        super().__init__(entries)
        self._path = path

    def __missing__(self, key: str) -> NoReturn:
        raise _refusal(self._path, f"it has no {key!r}")


def read_record(path: Path, shape: Any, *, newest: int = 1) -> Any:
    """Read a JSON file of ours.

    Parameters
    ----------
    path : Path
        The file.
    shape : type
        What it has to be, for Pydantic; see `schemas.stored`.
    newest : int, optional
        The latest `format` that this version can read; a record without one has the first.

    Returns
    -------
    Entries or list
        Plain JSON values with finite numbers; objects are `Entries`.

    Raises
    ------
    DamagedRecordError
        If it is gone, cannot be read, or is not what was written; `LaterFormatError` if a later
        version wrote it, `ForbiddenRecordError` if it may not be read. All name the file.
    """
    with as_written(path):
        text = _text_of(path)
        found = _plain(json.loads(text), path, room=_DEEPEST)
        _require_known_format(path, found, newest=newest)
        if isinstance(found, dict) and is_broken(text, found):
            raise ValueError("it was changed since it was sealed")
        _adapter(shape).validate_python(found)
    return found


@contextmanager
def as_written(path: Path) -> Iterator[None]:
    """Turn whatever is found wrong with a file of ours into an error that names it."""
    try:
        yield
    except DamagedRecordError:
        raise
    except ValidationError as error:
        raise _refusal(path, first_fault(error)) from None
    except RecursionError:
        raise _refusal(path, "it is nested too deep") from None
    except PermissionError as error:  # in a folder that is shared: whoever wrote it reads it
        raise ForbiddenRecordError(
            f"{path} cannot be read ({error.strerror}); have it made readable for you"
        ) from None
    except OSError as error:
        raise _refusal(path, error.strerror or str(error)) from None
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise _refusal(path, str(error)) from None


def read_each(items: Iterable[Path], read: Callable[[Path], R]) -> tuple[list[R], list[Damaged]]:
    """Read what can be read, and name the rest: one damaged folder must not hide the others.

    What is taken away meanwhile, as a pruning does, is neither.
    """
    found: list[R] = []
    damaged: list[Damaged] = []
    for path in items:
        try:
            found.append(read(path))
        except (DamagedRecordError, RunNotFoundError) as error:
            if is_there(path):
                damaged.append(Damaged(str(path), str(error)))
    return found, damaged


def _refusal(path: Path | None, why: str) -> DamagedRecordError:
    shown = why if len(why) <= _SHOWN else f"{why[:_SHOWN]}…"
    return DamagedRecordError(
        f"{path} cannot be read as it was written ({shown}); restore it, or remove it"
    )


def _text_of(path: Path) -> str:
    try:
        with regular(path) as (file, size):
            if size > _MOST_BYTES:
                raise ValueError(f"it has {size:,} bytes, and at most {_MOST_BYTES:,} are read")
            text = file.read(_MOST_BYTES).decode()
    except (IsADirectoryError, NoRegularFileError):
        raise ValueError("it is no file") from None
    if not text:
        raise ValueError("it is empty")
    return text


def _plain(value: Any, path: Path, *, room: int) -> Any:
    """Give a JSON value with its objects as `Entries`; refuse what could not be written again."""
    if not room:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        for key in value:
            key.encode()
        return Entries(((k, _plain(v, path, room=room - 1)) for k, v in value.items()), path)
    if isinstance(value, list):
        return [_plain(one, path, room=room - 1) for one in value]
    if isinstance(value, str):
        value.encode()  # half of a surrogate pair can be escaped, and then not be printed
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    return value


def _require_known_format(path: Path, found: Any, *, newest: int) -> None:
    written = found.get("format", 1) if isinstance(found, dict) else 1
    if isinstance(written, int) and not isinstance(written, bool) and written > newest:
        raise LaterFormatError(
            f"{path} has format {written}, and this version of pulsar reads formats up to "
            f"{newest}; read it with the version that wrote it, or a later one"
        )
    if written not in range(1, newest + 1) or isinstance(written, bool):
        raise ValueError(f"format {written!r} is none")


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
