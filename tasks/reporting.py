"""Turn what a run found into a page for a person and artifacts for the Prefect UI."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.folds import write_faces
from pulsars.report import (
    best_in_words,
    data_uri,
    describe_measured,
    describe_test,
    faces_of_best,
    gather_facts,
    gather_score_facts,
    gather_sweep_facts,
    model_card,
    nested_table,
    render_faces,
    render_page,
    render_scores,
    render_sweep,
    settings_table,
)
from pulsars.store import load_reference, read_json, write_text
from schemas import (
    Accepted,
    Compared,
    Evaluated,
    Parts,
    ProcedureScored,
    Reported,
    Scored,
    ScoreJob,
    ScoresReported,
    SweepJob,
    SweepReported,
    Trained,
    TrainingJob,
    Tried,
)
from tasks.plumbing.observing import leave_image, leave_markdown, leave_table
from tasks.plumbing.steps import PAGE
from tasks.plumbing.watchers import progressed

_log = logging.getLogger(__name__)

_IMAGES = (
    ("learning-curve", "learning_curve"),
    ("precision-recall", "precision_recall"),
    ("calibration", "reliability"),
    ("budget", "budget"),
)
"""Key in the Prefect UI, and figure."""


@task(name="report", task_run_name="report seed {job.parameters.seed}", **PAGE)
def report(
    job: TrainingJob, accepted: Accepted, parts: Parts, trained: Trained, evaluated: Evaluated
) -> Reported:
    """Write `report.html` and `model_card.md`."""
    progressed("report", 0, 2)
    facts = gather_facts(job, accepted, parts, trained, evaluated)
    progressed("report", 1, 2)
    card = model_card(facts)
    described = {
        "learning-curve": f"{len(facts.epochs)} epochs, weights of epoch {facts.best_epoch}",
        **describe_measured(read_json(evaluated.metrics)),
    }
    for key, name in _IMAGES:
        if name in facts.figures:
            leave_image(key, data_uri(facts.figures[name]), f"{described[key]}{facts.mark}")
    said = f"{describe_test(facts.metrics['test'])}: model card{facts.mark}"
    leave_markdown("model-card", card, said)
    reported = Reported(
        page=write_text(job.run_folder / "report.html", render_page(facts)),
        card=write_text(job.run_folder / "model_card.md", card),
    )
    progressed("report", 2, 2)
    _log.info("report and model card written")
    return reported


@task(name="report", task_run_name="report {job.source.name}", **PAGE)
def report_scores(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored
) -> ScoresReported:
    """Write `report.html` and `faces.html`, and leave the histogram of the scores."""
    facts = gather_score_facts(job, accepted, compared, scored)
    if facts.histogram:
        said = (
            f"{scored.n_called:,} of {accepted.rows_accepted:,} called pulsars: scores of "
            f"{job.source.name}{facts.mark}"
        )
        leave_image("score-histogram", data_uri(facts.histogram), said)
    page = write_text(job.run_folder / "report.html", render_scores(facts))
    drawn = faces_of_best(job, scored)
    faces = render_faces(facts, reference=load_reference(job.chosen.reference), faces=drawn)
    faces_page = write_text(job.run_folder / "faces.html", faces)
    _log.info("report of the scores written, and the faces of the first %d", len(facts.best))
    kept = write_faces(job.run_folder / "faces.parquet", drawn) if drawn else None
    return ScoresReported(page=page, faces_page=faces_page, faces=kept)


@task(name="report", task_run_name="report sweep seed {job.parameters.seed}", **PAGE)
def report_sweep(
    job: SweepJob, accepted: Accepted, parts: Parts, tried: Tried, scored: ProcedureScored | None
) -> SweepReported:
    """Write `sweep.html`; leave the best settings, the nested score and the best heat map."""
    facts = gather_sweep_facts(job, accepted, parts, tried, scored)
    leave_table(
        "sweep-settings",
        settings_table(facts.settings),
        f"Best: {best_in_words(facts)}{facts.mark}",
    )
    if facts.nested:
        leave_table(
            "nested-cross-validation", nested_table(facts.nested), f"Outer folds{facts.mark}"
        )
    title, picture = next(iter(facts.figures.items()))
    leave_image("sweep-heat-map", data_uri(picture), f"{facts.by}, {title}{facts.mark}")
    page = write_text(job.run_folder / "sweep.html", render_sweep(facts))
    _log.info("report of the sweep written")
    return SweepReported(page=page)
