"""What the commands run: a flow each, and what reads back the thing that it made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from command.launching import (
    Loaded,
    require_known,
    require_labels,
    require_room,
    run_on_file,
    run_served,
)
from schemas import (
    InboxParameters,
    ParameterError,
    ScoreParameters,
    SourceNotFoundError,
    SweepParameters,
    TrainingParameters,
    at_home,
    is_address,
)

if TYPE_CHECKING:
    from pulsars.store import PublishedRun, PublishedSweep, ScoredFile
    from schemas import ScoresPublished


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

    require_labels(parameters.labels)
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

    require_known(parameters.known)
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
        why = "there is no such folder; make it first"
        if at_home(parameters.inbox).exists():
            why = "that is a file; name its folder"
        raise SourceNotFoundError(f"{parameters.inbox}: {why}.")
    require_known(parameters.known)
    require_room(Path(parameters.out), "scores")
    if parameters.run is None:
        require_champion(
            Path(parameters.out)
        )  # a schedule can wait for one, a person wants to know
    return run_served(parameters, flow, kind="inbox")
