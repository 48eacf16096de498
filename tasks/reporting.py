"""Turn what a run measured into a page for a person and artifacts for the Prefect UI."""

from __future__ import annotations

import logging
from typing import Any

from prefect import task

from pulsars.learning import Predicted
from pulsars.report import (
    Facts,
    data_uri,
    describe_measured,
    describe_test,
    draw_features,
    draw_figures,
    draw_mistakes,
    model_card,
    model_facts,
    render_page,
    threshold_rows,
)
from pulsars.store import (
    MEANING,
    code_version,
    load_model,
    load_reference,
    package_versions,
    read_arrays,
    read_json,
    write_text,
)
from schemas import Accepted, Evaluated, Job, Parts, Reported, Trained, TrainingJob
from tasks.fitting import read_epochs
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


def gather_facts(
    job: TrainingJob, accepted: Accepted, parts: Parts, trained: Trained, evaluated: Evaluated
) -> Facts:
    """Collect what the page says, from the files that will be published beside it."""
    model, metrics = load_model(trained.model), read_json(evaluated.metrics)
    epochs, test = read_epochs(trained), read_arrays(evaluated.test)
    predicted = Predicted.by(model, read_arrays(evaluated.scores, ["test_logit"])["test_logit"])
    reference = load_reference(evaluated.reference)
    return Facts(
        **facts_of_any(job, accepted),
        run_id=job.request[:8],
        preset=job.parameters.preset,
        seed=job.parameters.seed,
        rows={**accepted.row_counts, **parts.row_counts},
        metrics=metrics["parts"],
        epochs=epochs,
        best_epoch=trained.best_epoch,
        meaning={name: metrics[name] for name in MEANING},
        model=model_facts(model),
        threshold_spec=metrics["threshold_spec"],
        learnt_from=metrics["learnt_from"],
        quality=read_json(accepted.quality),
        proofs=metrics["proofs"],
        notes=metrics["notes"],
        companion=metrics["companion"],
        request=job.request,
        packages=package_versions(),
        thresholds=threshold_rows(test["y"], predicted.probability, model.threshold),
        features=draw_features(reference),
        faces=draw_mistakes(metrics["mistakes"], reference),
        figures=draw_figures(
            model,
            test["y"],
            predicted,
            epochs=epochs,
            best_epoch=trained.best_epoch,
            measured=metrics,
        ),
    )


def facts_of_any(job: Job, accepted: Accepted) -> dict[str, Any]:
    """Give what the page of a training, a sweep and a scoring say alike: of what, asked how."""
    return {
        "simulated": accepted.simulated,
        "source": {
            "origin": job.source.origin,
            "name": job.source.name,
            "sha256": job.source.file.sha256,
            "fingerprint": accepted.fingerprint,
        },
        "parameters": job.parameters.model_dump(mode="json", exclude={"out", "data", "origin"}),
        "code_version": code_version(),
    }
