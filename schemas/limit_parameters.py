"""The bounds of a file as parameters; see `schemas.limits`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

MaxBytes = Annotated[
    int,
    Field(ge=1, lt=2**63, description="Refuse a file that holds, or unpacks to, more bytes."),
]
MaxCells = Annotated[
    int, Field(ge=1, lt=2**63, description="Refuse a table of more rows times columns.")
]
