"""Commands that run a flow: options in, the flow run, what came of it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from command.options import (
    DATA_FOLDER,
    NOT_TYPED,
    AsJson,
    ParametersFile,
    expanded,
    require_root,
    takes,
)
from schemas import (
    OF_A_TABLE,
    FeatureParameters,
    InboxParameters,
    ScoreParameters,
    SweepParameters,
    TrainingParameters,
)

_TARGET = FeatureParameters.model_fields["target"]


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


@takes(SweepParameters)
def sweep(
    given: dict[str, Any],
    *,
    best_to: Annotated[
        Path | None,
        typer.Option(
            callback=expanded,
            metavar="FILE",
            help="Also write the best setting, as parameters, here.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try every combination of settings by cross-validation and publish which is best.

    The test part of the seed has no say, so `pulsar train --parameters` with the best setting
    and the same seed is still measured on candidates that nothing was chosen by.

    One setting that cannot be trained to its end (a learning rate too large, a minimum not reached)
    refuses the whole grid, and names the setting to leave out.
    """
    from command.running import run_sweep

    swept = run_sweep(SweepParameters(**given), copy_to=best_to)
    from command.show_sweep import print_swept  # after the run: it imports NumPy

    print_swept(swept, parameters_file=best_to or swept.parameters_file, as_json=as_json)


@takes(ScoreParameters)
def score(given: dict[str, Any], *, as_json: AsJson = False) -> None:
    """Score candidates, with or without labels, and rank them.

    They are first compared with what the model learnt from; what is too far from that is not
    scored. The same file, read alike, is scored once by the same model, whatever it is called.
    """
    from command.running import run_scoring
    from command.show_files import print_scored

    asked = ScoreParameters(**given)
    require_root(Path(asked.out))
    scored, anew = run_scoring(asked)
    print_scored(scored, anew=anew, as_json=as_json)


@takes(InboxParameters)
def inbox(given: dict[str, Any], *, as_json: AsJson = False) -> None:
    """Score every new file of a folder once, and set bad files aside with a report.

    One pass: run it again, or on a schedule, for what arrives later.
    """
    from command.running import run_inbox
    from command.show_files import print_pass

    code = print_pass(run_inbox(InboxParameters(**given)), as_json=as_json)
    raise typer.Exit(code)


@takes(FeatureParameters, but=(*OF_A_TABLE, *NOT_TYPED, "target"))
def features(
    given: dict[str, Any],
    *,
    target: Annotated[
        str, typer.Option("-o", "--target", metavar="FILE", help=_TARGET.description)
    ] = _TARGET.default,
    as_json: AsJson = False,
) -> None:
    """Measure folds (.pfd, .phcx): the eight statistics of each, and what it is, as a table.

    A fold that cannot be read or measured is set aside with its reason, and stops no other.
    """
    from command.running import run_features
    from command.show_folds import print_features

    made = run_features(FeatureParameters(**given, target=target))
    print_features(made, as_json=as_json)
