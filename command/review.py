"""`pulsar review` and `labels`: what people say of candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command.options import OUT, AsJson, Out, expanded

LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        callback=expanded,
        metavar="FILE",
        help="What people said, a line each.  [default: labels.jsonl in the artifact root]",
    ),
]


def labels(
    *,
    labels_file: LabelsFile = None,
    export: Annotated[
        Path | None,
        typer.Option(callback=expanded, metavar="FILE.csv", help="Write a row a candidate there."),
    ] = None,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Say what people said of candidates: how many, who differs, and Cohen's κ of every two.

    With --export as a table, too, with a label where those agree who are sure.
    """
    from command.show_review import print_labels, write_labels
    from pulsars.review import LABELS_NAME, read_labels
    from schemas import ParameterError

    path = labels_file or out / LABELS_NAME
    if labels_file and not path.exists():
        raise ParameterError(f"--labels {path}: there is no such file; `pulsar review` writes it")
    found = read_labels(path)
    if export:
        write_labels(found, export)
    print_labels(found, path=path, exported=export, as_json=as_json)
