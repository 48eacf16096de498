"""Train the perceptron, and choose its epoch and threshold, on all rows but those of the test.

On what people reviewed too, once that is joined to them. Or replay a run of the book, draw for
draw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from itertools import chain
from typing import get_args

import numpy as np
from prefect import task

from pulsars.learning import (
    Fitted,
    OnEpoch,
    Reviews,
    drifted_note,
    fit_companion,
    fit_over,
    fit_perceptron,
    join_settled,
    learnt_rows,
)
from pulsars.store import (
    Learnt,
    describe_model,
    in_threads,
    load_resampled,
    load_rows,
    part_indices,
    partitions_in_chunks,
    read_arrays,
    write_arrays,
    write_epoch_rows,
    write_json,
    write_learnt,
    write_text,
)
from schemas import (
    Accepted,
    HeldOut,
    Parts,
    Preset,
    Replayed,
    Reviewed,
    Settled,
    Trained,
    TrainingJob,
    TrainingParameters,
    TrainingRows,
)
from slp import Perceptron, Resampled
from slp import replay as replay_book
from tasks.plumbing.observing import progress_artifact
from tasks.plumbing.steps import STEP
from tasks.plumbing.watchers import progressed
from tasks.splitting import keep_parts, keep_rows

_log = logging.getLogger(__name__)


@task(name="join", task_run_name="join reviewed candidates", **STEP)
def join(
    job: TrainingJob, settled: Settled, accepted: Accepted, parts: Parts | HeldOut
) -> Reviewed:
    """Keep what is learnt from, and the account of what is not."""
    joined, account = join_settled(job, settled, accepted, parts)
    _log.info("reviewed: %s", ", ".join(f"{n} {name[2:]}" for name, n in joined.counts().items()))
    if settled.n_drifted:
        _log.warning("note: %s", drifted_note(settled.n_drifted))
    return Reviewed(
        file=write_arrays(job.steps_folder / "reviewed.npz", vars(joined.reviews)),
        account=write_json(job.run_folder / "reviewed.json", account),
    )


@task(name="train", task_run_name="train seed {job.parameters.seed}", **STEP)
def fit(
    job: TrainingJob,
    accepted: Accepted,
    parts: Parts,
    rows: TrainingRows,
    reviewed: Reviewed | None = None,
) -> Trained:
    """Train, and keep the model as JSON and its learning curve as CSV."""
    known, resampled, reviews = load_rows(accepted), load_resampled(rows), Reviews.load(reviewed)
    indices = reviews.among(part_indices(parts), len(known.y))
    X, y = reviews.beside(known.X, known.y)
    with telling_epochs(job.parameters.n_epochs) as on_epoch:
        fitted = fit_perceptron(
            X, y, indices, resampled, job.parameters, on_epoch=on_epoch, n_drawn=len(known.y)
        )
    both = np.concatenate([indices["train"], indices["validation"]])
    companion = fit_companion(X[both], y[both])  # which chooses nothing on either
    trained = keep_model(job, accepted, fitted, companion)
    if trained.note:
        _log.info("note: %s", trained.note)
    unit = unit_of(job.parameters)
    kept, threshold = trained.best_epoch, fitted.model.threshold
    _log.info("trained %d %s, kept %d, threshold %.3g", trained.n_epochs, unit, kept, threshold)
    if job.parameters.refits:
        _log.info("learnt from the training and the validation part: nothing to choose on either")
    if reviewed is None:
        return trained
    seen = write_arrays(job.run_folder / "seen.npz", Learnt.of(X[both]).to_arrays())
    return trained.model_copy(update={"seen": seen, "reviewed": reviewed.account})


@task(name="train", task_run_name="train seed {job.parameters.seed}", **STEP)
def fit_held(
    job: TrainingJob, accepted: Accepted, held: HeldOut, reviewed: Reviewed | None = None
) -> Trained:
    """Train on all rows that are not held out, a partition at a time."""
    codes, refits = read_arrays(held.codes)["part"], job.parameters.refits
    reviews = Reviews.load(reviewed)
    sample, indices = load_rows(held.measured(accepted)), part_indices(held.sample_parts)
    shown = sample[indices["train" if refits else "validation"]]
    starts = np.cumsum([0, *accepted.table.n_rows])
    groups = [  # the rows of each partition that are learnt from, labelled as people say
        learnt_rows(chunks, codes[start:], refits=refits, reviews=reviews, first=int(start))
        for chunks, start in zip(partitions_in_chunks(accepted.table), starts, strict=False)
    ]
    n_rows = held.parts.n_train + (held.parts.n_validation if refits else 0) + len(reviews.y)
    with telling_epochs(job.parameters.n_epochs) as on_epoch:
        fitted = fit_over(
            groups,
            (shown.X, shown.y),
            job.parameters,
            n_rows=n_rows,
            beside=partial(iter, [(reviews.X, reviews.y)]) if len(reviews.y) else None,
            mapped=in_threads(),
            on_epoch=on_epoch,
        )
    both = np.concatenate([indices["train"], indices["validation"]])
    X, y = np.append(sample.X[both], reviews.X, axis=0), np.append(sample.y[both], reviews.y)
    rows = chain.from_iterable(group() for group in groups)
    learnt = chain((X for X, _ in rows), [reviews.X])
    with ThreadPoolExecutor(1) as aside:
        companion = aside.submit(fit_companion, X, y)  # the sample's: soon done, whatever happens
        seen = write_learnt(job.run_folder / "seen.npz", learnt)
        trained = keep_model(job, accepted, fitted, companion.result())
    unit, threshold = unit_of(job.parameters), fitted.model.threshold
    said = "trained %d %s on %d rows, kept %d, threshold %.3g"
    _log.info(said, trained.n_epochs, unit, n_rows, trained.best_epoch, threshold)
    account = reviewed.account if reviewed else None
    return trained.model_copy(update={"seen": seen, "reviewed": account})


@contextmanager
def telling_epochs(n_epochs: int) -> Iterator[OnEpoch]:
    """Give what is to be called after each epoch, so that whoever watches sees how far it is."""
    with progress_artifact("training-progress", "Epochs trained") as move:

        def on_epoch(epoch: int, _loss: float, _validation_loss: float | None) -> None:
            progressed("train", epoch + 1, n_epochs)
            move(100 * (epoch + 1) / n_epochs)

        yield on_epoch
    progressed("train", n_epochs, n_epochs)


def unit_of(parameters: TrainingParameters) -> str:
    """Name what a training goes by, for the log."""
    return "epochs" if parameters.solver == "sgd" else "steps"


def keep_model(
    job: TrainingJob, accepted: Accepted, fitted: Fitted, companion: Perceptron | None
) -> Trained:
    """Write `model.json`, the companion within, and `epochs.csv`; give their handles."""
    return Trained(
        model=write_json(
            job.run_folder / "model.json", describe_model(fitted.model, companion, accepted)
        ),
        epochs=write_text(job.run_folder / "epochs.csv", write_epoch_rows(fitted.epochs)),
        best_epoch=fitted.best_epoch,
        n_epochs=len(fitted.epochs),
        note=fitted.note,
    )


_RUNS = dict(zip(get_args(Preset), ("plain", "extended", "balanced"), strict=True))


@task(name="replay", task_run_name="replay {job.parameters.preset}", **STEP)
def replay(job: TrainingJob, accepted: Accepted) -> Replayed:
    """Split, repeat and train as the book does; it has no validation part."""
    known = load_rows(accepted)
    found = replay_book(known.X, known.y, run=_RUNS[job.parameters.preset])
    train, test = found.train_indices, found.test_indices
    nobody = np.empty(0, dtype=np.int64)
    parts = keep_parts(
        job.run_folder / "split.npz", {"train": train, "validation": nobody, "test": test}
    )
    rows = keep_rows(job, Resampled(train, None, float(known.y[train].mean())))
    epochs = [{**asdict(epoch), "validation_loss": None} for epoch in found.epochs]
    for epoch in found.epochs:
        _log.info(
            "epoch %2d: loss %.3f, accuracy %.3f, precision %.3f, recall %.3f, F1 %.3f",
            epoch.epoch,
            epoch.loss,
            epoch.accuracy,
            epoch.precision,
            epoch.recall,
            epoch.f1,
        )
    fitted = Fitted(found.model, epochs, len(epochs))
    companion = fit_companion(known.X[train], known.y[train])
    trained = keep_model(job, accepted, fitted, companion)
    return Replayed(parts=parts, rows=rows, trained=trained)
