"""What a person, or a machine, is shown of runs and files."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from command.console import err, folded, out, print_json, print_places, quoted
from pulsars.report import companion_measured, counted, run_settings
from pulsars.store import Damaged, PublishedRun
from schemas import for_name

_SHOWN = ("f1", "precision", "recall", "accuracy", "mcc", "roc_auc", "average_precision", "brier")


def print_learnt(run: PublishedRun, *, as_json: bool) -> None:
    """Say what was learnt, where it is and how to see it."""
    if as_json:
        print_json(run.summary())
        return
    console = out()
    if run.manifest["parameters"]["preset"]:  # the book prints every epoch
        for row in run.epochs():
            scores = ", ".join(
                f"{n} {row[n]:.3f}" for n in ("accuracy", "precision", "recall", "f1")
            )
            console.print(f"epoch {row['epoch']:2d}: loss {row['loss']:.3f}, {scores}")
    print_run(run, as_json=False)


def print_run(run: PublishedRun, *, as_json: bool) -> None:
    """Show one run: its numbers with intervals, and where everything is."""
    if as_json:
        print_json(run.summary())
        return
    console = out()
    _print_banner(console, run)
    console.print(_metrics_table(run))
    console.print(quoted(_sentence(run)))
    if companion := run.measured.get("companion"):
        console.print(quoted(companion_measured(companion)))
    for note in run.measured["notes"]:
        console.print(f"[bold yellow]Note:[/] {quoted(note)}")
    console.print(f"Proofs   {_proofs(run)}")
    verdict = run.verdict()
    if verdict:
        said = f"{verdict.decision}: {verdict.because}"
        said += f" (decided by {verdict.who})" if verdict.who else ""
        console.print(f"Gate     {quoted(said)}", soft_wrap=True)
    again = ["pulsar", "show", run.name, "--out", str(run.path.parent.parent)]
    look = f"{run.path / 'report.html'} in a browser"
    print_places(console, {"Run": run.path, "Look": look, "Again": shlex.join(again)})


def _proofs(run: PublishedRun) -> str:
    if run.failing:
        which = quoted("; ".join(run.failing_proofs))
        return f"[bold yellow]{run.failing}[/] ({which}): not to be compared with other runs"
    n = len(run.measured["proofs"])
    return f"{n} of {n} hold"


def _print_banner(console: Console, run: PublishedRun) -> None:
    rows, data = run.manifest["rows"], run.manifest["data"]
    refit = ", refit on training and validation part" if "validation" in run.learnt_from else ""
    if run.simulated:
        console.print("[bold yellow]SIMULATED candidates: no statement about the sky.[/]")
    console.print(
        quoted(
            f"Learnt from {rows['accepted']:,} of {rows['read']:,} candidates in {data['name']}, "
            f"seed {run.manifest['seed']}{refit}; measured on {rows['test']:,} that it never saw."
        )
        if not run.manifest["parameters"]["preset"]
        else f"Preset {run.manifest['parameters']['preset']}: the book's own protocol."
    )


def _metrics_table(run: PublishedRun) -> Table:
    numbers = (Column(name, justify="right") for name in ("value", "low", "high"))
    table = Table("metric", *numbers, title="Test part, 95 % interval", title_justify="left")
    for metric in _SHOWN:
        table.add_row(metric, *(_number(value) for value in run.interval(metric)))
    return table


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.3f}"


def _sentence(run: PublishedRun) -> str:
    counts = {n: run.count(n) for n in ("tp", "fn", "fp")}
    pulsars, called = counts["tp"] + counts["fn"], counts["tp"] + counts["fp"]
    none = f"{counts['fp']:,} {'is' if counts['fp'] == 1 else 'are'} none"
    return (
        f"Of {counted(pulsars, 'pulsar')} it finds {counts['tp']:,}; of "
        f"{counted(called, 'candidate')} that it calls pulsars {none} "
        f"(threshold {run.measured['threshold']:.3g})."
    )


def print_runs(
    runs: list[PublishedRun],
    *,
    damaged: list[Damaged],
    champion: str | None,
    anchor: str | None,
    as_json: bool,
) -> None:
    """List runs, the oldest first, and name what cannot be read."""
    if as_json:
        left_out = [asdict(one) for one in damaged]
        listed = [run.brief() for run in runs]
        print_json({"champion": champion, "anchor": anchor, "runs": listed, "damaged": left_out})
        return
    print_damaged(damaged)
    console = out()
    if not runs:
        if not damaged:
            console.print("No published run yet; `pulsar train DATA` makes one.", markup=False)
        return
    table = Table(
        Column("run", no_wrap=True, min_width=len(runs[0].name)),  # so that it can be copied
        *folded("data", "settings"),
        Column("F1", no_wrap=True),  # a number in two lines is two numbers
        Column("95 %", no_wrap=True),
    )
    for run in runs:
        name, *cells = _cells(run)
        marks = marks_of(run.name, champion=champion, anchor=anchor, failing=run.failing)
        table.add_row(name + marks, *cells)
    console.print(table)


def marks_of(run: str, *, champion: str | None, anchor: str | None, failing: str) -> str:
    """Give the lines below a run's name: its part at the champion gate, and a proof that fails."""
    marks = [
        "\n[bold]champion[/]" if run == champion else "",
        "\nanchor" if run == anchor else "",
        f"\n[bold yellow]{failing}[/]" if failing else "",
    ]
    return "".join(marks)


def print_damaged(damaged: Iterable[Damaged]) -> None:
    """Say on stderr what cannot be read: a list goes without it, and a pruning keeps its run."""
    for one in damaged:
        err().print(f"[yellow]Not read:[/] {quoted(one.because)}")


def settings_cell(settings: Mapping[str, Any]) -> str:
    """Say in a cell which settings are not the default."""
    return "\n".join(quoted(for_name(said)) for said in run_settings(settings)) or "default"


def _cells(run: PublishedRun) -> list[str]:
    value, low, high = run.interval("f1")
    name = quoted(run.manifest["data"]["name"]) + ("\nSIMULATED" if run.simulated else "")
    spread = f"{_number(low)}–{_number(high)}"
    return [run.name, name, settings_cell(run.settings), _number(value), spread]
