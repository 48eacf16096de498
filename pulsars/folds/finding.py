"""Which of the files that somebody names are folds, told by their content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulsars.folds.opening import LOOKED_AT, kind_of
from pulsars.store import regular
from schemas import (
    FoldBatch,
    Member,
    ParameterError,
    Source,
    UnreadableFileError,
    at_home,
    called_like_a_fold,
    called_like_a_plot,
    first_of,
    for_place,
    for_table,
    is_address,
)

BATCH = 512
"""Folds that are measured in a step."""


@dataclass(frozen=True)
class FoldsFound:
    """Folds among files.

    Attributes
    ----------
    folds : list of Member
        Of several, also those that are called so and cannot be read.
    passed_over : tuple of str
        Names of other files, such as what prepfold writes beside its folds.
    """

    folds: list[Member]
    passed_over: tuple[str, ...]

    def note(self) -> str:
        """Say which files are passed over; of the plot of a fold, under its name, nothing."""
        folds = {one.name for one in self.folds}
        others = [
            name
            for name in self.passed_over
            if not called_like_a_plot(name) or folds.isdisjoint(_beginnings(name))
        ]
        if not others:
            return ""
        count = "1 other file is" if len(others) == 1 else f"{len(others):,} other files are"
        return (
            f"{count} passed over, for only folds are read where there are folds: "
            f"{first_of(others)}; a table is read by itself"
        )

    def batches(self, folder: Path, section: str | None) -> list[FoldBatch]:
        """Cut them into what is measured at a time; tables go into `folder`."""
        return [
            FoldBatch.of(self.folds[start : start + BATCH], section=section, folder=str(folder))
            for start in range(0, len(self.folds), BATCH)
        ]


def _beginnings(name: str) -> Iterator[str]:
    """Give what stands before each dot of a name."""
    parts = name.split(".")
    return (".".join(parts[:n]) for n in range(1, len(parts)))


def find_folds(source: Source, named: Sequence[str]) -> FoldsFound | None:
    """Tell which files of a source are folds; None when none is.

    Parameters
    ----------
    source : Source
        As it was found or fetched.
    named : sequence of str
        What the user named: files, folders, patterns.

    Raises
    ------
    ParameterError
        If a file that is none was named among folds: they are no table together.
    UnreadableFileError
        If there is no fold, and a file cannot be read.
    """
    if not source.members:
        alone = Member(name=source.name, file=source.file, origin=for_table(source.origin))
        return FoldsFound([_placed(alone)], ()) if _is_fold(alone) else None
    are = [_is_fold(member) for member in source.members]
    if not any(are):
        for member in source.members:
            if member.unread:
                raise UnreadableFileError(member.unread)
        return None
    told = [
        (one, is_one or called_like_a_fold(one.origin))
        for one, is_one in zip(source.members, are, strict=True)
    ]
    folds = [_placed(one) for one, is_one in told if is_one]
    others = [one for one, is_one in told if not is_one]
    beside = [one.origin for one in others if one.origin in {*map(for_table, named)}]
    if beside:
        raise ParameterError(
            f"{for_place(beside[0])} is no fold, and others that are named with it are; name folds "
            "or tables, not both at once"
        )
    return FoldsFound(folds, tuple(one.name for one in others))


def _placed(member: Member) -> Member:
    """Note where a fold is while that is known: it may be measured in another folder."""
    place = "" if is_address(member.origin) else str(at_home(member.origin).absolute())
    return member.model_copy(update={"place": place})


def _is_fold(member: Member) -> bool:
    return not member.unread and is_fold(Path(member.file.path), name=member.origin)


def is_fold(path: Path, *, name: str | None = None) -> bool:
    """Tell by its content whether a file is a fold; what is no regular file is none.

    Parameters
    ----------
    path : Path
    name : str, optional
        What it is called, where that is not in its path; as of `kind_of`.
    """
    if not path.is_file():
        return False
    with regular(path) as (file, _):
        return kind_of(file.read(LOOKED_AT), name=name or path.name) is not None
