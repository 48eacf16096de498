"""How comparisons, champions and prunings are shown."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from command.console import err, out, print_json, quoted
from command.show_runs import print_damaged
from pulsars.gate import ENOUGH, Duel
from pulsars.report import run_settings
from pulsars.store import Pruned, PublishedRun, Reign, find_run
from schemas import for_name

_SHOWN = ("average_precision", "f1", "precision", "recall", "brier", "log_loss")
_MOST_STUCK = 10


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


def print_reign(reign: Reign, *, root: Path, as_json: bool) -> None:
    """Say who is champion now, and loudly where that is one of no sky."""
    simulated = find_run(root, reign.run).simulated
    if as_json:
        print_json({"champion": asdict(reign), "simulated": simulated})
        return
    if simulated:
        warning = (
            "The champion learnt from SIMULATED candidates: its scores say nothing of the sky."
        )
        out().print(f"[bold yellow]{warning}[/]", soft_wrap=True)
    said = f"Champion and anchor {reign.run}, {reign.how}: {reign.because}"
    out().print(quoted(said), soft_wrap=True)


def say_it_waits() -> None:
    """Say why nothing comes for a while."""
    err().print("Something is under way here: it is waited for, up to a minute.")


def print_pruned(found: Pruned, *, keep: int, root: Path, results: Path, as_json: bool) -> None:
    """Say what went, or would go, and where it was looked for."""
    places = {"root": str(root.absolute()), "results": str(results.absolute())}
    if as_json:
        print_json({**places, **asdict(found)})
        return
    print_damaged(found.damaged)
    for stuck in found.stuck[:_MOST_STUCK]:
        err().print(f"[yellow]Not removed:[/] {quoted(stuck.because)}")
    if len(found.stuck) > _MOST_STUCK:
        err().print(f"[yellow]Not removed:[/] {len(found.stuck) - _MOST_STUCK:,} more")
    console = out()
    console.print(f"Root     {quoted(places['root'])}", soft_wrap=True)
    there = "" if results.is_dir() else " (there is none)"
    console.print(f"Results  {quoted(places['results'])}{there}", soft_wrap=True)
    word = "removed" if found.removed else "would be removed"
    for name in found.gone:
        console.print(f"{word}: {quoted(name)}")
    sizes: dict[str, list[int]] = {}
    for one in found.leftovers:
        sizes.setdefault(one.kind, []).append(one.n_bytes)
    for kind, of in sizes.items():
        console.print(f"{word}: {len(of):,} in {kind}, {_size(sum(of))}")
    n_bytes = found.n_bytes + sum(map(sum, sizes.values()))
    counts = f"{len(found.gone)} {word}, {len(found.kept)} kept"
    console.print(f"Runs: {counts}. In all {_size(n_bytes)}.")
    if len(found.kept) > keep:
        console.print(
            "Kept beside the newest: the champion, its anchor, up to ten that a rollback could "
            "lead to, and those that a person or a scoring is not done with."
        )
    if found.busy:
        console.print(
            "Something is under way here: beside runs nothing was looked at; say it again later."
        )
    if (found.gone or found.leftovers) and not found.removed:
        console.print("Nothing was touched; say it again with --yes.")


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
