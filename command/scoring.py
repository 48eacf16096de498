"""`pulsar score` and `pulsar inbox`: options in, the flow run, a ranked list or a summary out."""

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
    only_given,
)

Run = Annotated[
    str | None,
    typer.Option(help="Score with this run, named whole or by start or end, not the champion."),
]
Budget = Annotated[
    int | None,
    typer.Option(help="How many candidates the short list names.  [default: 100]"),
]
DespiteDrift = Annotated[
    bool,
    typer.Option(
        "--despite-drift", help="Score candidates that the model has not learnt from the like of."
    ),
]


def score(  # noqa: PLR0913 - one argument an option
    data: Data,
    *,
    run: Run = None,
    budget: Budget = None,
    out: Out = Path("artifacts"),
    max_quarantine: MaxQuarantine = None,
    max_bytes: MaxBytes = None,
    max_cells: MaxCells = None,
    columns: Columns = None,
    drop: Drop = None,
    despite_drift: DespiteDrift = False,
    as_json: AsJson = False,
) -> None:
    """Score candidates, with or without labels, and rank them.

    They are first compared with what the model learnt from; what is too far from that is not
    scored. The same file is scored once by the same model, whatever it is called.
    """
    from command.running import run_scoring
    from command.show_files import print_scored
    from schemas.score_parameters import ScoreParameters

    given = only_given(
        data=data,
        run=run,
        budget=budget,
        out=str(out),
        max_quarantine=max_quarantine,
        max_bytes=max_bytes,
        max_cells=max_cells,
        columns=columns,
        drop=drop,
        despite_drift=despite_drift,
    )
    scored, anew = run_scoring(ScoreParameters(**given))
    print_scored(scored, anew=anew, as_json=as_json)


def inbox(  # noqa: PLR0913 - one argument an option
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="Folder, or address that fsspec opens.")
    ],
    *,
    settle_seconds: Annotated[
        float | None,
        typer.Option(help="A file that was changed more recently waits.  [default: 30]"),
    ] = None,
    run: Run = None,
    budget: Budget = None,
    out: Out = Path("artifacts"),
    max_quarantine: MaxQuarantine = None,
    max_bytes: MaxBytes = None,
    max_cells: MaxCells = None,
    columns: Columns = None,
    drop: Drop = None,
    despite_drift: DespiteDrift = False,
    as_json: AsJson = False,
) -> None:
    """Score every new file of a folder once, and set bad files aside with a report.

    One pass: run it again, or on a schedule, for what arrives later.
    """
    from command.running import run_inbox
    from command.show_files import print_pass
    from schemas.score_parameters import InboxParameters

    given = only_given(
        inbox=folder,
        settle_seconds=settle_seconds,
        run=run,
        budget=budget,
        out=str(out),
        max_quarantine=max_quarantine,
        max_bytes=max_bytes,
        max_cells=max_cells,
        columns=columns,
        drop=drop,
        despite_drift=despite_drift,
    )
    code = print_pass(run_inbox(InboxParameters(**given)), as_json=as_json)
    raise typer.Exit(code)
