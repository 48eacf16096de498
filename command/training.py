"""`pulsar train` and `demo`: options in, the training flow run, what was learnt out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from command.options import DATA_FOLDER, AsJson, ParametersFile, expanded, takes
from schemas import TrainingParameters


@takes(TrainingParameters)
def train(
    given: dict[str, Any], *, parameters: ParametersFile = None, as_json: AsJson = False
) -> None:
    """Train on labelled candidates and publish the run."""
    from pulsars.reading import training_parameters

    _learn(training_parameters(given, file=parameters), as_json=as_json)


@takes(TrainingParameters, only=("out", "seed"))
def demo(
    given: dict[str, Any],
    *,
    folder: Annotated[
        Path,
        typer.Option(
            callback=expanded, file_okay=False, help="Where data are looked for and kept."
        ),
    ] = DATA_FOLDER,
    review: Annotated[
        bool,
        typer.Option("--review", help="Simulate a night of folds, score it, and look at it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train on HTRU2: found, or fetched from UCI, or else on simulated candidates.

    The first of: `$PULSAR_DATA_DIR/HTRU_2.csv`, `data/HTRU_2.csv`, UCI's archive (a few seconds
    of patience), the project's simulator. It says which. With --review it learns from simulated
    folds instead, below `demo` of the artifact root, and opens the page of `pulsar review` on more.
    """
    from command.demonstration import find_demo_data

    asked = TrainingParameters(data=str(folder), **given)  # refused before anything is fetched
    if review:
        from command.looking import look_at_a_night

        look_at_a_night(asked, folder, as_json=as_json)
        return
    found = str(find_demo_data(folder))
    _learn(asked.model_copy(update={"data": found}), as_json=as_json)


def _learn(asked: TrainingParameters, *, as_json: bool) -> None:
    from command.running import run_training
    from command.show_runs import print_learnt

    print_learnt(run_training(asked), as_json=as_json)
