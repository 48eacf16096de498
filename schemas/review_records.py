"""What a person said of a candidate: a line of the labels file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.handles import Record
from schemas.stored import Count, Moment, Name, Sha256

LABELS_FORMAT = 1
"""The latest format of a line that this version knows."""

MAX_WHO = 80
"""Characters of who says something, at most."""

Word = Literal["pulsar", "not", "unsure", "withdrawn"]
"""The last takes back the last word of the same person on the same candidate."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class ShownIn(Record):
    """Where a candidate stood when somebody looked at it; what a later version adds is passed over.

    Attributes
    ----------
    folder : str
        Of the scores, below `scores/`.
    line : int
        As in the file that was scored.
    rank : int
        From 1, the best.
    probability : float or None
        Of a pulsar; None where a companion ranked.
    model_sha256 : str
        Of the model that ranked.
    simulated : bool or None
        Whether the scores were of simulated candidates; None in what an earlier version wrote.
    """

    model_config = ConfigDict(extra="ignore")

    folder: Name
    line: Count
    rank: Count
    probability: Annotated[Finite, Field(ge=0, le=1)] | None
    model_sha256: Sha256
    simulated: bool | None = None


class Statement(Record):
    """A person's word on a candidate; what a later version adds to a line is passed over.

    Attributes
    ----------
    format : int
        `LABELS_FORMAT`.
    id : str
        Of this statement: what is sent twice counts once.
    when : str
        ISO 8601, with its offset from UTC.
    who : str
        The person, by the name that they gave.
    candidate : str
        As of `pulsars.review.content.content_hash`.
    value : {"pulsar", "not", "unsure", "withdrawn"}
    features : tuple of 8 floats
        In canonical order, digit for digit as they were scored.
    name : str
        What the file calls the candidate; empty where it does not.
    fold_sha256 : str or None
        Of the fold that was shown; None where there was none.
    scores : ShownIn or None
        Where it was shown; None where the statement came another way.
    resolves : bool
        Whether it settles what people differed about.
    """

    model_config = ConfigDict(extra="ignore")

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    when: Moment
    who: Annotated[str, Field(min_length=1, max_length=MAX_WHO)]
    candidate: Sha256
    value: Word
    features: Annotated[tuple[Finite, ...], Field(min_length=8, max_length=8)]
    name: Annotated[str, Field(max_length=1000)] = ""
    fold_sha256: Sha256 | None = None
    scores: ShownIn | None = None
    resolves: bool = False
