"""What the tasks that measure folds pass to each other; see `schemas.records`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from schemas.handles import FileRef, Record
from schemas.sources import Member

_MEMBERS = TypeAdapter(list[Member])


class FoldBatch(Record):
    """Some of many folds, measured at a time.

    Attributes
    ----------
    listed : str
        The folds, at most `pulsars.folds.finding.BATCH`, as JSON: Prefect looks into every record
        that a step is given, three times over, and there is nothing for it to find.
    section : str or None
        Which section of each is measured: its name or number; None for the first.
    folder : str
        Receives the table.
    """

    listed: str
    section: str | None
    folder: str

    @classmethod
    def of(cls, folds: Sequence[Member], *, section: str | None, folder: str) -> FoldBatch:
        """Make a batch of folds; what it holds is its own."""
        listed = _MEMBERS.dump_json([*folds]).decode()
        return cls(listed=listed, section=section, folder=folder).own()

    @property
    def folds(self) -> list[Member]:
        """Those that are measured."""
        return _MEMBERS.validate_json(self.listed)


class FeaturesMade(Record):
    """A table of folds, and the account of them: found = measured + set aside.

    Attributes
    ----------
    table : FileRef
        The measured.
    aside : FileRef or None
        A CSV of those that are not, with reasons; None where there are none.
    n_found, n_measured, n_aside : int
    n_passed_over : int
        Other files beside them, which are no folds.
    n_pulsars : int or None
        What the labels call so of the measured, which all have one; None without labels.
    """

    table: FileRef
    aside: FileRef | None
    n_found: int
    n_measured: int
    n_aside: int
    n_passed_over: int
    n_pulsars: int | None = None
