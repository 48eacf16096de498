"""The handles that the tasks of a sweep pass to each other; see `schemas.records`."""

from __future__ import annotations

from schemas.handles import FileRef, Record
from schemas.records import Parts, SplitJob
from schemas.sweep_parameters import SweepParameters


class SweepJob(SplitJob):
    """A run that tries many settings."""

    parameters: SweepParameters


class Tried(Record):
    """Every setting of a sweep with its scores, the best first, and how to train by the best."""

    parts: Parts
    settings: FileRef
    table: FileRef
    best: FileRef


class ProcedureScored(Record):
    """What each outer fold of a nested cross-validation chose and measured."""

    parts: Parts
    outer: FileRef


class SweepReported(Record):
    """The page that a person opens after a sweep."""

    tried: Tried
    scored: ProcedureScored | None
    page: FileRef


class SweepPublished(Record):
    """A sweep that can be looked at."""

    sweep: str
    path: str
