"""The handles that the tasks of a scoring pass to each other; see `schemas.records`."""

from __future__ import annotations

from typing import Literal

from schemas.handles import FileRef, Record, TableRef
from schemas.outside import for_name
from schemas.records import Job
from schemas.score_parameters import ScoreParameters
from schemas.stored import DriftLevel, RankedBy
from schemas.stored_scores import StoredKnown


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
    folds : list of str
        Of which kinds of folds these were, as of `pulsars.folds.kinds_of`; empty where it is not
        known.
    """

    run: str
    model: FileRef
    reference: FileRef
    seen: FileRef
    threshold: float
    simulated: bool
    folds: list[str] = []  # noqa: RUF012 - pydantic copies it


class Catalogue(Record):
    """Known pulsars, as they were found.

    Attributes
    ----------
    name : str
        How people call the file.
    file : FileRef
        The bytes, on this machine.
    n_pulsars : int
        Those that a candidate can be held against.
    """

    name: str
    file: FileRef
    n_pulsars: int


class ScoreJob(Job):
    """A run that scores; which model it has decides the outcome as much as the file does."""

    parameters: ScoreParameters
    chosen: Chosen
    catalogue: Catalogue | None = None


class Marking(Record):
    """How candidates are held against known pulsars: told of the whole file, for each partition.

    Attributes
    ----------
    columns : dict of str to str
        Those that are compared, by what they are: ``ra``, ``dec``, ``period``, ``dm``.
    by : {"position", "dm"} or None
        What is compared beside the period; None where nothing can be.
    unit : {"s", "ms"}
        Of the candidates' periods.
    packed : list of str
        Of ``ra`` and ``dec`` those that are written as ``123456.7``.
    notes : list of str
        What a person should know.
    """

    columns: dict[str, str]
    by: Literal["position", "dm"] | None
    unit: Literal["s", "ms"]
    packed: list[str]
    notes: list[str]


class Compared(Record):
    """How candidates differ from the training rows, and by what they are therefore ranked."""

    drift: FileRef
    level: DriftLevel
    ranked_by: RankedBy


class PartCompared(Record):
    """A partition of candidates, counted to be compared, and ranked by whoever may.

    `tally` is that of `slp.Reference`; `logits` those of the model and of its companion, where it
    has one, for which of the two ranks is known when all partitions are compared; the model's order
    of them; and labels, where there are any, so that who measures need not read the table.
    """

    tally: FileRef
    logits: FileRef


class Ranked(Record):
    """The ranks of the candidates of each partition among all."""

    ranks: list[FileRef]

    def files(self) -> list[FileRef]:
        """One a partition."""
        return list(self.ranks)


class PartScored(Record):
    """A partition of candidates with their scores, and what there is to say of it.

    Attributes
    ----------
    scores : FileRef
        All of them.
    best : FileRef or None
        Those that the short list of the whole names, in the order of the file, if there are any.
    n_called, n_outside, n_learnt, n_known : int
        Called pulsars; beyond the training range in any feature; with a say in the model; known
        pulsars or harmonics of one.
    histogram : dict of str to list of int
        As of `Scored`.
    """

    scores: FileRef
    best: FileRef | None
    n_called: int
    n_outside: int
    n_learnt: int
    histogram: dict[str, list[int]]
    n_known: int = 0


class Scored(Record):
    """Every candidate with its score, the best of them, and the metrics where labels allow any.

    Attributes
    ----------
    scores : TableRef
        `scores.parquet`: a file, or where there are several partitions a folder.
    scores_csv : FileRef or None
        None where there are more rows than are written as text without being asked for.
    short_list, best : FileRef
        The same rows, best first: as CSV, and as Parquet for the page, which is not published.
    metrics : FileRef or None
        None without labels.
    n_called : int or None
        None where the companion ranked: it calls nothing a pulsar.
    histogram : dict of str to list of int
        How many candidates of each kind have which probability, in bins of equal width from 0 to 1;
        empty where there are no probabilities.
    known : StoredKnown or None
        What came of the catalogue; None without one.
    """

    scores: TableRef
    scores_csv: FileRef | None
    short_list: FileRef
    best: FileRef
    metrics: FileRef | None
    ranked_by: RankedBy
    n_called: int | None
    n_learnt: int
    histogram: dict[str, list[int]]
    known: StoredKnown | None = None


class ScoresReported(Record):
    """The page that a person opens after a scoring, and that of the short list's faces.

    `faces` is what is drawn of folds, as of `pulsars.folds.write_faces`; None where there are none.
    """

    page: FileRef
    faces_page: FileRef | None = None  # of a step that an earlier version kept
    faces: FileRef | None = None


class ScoresPublished(Record):
    """Scores that can be looked at.

    Attributes
    ----------
    run, model_sha256, path : str
        Whose scores they are, and the published folder.
    anew : bool
        False when the same file had been scored by the same model before.
    ranked_by : {"model", "companion"}
        Which layer of the model ranked them.
    another_kind : str
        That they are folds of another kind than those that the model learnt from; else empty.
    """

    run: str
    model_sha256: str
    path: str
    anew: bool
    ranked_by: RankedBy
    another_kind: str = ""


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
    """What lies in an inbox: files that can be scored, and why others have to wait, by name."""

    settled: tuple[Arrival, ...]
    waiting: dict[str, str]
