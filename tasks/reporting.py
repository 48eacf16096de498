"""Turn what a run measured into a page for a person and artifacts for the Prefect UI."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.report.figures import draw_figures, model_facts
from pulsars.report.svg import data_uri
from pulsars.report.training_page import Facts, model_card, render_page
from pulsars.store.arrays import features_and_labels, load_model, part_indices
from pulsars.store.code_version import code_version
from pulsars.store.files import read_arrays, read_json, write_text
from pulsars.store.runs import MEANING
from schemas.records import Evaluated, Reported, TrainingJob
from tasks.fitting import read_epochs
from tasks.observing import leave_image, leave_markdown
from tasks.steps import PAGE
from tasks.watching import progressed

_log = logging.getLogger(__name__)

_IMAGES = (
    ("learning-curve", "learning_curve", "Learning"),
    ("precision-recall", "precision_recall", "Test"),
    ("calibration", "reliability", "Share of pulsars over probability"),
    ("budget", "budget", "Recall over candidates inspected"),
)
"""Key in the Prefect UI, figure, description."""


@task(name="report", task_run_name="report seed {job.parameters.seed}", **PAGE)
def report(job: TrainingJob, evaluated: Evaluated) -> Reported:
    """Write `report.html` and `model_card.md`."""
    progressed("report", 0, 2)
    figures = figures_of(evaluated)
    progressed("report", 1, 2)
    facts = gather_facts(job, evaluated, figures=figures)
    card = model_card(facts)
    mark = " (SIMULATED candidates)" if facts.simulated else ""
    for key, name, words in _IMAGES:
        if name in figures:
            leave_image(key, data_uri(figures[name]), f"{words}{mark}")
    leave_markdown("model-card", card, f"Model card{mark}")
    reported = Reported(
        evaluated=evaluated,
        page=write_text(job.run_folder / "report.html", render_page(facts)),
        card=write_text(job.run_folder / "model_card.md", card),
    )
    progressed("report", 2, 2)
    _log.info("report and model card written")
    return reported


def figures_of(evaluated: Evaluated) -> dict[str, str]:
    """Draw the report's figures from what was kept; scores are those of the test part."""
    trained = evaluated.trained
    _, y = features_and_labels(trained.accepted)
    test = part_indices(trained.parts)["test"]
    return draw_figures(
        load_model(trained.model),
        y[test],
        read_arrays(evaluated.scores)["probability"][test],
        epochs=read_epochs(trained),
        best_epoch=trained.best_epoch,
        measured=read_json(evaluated.metrics),
    )


def gather_facts(job: TrainingJob, evaluated: Evaluated, *, figures: dict[str, str]) -> Facts:
    """Collect what the page says, from the files that will be published beside it."""
    trained, accepted = evaluated.trained, evaluated.trained.accepted
    metrics = read_json(evaluated.metrics)
    return Facts(
        run_id=job.request[:8],
        simulated=accepted.simulated,
        source={
            "origin": job.source.origin,
            "name": job.source.name,
            "sha256": job.source.file.sha256,
            "fingerprint": accepted.fingerprint,
        },
        parameters=job.parameters.model_dump(mode="json", exclude={"out", "data"}),
        preset=job.parameters.preset,
        seed=job.parameters.seed,
        code_version=code_version(),
        rows=trained.parts.row_counts,
        metrics=metrics["parts"],
        epochs=read_epochs(trained),
        best_epoch=trained.best_epoch,
        meaning={name: metrics[name] for name in MEANING},
        model=model_facts(load_model(trained.model)),
        threshold_spec=metrics["threshold_spec"],
        quality=read_json(accepted.quality),
        proofs=metrics["proofs"],
        notes=metrics["notes"],
        figures=figures,
    )
