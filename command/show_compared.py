"""How runs are set beside each other: as a table in a terminal, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import relpath
from pathlib import Path
from typing import Any

from rich.table import Column, Table

from command.console import folded, out, print_json, quoted
from command.show_runs import settings_cell
from pulsars.gate import ENOUGH, Duel
from pulsars.report import ComparedRun, decimal, render_comparison, run_settings, span
from pulsars.store import PublishedRun, kept, load_model, read_kept_arrays, require_ours, write_text
from schemas import for_name

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHOWN = ("average_precision", "f1", "precision", "recall", "brier", "log_loss")


def write_compared(
    runs: Sequence[PublishedRun], duels: Sequence[Duel], path: Path, *, root: Path
) -> Path:
    """Write the page in one step: a reader sees the old one or the new one."""
    require_ours(path, b"Content-Security-Policy", instead="leave --html out")
    compared = [_with_test_part(letter, run) for letter, run in zip(LETTERS, runs, strict=False)]
    said = [duel.to_dict() for duel in duels]
    page = render_comparison(compared, said, enough=ENOUGH, root=relpath(root, path.parent))
    write_text(path, page)
    return path


def _with_test_part(letter: str, run: PublishedRun) -> ComparedRun:
    found = read_kept_arrays(kept(run, "test.npz"), "X", "y")
    return ComparedRun(
        letter=letter,
        published=run,
        X=found["X"],
        y=found["y"].astype("int64"),
        logit=load_model(kept(run, "model.json")).decision_function(found["X"]),
    )


def print_compared(
    runs: Sequence[PublishedRun], duels: Sequence[Duel], *, page: Path | None, as_json: bool
) -> None:
    """Show two runs in full, and more as a table: each against the first."""
    if as_json:
        print_json(_as_json(runs, duels, page))
        return
    if len(duels) == 1:
        print_duel(runs[0], runs[1], duels[0])
    else:
        out().print(_table(runs, duels))
        for letter, run in zip(LETTERS, runs, strict=False):
            if run.failing:
                which = quoted("; ".join(run.failing_proofs))
                out().print(f"[bold yellow]{letter}: {run.failing}[/] ({which})")
    for letter, run in zip(LETTERS, runs, strict=False):
        if run.simulated:
            out().print(
                f"[bold yellow]{letter}: SIMULATED[/] candidates are what it learnt from, and its "
                "part of those that all are measured on",
                soft_wrap=True,
            )
    if page:
        out().print(f"Page     {quoted(str(page))}", soft_wrap=True)


def print_duel(one: PublishedRun, other: PublishedRun, found: Duel) -> None:
    """Show by how much B differs from A, and whether that says anything."""
    console = out()
    rows = found.rows
    for letter, run in (("A", one), ("B", other)):
        which = quoted("; ".join(run.failing_proofs))
        marked = f": [bold yellow]{run.failing}[/] ({which})" if run.failing else ""
        said = quoted(", ".join(map(for_name, run_settings(run.settings)))) or "default settings"
        console.print(f"{letter} {quoted(run.name)}, {said}{marked}", soft_wrap=True)
    console.print(
        f"On {len(rows.y):,} candidates that neither has learnt from, {rows.n_pulsars:,} pulsars."
    )
    if rows.n_contradicted:
        console.print(
            f"Without {rows.n_contradicted:,} that the files label differently: who is right, no "
            "comparison can tell.",
            soft_wrap=True,
        )
    if found.comparison is None:
        console.print(
            f"Too few to compare on: undecided. At least {ENOUGH} pulsars are needed, and as many "
            "non-pulsars.",
            soft_wrap=True,
        )
        return
    table = Table(
        "metric", "difference", "low", "high", "B is",
        title="B less A, 95 % interval of the difference", title_justify="left",
    )  # fmt: skip
    for name in _SHOWN:
        d = found.comparison.differences[name]
        numbers = (f"{value:+.4f}" for value in (d.value, d.low, d.high))
        table.add_row(name, *numbers, found.comparison.call(name))
    console.print(table)
    calls = found.comparison.calls
    console.print(
        f"Calls: {calls.only_champion} only A has right, {calls.only_challenger} only B "
        f"(McNemar mid-p {calls.mid_p:.3f}): {calls.call()}."
    )
    _print_ledger(found)


def _print_ledger(found: Duel) -> None:
    ledger = found.to_dict()["ledger"]
    for word, key in (("A", "champion_only"), ("B", "challenger_only")):
        lines = ", ".join(f"{row['file']} line {row['line']}" for row in ledger[key])
        out().print(quoted(f"Pulsars that only {word} finds: {lines or 'none'}"))


def _as_json(
    runs: Sequence[PublishedRun], duels: Sequence[Duel], page: Path | None
) -> dict[str, Any]:
    """Say the first pair as ever, and what there is beside it."""
    first, *others = (
        {
            "a": runs[0].name,
            "b": run.name,
            "failing": {"a": runs[0].failing, "b": run.failing},
            "simulated": {"a": runs[0].simulated, "b": run.simulated},
            **duel.to_dict(),
        }
        for run, duel in zip(runs[1:], duels, strict=True)
    )
    settings = {run.name: run.settings for run in runs}
    return {**first, "more": others, "settings": settings, "page": str(page) if page else None}


def _table(runs: Sequence[PublishedRun], duels: Sequence[Duel]) -> Table:
    table = Table(
        *folded("", "run", "settings"),
        *(Column(heading, no_wrap=True) for heading in ("average\nprecision", "F1", "less A")),
        title="Each on its own test part; less A on the same candidates, 95 %",
    )
    for letter, run, duel in zip(LETTERS, runs, [None, *duels], strict=False):
        test = run.measured["parts"]["test"]
        of_interest = (test["average_precision"], test["f1"])
        measured = (f"{decimal(it['value'])}\n{span(it)}" for it in of_interest)
        table.add_row(
            letter, quoted(run.name), settings_cell(run.settings), *measured, _lead(duel)
        )  # fmt: skip
    return table


def _lead(duel: Duel | None) -> str:
    """Say by how much average precision a run is ahead of the first."""
    if duel is None:
        return ""
    if duel.comparison is None:
        return "too few"
    it = duel.comparison.differences["average_precision"]
    return f"{it.value:+.4f}\n{it.low:+.4f} to {it.high:+.4f}\n{duel.call}"
