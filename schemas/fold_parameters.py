"""What the measuring of folds can be told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.file_parameters import FileParameters

OF_A_TABLE = (
    "columns",
    "drop",
    "keep",
    "pulsar_is",
    "not_pulsar_is",
    "kurtosis",
    "max_quarantine",
    "max_cells",
)
"""Fields of whatever reads a table, of which folds have nothing."""


class FeatureParameters(FileParameters):
    """Parameters of `flows.features.features`."""

    target: Annotated[str, Field(min_length=1, description="File to write: .parquet or .csv.")] = (
        "candidates.parquet"
    )
    labels: Annotated[
        str | None,
        Field(
            min_length=1,
            description="CSV with the columns file and label (1 pulsar, 0 not): the last part of "
            "each fold's path, and what it is.",
        ),
    ] = None
