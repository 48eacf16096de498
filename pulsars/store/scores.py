"""Published scores, as they rest on disk."""

from __future__ import annotations

import csv
import logging
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulsars.store.published import PublishedFolder, require_as_listed
from pulsars.store.score_folders import READ_AS, are_published, folder_of, scores_folder
from pulsars.store.stored import as_written, read_record
from pulsars.store.versions import code_version
from pulsars.store.workplace import clear, jobs_left, private_folder
from schemas import (
    HARMONIC,
    KNOWN,
    Catalogue,
    Chosen,
    RankedBy,
    Record,
    ScoreJob,
    ScoreParameters,
    ScoresManifest,
    ScoresPublished,
    Source,
    StoredDrift,
    StoredInterval,
    StoredKnown,
    carried_texts,
    for_csv,
    for_log,
    shared_source,
)

_log = logging.getLogger(__name__)

_SHAPING = (*READ_AS, "section", "budget", "csv", "known_within")
"""Options that what is published depends on. An earlier version took what it read a file as for no
other data."""
_READ = ("drift.json", "metrics.json", "short_list.csv")
"""What is read back of scores, beside the manifest."""


@dataclass(frozen=True)
class ScoredFile(PublishedFolder):
    """One folder below `scores/`, read back.

    Attributes
    ----------
    drift : dict
        As of `pulsars.report.drift_words.describe_drift`.
    short_list : list of dict
        Rows of `short_list.csv`, the best first; every value is a text.
    metrics : dict or None
        By the file's own labels.
    """

    drift: dict[str, Any]
    short_list: list[dict[str, str]]
    metrics: dict[str, dict[str, float | None]] | None

    @property
    def ranked_by(self) -> RankedBy:
        """Which layer ranked them; an earlier version knew the model alone."""
        return "companion" if self.manifest.get("ranked_by") == "companion" else "model"

    @property
    def table_name(self) -> str:
        """What a person is sent to: the scores as text, or where they are too many as Parquet."""
        return "scores.csv" if "scores.csv" in self.manifest["files"] else "scores.parquet"

    @property
    def carried(self) -> list[str]:
        """Columns of the short list that say which candidate a row is; the first filled names it.

        Their cells are as `schemas.outside.for_csv` left them.
        """
        names = map(for_csv, self.manifest.get("carried", []))
        return [name for name in names if all(name in row for row in self.short_list)]

    @property
    def known(self) -> StoredKnown | None:
        """What came of a catalogue of known pulsars; None without one."""
        return self.manifest.get("known")

    def mark_of(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """Give the known pulsar that a row of these scores is, and the harmonic of it."""
        names = (KNOWN, HARMONIC)
        # A version before knew no catalogue: what it carried may have been called so.
        return {name: (row.get(name) or None) if self.known else None for name in names}

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of scores, as one JSON object."""
        best = self.short_list
        return {
            "run": self.manifest["model"]["run"],
            "model_sha256": self.manifest["model"]["sha256"],
            "path": str(self.path),
            "simulated": self.simulated,
            "data": self.manifest["data"],
            "rows": self.manifest["rows"],
            "drift": {name: self.drift[name] for name in ("verdict", "sentence", "outside")},
            "ranked_by": self.ranked_by,
            "converted": self.manifest.get("converted", []),
            "n_called": self.manifest["n_called"],
            "n_learnt": self.manifest.get("n_learnt"),  # None of scores made by an earlier version
            "short_list": [
                {
                    "line": int(row["line"]),
                    "probability": float(row["probability"]) if row["probability"] else None,
                    "rank": int(row["rank"]),
                    "carried": carried_texts(row, self.carried),
                    "same_source": shared_source(row),
                    **self.mark_of(row),
                }
                for row in best
            ],
            "known": self.known,
            "metrics": self.metrics,
        }


def load_scores(folder: Path, *, whole: bool = True) -> ScoredFile:
    """Read published scores back.

    Parameters
    ----------
    folder : Path
        What was published.
    whole : bool, optional
        Check every file. Otherwise those alone that are read here, which do not grow with the
        candidates: for who has just published them, and checked each.

    Raises
    ------
    DamagedRecordError
        If a file is not what was published.
    """
    manifest = read_record(folder / "manifest.json", ScoresManifest)
    listed = manifest["files"].items()
    files = {name: sha256 for name, sha256 in listed if whole or name in _READ}
    require_as_listed(folder, files)
    drift = read_record(folder / "drift.json", StoredDrift)
    measured = folder / "metrics.json"
    metrics = read_record(measured, dict[str, StoredInterval]) if measured.is_file() else None
    return ScoredFile(folder, manifest, drift, _read_short_list(folder / "short_list.csv"), metrics)


def _read_short_list(path: Path) -> list[dict[str, str]]:
    with as_written(path):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                best = list(csv.DictReader(file))
        except csv.Error as error:
            raise ValueError(str(error)) from None
        for row in best:
            numbers = int(row["line"]), int(row["rank"]), float(row["probability"] or 0)
            shared_source(row)
            if not all(map(math.isfinite, numbers)) or None in row.values():
                raise ValueError("a row is not whole")
    return best


def clear_scored(out: Path) -> None:
    """Take away what a pass left that was killed once its scores were there.

    Their file is known, so that no later pass would come by. Call it when no other is under way.
    """
    for job in jobs_left(out, ScoreJob):
        if are_published(out / "scores" / folder_of(job).name):
            clear(job)


def find_scores(
    parameters: ScoreParameters, source: Source, chosen: Chosen, catalogue: Catalogue | None = None
) -> ScoresPublished | None:
    """Find what an earlier scoring of the same content, read alike, by the same model published."""
    folder = scores_folder(source, parameters, chosen, catalogue)
    if not are_published(folder):
        return None
    published = read_record(folder / "manifest.json", ScoresManifest)
    _log.info("already scored: %s; remove the folder to score anew", folder)
    if published["code_version"] != code_version():
        _log.warning(
            "another version of this code scored it, and may have read the file otherwise; "
            "`pulsar validate` says how it is read now"
        )
    differing = _asked_otherwise(parameters, published)
    if differing:
        _log.warning("what is asked otherwise changes nothing there: %s", "; ".join(differing))
    # What a try left that was cut short once the scores were there.
    more: dict[str, Record] = {"catalogue": catalogue} if catalogue else {}
    left = private_folder(known_as(source, parameters), parameters, chosen=chosen, **more)
    shutil.rmtree(left, ignore_errors=True)
    return scores_published(chosen, folder, anew=False)


def _asked_otherwise(parameters: ScoreParameters, published: dict[str, Any]) -> list[str]:
    """Name the options by which a scoring would come out otherwise than the published one."""
    asked = parameters.model_dump(mode="json")
    then = {name: published["parameters"].get(name, asked[name]) for name in _SHAPING}
    return [
        f"{name} {_option(asked[name])} now, {_option(was)} then"
        for name, was in then.items()
        if was != asked[name]
    ]


def _option(given: Any) -> str:
    shown = ", ".join(given) if isinstance(given, list) else str(given or "")
    return for_log(shown) or "unsaid"


def known_as(source: Source, parameters: ScoreParameters) -> Source:
    """Call a copy by the name of what it was copied from."""
    if not parameters.origin:
        return source
    named = {"origin": parameters.origin, "name": parameters.data_name}
    return source.model_copy(update=named)


def scores_published(chosen: Chosen, folder: Path, *, anew: bool) -> ScoresPublished:
    """Say where scores are, and whether this run made them."""
    manifest = read_record(folder / "manifest.json", ScoresManifest)
    drift = read_record(folder / "drift.json", StoredDrift)
    return ScoresPublished(
        run=chosen.run,
        model_sha256=chosen.model.sha256,
        path=str(folder),
        anew=anew,
        ranked_by=manifest.get("ranked_by", "model"),
        another_kind=drift.get("another_kind", ""),
    )
