"""Have what a run needs before it begins: the file, the model, and a directory of its own."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from prefect import task

from pulsars.reading import folders_passed_over, obtain
from pulsars.store import UNFINISHED, J, find_model, known_as, open_job
from schemas import (
    Catalogue,
    Chosen,
    FileParameters,
    Record,
    ScoreJob,
    ScoreParameters,
    Settled,
    Source,
    SweepJob,
    SweepParameters,
    TrainingJob,
    TrainingParameters,
    is_address,
    require_bare,
)
from tasks.plumbing.blocks import opened
from tasks.plumbing.steps import IO, LONG_IO
from tasks.plumbing.watchers import progressed

_log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 120.0


@task(name="fetch", task_run_name="fetch {parameters.data_name}", **LONG_IO)
def fetch(parameters: FileParameters) -> Source:
    """Have the file on this machine and know its hash."""
    require_bare(parameters.data)  # Prefect has written it down by now; nothing else shall
    downloads = Path(parameters.out) / "downloads"
    with opened(parameters.data):
        source = obtain(
            parameters.data,
            downloads,
            more=parameters.more,
            patience=_PATIENCE_SECONDS,
            limits=parameters.limits,
            on_bytes=partial(progressed, "fetch"),
        )
    word = "fetched" if is_address(source.origin) else "found"
    _log.info("%s %s, sha256 %s…", word, source.origin, source.file.sha256[:12])
    if said := folders_passed_over([parameters.data, *parameters.more]):
        _log.info("note: %s", said)
    return source.own()


@task(name="choose model", task_run_name="choose model", **IO)
def choose_model(out: str, run: str | None) -> Chosen:
    """Find the model and the summary of what it learnt from."""
    chosen = find_model(Path(out), run)
    why = "as asked" if run else "the champion"
    _log.info("model of %s (%s), sha256 %s…", chosen.run, why, chosen.model.sha256[:12])
    return chosen


@task(name="prepare", task_run_name="prepare seed {parameters.seed}", **IO)
def prepare(
    source: Source, parameters: TrainingParameters, settled: Settled | None = None
) -> TrainingJob:
    """Find the directory that an interrupted training of the same request left, or make one."""
    more = {"settled": settled} if settled else {}
    return _say_where(*open_job(source, parameters, TrainingJob, **more))


@task(name="prepare", task_run_name="prepare seed {parameters.seed}", **IO)
def prepare_sweep(source: Source, parameters: SweepParameters) -> SweepJob:
    """Find the directory that an interrupted sweep of the same request left, or make one."""
    return _say_where(*open_job(source, parameters, SweepJob))


@task(name="prepare", task_run_name="prepare {parameters.data_name}", **IO)
def prepare_scoring(
    source: Source, parameters: ScoreParameters, chosen: Chosen, catalogue: Catalogue | None = None
) -> ScoreJob:
    """Find the directory that an interrupted scoring of the same request left, or make one."""
    named = known_as(source, parameters)
    more: dict[str, Record] = {"catalogue": catalogue} if catalogue else {}
    return _say_where(*open_job(named, parameters, ScoreJob, chosen=chosen, **more))


def _say_where(job: J, found: bool) -> J:  # noqa: FBT001 - what `open_job` gives
    _log.info(
        "going on in %s" if found else "working in %s",
        Path(job.parameters.out) / UNFINISHED / job.request[:16],
    )
    return job.own()
