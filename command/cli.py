"""The `pulsar` command: options in, flows run, results out.

Nothing heavy is imported here, so that `pulsar --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from command import history as history_cli
from command import runs as runs_cli
from command import service as up_cli
from command.options import (
    AsJson,
    Columns,
    Data,
    Drop,
    MaxBytes,
    MaxCells,
    MaxQuarantine,
    Out,
    Oversample,
    ParametersFile,
    Preset,
    Seed,
    Threshold,
    only_given,
)
from command.process import end_like_ctrl_c, leave, open_standard_streams, run_command
from command.scoring import inbox, score
from command.sweep import sweep
from service.collector import end_without_collecting

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing what draws boxes would triple the time to the first help
    help="From labelled pulsar candidates to a perceptron that can be trusted.",
    epilog="Exit codes: 0 done, 1 internal, 2 usage, 3 data refused, 4 gate not passed, "
    "130 interrupted.",
)


@app.command(
    epilog="Examples:\n\n`pulsar train HTRU_2.csv`\n\n"
    "`pulsar train survey.csv --threshold recall:0.95 --seed 7`\n\n"
    "`pulsar train HTRU_2.csv --preset book-balanced`"
)
def train(  # noqa: PLR0913 - one argument an option
    data: Data,
    *,
    out: Out = Path("artifacts"),
    seed: Seed = None,
    max_quarantine: MaxQuarantine = None,
    max_bytes: MaxBytes = None,
    max_cells: MaxCells = None,
    preset: Preset = None,
    oversample: Oversample = None,
    threshold: Threshold = None,
    columns: Columns = None,
    drop: Drop = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            help="What the layer sees: raw, standard, yeo-johnson, quadratic, "
            "yeo-johnson-quadratic.  [default: yeo-johnson-quadratic]"
        ),
    ] = None,
    solver: Annotated[
        str | None,
        typer.Option(help="newton, to the minimum; or sgd, in batches.  [default: newton]"),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Step size of sgd.  [default: 0.3]")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Rows a step of sgd.  [default: 32]")
    ] = None,
    n_epochs: Annotated[
        int | None, typer.Option(help="Passes of sgd, at the most.  [default: 100]")
    ] = None,
    l2: Annotated[
        float | None,
        typer.Option(help="Penalty on squared weights.  [default: 1 / training rows]"),
    ] = None,
    parameters: ParametersFile = None,
    as_json: AsJson = False,
) -> None:
    """Train on labelled candidates and publish the run."""
    from command.show_runs import print_learnt

    given = only_given(
        data=data,
        out=str(out),
        seed=seed,
        max_quarantine=max_quarantine,
        max_bytes=max_bytes,
        max_cells=max_cells,
        preset=preset,
        oversample=oversample,
        threshold=threshold,
        columns=columns,
        drop=drop,
        inputs=inputs,
        solver=solver,
        learning_rate=learning_rate,
        batch_size=batch_size,
        n_epochs=n_epochs,
        l2=l2,
    )
    print_learnt(_trained(given, parameters), as_json=as_json)


app.command(
    short_help="Find out which setting is best, by cross-validation.",
    epilog="Examples:\n\n`pulsar sweep HTRU_2.csv --best-to best.json`\n\n"
    "`pulsar sweep survey.csv --solver newton --l2 1e-4 --l2 1e-3 --no-nested`",
)(sweep)

app.command(
    short_help="Score and rank new candidates with the champion.",
    epilog="Examples:\n\n`pulsar score night.csv --budget 50`\n\n"
    "`pulsar score night.csv --run 20260101 --json`",
)(score)

app.command(
    short_help="Score every new file of a folder, once each.",
    epilog="Examples:\n\n`pulsar inbox arriving`\n\n`pulsar inbox s3://survey/night --json`",
)(inbox)


@app.command(
    short_help="Train on HTRU2, or without it on simulated candidates.",
    epilog="Example:\n\n`pulsar demo --seed 1`",
)
def demo(
    *,
    out: Out = Path("artifacts"),
    seed: Seed = None,
    folder: Annotated[Path, typer.Option(help="Where data are looked for and kept.")] = Path(
        "data"
    ),
    as_json: AsJson = False,
) -> None:
    """Train on HTRU2: found, or fetched from UCI, or else on simulated candidates.

    The first of: `$PULSAR_DATA_DIR/HTRU_2.csv`, `data/HTRU_2.csv`, UCI's archive (a few seconds
    of patience), the project's simulator. It says which.
    """
    from command.demonstration import find_demo_data
    from command.show_runs import print_learnt

    path = find_demo_data(folder)
    print_learnt(_trained(only_given(data=str(path), out=str(out), seed=seed)), as_json=as_json)


def _trained(given: dict[str, Any], file: Path | None = None) -> Any:
    from command.running import run_training
    from pulsars.reading.parameters_file import training_parameters

    return run_training(training_parameters(given, file=file))


@app.command(
    short_help="Say what a candidate file is, and what is wrong with it.",
    epilog="Example:\n\n`pulsar validate survey.csv --max-quarantine 0.3`",
)
def validate(  # noqa: PLR0913 - one argument an option
    data: Data,
    *,
    max_quarantine: MaxQuarantine = None,
    max_bytes: MaxBytes = None,
    max_cells: MaxCells = None,
    columns: Columns = None,
    drop: Drop = None,
    as_json: AsJson = False,
) -> None:
    """Say what a candidate file is, and which rows would be set aside; train nothing."""
    from command.show_files import print_checked
    from pulsars.reading.checking import check_file
    from schemas.limits import Limits
    from tasks.blocks import opened

    limit = 0.05 if max_quarantine is None else max_quarantine
    limits = Limits(**only_given(max_bytes=max_bytes, max_cells=max_cells))
    with opened(data):
        checked = check_file(
            data, max_quarantine=limit, columns=columns, drop=tuple(drop or ()), limits=limits
        )
    code = print_checked(checked, as_json=as_json)
    raise typer.Exit(code)


@app.command(epilog="Example:\n\n`pulsar simulate --rows 20000 --prevalence 0.1 sky.parquet`")
def simulate(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="File to write: .csv or .parquet.")
    ],
    *,
    rows: Annotated[int, typer.Option(help="How many candidates.")] = 17_898,
    prevalence: Annotated[float, typer.Option(help="Share of pulsars among them.")] = 0.092,
    seed: Seed = None,
) -> None:
    """Draw candidates from simulated pulse profiles and DM-SNR curves."""
    from command.demonstration import write_simulation

    write_simulation(target, rows=rows, prevalence=prevalence, seed=seed or 0)


@app.command(
    short_help="Fetch HTRU2 from UCI and check its fingerprints.",
    epilog="Example:\n\n`pulsar fetch --folder data`",
)
def fetch(
    *,
    folder: Annotated[Path, typer.Option(help="Receives HTRU_2.csv.")] = Path("data"),
    patience: Annotated[float, typer.Option(help="Seconds to wait for the host.")] = 60.0,
) -> None:
    """Fetch HTRU2 from UCI and prove by its fingerprints that it is the known data."""
    from command.demonstration import fetch_data

    fetch_data(folder, patience=patience)


runs_cli.register(app)
history_cli.register(app)
up_cli.register(app)


def main() -> None:
    """Run the command; a refusal ends in one sentence and its exit code."""
    open_standard_streams()
    end_like_ctrl_c()
    # Counts only before NumPy is imported: threads that `pulsars.store.arithmetic` would leave
    # without work are not even started.
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    code = run_command(app, as_json="--json" in sys.argv)
    end_without_collecting()
    leave(code)
