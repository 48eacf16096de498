"""What the tasks of a training pass to each other; see `schemas.handles` for what a record is."""

from __future__ import annotations

from pathlib import Path

from schemas.file_parameters import FileParameters
from schemas.handles import FileRef, Record, TableRef
from schemas.parameters import TrainingParameters
from schemas.settled_records import Settled
from schemas.sources import Source
from schemas.split_parameters import SplitParameters
from schemas.verdict_records import Decision


class Job(Record):
    """What a run was asked for, and the private directory it works in until it is published.

    Attributes
    ----------
    request : str
        sha256 of everything that decides the outcome: data, parameters, code version.
    token : str
        Random, made with the directory: results kept for one directory never serve another.
    """

    parameters: FileParameters
    source: Source
    folder: str
    request: str
    token: str

    @property
    def steps_folder(self) -> Path:
        """Where a task leaves what only the next ones need."""
        return Path(self.folder) / "steps"

    @property
    def run_folder(self) -> Path:
        """Where a task leaves what will be published."""
        return Path(self.folder) / "run"


class SplitJob(Job):
    """A run that splits labelled candidates."""

    parameters: SplitParameters


class TrainingJob(SplitJob):
    """A run that trains; `settled` is what people say of candidates, where it learns from that."""

    parameters: TrainingParameters
    settled: Settled | None = None


class Candidates(Record):
    """Candidates read, those that cannot be true set aside; the table is not judged yet.

    Attributes
    ----------
    table : TableRef
        The rows that passed every check.
    quarantine, quarantine_csv : FileRef
        The others, with their reasons.
    quality : FileRef
        What was found, as of `pulsars.reading.judging.quality.QualityReport`.
    label_hint : str or None
        Which column may be the label, where none was found.
    carried : list of str
        Columns of the table, and of those set aside, that say which candidate a row is.
    converted : list of str
        Kurtosis columns of which 3 was taken off.
    """

    table: TableRef
    quarantine: FileRef
    quarantine_csv: FileRef
    quality: FileRef
    label_hint: str | None
    # Lists, for there is but one empty tuple, and Prefect tells whose a thing is by identity.
    carried: list[str] = []  # noqa: RUF012 - pydantic copies it
    converted: list[str] = []  # noqa: RUF012


class Accepted(Record):
    """Rows that passed every check and are fit for use, and the account of those that did not."""

    table: TableRef
    quarantine: FileRef
    quarantine_csv: FileRef
    quality: FileRef
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    n_pulsars: int | None  # None where there are no labels
    fingerprint: str
    simulated: bool
    # Lists, for there is but one empty tuple, and Prefect tells whose a thing is by identity.
    carried: list[str] = []  # noqa: RUF012 - pydantic copies it
    converted: list[str] = []  # noqa: RUF012
    folds: list[str] = []  # noqa: RUF012 - as of `pulsars.folds.kinds_of`

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows of the file: read = accepted + quarantined."""
        return {
            "read": self.rows_read,
            "accepted": self.rows_accepted,
            "quarantined": self.rows_quarantined,
        }


class Parts(Record):
    """Row indices of training, validation and test part, in one NPZ without pickle."""

    file: FileRef
    n_train: int
    n_validation: int
    n_test: int

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows of each part: their sum is that of the accepted rows."""
        return {"train": self.n_train, "validation": self.n_validation, "test": self.n_test}

    @property
    def parts(self) -> Parts:
        """Itself: what a split that is held out has within."""
        return self

    def measured(self, accepted: Accepted) -> Accepted:
        """Give the rows that are measured: all."""
        return accepted


class HeldOut(Record):
    """A table in several partitions, split: what is measured of it rests in memory.

    Attributes
    ----------
    parts : Parts
        Counts of all rows. The file names the rows of the validation and the test part; the others
        are the training part.
    codes : FileRef
        Part of every row, as of `slp.hold_out`.
    sample : TableRef
        The rows held out, and of the training part those that are shown beside them.
    sample_parts : Parts
        Row numbers in `sample`.
    """

    parts: Parts
    codes: FileRef
    sample: TableRef
    sample_parts: Parts

    def measured(self, accepted: Accepted) -> Accepted:
        """Give the rows that are measured as accepted rows of their own."""
        return accepted.model_copy(update={"table": self.sample})


class TrainingRows(Record):
    """What the model sees: indices into the accepted rows, noise where rows were moved."""

    file: FileRef
    prevalence: float


class Trained(Record):
    """A fitted perceptron, its threshold chosen, and its learning curve.

    `seen` names the candidates that had a say, where these are not the rows of the parts alone, in
    memory; `reviewed` is the account of those that people reviewed, where there is one.
    """

    model: FileRef
    epochs: FileRef
    best_epoch: int
    n_epochs: int
    note: str | None  # what a reader has to know
    seen: FileRef | None = None
    reviewed: FileRef | None = None


class Replayed(Record):
    """A run of the book, whose split, training rows and model are drawn in one go."""

    parts: Parts
    rows: TrainingRows
    trained: Trained


class Evaluated(Record):
    """Metrics, scores and proofs, and what others need to build on the run."""

    metrics: FileRef
    scores: FileRef
    test: FileRef
    seen: FileRef
    reference: FileRef


class Reported(Record):
    """The page that a person opens, and the card."""

    page: FileRef
    card: FileRef


class Published(Record):
    """A run that can be looked at."""

    run: str
    path: str
    model_sha256: str


class Judged(Published):
    """A published run, and what became of it as a challenger."""

    decision: Decision
    because: str
