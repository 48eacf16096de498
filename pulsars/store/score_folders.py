"""Where scores are published: a folder a content and model, and catalogue of known pulsars."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pulsars.store.published import published_in
from schemas import Catalogue, ScoreJob, ScoreParameters, Source

SHA256_DIGITS = 16
"""So many digits of a file's hash begin the name of the folder of its scores."""
_MORE_DIGITS = 8
"""Of the model, and of the catalogue."""


def scores_folder(
    out: Path,
    file_sha256: str,
    model_sha256: str,
    *,
    section: str | None = None,
    catalogue: Catalogue | None = None,
) -> Path:
    """Name the folder of the scores of a file by a model: the same content, the same name.

    Which section of folds was asked for has a say too, for it is other data; and where known
    pulsars are marked, the content of their catalogue.
    """
    digits = [file_sha256[:SHA256_DIGITS], model_sha256[:_MORE_DIGITS]]
    if section is not None:
        digits.append(hashlib.sha256(section.encode()).hexdigest()[:_MORE_DIGITS])
    if catalogue is not None:
        digits.append(catalogue.file.sha256[:_MORE_DIGITS])
    return out / "scores" / "-".join(digits)


def folder_of(job: ScoreJob) -> Path:
    """Name the folder in which the scores of a job appear."""
    out, model = Path(job.parameters.out), job.chosen.model.sha256
    section = section_of(job.source, job.parameters)
    return scores_folder(out, job.source.content, model, section=section, catalogue=job.catalogue)


def section_of(source: Source, parameters: ScoreParameters) -> str | None:
    """Give the section that was asked for; a table has none, whatever was asked."""
    return parameters.section if source.folds else None


def are_published(folder: Path) -> bool:
    """Whether there are scores: a folder appears with its manifest or not at all."""
    return (folder / "manifest.json").is_file()


def scored_contents(out: Path) -> frozenset[str]:
    """Give the first digits of the sha256 of every file that any model has scored."""
    return frozenset(folder.name[:SHA256_DIGITS] for folder in published_in(out / "scores"))
