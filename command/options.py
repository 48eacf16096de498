"""Options that commands share, and what was given of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.addresses import at_home


def expanded(path: Path | None) -> Path | None:
    """Take the ~ of an option as a shell would have."""
    return path and at_home(path)


Data = Annotated[
    str, typer.Argument(metavar="DATA", help="Path or URL: CSV, ARFF or Parquet, told by content.")
]
Out = Annotated[
    Path,
    typer.Option(callback=expanded, help="Artifact root; runs, sweeps and scores appear below it."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for machines.")]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Every random draw comes from it.  [default: 0]")
]
Columns = Annotated[
    str | None,
    typer.Option(
        help="Which columns are the eight features and the label, when the file leaves that "
        "open: names or positions in canonical order, or canonical=source pairs."
    ),
]
Drop = Annotated[
    list[str] | None, typer.Option(help="Leave a column out, by name or position; repeatable.")
]
MaxQuarantine = Annotated[
    float | None,
    typer.Option(help="Stop when more than this share of rows is rejected.  [default: 0.05]"),
]
MaxBytes = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Refuse a file that holds, or unpacks to, more bytes.  [default: 1073741824]",
    ),
]
MaxCells = Annotated[
    int | None,
    typer.Option(min=1, help="Refuse a table of more rows times columns.  [default: 100000000]"),
]
Preset = Annotated[
    str | None,
    typer.Option(help="Replay a run of the book: book, book-extended or book-balanced."),
]
Oversample = Annotated[
    str | None,
    typer.Option(
        help="Balance the training part: none, cycle, random, jitter, undersample.  [default: none]"
    ),
]
Threshold = Annotated[
    str | None,
    typer.Option(
        help="f1, recall:0.95, budget:N, or a probability; chosen on the validation part.  "
        "[default: f1]"
    ),
]
ParametersFile = Annotated[
    Path | None,
    typer.Option(
        callback=expanded,
        help="JSON object of parameters, such as the best.json of a sweep; options here win.",
        metavar="FILE",
    ),
]


def only_given(**options: Any) -> dict[str, Any]:
    """Leave out what was not given; a list that was is a tuple."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.items()
        if value is not None and value != []
    }
