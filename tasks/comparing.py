"""Compare the partitions of a long table with what the model learnt from, side by side."""

from __future__ import annotations

from prefect import task

from pulsars.learning import best_first, compare_part
from pulsars.store import (
    columns_of,
    load_companion,
    load_model,
    load_reference,
    write_arrays,
    write_json,
)
from schemas import FEATURE_NAMES, LABEL, Accepted, PartCompared, ScoreJob
from tasks.plumbing.runners import Runner
from tasks.plumbing.steps import STEP


@task(name="compare part", task_run_name="compare partition {number}", **STEP)
def compare_one(job: ScoreJob, accepted: Accepted, number: int) -> PartCompared:
    """Count the candidates of a partition, and keep the logits of whoever may come to rank them.

    Beside them are kept the order that the model puts them in, so that who ranks all has but to
    merge, and labels, for whoever measures.
    """
    layers = {"model": load_model(job.chosen.model), "companion": load_companion(job.chosen.model)}
    labelled = [] if accepted.n_pulsars is None else [LABEL]
    with columns_of(accepted.table.partitions[number], [*FEATURE_NAMES, *labelled]) as rows:
        tally, logits = compare_part(
            rows,
            load_reference(job.chosen.reference),
            {name: layer for name, layer in layers.items() if layer},
            threads=1,  # partitions are worked on side by side
        )
    return PartCompared(
        tally=write_json(job.steps_folder / f"tally-{number:05d}.json", tally.to_dict()),
        logits=write_arrays(
            job.steps_folder / f"logits-{number:05d}.npz",
            logits
            | {"order": best_first(logits["model"])}
            | {name: rows[name].to_numpy() for name in labelled},
        ),
    )


def compare_parts(job: ScoreJob, accepted: Accepted, runner: Runner) -> list[PartCompared]:
    """Compare the partitions of a table in several, side by side; of a table in one there are none.

    A table in one partition is compared by `check_drift` itself, and scored in one step.
    """
    n_parts = len(accepted.table.partitions)
    if n_parts == 1:
        return []
    # The whole record, for by its handles alone Prefect would draw no arrow.
    calls = [{"job": job, "accepted": accepted, "number": number} for number in range(n_parts)]
    return runner.map(compare_one, calls)
