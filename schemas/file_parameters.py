"""Parameters of whatever reads a candidate file: which, how, how large, and where results go."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.addresses import as_called, is_address
from schemas.limits import MAX_BYTES, MAX_CELLS, Limits
from schemas.outside import for_name, without_credentials
from schemas.running import RunnerKind, require_one_way


def _on_this_machine(out: str) -> str:
    if is_address(out):
        raise ValueError("is an address; name a folder of this machine")
    return out


Out = Annotated[
    str,
    Field(min_length=1, description="Artifact root; runs, sweeps and scores appear below it."),
    AfterValidator(_on_this_machine),
]


def name_of(place: str) -> str:
    """Give the last part of a path or an address, as it may stand in a title."""
    return for_name(without_credentials(as_called(place)).rstrip("/").rsplit("/", 1)[-1])


class ReadingParameters(BaseModel):
    """How candidates are read, and by whom: of a file, and of each that an inbox receives."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    columns: Annotated[
        str | None,
        Field(
            description="Which columns are the eight features and the label, when the file leaves "
            "that open: names or 1-based positions in canonical order, or canonical=source pairs."
        ),
    ] = None
    drop: Annotated[
        tuple[str, ...], Field(description="Columns to leave out, by name or 1-based position.")
    ] = ()
    keep: Annotated[
        tuple[str, ...],
        Field(
            description="Columns to carry along beside what looks like a name, path, position, "
            "period, DM or S/N, by name or 1-based position; all, or none. They are neither "
            "feature nor label."
        ),
    ] = ()
    pulsar_is: Annotated[
        tuple[str, ...],
        Field(
            description="A value of the label's column that says pulsar, where it is no known "
            "label: a number, or a word."
        ),
    ] = ()
    not_pulsar_is: Annotated[
        tuple[str, ...],
        Field(
            description="A value that says no pulsar. What neither option names is set aside, as "
            "no label."
        ),
    ] = ()
    kurtosis: Annotated[
        Literal["auto", "excess", "pearson"],
        Field(
            description="Which kurtosis the file has: excess, or Pearson's, of which 3 is taken "
            "off. auto takes it as it stands, but where a model scores and comparison with its "
            "training rows leaves no doubt: then it converts."
        ),
    ] = "auto"
    section: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Of folds that hold several sections, which is measured: its name, or its "
            "number from 0; by default the first, as HTRU 2 was made.",
        ),
    ] = None
    max_quarantine: Annotated[
        float, Field(ge=0, lt=1, description="Stop when more than this share of rows is rejected.")
    ] = 0.05
    max_bytes: Annotated[
        int,
        Field(
            ge=1,
            lt=2**63,
            description="Refuse a file that holds, or unpacks to, more bytes. What you give is the "
            "bound; by default 64 times as many where it is read in parts, but in an inbox.",
        ),
    ] = MAX_BYTES
    max_cells: Annotated[
        int,
        Field(
            ge=1,
            lt=2**63,
            description="Refuse a table of more rows times columns. What you give is the bound; by "
            "default 64 times as many where it is read in parts.",
        ),
    ] = MAX_CELLS
    runner: Annotated[
        RunnerKind,
        Field(
            description="Who runs the steps that do not wait for each other: threads or processes "
            "of this machine, or the workers of a Dask cluster (extra dask). The outcome is the "
            "same."
        ),
    ] = "threads"
    workers: Annotated[
        int | None,
        Field(
            ge=1, le=1024, description="How many of them; by default as many as there are cores."
        ),
    ] = None
    dask_address: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Scheduler of a Dask cluster that is there, such as tcp://host:8786; by "
            "default one is started on this machine.",
        ),
    ] = None

    @model_validator(mode="after")
    def _by_one_runner(self) -> Self:
        require_one_way(self)
        return self


class _Places(BaseModel):
    data: Annotated[
        str,
        Field(
            min_length=1,
            description="Path or URL of candidates: CSV, ARFF, Parquet, packed or not, folds "
            "(.pfd, .phcx); or a folder of them, or a pattern such as 'night/*.csv'; for a command "
            "also -, standard input.",
        ),
    ]
    more: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(description="Further ones with the same columns, read as one table with the first."),
    ] = ()
    out: Out = "artifacts"


class FileParameters(ReadingParameters, _Places):  # in forms and manifests the last base is first
    """Which candidates, how they are read, and where results go."""

    @property
    def limits(self) -> Limits:
        """What is too large to be read."""
        return Limits(max_bytes=self.max_bytes, max_cells=self.max_cells)

    @property
    def data_name(self) -> str:
        """How people call the file: the last part of its path or address."""
        return name_of(self.data)


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
