"""Run a flow from a terminal, on whichever Prefect server there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from command.console import err, terminal
from command.starving import require_files_to_open
from pulsars.credentials import handed
from pulsars.reading import find_members, require_file
from schemas import (
    FileParameters,
    InboxParameters,
    ParameterError,
    ScoreParameters,
    SourceNotFoundError,
    SweepParameters,
    TrainingParameters,
    at_home,
    called_like_a_fold,
    is_address,
    is_secret,
    require_fetched,
)
from service import (
    import_what_tasks_need,
    nothing_to_collect,
    prefect_server,
    prefect_tuned,
    quieten,
)

if TYPE_CHECKING:
    from pulsars.store import PublishedRun, PublishedSweep, ScoredFile
    from schemas import ScoresPublished

_WRITES = {"training": "runs", "sweep": "sweeps", "scoring": "scores", "features": "downloads"}

F = TypeVar("F", bound=FileParameters)
P = TypeVar("P")
R = TypeVar("R")
Loaded: TypeAlias = tuple[Callable[[P], Any], Callable[[Any], R]]
"""A flow, and what reads back the thing that it made."""


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

    def flow() -> Loaded[TrainingParameters, PublishedRun]:
        from flows.training import train
        from pulsars.store import load_run

        return train, lambda done: load_run(Path(done.path))

    _require_labels(parameters.labels)
    return run_on_file(parameters, flow, kind="training")


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
        require_writable(copy_to.parent, option="--best-to", what="files")
        from pulsars.store import require_ours

        require_ours(copy_to, b'"chosen_by"')

    def flow() -> Loaded[SweepParameters, PublishedSweep]:
        from flows.sweep import sweep
        from pulsars.store import load_sweep

        return sweep, lambda done: load_sweep(Path(done.path))

    published = run_on_file(parameters, flow, kind="sweep")
    if copy_to is not None:
        from pulsars.store import write_bytes

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

    def flow() -> Loaded[ScoreParameters, tuple[ScoredFile, bool]]:
        from flows.scoring import score
        from pulsars.store import load_scores

        def read_back(done: ScoresPublished) -> tuple[ScoredFile, bool]:
            return load_scores(Path(done.path), whole=not done.anew), done.anew

        return score, read_back

    return run_on_file(parameters, flow, kind="scoring")


def run_inbox(parameters: InboxParameters) -> dict[str, Any]:
    """Run one pass over an inbox.

    Parameters
    ----------
    parameters : InboxParameters
        The inbox, and who scores it.

    Returns
    -------
    dict
        As of `pulsars.inbox.passing.Pass.summary`.

    Raises
    ------
    PulsarError
        If there is no model or no such inbox; what is wrong with a file is no error here.
    """
    from pulsars.store import require_champion

    def flow() -> Loaded[InboxParameters, dict[str, Any]]:
        from flows.inbox import score_inbox

        return score_inbox, lambda summary: summary

    if not is_address(parameters.inbox) and not at_home(parameters.inbox).is_dir():
        raise SourceNotFoundError(f"{parameters.inbox}: there is no such folder; make it first.")
    require_writable(Path(parameters.out), option="--out", what="scores")
    if parameters.run is None:
        require_champion(
            Path(parameters.out)
        )  # a schedule can wait for one, a person wants to know
    return _run_served(parameters, flow, kind="inbox")


def _require_labels(labels: str | None) -> None:
    if labels and not at_home(labels).exists():
        # A schedule can wait for the first word; a person wants to know.
        raise SourceNotFoundError(
            f"--labels {labels}: there is no such file; `pulsar review` writes it"
        )


def run_on_file(parameters: F, load_flow: Callable[[], Loaded[F, R]], *, kind: str) -> R:
    """Run a flow on a file that is there, when results can be written."""
    # Said before anything heavy is imported: most refusals are a mistyped path.
    found = find_members([parameters.data, *parameters.more])
    for one in found:
        if len(found) > 1 and called_like_a_fold(one):
            continue  # what is wrong with one of many sets aside that one
        if not is_address(one):
            require_file(at_home(one), name=one)
        elif not is_secret(one):
            require_fetched(one)
    require_writable(Path(parameters.out), option="--out", what=_WRITES[kind])
    with handed(parameters.data) as shown:  # for Prefect writes down what a flow is called with
        bare = parameters.model_copy(update={"data": shown})
        return _run_served(bare, load_flow, kind=kind)


def _run_served(parameters: P, load_flow: Callable[[], Loaded[P, R]], *, kind: str) -> R:
    """Run a flow that is imported only once the private server, if need be, is on its way."""
    require_files_to_open()
    quieten()
    with terminal("starting Prefect") as shown, prefect_server(_warn) as server:
        with nothing_to_collect():
            from prefect import tags

            from command.insisting import insist
            from tasks import watching

            run, read_back = load_flow()
            import_what_tasks_need()
        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with watching(shown), prefect_tuned(), tags("pulsar", kind, "command-line"):
            return read_back(insist(run, parameters, server=server, shown=shown))


def _warn(sentence: str) -> None:
    err().print(sentence, markup=False)


def require_writable(folder: Path, *, option: str, what: str) -> None:
    """Make sure that files can be written to a folder, which is made; else `ParameterError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ParameterError(
            f"{option} {folder}: {what} cannot be written there ({error.strerror}); name another "
            f"folder"
        ) from None
