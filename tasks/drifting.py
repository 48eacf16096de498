"""Compare candidates with what the model learnt from, and stop where scores would mislead.

What is ranked all the same, because it was asked for, is ranked by the model's companion.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from prefect import task

from pulsars.folds import convention_sentence
from pulsars.learning import compare_part, ranks
from pulsars.reading import curve_doubt
from pulsars.report import data_uri, describe_drift, drift_overlays, drift_table
from pulsars.store import (
    columns_of,
    load_companion,
    load_reference,
    read_json,
    write_json,
)
from schemas import (
    FEATURE_NAMES,
    Accepted,
    Compared,
    DriftError,
    PartCompared,
    ScoreJob,
    TableRef,
)
from slp import Reference, Tally, judge_drift
from tasks.plumbing.observing import leave_image, leave_table
from tasks.plumbing.steps import PAGE

_log = logging.getLogger(__name__)


@task(name="check drift", task_run_name="compare with {job.chosen.run}", **PAGE)
def check_drift(job: ScoreJob, accepted: Accepted, parts: Sequence[PartCompared] = ()) -> Compared:
    """Measure drift, leave its table and where it lies, and refuse to score what is too far off.

    Raises
    ------
    DriftError
        If the level is "stop", and it was not asked to go on despite that, or the run has no
        companion: its model may turn the order over.
    """
    reference = load_reference(job.chosen.reference)
    drift = judge_drift(reference, _tally(reference, accepted.table, parts))
    kinds = convention_sentence(accepted.folds, job.chosen.folds, run=job.chosen.run)
    doubt = curve_doubt(read_json(accepted.quality)["warnings"])
    found = describe_drift(drift, run=job.chosen.run, another_kind=kinds, doubt=doubt)
    sentence = found["sentence"]
    leave_table("drift", drift_table(drift), f"{drift.level}: {sentence}")
    if drift.level in {"watch", "stop"}:  # a file that is refused has no page to show it
        leave_image("drift-features", data_uri(drift_overlays(found)), sentence)
    _log.info("drift %s: %s", drift.level, sentence)
    if drift.level == "stop" and not job.parameters.despite_drift:
        # Curves that changed places no companion ranks: its order would be upside down.
        ranked = "; or have them ranked, without probabilities, with --despite-drift" * (not doubt)
        raise DriftError(
            f"{job.source.origin}: not scored. {sentence} {'Or train' if doubt else 'Train'} a "
            f"model for this survey, or name a run that knows it with --run{ranked}."
        )
    by = ranks(drift.level)
    if by == "companion" and load_companion(job.chosen.model) is None:
        raise DriftError(
            f"{job.source.origin}: not ranked. {sentence} {job.chosen.run} has no companion, the "
            f"layer that ranks what a model does not know, and its model may turn the order over: "
            f"an earlier version of pulsar made it. Train again, or name a run that has one with "
            f"--run."
        )
    return Compared(
        drift=write_json(job.run_folder / "drift.json", found),
        level=drift.level,
        ranked_by=by,
    )


def _tally(reference: Reference, table: TableRef, parts: Sequence[PartCompared]) -> Tally:
    """Add up the tallies of the partitions: whole numbers, so their order and size do not tell."""
    tallies = [Tally.from_dict(reference.grid, read_json(part.tally)) for part in parts]
    if not parts:
        for file in table.partitions:
            with columns_of(file, FEATURE_NAMES) as rows:
                tallies.append(compare_part(rows, reference)[0])
    return sum(tallies[1:], tallies[0])
