"""The labels file: lines that are only ever added, each on disk before it counts as said."""

from __future__ import annotations

import errno
import json
import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pulsars.review.content import content_hash
from pulsars.store import NoRegularFileError, exclusive, named, regular, sync_folder
from schemas import (
    LABELS_FORMAT,
    LabelsError,
    LaterFormatError,
    ParameterError,
    Statement,
    first_fault,
    for_json,
)

LABELS_NAME = "labels.jsonl"
"""What the file is called below an artifact root, unless another is named."""

_MAX_LINE = 1 << 14
"""Bytes of a line at most; the longest that is written has a third of it."""
_BEGIN = b'{"format"'
_TORN = b" #torn"
"""Ends a line of which a process that was killed wrote the beginning."""


@dataclass(frozen=True)
class Labels:
    """What a labels file holds.

    Attributes
    ----------
    statements : tuple of Statement
        In the order of the file; what stands there twice, once, with the earlier moment: a page
        sends again what it does not know to be written.
    notes : tuple of str
        What of the file says nothing, and why.
    end : tuple of int
        How many whole lines were read, and how many bytes they have.
    """

    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()
    end: tuple[int, int] = (0, 0)


def append_statement(path: Path, statement: Statement) -> None:
    """Add a line; it is on disk when this returns.

    Parameters
    ----------
    path : Path
        The file; it and its folders are made when missing. Any number of processes may add to it.
    statement : Statement
        What somebody said.

    Raises
    ------
    OSError
        With the name of the file; the statement may then be added again.
    ParameterError
        If nothing may be written in its folder.
    """
    text = json.dumps(statement.model_dump(), ensure_ascii=False, allow_nan=False)
    line = for_json(text).encode() + b"\n"
    lock = f".{path.name}.lock"
    with named(path), exclusive(path.parent, waiting=lambda: None, name=lock):
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            line = _end_of_torn(descriptor) + line
            if os.write(descriptor, line) < len(line):  # what is left is marked by the next
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(path.parent)


def _end_of_torn(descriptor: int) -> bytes:
    """Give what ends the last line, should whoever wrote it have been killed meanwhile."""
    size = os.fstat(descriptor).st_size
    end = os.pread(descriptor, _MAX_LINE, max(0, size - _MAX_LINE))
    last = end.rpartition(b"\n")[2]
    if not last:
        return b""
    return b"\n" if _is_whole(last) or _ran_together(last) else _TORN + b"\n"


def _is_whole(line: bytes) -> bool:
    """Whether a line without an end lacks only that."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _ran_together(line: bytes) -> bool:
    """Whether a whole one stands behind what had no end, as `cat` joins two files."""
    before, begin, rest = line.rpartition(_BEGIN)
    return bool(before) and _is_whole(begin + rest)


def read_labels(path: Path, *, known: Labels | None = None) -> Labels:
    """Read a labels file; where there is none nobody has said anything.

    Parameters
    ----------
    path : Path
        Written by `append_statement`, and perhaps changed since: nothing in it is trusted.
    known : Labels, optional
        What was read of it before, if nothing but lines was added since; they alone are read.

    Returns
    -------
    Labels

    Raises
    ------
    LabelsError
        If the file cannot be read, or a line is no statement; file and line are named.
    LaterFormatError
        If a later version wrote a line.
    ParameterError
        If the file may not be read.
    """
    known = known or Labels()
    found = {statement.id: statement for statement in known.statements}
    notes = dict.fromkeys(known.notes)
    n_lines, n_bytes = known.end
    notes.pop(_cut_off(path, n_lines + 1), None)  # it may have been finished since
    try:
        for number, line in _lines(path, *known.end):
            if line.endswith(b"\n"):
                n_lines, n_bytes = number, n_bytes + len(line)
            ended = line.endswith(b"\n") or _is_whole(line) or _ran_together(line)
            if line.endswith(_TORN + b"\n") or not ended:
                notes[_cut_off(path, number)] = None
                continue
            statement = _statement(line, path, number)
            earlier = found.get(statement.id)
            if earlier is None:
                found[statement.id] = statement
            elif earlier.model_copy(update={"when": statement.when}) != statement:
                raise _refusal(path, number, f"an earlier line has its id, {statement.id}")
            else:
                found[statement.id] = min(earlier, statement, key=moment_of)
    except (IsADirectoryError, NoRegularFileError):
        raise LabelsError(
            f"{path} is no file; name the labels file that `pulsar review` writes"
        ) from None
    except PermissionError as error:  # whoever shares a folder reads another's words in it
        raise ParameterError(
            f"{path} cannot be read ({error.strerror}); have it made readable for you"
        ) from None
    except OSError as error:
        raise LabelsError(f"{path} cannot be read ({error.strerror or error})") from None
    return Labels(tuple(found.values()), tuple(notes), (n_lines, n_bytes))


def moment_of(statement: Statement) -> datetime:
    """Give when it was said."""
    return datetime.fromisoformat(statement.when)


def _lines(path: Path, number: int, start: int) -> Iterator[tuple[int, bytes]]:
    """Give the lines after the first so many, with their numbers; no file has none."""
    if not path.exists():
        return
    with regular(path) as (file, _):
        file.seek(start)
        while line := file.readline(_MAX_LINE + 1):
            number += 1
            if len(line) > _MAX_LINE:
                raise _refusal(path, number, f"it has more than {_MAX_LINE:,} bytes")
            yield number, line


def _statement(line: bytes, path: Path, number: int) -> Statement:
    line = line.strip(BOM_UTF8 + b"\r\n")  # of an editor; joined files have it in the middle
    try:
        _require_known_format(json.loads(line), path, number)
        statement = Statement.model_validate_json(line, strict=True)
    except LaterFormatError:
        raise
    except ValidationError as error:
        raise _refusal(path, number, first_fault(error)) from None
    except (ValueError, RecursionError) as error:
        if _ran_together(line):
            raise _parted(path, number) from None
        raise _refusal(path, number, str(error)) from None
    if content_hash(statement.features) != statement.candidate:
        raise _refusal(path, number, "its candidate is not the one with its features")
    return statement


def _require_known_format(found: Any, path: Path, number: int) -> None:
    written = found.get("format") if isinstance(found, dict) else None
    if type(written) is not int or written < 1:
        raise ValueError("it says no format")
    if written > LABELS_FORMAT:
        raise LaterFormatError(
            f"{path}, line {number} has format {written}, and this version of pulsar reads formats "
            f"up to {LABELS_FORMAT}; read it with the version that wrote it, or a later one"
        )


def _cut_off(path: Path, number: int) -> str:
    return f"{path}, line {number} was cut off as it was written; it says nothing"


def _refusal(path: Path, number: int, why: str) -> LabelsError:
    return LabelsError(
        f"{path}, line {number} is no statement that a reviewing wrote ({why}); restore the line, "
        f"or take it away"
    )


def _parted(path: Path, number: int) -> LabelsError:
    return LabelsError(
        f"{path}, line {number} holds several, as of joined files of which one had no end in its "
        f"last line; begin a new line before each further {_BEGIN.decode()}, or join the files "
        f"anew with `sed '' A B > C`"
    )
