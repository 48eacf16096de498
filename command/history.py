"""`pulsar history`: what happened below an artifact root."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command.options import AsJson, Out


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        short_help="Show runs, champions and scored files over time.",
        epilog="Examples:\n\n`pulsar history`\n\n`pulsar history --html`\n\n"
        "`pulsar history --html week.html`",
    )(history)


def history(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="Receives the page.  [default: history.html in the artifact root]",
        ),
    ] = None,
    *,
    html: Annotated[bool, typer.Option("--html", help="Write one page that shows it all.")] = False,
    out: Out = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Show what happened: runs with their champion, scored and rejected files, drift."""
    from command.show_history import print_history, write_page
    from pulsars.store.history import find_history
    from schemas.errors import ParameterError

    if file and not html:
        raise ParameterError(f"{file}: say --html to have the page written there")
    found = find_history(out)
    page = write_page(found, file or out / "history.html") if html else None
    print_history(found, page=page, as_json=as_json)
