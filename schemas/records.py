"""What the tasks of a training pass to each other; see `schemas.handles` for what a record is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas.file_parameters import FileParameters
from schemas.handles import FileRef, Record, TableRef
from schemas.parameters import SplitParameters, TrainingParameters
from schemas.sources import Source


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
    """A run that trains."""

    parameters: TrainingParameters


class Candidates(Record):
    """Candidates read, those that cannot be true set aside; the table is not judged yet.

    Attributes
    ----------
    table : TableRef
        The rows that passed every check.
    quarantine, quarantine_csv : FileRef
        The others, with their reasons.
    quality : FileRef
        What was found, as of `pulsars.reading.quality.QualityReport`.
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


class TrainingRows(Record):
    """What the model sees: indices into the accepted rows, noise where rows were moved."""

    file: FileRef
    prevalence: float


class Trained(Record):
    """A fitted perceptron, its threshold chosen, and its learning curve."""

    model: FileRef
    epochs: FileRef
    best_epoch: int
    n_epochs: int
    note: str | None  # what a reader has to know


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

    decision: Literal["promoted", "kept", "undecided"]
    because: str


Decision = Literal["promoted", "kept", "undecided"]

By = Literal["gate", "person"]


class VerdictRecord(BaseModel):
    """A verdict; what an earlier version did not write down has a default.

    Attributes
    ----------
    run : str
        The challenger.
    model_sha256 : str or None
        Of its model.
    decision : {"promoted", "kept", "undecided"}
        The challenger takes over, the champion stays, or a person has to say.
    because : str
        In a sentence.
    against : str or None
        The champion's run.
    at : datetime
        When the gate, or a person, decided; with its offset from UTC.
    by : {"gate", "person"}
        Who decided.
    duel : dict or None
        As of `pulsars.gate.comparing.Duel.to_dict`, where the two were compared.
    anchor : str or None
        The run that losses are counted from; None where an earlier version judged, or nothing was
        compared.
    anchor_duel : dict or None
        Like `duel`, with the anchor, where that was not the champion.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    run: str
    model_sha256: str | None = None
    decision: Decision
    because: str
    against: str | None = None
    at: AwareDatetime
    by: By = "gate"
    duel: dict[str, Any] | None = None
    anchor: str | None = None
    anchor_duel: dict[str, Any] | None = None
