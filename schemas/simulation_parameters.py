"""What a simulation can be told: one frozen model."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.parameters import Seed


class SimulationParameters(BaseModel):
    """How many candidates are drawn; the defaults are HTRU2's numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Annotated[int, Field(ge=1, description="How many candidates.")] = 17_898
    prevalence: Annotated[float, Field(ge=0, le=1, description="Share of pulsars among them.")] = (
        0.092
    )
    seed: Seed = 0
