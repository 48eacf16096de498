"""`pulsar review` and `labels`: what people say of candidates."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from command.options import OUT, AsJson, Out, expanded, names_in, require_labels, require_root
from service import REVIEW_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulsars.review import Followed

LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        callback=expanded,
        metavar="FILE",
        help="What people said, a line each.  [default: labels.jsonl in the artifact root]",
    ),
]


def review(
    scores: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCORES]",
            autocompletion=names_in("scores"),
            help="A folder of scores, by its name, the start of it, or a path.  [default: newest]",
        ),
    ] = None,
    *,
    labels_file: LabelsFile = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Where the page is served, on loopback; 0 finds one."),
    ] = REVIEW_PORT,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Serve a page on this machine on which people look at candidates and say what they are.

    Until Ctrl-C. The short list is shown, or what would teach the model most. Each word is a line
    of the labels file, on disk before the page confirms it.
    """
    from command.looking import look_at
    from pulsars.store import find_scored

    found = find_scored(out, scores)
    look_at(found, out, labels=labels_file, port=port, browser=browser, as_json=as_json)


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

    if labels_file is None:
        require_root(out)  # in which there need be no such file
    else:
        require_labels(labels_file)
    path = labels_file or out / LABELS_NAME
    found = read_labels(path)
    if export:
        write_labels(found, export)
    print_labels(found, path=path, exported=export, as_json=as_json)


def follow_said(named: Iterable[Path], out: Path, *, remove: bool) -> list[Followed]:
    """Follow what people said below an artifact root, and in files that are named or scheduled.

    They are read once here, so that who waits for a lock later reads only what was added.

    Raises
    ------
    LabelsError
        If one cannot be read.
    SourceNotFoundError
        If one that is named is not there, or something is to be removed and one is not there that
        is scheduled or linked: its share may be away. That of the root comes with the first word.
    """
    from pulsars.review import LABELS_NAME, Followed
    from service import scheduled_labels

    for path in named:
        require_labels(path)
    own = Path(os.path.realpath(out), LABELS_NAME)
    paths = [out / LABELS_NAME, *named, *scheduled_labels(out)]
    # Python 3.11 cannot `resolve` a link to itself.
    found = {Path(os.path.realpath(path)): Followed(path) for path in paths}
    for place, one in found.items():
        one.read()
        if place != own and not place.exists():
            _say_away(place, remove=remove)
    return list(found.values())


def _say_away(path: Path, *, remove: bool) -> None:
    from command.console import err, quoted
    from schemas import SourceNotFoundError

    said = (
        f"{path}, which `up --labels` or a link names, is not there, and the scores that people "
        f"spoke of in it would go: mount its share; where nobody has said anything yet make it, an "
        f"empty file, or `pulsar down` and up without --labels"
    )
    if remove:
        raise SourceNotFoundError(said)
    err().print(f"[yellow]Note:[/] {quoted(said)}", soft_wrap=True)
