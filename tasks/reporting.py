"""Turn what a run measured into a page for a person and artifacts for the Prefect UI."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.report import (
    data_uri,
    describe_measured,
    describe_test,
    gather_facts,
    model_card,
    render_page,
)
from pulsars.store import read_json, write_text
from schemas import Accepted, Evaluated, Parts, Reported, Trained, TrainingJob
from tasks.plumbing.observing import leave_image, leave_markdown
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
    figures = facts.figures
    progressed("report", 1, 2)
    card = model_card(facts)
    mark = " (SIMULATED candidates)" if facts.simulated else ""
    described = {
        "learning-curve": f"{len(facts.epochs)} epochs, weights of epoch {facts.best_epoch}",
        **describe_measured(read_json(evaluated.metrics)),
    }
    for key, name in _IMAGES:
        if name in figures:
            leave_image(key, data_uri(figures[name]), f"{described[key]}{mark}")
    found = describe_test(facts.metrics["test"])
    leave_markdown("model-card", card, f"{found}: model card{mark}")
    reported = Reported(
        page=write_text(job.run_folder / "report.html", render_page(facts)),
        card=write_text(job.run_folder / "model_card.md", card),
    )
    progressed("report", 2, 2)
    _log.info("report and model card written")
    return reported
