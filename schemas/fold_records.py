"""What the tasks that measure folds pass to each other; see `schemas.records`."""

from __future__ import annotations

from schemas.handles import FileRef, Record
from schemas.sources import Member


class FoldBatch(Record):
    """Some of many folds, measured at a time.

    Attributes
    ----------
    folds : list of Member
        At most `pulsars.folds.finding.BATCH`.
    section : str or None
        Which section of each is measured: its name or number; None for the first.
    folder : str
        Receives the table.
    """

    folds: list[Member]
    section: str | None
    folder: str


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
    """

    table: FileRef
    aside: FileRef | None
    n_found: int
    n_measured: int
    n_aside: int
    n_passed_over: int
