"""How a history is shown in a terminal, and where its page is written."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path

from rich.table import Column, Table

from command.console import folded, out, print_json, quoted
from command.show_runs import marks_of, print_damaged, settings_cell
from pulsars.report import decimal, headline, render_history, span, when
from pulsars.store import (
    Estimate,
    History,
    ReignFact,
    RunFact,
    ScoredFact,
    require_ours,
    write_text,
)
from schemas import shortened

_MOST = 160
"""Characters of why a file was refused: the page, and --json, have all."""


def write_page(history: History, path: Path, *, root: Path) -> Path:
    """Write the page in one step: a reader sees the old one or the new one."""
    require_ours(path, b"Content-Security-Policy")
    write_text(path, render_history(history, root=relpath(root, path.parent)))
    return path


def print_history(history: History, *, page: Path | None, as_json: bool) -> None:
    """Show a history; after a page was written, only the sentence and where it is."""
    if as_json:
        print_json({"page": str(page) if page else None, **history.summary()})
        return
    print_damaged(history.damaged)
    console = out()
    console.print(headline(history), markup=False, soft_wrap=True)
    if page:
        console.print(f"Page     {quoted(str(page))}", soft_wrap=True)
        return
    for table in (_runs(history), _files(history)):
        if table.row_count:
            console.print(table)


def _runs(history: History) -> Table:
    table = Table(
        *folded("published", "run", "settings"),
        Column("average\nprecision", no_wrap=True),
        Column("F1", no_wrap=True),
        *folded("gate"),
        title="Runs",
        title_justify="left",
    )
    for run in history.runs:
        table.add_row(
            when(run.at), _named(run, history.champion), settings_cell(run.settings),
            _measured(run.average_precision),
            _measured(run.f1), _decided(run),
        )  # fmt: skip
    return table


def _named(run: RunFact, champion: ReignFact | None) -> str:
    reigns, anchor = (champion.run, champion.anchor) if champion else (None, None)
    marks = marks_of(run.run, champion=reigns, anchor=anchor, failing=run.failing)
    return quoted(run.run) + marks + ("\nSIMULATED" if run.simulated else "")


def _decided(run: RunFact) -> str:
    return f"{run.decision or ''}{', by a person' if run.by == 'person' else ''}"


def _measured(it: Estimate) -> str:
    return f"{decimal(it['value'])}\n{span(it)}"


def _called(one: ScoredFact) -> str:
    if one.called is None:
        return f"{one.rows:,} ranked by the companion, none called"
    return f"{one.called:,} of {one.rows:,} called"


def _files(history: History) -> Table:
    table = Table(*folded("when", "file", "fate", "what"), title="Files", title_justify="left")
    rows = [
        (one.at, one.name, "scored", f"{_called(one)}, drift {one.drift}") for one in history.scored
    ]
    rows += [(one.at, one.name, "rejected", one.message) for one in history.rejected]
    for at, name, fate, what in sorted(rows):
        table.add_row(when(at), quoted(name), fate, quoted(shortened(what, _MOST)))
    return table
