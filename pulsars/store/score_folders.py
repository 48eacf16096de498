"""Where scores are published: a folder a content, model, way of reading and catalogue."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pulsars.store.published import published_in
from schemas import Catalogue, Chosen, ScoreJob, ScoreParameters, Source

SHA256_DIGITS = 16
"""So many digits of a file's hash begin the name of the folder of its scores."""


_MORE_DIGITS = 8
"""Of the model, and of whatever else has a say."""


READ_AS = ("columns", "drop", "keep", "pulsar_is", "not_pulsar_is", "kurtosis")
"""Options that say what a file holds: read by others it is other data."""


def scores_folder(
    source: Source, parameters: ScoreParameters, chosen: Chosen, catalogue: Catalogue | None
) -> Path:
    """Name the folder of the scores of a file by a model: the same content, the same name.

    What was said of how to read it has a say too, and which section of folds was asked for, for
    it is other data; and where known pulsars are marked, the content of their catalogue.
    """
    digits = [source.content[:SHA256_DIGITS], chosen.model.sha256[:_MORE_DIGITS]]
    if source.folds and parameters.section is not None:  # a table has none, whatever was asked
        digits.append(_digits_of(parameters.section))
    # What was left unsaid stands in no name: as before there were such digits.
    said = parameters.model_dump(mode="json", include={*READ_AS}, exclude_defaults=True)
    if said:
        digits.append(_digits_of(json.dumps(said, sort_keys=True)))
    if catalogue is not None:
        digits.append(catalogue.file.sha256[:_MORE_DIGITS])
    return Path(parameters.out) / "scores" / "-".join(digits)


def _digits_of(asked: str) -> str:
    return hashlib.sha256(asked.encode()).hexdigest()[:_MORE_DIGITS]


def folder_of(job: ScoreJob) -> Path:
    """Name the folder in which the scores of a job appear."""
    return scores_folder(job.source, job.parameters, job.chosen, job.catalogue)


def are_published(folder: Path) -> bool:
    """Whether there are scores: a folder appears with its manifest or not at all."""
    return (folder / "manifest.json").is_file()


def scored_contents(out: Path) -> frozenset[str]:
    """Give the first digits of the sha256 of every file that any model has scored."""
    return frozenset(folder.name[:SHA256_DIGITS] for folder in published_in(out / "scores"))
