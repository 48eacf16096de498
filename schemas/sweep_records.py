"""The handles that the tasks of a sweep pass to each other; see `schemas.records`."""

from __future__ import annotations

from schemas.handles import FileRef, Record
from schemas.records import SplitJob
from schemas.sweep_parameters import SweepParameters


class SweepJob(SplitJob):
    """A run that tries many settings."""

    parameters: SweepParameters


class Drawn(Record):
    """The rows that a sweep may see, without the test part, and every fold of them.

    Attributes
    ----------
    file : FileRef
        As of `pulsars.learning.folding.draw_rounds`.
    n_rounds, n_rows : int
        Sweeps to make: over all rows, and without each outer fold; and how many rows.
    """

    file: FileRef
    n_rounds: int
    n_rows: int


class PassesMade(Record):
    """What some passes of a round measured, and the inputs that they fitted for each fold."""

    scores: FileRef
    inputs: FileRef


class RoundScored(Record):
    """What was chosen without an outer fold, and what it measured there."""

    file: FileRef


class Tried(Record):
    """Every setting of a sweep with its scores, the best first, and how to train by the best."""

    settings: FileRef
    table: FileRef
    best: FileRef


class ProcedureScored(Record):
    """What each outer fold of a nested cross-validation chose and measured."""

    outer: FileRef


class SweepReported(Record):
    """The page that a person opens after a sweep."""

    page: FileRef


class SweepPublished(Record):
    """A sweep that can be looked at."""

    sweep: str
    path: str
