"""The handles that the tasks of a scoring pass to each other; see `schemas.records`."""

from __future__ import annotations

from typing import Literal

from schemas.handles import FileRef, Record
from schemas.outside import for_name
from schemas.records import Job
from schemas.score_parameters import ScoreParameters
from schemas.stored import RankedBy

DriftVerdict = Literal["ok", "watch", "stop", "too few"]


class Chosen(Record):
    """The model that scores, and what it learnt from.

    Attributes
    ----------
    run : str
        The published run that made it.
    model, reference, seen : FileRef
        Absolute paths into that run; `seen` names the candidates that had a say in the model.
    threshold : float
        The probability from which on a candidate is called a pulsar.
    simulated : bool
        Whether it learnt from simulated candidates.
    """

    run: str
    model: FileRef
    reference: FileRef
    seen: FileRef
    threshold: float
    simulated: bool


class ScoreJob(Job):
    """A run that scores; which model it has decides the outcome as much as the file does."""

    parameters: ScoreParameters
    chosen: Chosen


class Compared(Record):
    """How candidates differ from the training rows, and by what they are therefore ranked."""

    drift: FileRef
    verdict: DriftVerdict
    ranked_by: RankedBy


class Scored(Record):
    """Every candidate with its score, the best of them, and the metrics where labels allow any.

    `n_called` is None where the companion ranked: it calls nothing a pulsar.
    """

    scores: FileRef
    scores_csv: FileRef
    short_list: FileRef
    metrics: FileRef | None
    ranked_by: RankedBy
    n_called: int | None
    n_learnt: int


class ScoresReported(Record):
    """The page that a person opens after a scoring."""

    page: FileRef


class ScoresPublished(Record):
    """Scores that can be looked at.

    Attributes
    ----------
    run, model_sha256 : str
        Whose scores they are.
    path : str
        The published folder.
    anew : bool
        False when the same file had been scored by the same model before.
    ranked_by : {"model", "companion"}
        Which layer of the model ranked them.
    """

    run: str
    model_sha256: str
    path: str
    anew: bool
    ranked_by: RankedBy


class Arrival(Record):
    """A file of an inbox that has settled.

    Attributes
    ----------
    path : str
        As the file system calls it.
    name : str
        The last part of it.
    stamp : str
        As of `pulsars.inbox.stamps.Stamp`: another one after a change.
    sha256 : str
        Of the content; of a file that is too large to be read, of its path and stamp.
    unread : int or None
        At least how many bytes such a file holds.
    """

    path: str
    name: str
    stamp: str
    sha256: str
    unread: int | None = None

    @property
    def title(self) -> str:
        """Its name as it may stand in a title."""
        return for_name(self.name)


class Arrivals(Record):
    """What lies in an inbox: files that can be scored, and the names of those that have to wait."""

    settled: tuple[Arrival, ...]
    waiting: tuple[str, ...]
