"""What a scoring can be told: one frozen model a flow, shown as a form in the Prefect UI."""

from __future__ import annotations

import re
from os.path import realpath
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from schemas.addresses import at_home, is_address, require_bare
from schemas.errors import ParameterError
from schemas.file_parameters import FileParameters, Out, ReadingParameters, name_of

CSV_ROWS = 100_000
"""Candidates up to which scores are written as text too: what people open by hand."""

BEAM_DEGREES = 0.25
"""A beam of the Parkes multibeam receiver, 14.4 arcminutes wide at half power (Keith et al. 2010,
MNRAS 409, 619); a larger telescope's is narrower."""


def _outliving(copy_to: str | None) -> str | None:
    if (copy_to or "").startswith("memory:"):
        raise ValueError("would be gone with the process that copies; name a folder or a store")
    return copy_to


_LOCAL = re.compile(r"(file|local):(//)?")
"""How an address of this machine's own files begins; fsspec takes it without slashes too."""


def require_catalogue(asked: Any) -> None:
    """Make sure that what is said of known pulsars can have an effect.

    Raises
    ------
    ValueError
        A tolerance without a catalogue, or a catalogue that is an address.
    """
    if asked.known is None and asked.known_within != BEAM_DEGREES:
        raise ValueError(
            f"--known-within {asked.known_within:g} has no effect without --known; name a "
            "catalogue, or leave it"
        )
    if asked.known is not None and is_address(asked.known):
        raise ValueError("--known is an address; fetch the catalogue, and name the file")


def require_apart(inbox: str, out: str) -> None:
    """Make sure that a pass over an inbox takes nothing that runs have published.

    Parameters
    ----------
    inbox : str
        Folder or address. One that holds the artifact root does no harm: folders are not taken.
    out : str
        Artifact root.

    Raises
    ------
    ParameterError
        The inbox is empty, or it is the artifact root or lies within, links followed.
    """
    folder = _LOCAL.sub("", inbox.rpartition("::")[2], count=1)  # of a chain the place is last
    if not folder.strip():
        raise ParameterError("the inbox is empty; name the folder in which candidate files arrive")
    if is_address(folder):
        return
    # Results go to `out` as it is written; whoever wrote ~ there meant a home.
    roots, place = {Path(realpath(out)), _at_home(out)}, _at_home(folder)
    if not roots.isdisjoint({place, *place.parents}):
        raise ParameterError(
            f"the inbox {inbox} lies in the artifact root {out}, from which a pass would take the "
            f"champion and the runs as candidate files; name another folder"
        )


def _at_home(folder: str) -> Path:
    return Path(realpath(at_home(folder)))


class _Scoring(BaseModel):
    run: Annotated[
        str | None,
        Field(
            description="A run: its name, the start or end of it, its folder; else the champion."
        ),
    ] = None
    budget: Annotated[
        int, Field(ge=1, le=2**31, description="How many candidates the short list names.")
    ] = 100
    despite_drift: Annotated[
        bool,
        Field(
            description="Rank what the model knows nothing like, by its companion: no decisions."
        ),
    ] = False
    csv: Annotated[
        bool,
        Field(description=f"Write scores.csv of more than {CSV_ROWS:,} candidates too."),
    ] = False
    known: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Catalogue of known pulsars, a CSV with name, period and position or DM: "
            "who is one of them, or a harmonic, is marked.",
        ),
    ] = None
    known_within: Annotated[
        float,
        Field(
            gt=0,
            le=5,
            allow_inf_nan=False,
            description="Degrees between a candidate and the known pulsar that it can be: a beam.",
        ),
    ] = BEAM_DEGREES
    copy_to: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Folder or fsspec URL, such as s3://survey/scores, that receives a copy of "
            "what is published, its manifest last.",
        ),
        AfterValidator(_outliving),
    ] = None

    @model_validator(mode="after")
    def _known_pulsars_are_in_a_file(self) -> Self:
        require_catalogue(self)
        return self

    @model_validator(mode="after")
    def _a_copy_goes_where_all_may_know(self) -> Self:
        require_bare(self.copy_to or "")
        return self


class ScoreParameters(_Scoring, FileParameters):
    """Parameters of `flows.scoring.score`."""

    origin: Annotated[
        str | None,
        Field(min_length=1, description="Where the file came from, when `data` names a copy."),
    ] = None

    @property
    def data_name(self) -> str:
        """How people call the file: the last part of where it came from."""
        return name_of(self.origin or self.data)


class _Places(BaseModel):
    inbox: Annotated[
        str,
        Field(min_length=1, description="Folder or fsspec URL in which candidate files arrive."),
    ]
    out: Out = "artifacts"
    settle_seconds: Annotated[
        float,
        Field(ge=0, le=86_400, description="A file that was changed more recently has to wait."),
    ] = 30.0


class InboxParameters(ReadingParameters, _Scoring, _Places):
    """Parameters of `flows.inbox.score_inbox`."""

    @model_validator(mode="after")
    def _apart_from_results(self) -> Self:
        require_bare(self.inbox)
        require_apart(self.inbox, self.out)
        return self

    def for_file(self, data: str, *, origin: str) -> ScoreParameters:
        """Give the parameters of the scoring of one file, of which `data` is a copy."""
        shared = self.model_dump(exclude={"inbox", "settle_seconds"})
        return ScoreParameters(data=data, origin=origin, **shared)
