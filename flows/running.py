"""Run the training flow from a terminal, on whichever Prefect server there is."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from flows.console import terminal
from flows.server import prefect_server
from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from schemas.sources import is_address, require_file, require_http

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
    # Said before anything heavy is imported: most refusals are a mistyped path.
    if is_address(parameters.data):
        require_http(parameters.data)
    else:
        require_file(Path(parameters.data).expanduser(), name=parameters.data)
    _require_writable(Path(parameters.out))
    quieten()
    with terminal("starting Prefect") as shown, prefect_server() as server:
        from prefect import tags

        from flows.training import train
        from tasks.runs import load_run
        from tasks.watching import watching

        import_what_tasks_need()
        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with watching(shown), prefect_tuned(), tags("pulsar", "training", "command-line"):
            published = train(parameters)
        return load_run(Path(published.path))


def _require_writable(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise ParameterError(
            f"--out {out}: runs cannot be written there ({error.strerror}); name another folder"
        ) from None


def import_what_tasks_need() -> None:
    """Import now, while the private server starts, what tasks would import one by one later."""
    for name in ("jinja2", "matplotlib.backends.backend_svg", "pandera.pandas", "pyarrow.parquet"):
        importlib.import_module(name)


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
