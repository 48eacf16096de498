"""Where candidates come from: a file, or several that are read as one table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from schemas.errors import FingerprintError
from schemas.handles import FileRef, Record
from schemas.outside import for_name

_NAMED = 5

_LIKE_A_FOLD = re.compile(r"\.(pfd|phcx)(\.gz)?$", re.IGNORECASE)
_OF_A_FOLD = re.compile(r"\.(bestprof|polycos|ps|png|pdf)(\.gz)?$", re.IGNORECASE)
"""What prepfold, and what makes pictures of its plot, call files that they write beside a fold."""


def called_like_a_fold(place: str) -> bool:
    """Tell whether a file has the name of a fold; what it is, its content tells.

    One of very many that cannot be read is set aside by its name, and stops no other.
    """
    return bool(_LIKE_A_FOLD.search(place))


def called_like_a_plot(name: str) -> bool:
    """Tell whether a file is called as what is written beside a fold: its plot, its profile.

    Examples
    --------
    >>> called_like_a_plot("x.pfd.bestprof"), called_like_a_plot("x.pfd.csv")
    (True, False)
    """
    return bool(_OF_A_FOLD.search(name))


def first_of(names: Sequence[str]) -> str:
    """Name the first of many, and say how many more there are.

    Examples
    --------
    >>> first_of("abcdefg"), first_of("ab")
    ('a, b, c, d, e and 2 more', 'a, b')
    """
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(for_name, names[:_NAMED])) + more


class Member(Record):
    """One of several files that are read as one table.

    Attributes
    ----------
    name : str
        What a row calls it.
    file : FileRef
        The bytes, on this machine.
    origin : str
        Its path or address, whole, as it may stand in a table.
    unread : str
        Why it cannot be read, where that is one of many folds; else empty.
    place : str
        Of a fold that is no address its path from the root, as it was called, which hangs on where
        somebody stood who named it; else empty.
    """

    name: str
    file: FileRef
    origin: str = ""
    unread: str = ""
    place: str = ""


class Source(Record):
    """The candidate file as it was found or fetched; or several that are read as one table.

    Attributes
    ----------
    origin : str
        What the user named: a path or URL.
    name : str
        How people call it: the last part of the path.
    file : FileRef
        The bytes, on this machine; of several files the list of their hashes, one a line.
    members : list of Member
        Several files, in order; empty for one.
    folds : str or None
        sha256 of the fold, or of the list of hashes of the folds, of which `file` is the table;
        None of any other file.
    """

    origin: str
    name: str
    file: FileRef
    # A list, for there is but one empty tuple, and Prefect tells whose a thing is by identity.
    members: list[Member] = []  # noqa: RUF012 - pydantic copies it
    folds: str | None = None  # and but one empty string

    @property
    def content(self) -> str:
        """The sha256 by which it is known again: that of what was named, not of what was made."""
        return self.folds or self.file.sha256

    def files(self) -> list[FileRef]:
        """All files that are read, and the list of them where there are several."""
        return [self.file, *(member.file for member in self.members)]

    def path(self) -> Path | dict[str, Path]:
        """Give the path, or of several files all by their names; nothing is checked."""
        return {one.name: Path(one.file.path) for one in self.members} or Path(self.file.path)

    def verified(self) -> Path | dict[str, Path]:
        """Give the path, or of several files all by their names, after checking their content.

        Raises
        ------
        FingerprintError
            If one is gone or its content is another: a user's file may be written still.
        """
        for file in self.files():
            if not file.matches():
                raise FingerprintError(
                    f"{file.path} is gone or was changed while it was read (its sha256 began with "
                    f"{file.sha256[:12]}); once it is whole, start the run again, which reads or "
                    f"makes it anew"
                )
        return self.path()
