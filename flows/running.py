"""Run a flow from a terminal, on whichever Prefect server there is."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TypeVar

from flows.collector import nothing_to_collect
from flows.console import terminal
from flows.server import prefect_server
from schemas.errors import ParameterError, SourceNotFoundError
from schemas.parameters import FileParameters, TrainingParameters
from schemas.score_parameters import InboxParameters, ScoreParameters
from schemas.sources import at_home, is_address, is_secret, require_file, require_http
from schemas.sweep_parameters import SweepParameters
from tasks.credentials import handed

if TYPE_CHECKING:
    from tasks.runs import PublishedRun
    from tasks.scores import ScoredFile
    from tasks.sweeps import PublishedSweep

_WRITES = {"training": "runs", "sweep": "sweeps", "scoring": "scores"}

F = TypeVar("F", bound=FileParameters)
P = TypeVar("P")
R = TypeVar("R")


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

    def flow() -> Callable[[TrainingParameters], PublishedRun]:
        from flows.training import train
        from tasks.runs import load_run

        return lambda asked: load_run(Path(train(asked).path))

    return _run(parameters, flow, kind="training")


def run_sweep(parameters: SweepParameters, *, copy_to: Path | None) -> PublishedSweep:
    """Run the sweep flow and read back the sweep that it published.

    Parameters
    ----------
    parameters : SweepParameters
        Data, seed, and what to try.
    copy_to : Path or None
        Receives a copy of the parameters file of the best setting.

    Returns
    -------
    PublishedSweep
        As it rests on disk.

    Raises
    ------
    PulsarError
        If the data or the parameters are at fault.
    """
    if copy_to is not None:
        if copy_to.is_dir():
            raise ParameterError(f"--best-to {copy_to} is a folder; name a file in it")
        _require_writable(copy_to.parent, option="--best-to", what="files")

    def flow() -> Callable[[SweepParameters], PublishedSweep]:
        from flows.sweep import sweep
        from tasks.sweeps import load_sweep

        return lambda asked: load_sweep(Path(sweep(asked).path))

    published = _run(parameters, flow, kind="sweep")
    if copy_to is not None:
        from tasks.files import write_bytes

        write_bytes(copy_to, published.parameters_file.read_bytes())
    return published


def run_scoring(parameters: ScoreParameters) -> tuple[ScoredFile, bool]:
    """Run the scoring flow and read back the scores.

    Parameters
    ----------
    parameters : ScoreParameters
        The file, and who scores it.

    Returns
    -------
    scored : ScoredFile
        As it rests on disk.
    anew : bool
        False when the same file had been scored by the same model before.

    Raises
    ------
    PulsarError
        If there is no model, the file is at fault, or it is too far from what the model knows.
    """

    def flow() -> Callable[[ScoreParameters], tuple[ScoredFile, bool]]:
        from flows.scoring import score
        from tasks.scores import load_scores

        def run(asked: ScoreParameters) -> tuple[ScoredFile, bool]:
            done = score(asked)
            return load_scores(Path(done.path)), done.anew

        return run

    return _run(parameters, flow, kind="scoring")


def run_inbox(parameters: InboxParameters) -> dict[str, Any]:
    """Run one pass over an inbox.

    Parameters
    ----------
    parameters : InboxParameters
        The inbox, and who scores it.

    Returns
    -------
    dict
        As of `tasks.passing.Pass.summary`.

    Raises
    ------
    PulsarError
        If there is no model or no such inbox; what is wrong with a file is no error here.
    """
    from tasks.champions import require_champion

    def flow() -> Callable[[InboxParameters], dict[str, Any]]:
        from flows.inbox import score_inbox

        return score_inbox

    if not is_address(parameters.inbox) and not at_home(parameters.inbox).is_dir():
        raise SourceNotFoundError(f"{parameters.inbox}: there is no such folder; make it first.")
    _require_writable(Path(parameters.out), option="--out", what="scores")
    if parameters.run is None:
        require_champion(
            Path(parameters.out)
        )  # a schedule can wait for one, a person wants to know
    return _run_served(parameters, flow, kind="inbox")


def _run(parameters: F, load_flow: Callable[[], Callable[[F], R]], *, kind: str) -> R:
    """Run a flow on a file that is there, when results can be written."""
    # Said before anything heavy is imported: most refusals are a mistyped path.
    if not is_address(parameters.data):
        require_file(at_home(parameters.data), name=parameters.data)
    elif not is_secret(parameters.data):
        require_http(parameters.data)
    _require_writable(Path(parameters.out), option="--out", what=_WRITES[kind])
    with handed(parameters.data) as shown:  # for Prefect writes down what a flow is called with
        bare = parameters.model_copy(update={"data": shown})
        return _run_served(bare, load_flow, kind=kind)


def _run_served(parameters: P, load_flow: Callable[[], Callable[[P], R]], *, kind: str) -> R:
    """Run a flow that is imported only once the private server, if need be, is on its way."""
    quieten()
    with terminal("starting Prefect") as shown, prefect_server() as server:
        with nothing_to_collect():
            from prefect import tags

            from tasks.watching import watching

            run = load_flow()
            import_what_tasks_need()
        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with watching(shown), prefect_tuned(), tags("pulsar", kind, "command-line"):
            return run(parameters)


def _require_writable(folder: Path, *, option: str, what: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ParameterError(
            f"{option} {folder}: {what} cannot be written there ({error.strerror}); name another "
            f"folder"
        ) from None


def import_what_tasks_need() -> None:
    """Import now, while the private server starts, what tasks would import one by one later."""
    for name in (
        "fastapi.encoders",  # Prefect's own, for the parameters of a run
        "jinja2",
        "matplotlib.backends.backend_svg",
        "matplotlib.figure",
        "pandera.pandas",
        "pyarrow.parquet",
    ):
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
