"""Several candidate files that are read as one table: named, in a folder, or by a pattern."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from schemas import (
    STORE,
    ParameterError,
    SourceNotFoundError,
    UnreadableFileError,
    as_called,
    at_home,
    called_like_a_fold,
    first_of,
    for_place,
    is_address,
    is_object,
    require_fetched,
)

_WILD = frozenset("*?[")
_HIDDEN = (".", "_")
"""How names begin that tools leave beside the parts of a table."""

_LISTED_WITHIN = 600.0
"""Seconds to wait for a store that is looked into: it lists some thousand objects in each."""


def find_members(origins: Sequence[str]) -> list[str]:
    """Say which files somebody means.

    Parameters
    ----------
    origins : sequence of str
        Paths and addresses. A folder stands for the files in it, but for those whose names begin
        with a dot or an underscore; a pattern (``*``, ``?``, ``[…]``; in the address of a store
        ``*`` and ``[…]``) for those that fit. A file that is there by that very name is no pattern.

    Returns
    -------
    list of str
        In the order given, those of a folder or a pattern in the order of their names.

    Raises
    ------
    SourceNotFoundError
        A folder holds no file, or a pattern fits none.
    DownloadError
        A store cannot be looked into, or not in time.
    UnreadableFileError
        A path is no UTF-8 text, but for those among folds, or a store does not let us look into it.
    ParameterError
        A file is named twice: its rows would be. A pattern is none that a store can be asked for.
    """
    found = [member for origin in origins for member in _members(origin)]
    if not among_folds(found):
        for member in found:
            require_text(member)
    twice, times = Counter(found).most_common(1)[0]
    if times > 1:
        raise ParameterError(f"{for_place(twice)} is named twice; name each file once")
    return found


def folders_passed_over(origins: Sequence[str]) -> str:
    """Say which folders lie where files are meant, and are not looked into; or nothing.

    Parameters
    ----------
    origins : sequence of str
        As of `find_members`.
    """
    listed = (one for found in map(_listed, origins) if found for one in found[0])
    found = sorted(
        one.name for one in listed if _is(Path.is_dir, one) and not one.name.startswith(_HIDDEN)
    )
    if not found:
        return ""
    count, them = (
        ("1 folder is", "it") if len(found) == 1 else (f"{len(found):,} folders are", "them")
    )
    return (
        f"{count} passed over with what is in {them}: {first_of(found)}; name {them} too, or a "
        "pattern such as 'FOLDER/*/*'"
    )


def among_folds(found: Sequence[str]) -> bool:
    """Tell whether files are many folds, of which one that cannot be read is set aside alone."""
    return len(found) > 1 and any(map(called_like_a_fold, found))


def require_text(member: str) -> None:
    """Refuse a path that no record could name.

    Raises
    ------
    UnreadableFileError
        If it is no UTF-8 text.
    """
    try:
        member.encode()
    except UnicodeEncodeError:
        raise UnreadableFileError(
            f"{for_place(member)}: its path is no UTF-8 text; rename it"
        ) from None


def short_names(members: Sequence[str]) -> list[str]:
    """Call files by the last part of their places where no two share it, else by their places."""
    members = [*map(as_called, members)]
    short = [member.rstrip("/").rsplit("/", 1)[-1] for member in members]
    for names in ([*map(for_place, short)], [*map(for_place, members)]):
        if len({*names}) == len(names):
            return names
    return [f"{number}: {for_place(member)}" for number, member in enumerate(members, start=1)]


def _members(origin: str) -> list[str]:
    # A question mark begins a query, or the version of an object.
    if is_object(origin) and _WILD - {"?"} & {*origin}:
        return _in_store(origin)
    listed = _listed(origin)
    if listed is None:
        return [origin]
    # A link to nothing, or a pipe, is refused by whoever opens it.
    found = [str(one) for one in listed[0] if not _is(Path.is_dir, one)]
    return _found(found, origin, listed[1])


def _listed(origin: str) -> tuple[list[Path], str] | None:
    """Give what is in a folder, or fits a pattern, and what is said of it; None of a file."""
    if is_address(origin):
        return None
    path = at_home(origin)
    if _is(Path.is_dir, path):
        there = [one for one in path.iterdir() if not one.name.startswith(_HIDDEN)]
        return there, "is a folder with no"
    if _is(Path.exists, path) or not _WILD & {*origin}:
        return None
    there = [Path(one) for one in glob.glob(str(path))]  # noqa: PTH207 - of a pattern as typed
    return there, "is a pattern that fits no"


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Tell what a path is; one that cannot be looked at is refused by whoever reads it."""
    try:
        return kind(path)
    except OSError:
        return False


def _found(found: list[str], origin: str, what: str) -> list[str]:
    if not found:
        told = folders_passed_over([origin]) or "check the path"
        raise SourceNotFoundError(f"{for_place(origin)} {what} file; {told}.")
    return sorted(found)


def _in_store(address: str) -> list[str]:
    """Look for the objects of a store that fit a pattern, or the one that is called so."""
    from pulsars.reading.sources.objects import (  # with NumPy, which `--help` does without
        asked,
        store_of,
    )

    require_fetched(address)
    with asked(address):
        files, path = store_of(address)
        if _is_there(files, path):
            return [address]
        fit = files.glob(path, detail=True, timeout=_LISTED_WITHIN)
    found = [f"{STORE}{one}" for one, what in fit.items() if what["type"] == "file"]
    return _found(found, address, "is a pattern that fits no")


def _is_there(files: Any, path: str) -> bool:
    try:
        return bool(files.info(path, timeout=_LISTED_WITHIN)["type"] == "file")
    except FileNotFoundError:
        return False
