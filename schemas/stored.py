"""What rests below an artifact root, as far as this version reads it.

What is there has to be of its type; whatever else is there is left alone. What an earlier version
did not write may be missing: who asks for it is told so by name, see `pulsars.store.stored`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, Required

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

AS_WRITTEN = with_config(ConfigDict(strict=True, extra="allow", allow_inf_nan=False))


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no offset from UTC")
    return text


def _name(text: str) -> str:
    """Refuse what would lead out of the folder that it is looked up in."""
    if text in {"", ".", ".."} or "/" in text or "\0" in text or len(text.encode()) > 255:  # noqa: PLR2004 - what file systems allow
        raise ValueError("is no name of a file")
    return text


def _inside(text: str) -> str:
    """Refuse what is neither a file of the folder nor one of a folder in it."""
    folder, slash, name = text.rpartition("/")
    if slash:
        _name(folder)
    _name(name)
    return text


Moment = Annotated[str, AfterValidator(_moment)]
"""ISO 8601 with its offset from UTC."""
Name = Annotated[str, AfterValidator(_name)]
"""Of a file or folder, without any folder before it."""
Inside = Annotated[str, AfterValidator(_inside)]
"""Of a file in a folder, or in a folder in that: the partitions of a table."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
How = Literal["gate", "person", "rollback"]
DriftLevel = Literal["ok", "watch", "stop", "too few"]
"""How far candidates differ from the training rows; files say it under the key `verdict`."""
RankedBy = Literal["model", "companion"]
"""By what scores were ranked: a companion gives an order, and no probability or decision."""


@AS_WRITTEN
class StoredData(TypedDict, total=False):
    """Which candidates."""

    origin: str
    name: str
    simulated: bool
    folds: list[str]


@AS_WRITTEN
class StoredChoice(TypedDict):
    """The sweep that chose the settings."""

    sweep: str


@AS_WRITTEN
class StoredParameters(TypedDict, total=False):
    """What was asked for."""

    preset: str | None
    data: str
    out: str
    budget: int
    by: Literal["f1", "average_precision", "log_loss"]
    chosen_by: StoredChoice | None


@AS_WRITTEN
class Manifest(TypedDict, total=False):
    """`manifest.json` of a run or a sweep."""

    created: Moment
    data: Required[StoredData]
    parameters: Required[StoredParameters]
    files: Required[dict[Name, Sha256]]
    rows: dict[str, Count]
    seed: Count
    best_epoch: int | None


@AS_WRITTEN
class Answer(TypedDict):
    """`manifest.json` of whatever was published, as far as it says which request it answers."""

    request: str
    token: str
    files: dict[Name, Sha256]


@AS_WRITTEN
class StoredInterval(TypedDict):
    """A number and the ends of its 95 % interval; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


@AS_WRITTEN
class StoredProof(TypedDict):
    """What a run proved about itself."""

    name: str
    text: str
    holds: bool


@AS_WRITTEN
class StoredCompanion(TypedDict):
    """What a run measured of the layer that ranks where drift says stop."""

    features: list[str]
    test: dict[str, StoredInterval]


@AS_WRITTEN
class Measured(TypedDict, total=False):
    """`metrics.json` of a run."""

    threshold: float
    learnt_from: list[str]
    parts: dict[str, dict[str, StoredInterval]]
    companion: StoredCompanion | None
    proofs: list[StoredProof]
    notes: list[str]


@AS_WRITTEN
class StoredModel(TypedDict, total=False):
    """`model.json`; what is within is checked by `slp.perceptron.Perceptron.from_dict`."""

    features: list[str]
    perceptron: dict[str, Any]
    companion: dict[str, Any] | None


@AS_WRITTEN
class StoredShift(TypedDict):
    """How far a feature has moved."""

    psi: float
    psi_noise: float


@AS_WRITTEN
class StoredDrift(TypedDict, total=False):
    """`drift.json` of scores."""

    verdict: DriftLevel
    another_kind: str
    sentence: str
    outside: float
    features: Annotated[dict[str, StoredShift], Field(min_length=1)]


@AS_WRITTEN
class StoredSetting(TypedDict, total=False):
    """One setting of `settings.json`, with its scores."""

    inputs: str
    oversample: str
    solver: str
    l2: float
    learning_rate: float | None
    batch_size: int | None
    n_epochs: int | None
    mean: dict[str, float]
    spread: dict[str, float]


@AS_WRITTEN
class StoredNested(TypedDict, total=False):
    """`nested.json`: the score of the whole procedure."""

    mean: dict[str, float]
    spread: dict[str, float]
    folds: list[Any]


@AS_WRITTEN
class RejectedRecord(TypedDict, total=False):
    """`rejected/<digits>.json`: a content that an inbox refused."""

    name: str
    at: Moment
    error: str
    message: str


@AS_WRITTEN
class StoredMemory(TypedDict):
    """`inboxes/<digits>.json`: by the name of a file its stamp, and the sha256 of what it held."""

    files: dict[str, Annotated[list[str | None], Field(min_length=2, max_length=2)]]


@AS_WRITTEN
class StoredReign(TypedDict):
    """One entry of the history in `champion.json`."""

    run: Name
    model_sha256: str
    since: Moment
    how: How
    because: str
    anchor: NotRequired[Name]


@AS_WRITTEN
class Pointer(TypedDict, total=False):
    """`champion.json`."""

    run: str
    history: list[StoredReign]
