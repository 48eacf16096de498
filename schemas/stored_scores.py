"""The manifest of scores, as far as this version reads it; see `schemas.stored`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from schemas.stored import (
    AS_WRITTEN,
    Count,
    Inside,
    Moment,
    RankedBy,
    Sha256,
    StoredData,
    StoredParameters,
)


@AS_WRITTEN
class ScoringModel(TypedDict, total=False):
    """Which model scored."""

    run: str
    sha256: str
    threshold: float
    simulated: bool


@AS_WRITTEN
class StoredKnown(TypedDict):
    """What came of a catalogue of known pulsars: which it was, and how many candidates are marked.

    `by` is what was compared beside the period; None where nothing could be.
    """

    name: str
    sha256: Sha256
    n_pulsars: Count
    within: float
    by: Literal["position", "dm"] | None
    n_marked: Count
    n_listed: Count
    notes: list[str]


@AS_WRITTEN
class ScoresManifest(TypedDict, total=False):
    """`manifest.json` of scores."""

    carried: list[str]
    converted: list[str]
    created: Moment
    data: StoredData
    parameters: StoredParameters
    files: dict[Inside, Sha256]
    model: ScoringModel
    rows: dict[str, Count]
    ranked_by: RankedBy
    n_called: Count | None
    n_learnt: Count | None
    known: StoredKnown | None
