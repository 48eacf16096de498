"""Try every setting by cross-validation, and score the choice of the best one.

Both see the training and the validation part only. So a training with the best setting and the
same seed still has a test part that had no say in anything. Each step makes one pass over the
rows, or a few over few rows: a sweep that was cut short goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from prefect import task

from pulsars.learning import (
    describe_outer,
    draw_rounds,
    grid_of,
    parameters_to_train_with,
    setting_row,
    settings_csv,
)
from pulsars.report import setting_words
from pulsars.store import load_rows, part_indices, read_json, write_arrays, write_json, write_text
from schemas import (
    Accepted,
    ChosenBy,
    Drawn,
    Parts,
    PassesMade,
    ProcedureScored,
    RoundScored,
    SweepJob,
    Tried,
)
from slp import MEASURES, Swept, ranked
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="draw folds", task_run_name="draw folds seed {job.parameters.seed}", **STEP)
def draw(job: SweepJob, accepted: Accepted, parts: Parts) -> Drawn:
    """Keep the rows that a sweep may see, all but the test part in file order, and their folds."""
    rows, by_name = load_rows(accepted), part_indices(parts)
    seen = rows[np.sort(np.concatenate([by_name["train"], by_name["validation"]]))]
    drawn = draw_rounds(job, seen.X, seen.y, seen.source)
    file = write_arrays(job.steps_folder / "folds.npz", drawn)
    return Drawn(file=file, n_rounds=len(drawn["folds"]), n_rows=len(seen.y))


@task(name="rank", task_run_name="rank settings by {job.parameters.by}", **STEP)
def rank_settings(job: SweepJob, accepted: Accepted, passes: Sequence[PassesMade]) -> Tried:
    """Keep every setting of the grid, the best first, and how to train by it."""
    asked = job.parameters
    rows = [setting_row(each) for each in ranked(swept_by(job, passes), by=asked.by)]
    had_a_say = ChosenBy(
        sweep=job.request[:8],
        seed=asked.seed,
        validation_size=asked.validation_size,
        test_size=asked.test_size,
        fingerprint=accepted.fingerprint,
    )
    best_row = parameters_to_train_with(rows[0], asked, had_a_say)
    _log.info("best of %d settings: %s", len(rows), setting_words(rows[0]))
    return Tried(
        settings=write_json(job.run_folder / "settings.json", rows),
        table=write_text(job.run_folder / "sweep.csv", settings_csv(rows)),
        best=write_json(job.run_folder / "best.json", best_row),
    )


@task(name="score procedure", task_run_name="score procedure seed {job.parameters.seed}", **STEP)
def score_procedure(job: SweepJob, rounds: Sequence[RoundScored]) -> ProcedureScored:
    """Say what choosing and training come to on folds that had no part in either."""
    found = describe_outer([read_json(each.file) for each in rounds])
    mean, spread = found["mean"]["log_loss"], found["spread"]["log_loss"]
    _log.info(
        "the whole procedure: log loss %.4f ± %.4f in %d outer folds", mean, spread, len(rounds)
    )
    return ProcedureScored(outer=write_json(job.run_folder / "nested.json", found))


def swept_by(job: SweepJob, passes: Sequence[PassesMade]) -> tuple[Swept, ...]:
    """Read what the passes of a round measured."""
    settings = [each for some in grid_of(job.parameters).passes() for each in some]
    scores = [each for made in passes for each in read_json(made.scores)]
    return tuple(
        Swept(setting=setting, **{name: tuple(found[name]) for name in MEASURES})
        for setting, found in zip(settings, scores, strict=True)
    )
