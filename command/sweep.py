"""`pulsar sweep`: options in, the sweep flow run, the best settings out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from command.options import AsJson, expanded, takes
from schemas import SweepParameters

BestTo = Annotated[
    Path | None,
    typer.Option(
        callback=expanded,
        metavar="FILE",
        help="Also write the best setting, as parameters, here.",
    ),
]


@takes(SweepParameters)
def sweep(given: dict[str, Any], *, best_to: BestTo = None, as_json: AsJson = False) -> None:
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
