"""Turn what a scoring found into a page for a person."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect import task

from pulsars.folds import FOLD_SHA256, Face, faces_of, write_faces
from pulsars.learning import name_candidate
from pulsars.report import (
    MOST_FACES,
    ScoreFacts,
    data_uri,
    draw_counts,
    known_sentence,
    render_faces,
    render_scores,
)
from pulsars.store import load_reference, read_columns, read_json, write_text
from schemas import (
    FEATURE_NAMES,
    HARMONIC,
    KNOWN,
    LABEL,
    Accepted,
    Compared,
    Scored,
    ScoreJob,
    ScoresReported,
)
from tasks.plumbing.observing import leave_image
from tasks.plumbing.steps import PAGE
from tasks.reporting import facts_of_any

_log = logging.getLogger(__name__)


@task(name="report", task_run_name="report {job.source.name}", **PAGE)
def report_scores(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored
) -> ScoresReported:
    """Write `report.html` and `faces.html`, and leave the histogram of the scores."""
    picture = draw_counts(scored.histogram, job.chosen.threshold) if scored.histogram else ""
    facts = gather_score_facts(job, accepted, compared, scored, histogram=picture)
    mark = " (SIMULATED candidates)" if facts.simulated else ""
    if picture:
        called = f"{scored.n_called:,} of {accepted.rows_accepted:,} called pulsars"
        said = f"{called}: scores of {job.source.name}{mark}"
        leave_image("score-histogram", data_uri(picture), said)
    page = write_text(job.run_folder / "report.html", render_scores(facts))
    drawn = draw_folds(job, scored)
    faces = render_faces(facts, reference=load_reference(job.chosen.reference), faces=drawn)
    faces_page = write_text(job.run_folder / "faces.html", faces)
    _log.info("report of the scores written, and the faces of the first %d", len(facts.best))
    kept = write_faces(job.run_folder / "faces.parquet", drawn) if drawn else None
    return ScoresReported(page=page, faces_page=faces_page, faces=kept)


def draw_folds(job: ScoreJob, scored: Scored) -> dict[int, Face]:
    """Draw the folds of the first candidates of the list, where these are folds."""
    best = read_columns(scored.best)[:MOST_FACES].to_pandas()
    if FOLD_SHA256 not in best:
        return {}
    downloads = Path(job.parameters.out) / "downloads"
    drawn, n_gone = faces_of(best.to_dict("records"), downloads=downloads)
    if n_gone:
        _log.info("%d folds are not where they were, or are others: not drawn", n_gone)
    return drawn


def gather_score_facts(
    job: ScoreJob,
    accepted: Accepted,
    compared: Compared,
    scored: Scored,
    *,
    histogram: str,
) -> ScoreFacts:
    """Collect what the page says, from the files that will be published beside it."""
    chosen, quality = job.chosen, read_json(accepted.quality)
    listed = read_columns(scored.best)
    best = listed[:MOST_FACES].to_pandas()
    return ScoreFacts(
        **facts_of_any(job, accepted),
        model={
            "run": chosen.run,
            "sha256": chosen.model.sha256,
            "threshold": chosen.threshold,
            "simulated": chosen.simulated,
        },
        rows=accepted.row_counts,
        reasons=quality["reasons"],
        notes=[*quality["warnings"], *(scored.known["notes"] if scored.known else [])],
        known=known_sentence(scored.known, n_listed=len(listed)) if scored.known else "",
        converted=list(accepted.converted),
        ranked_by=scored.ranked_by,
        n_called=scored.n_called,
        n_learnt=scored.n_learnt,
        drift=read_json(compared.drift),
        best=[
            _candidate(row, accepted.carried, decides=scored.ranked_by == "model")
            for row in best.to_dict("records")
        ],
        metrics=read_json(scored.metrics) if scored.metrics else None,
        histogram=histogram,
    )


def _candidate(row: Mapping[Any, Any], carried: Sequence[str], *, decides: bool) -> dict[str, Any]:
    return {
        "rank": int(row["rank"]),
        "line": int(row["line"]),
        **name_candidate(row, carried),
        **{name: row.get(name) or None for name in (KNOWN, HARMONIC) if name not in carried},
        "probability": float(row["probability"]) if decides else None,
        "decision": row["decision"] if decides else None,
        "outside": row["outside"].split(),
        "label": None if row.get(LABEL) is None else int(row[LABEL]),
        "values": {name: float(row[name]) for name in FEATURE_NAMES},
        "contributions": {n: float(row[f"contribution_{n}"]) for n in FEATURE_NAMES},
        "intercept": float(row["intercept"]),
    }
