"""How champions and prunings are shown."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from command.console import err, out, print_json, quoted
from command.show_runs import print_damaged
from pulsars.store import Pruned, Reign, find_run

_MOST_STUCK = 10


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
