"""Turn what a sweep tried into a page for a person and artifacts for the Prefect UI."""

from __future__ import annotations

from prefect import task

from pulsars.report import (
    SweepFacts,
    data_uri,
    gather_sweep_facts,
    nested_table,
    render_sweep,
    score_words,
    setting_words,
    settings_table,
)
from pulsars.store import write_text
from schemas import Accepted, Parts, ProcedureScored, SweepJob, SweepReported, Tried
from tasks.plumbing.observing import leave_image, leave_table
from tasks.plumbing.steps import PAGE
from tasks.reporting import _log


@task(name="report", task_run_name="report sweep seed {job.parameters.seed}", **PAGE)
def report_sweep(
    job: SweepJob, accepted: Accepted, parts: Parts, tried: Tried, scored: ProcedureScored | None
) -> SweepReported:
    """Write `sweep.html`; leave the best settings, the nested score and the best heat map."""
    facts = gather_sweep_facts(job, accepted, parts, tried, scored)
    mark = " (SIMULATED candidates)" if facts.simulated else ""
    leave_table("sweep-settings", settings_table(facts.settings), f"Best: {_best(facts)}{mark}")
    if facts.nested:
        leave_table("nested-cross-validation", nested_table(facts.nested), f"Outer folds{mark}")
    title, picture = next(iter(facts.figures.items()))
    leave_image("sweep-heat-map", data_uri(picture), f"{facts.by}, {title}{mark}")
    page = write_text(job.run_folder / "sweep.html", render_sweep(facts))
    _log.info("report of the sweep written")
    return SweepReported(page=page)


def _best(facts: SweepFacts) -> str:
    best = facts.settings[0]
    measure = f"{facts.by.replace('_', ' ')} {score_words(best, facts.by)}"
    return f"{setting_words(best)}: {measure}"
