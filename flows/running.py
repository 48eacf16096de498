"""Run the training flow from a terminal, on whichever Prefect server there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.console import terminal
from flows.server import prefect_server
from schemas.parameters import TrainingParameters
from schemas.sources import require_file

if TYPE_CHECKING:
    from tasks.runs import PublishedRun


def run_training(parameters: TrainingParameters) -> PublishedRun:
    """Run the training flow and read back the run that it published.

    Parameters
    ----------
    parameters : TrainingParameters
        Data, seed, and how to train.

    Returns
    -------
    PublishedRun
        As it rests on disk.

    Raises
    ------
    PulsarError
        If the data, the parameters or what the run proved about itself are at fault.
    """
    if "://" not in parameters.data:
        # Said before anything heavy is imported: most refusals are a mistyped path.
        require_file(Path(parameters.data).expanduser(), name=parameters.data)
    quieten()
    with terminal("starting Prefect") as shown, prefect_server() as server:
        from flows.training import train
        from tasks.observing import watching
        from tasks.runs import load_run

        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with watching(shown), prefect_tuned():
            published = train(parameters)
        return load_run(Path(published.path))


def quieten() -> None:
    """Leave Prefect's log to its server: on the terminal it would say everything twice."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


@contextmanager
def prefect_tuned() -> Iterator[None]:
    """Spare a run at a terminal what only a long deployment needs, and lose none of its log.

    A sync flow waits a second for its heartbeat thread; heartbeats are for runs that nobody
    watches. The last log lines are sent before the private server ends.
    """
    from prefect.logging.handlers import APILogWorker
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            yield
        finally:
            APILogWorker.drain_all(timeout=5)
