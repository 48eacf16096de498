"""Turn what a scoring found into a page for a person."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.folds import write_faces
from pulsars.report import (
    data_uri,
    faces_of_best,
    gather_score_facts,
    render_faces,
    render_scores,
)
from pulsars.store import load_reference, write_text
from schemas import Accepted, Compared, Scored, ScoreJob, ScoresReported
from tasks.plumbing.observing import leave_image
from tasks.plumbing.steps import PAGE

_log = logging.getLogger(__name__)


@task(name="report", task_run_name="report {job.source.name}", **PAGE)
def report_scores(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored
) -> ScoresReported:
    """Write `report.html` and `faces.html`, and leave the histogram of the scores."""
    facts = gather_score_facts(job, accepted, compared, scored)
    mark = " (SIMULATED candidates)" if facts.simulated else ""
    if facts.histogram:
        called = f"{scored.n_called:,} of {accepted.rows_accepted:,} called pulsars"
        said = f"{called}: scores of {job.source.name}{mark}"
        leave_image("score-histogram", data_uri(facts.histogram), said)
    page = write_text(job.run_folder / "report.html", render_scores(facts))
    drawn = faces_of_best(job, scored)
    faces = render_faces(facts, reference=load_reference(job.chosen.reference), faces=drawn)
    faces_page = write_text(job.run_folder / "faces.html", faces)
    _log.info("report of the scores written, and the faces of the first %d", len(facts.best))
    kept = write_faces(job.run_folder / "faces.parquet", drawn) if drawn else None
    return ScoresReported(page=page, faces_page=faces_page, faces=kept)
