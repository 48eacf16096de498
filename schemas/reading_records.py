"""What the tasks that read a large file by partitions pass to each other."""

from __future__ import annotations

from schemas.handles import FileRef, Record


class ReadingPlan(Record):
    """How a large file is read, and in how many partitions.

    Attributes
    ----------
    file : FileRef
        The plan, as of `pulsars.reading.partitions.Plan`.
    n_partitions : int
    """

    file: FileRef
    n_partitions: int


class PartRead(Record):
    """A partition of a file, read and judged on its own.

    Attributes
    ----------
    accepted : FileRef
        Its rows that passed every check that one partition can tell.
    n_rows : int
        Of them.
    names : FileRef
        Hashes of these rows, by which repeats and torn labels are found in other partitions.
    near : FileRef
        Names that rows share which are the same but for last digits.
    tally, leading : FileRef
        What was counted.
    aside : FileRef
        The other rows, with their reasons.
    """

    accepted: FileRef
    n_rows: int
    names: FileRef
    near: FileRef
    tally: FileRef
    leading: FileRef
    aside: FileRef
