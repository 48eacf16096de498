"""`pulsar sweep`: options in, the sweep flow run, the best settings out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command.options import (
    AsJson,
    Columns,
    Data,
    Drop,
    MaxBytes,
    MaxCells,
    MaxQuarantine,
    Out,
    Seed,
    only_given,
)

# One argument an option, as typer reads them; the defaults stand in `SweepParameters`.

Inputs = Annotated[
    list[str] | None,
    typer.Option(
        help="What the layer may see: raw, standard, yeo-johnson, quadratic, "
        "yeo-johnson-quadratic; repeatable.  [default: all but raw]"
    ),
]
Oversample = Annotated[
    list[str] | None,
    typer.Option(help="none or cycle; repeatable.  [default: both]"),
]
Solver = Annotated[
    list[str] | None,
    typer.Option(help="newton or sgd; repeatable.  [default: both]"),
]
L2 = Annotated[
    list[float] | None,
    typer.Option(
        help="Penalty on the squared weights; repeatable.  [default: 1e-5 1e-4 1e-3 1e-2]"
    ),
]
LearningRate = Annotated[
    list[float] | None,
    typer.Option(help="Step size of sgd; repeatable.  [default: 0.01 0.03 0.1 0.3]"),
]
BatchSize = Annotated[
    list[int] | None, typer.Option(help="Rows a step of sgd; repeatable.  [default: 32]")
]
NEpochs = Annotated[int | None, typer.Option(help="Passes of sgd over the rows.  [default: 10]")]
NFolds = Annotated[int | None, typer.Option(help="Folds of the cross-validation.  [default: 5]")]
By = Annotated[
    str | None,
    typer.Option(
        help="What the best is best at: log_loss, f1, average_precision.  [default: log_loss]"
    ),
]
Nested = Annotated[
    bool,
    typer.Option(help="Also score the whole procedure, by choosing anew in each outer fold."),
]
BestTo = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also write the best setting, as parameters, here."),
]


def sweep(  # noqa: PLR0913 - one argument an option
    data: Data,
    *,
    out: Out = Path("artifacts"),
    seed: Seed = None,
    inputs: Inputs = None,
    oversample: Oversample = None,
    solver: Solver = None,
    l2: L2 = None,
    learning_rate: LearningRate = None,
    batch_size: BatchSize = None,
    n_epochs: NEpochs = None,
    n_folds: NFolds = None,
    by: By = None,
    nested: Nested = True,
    max_quarantine: MaxQuarantine = None,
    max_bytes: MaxBytes = None,
    max_cells: MaxCells = None,
    columns: Columns = None,
    drop: Drop = None,
    best_to: BestTo = None,
    as_json: AsJson = False,
) -> None:
    """Try every combination of settings by cross-validation and publish which is best.

    The test part of the seed has no say, so `pulsar train --parameters` with the best setting
    and the same seed is still measured on candidates that nothing was chosen by.

    One setting that cannot be trained to its end (a learning rate too large, a minimum not reached)
    refuses the whole grid, and names the setting to leave out.
    """
    from command.running import run_sweep
    from schemas.sweep_parameters import SweepParameters

    given = only_given(
        data=data,
        out=str(out),
        seed=seed,
        inputs=inputs,
        oversample=oversample,
        solver=solver,
        l2=l2,
        learning_rate=learning_rate,
        batch_size=batch_size,
        n_epochs=n_epochs,
        n_folds=n_folds,
        by=by,
        nested=nested,
        max_quarantine=max_quarantine,
        max_bytes=max_bytes,
        max_cells=max_cells,
        columns=columns,
        drop=drop,
    )
    swept = run_sweep(SweepParameters(**given), copy_to=best_to)
    from command.show_sweep import print_swept  # after the run: it imports NumPy

    print_swept(swept, parameters_file=best_to or swept.parameters_file, as_json=as_json)
