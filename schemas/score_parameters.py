"""What a scoring can be told: one frozen model a flow, shown as a form in the Prefect UI."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.parameters import Columns, Drop, FileParameters, MaxQuarantine, Out

Run = Annotated[
    str | None,
    Field(description="A published run, by its name or the start or end of it; else the champion."),
]
Budget = Annotated[
    int, Field(ge=1, le=2**31, description="How many candidates the short list names.")
]
DespiteDrift = Annotated[
    bool,
    Field(description="Score candidates that the model has not learnt from anything like."),
]


class ScoreParameters(FileParameters):
    """Parameters of `flows.scoring.score`."""

    run: Run = None
    budget: Budget = 100
    despite_drift: DespiteDrift = False
    origin: Annotated[
        str | None,
        Field(min_length=1, description="Where the file came from, when `data` names a copy."),
    ] = None

    @property
    def data_name(self) -> str:
        """How people call the file: the last part of where it came from."""
        return (self.origin or self.data).rstrip("/").rsplit("/", 1)[-1]


class InboxParameters(BaseModel):
    """Parameters of `flows.inbox.score_inbox`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inbox: Annotated[
        str,
        Field(min_length=1, description="Folder or fsspec URL in which candidate files arrive."),
    ]
    out: Out = "artifacts"
    settle_seconds: Annotated[
        float,
        Field(ge=0, le=86_400, description="A file that was changed more recently has to wait."),
    ] = 30.0
    run: Run = None
    budget: Budget = 100
    despite_drift: DespiteDrift = False
    columns: Columns = None
    drop: Drop = ()
    max_quarantine: MaxQuarantine = 0.05

    def for_file(self, data: str, *, origin: str) -> ScoreParameters:
        """Give the parameters of the scoring of one file, of which `data` is a copy."""
        shared = self.model_dump(exclude={"inbox", "settle_seconds"})
        return ScoreParameters(data=data, origin=origin, **shared)
