"""Which sweep chose a training's settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ChosenBy(BaseModel):
    """What a sweep writes beside its best setting.

    A training with the same candidates, seed and sizes sets the same test part aside, which had no
    say in the choice; any other may not.

    Attributes
    ----------
    sweep : str
        What the sweep is called.
    seed, validation_size, test_size
        How it split the candidates, as of `schemas.parameters.SplitParameters`.
    fingerprint : str
        Of the candidates that it accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sweep: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)]
    validation_size: Annotated[float, Field(gt=0, lt=1)]
    test_size: Annotated[float, Field(gt=0, lt=1)]
    fingerprint: Annotated[str, Field(min_length=1)]
