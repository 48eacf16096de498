"""Facts of the page of a training, and of any, from the files that will be published beside it."""

from __future__ import annotations

from typing import Any

from pulsars.learning import Predicted
from pulsars.report.faces import draw_features, draw_mistakes
from pulsars.report.figures import draw_figures, model_facts, threshold_rows
from pulsars.report.training_page import Facts
from pulsars.store import (
    MEANING,
    code_version,
    load_model,
    load_reference,
    package_versions,
    read_arrays,
    read_epoch_rows,
    read_json,
)
from schemas import (
    Accepted,
    Evaluated,
    Job,
    Parts,
    Trained,
    TrainingJob,
)


def gather_facts(
    job: TrainingJob, accepted: Accepted, parts: Parts, trained: Trained, evaluated: Evaluated
) -> Facts:
    """Collect what the page of a training says, from the files that will be published beside it.

    Parameters
    ----------
    job : TrainingJob
    accepted : Accepted
    parts : Parts
    trained : Trained
    evaluated : Evaluated
        Handles of a training, whose files are opened here, after their hashes.

    Returns
    -------
    Facts
        With figures and faces drawn.
    """
    model, metrics = load_model(trained.model), read_json(evaluated.metrics)
    epochs = read_epoch_rows(trained.epochs.verified())
    test = read_arrays(evaluated.test)
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
