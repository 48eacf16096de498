"""What the commands run: a flow each, of which the thing that it made is read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from command.launching import require_known, require_room, run_on_file, run_served
from command.options import require_labels
from schemas import (
    DASH,
    FeatureParameters,
    FeaturesMade,
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
    from schemas import Judged, ScoresPublished, SweepPublished


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
    if parameters.labels:  # a schedule can wait for the first word; a person wants to know
        require_labels(parameters.labels)
    done: Judged = run_on_file(parameters, "flows.training:train", kind="training")
    from pulsars.store import load_run

    return load_run(Path(done.path))


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
    done: SweepPublished = run_on_file(parameters, "flows.sweep:sweep", kind="sweep")
    from pulsars.store import load_sweep, write_bytes

    published = load_sweep(Path(done.path))
    if copy_to is not None:
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
    require_known(parameters.known)
    done: ScoresPublished = run_on_file(parameters, "flows.scoring:score", kind="scoring")
    from pulsars.store import load_scores

    return load_scores(Path(done.path), whole=not done.anew), done.anew


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

    if not is_address(parameters.inbox) and not at_home(parameters.inbox).is_dir():
        why = "there is no such folder; make it first"
        if at_home(parameters.inbox).exists():
            why = "that is a file; name its folder"
        raise SourceNotFoundError(f"{parameters.inbox}: {why}.")
    require_known(parameters.known)
    require_room(Path(parameters.out), "scores")
    if parameters.run is None:  # a schedule can wait for one, a person wants to know
        require_champion(Path(parameters.out))
    summary: dict[str, Any] = run_served(parameters, "flows.inbox:score_inbox", kind="inbox")
    return summary


def run_features(parameters: FeatureParameters) -> FeaturesMade:
    """Run the flow that measures folds.

    Parameters
    ----------
    parameters : FeatureParameters
        Which folds, and where the table goes.

    Returns
    -------
    FeaturesMade
        The table, and the account of the folds.

    Raises
    ------
    PulsarError
        If there is no fold, the table cannot be written, or the labels cannot be read or joined.
    """
    from pulsars.folds import require_labels_of_folds, require_target

    require_target(parameters.target, labelled=parameters.labels is not None)
    if parameters.labels is not None and DASH in {parameters.data, *parameters.more}:
        raise ParameterError(
            f"--labels {parameters.labels}: a fold is found there by the name of its file, and one "
            "from standard input (-) has none; save it as a file, and name that"
        )
    require_labels_of_folds(parameters.labels)
    made: FeaturesMade = run_on_file(parameters, "flows.features:features", kind="features")
    return made
