"""Try every setting by cross-validation, and score the choice of the best one.

Both see the training and the validation part only. So a training with the best setting and the
same seed still has a test part that had no say in anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from prefect import task

from pulsars.learning.folding import refused_in_words, require_folds
from pulsars.learning.settings import (
    describe_outer,
    grid_of,
    parameters_to_train_with,
    setting_row,
    settings_csv,
)
from pulsars.learning.streams import rng_for
from pulsars.report.words import setting_words
from pulsars.store.arrays import features_and_labels, part_indices
from pulsars.store.files import write_json, write_text
from schemas.chosen_by import ChosenBy
from schemas.records import Parts
from schemas.sweep_records import ProcedureScored, SweepJob, Tried
from slp.choosing.cross_validation import sweep
from slp.choosing.nested import score_procedure
from slp.choosing.results import ranked
from tasks.observing import progress_artifact
from tasks.steps import STEP
from tasks.watching import progressed

_log = logging.getLogger(__name__)


@task(name="sweep", task_run_name="sweep seed {job.parameters.seed}", **STEP)
def try_settings(job: SweepJob, parts: Parts) -> Tried:
    """Cross-validate every setting of the grid, the best first in what is kept."""
    X, y = rows_to_sweep(parts)
    asked = job.parameters
    grid = grid_of(asked)
    require_folds(job, X, y)
    with refused_in_words(job), _passes_shown("sweep", grid.n_passes) as on_pass:
        rng = rng_for(asked.seed, "sweep")
        swept = sweep(X, y, grid=grid, n_folds=asked.n_folds, rng=rng, on_pass=on_pass)
    rows = [setting_row(each) for each in ranked(swept, by=asked.by)]
    best = parameters_to_train_with(rows[0], asked, chosen_by_this(job, parts))
    _log.info("best of %d settings: %s", len(rows), setting_words(rows[0]))
    return Tried(
        parts=parts,
        settings=write_json(job.run_folder / "settings.json", rows),
        table=write_text(job.run_folder / "sweep.csv", settings_csv(rows)),
        best=write_json(job.run_folder / "best.json", best),
    )


@task(name="score procedure", task_run_name="score procedure seed {job.parameters.seed}", **STEP)
def score_choice(job: SweepJob, parts: Parts) -> ProcedureScored:
    """Choose anew without each outer fold, and measure there what was chosen."""
    X, y = rows_to_sweep(parts)
    asked = job.parameters
    grid = grid_of(asked)
    n_passes = asked.n_folds * grid.n_passes
    with refused_in_words(job), _passes_shown("score procedure", n_passes) as on_pass:
        outer = score_procedure(
            X,
            y,
            grid=grid,
            n_outer=asked.n_folds,
            n_inner=asked.n_folds,
            by=asked.by,
            rng=rng_for(asked.seed, "procedure"),
            on_pass=on_pass,
        )
    found = describe_outer(outer)
    mean, spread = found["mean"]["log_loss"], found["spread"]["log_loss"]
    _log.info(
        "the whole procedure: log loss %.4f ± %.4f in %d outer folds", mean, spread, len(outer)
    )
    return ProcedureScored(parts=parts, outer=write_json(job.run_folder / "nested.json", found))


def rows_to_sweep(parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Load the rows that a sweep may see: all but the test part, in the order of the file.

    Returns
    -------
    X : ndarray of shape (n_train + n_validation, 8), float64
    y : ndarray of shape (n_train + n_validation,), int8
    """
    X, y = features_and_labels(parts.accepted)
    by_name = part_indices(parts)
    seen = np.sort(np.concatenate([by_name["train"], by_name["validation"]]))
    return X[seen], y[seen]


def chosen_by_this(job: SweepJob, parts: Parts) -> ChosenBy:
    """Say which rows had a say: by sweep, split and candidates."""
    asked = job.parameters
    return ChosenBy(
        sweep=job.request[:8],
        seed=asked.seed,
        validation_size=asked.validation_size,
        test_size=asked.test_size,
        fingerprint=parts.accepted.fingerprint,
    )


@contextmanager
def _passes_shown(what: str, n_passes: int) -> Iterator[Callable[[int], None]]:
    """Show a bar at the terminal and one in the Prefect UI; give what moves both."""
    key = what.replace(" ", "-")
    with progress_artifact(f"{key}-progress", f"Passes of {what}") as move:

        def on_pass(number: int) -> None:
            progressed(what, number + 1, n_passes)
            move(100 * (number + 1) / n_passes)

        progressed(what, 0, n_passes)
        yield on_pass
