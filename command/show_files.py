"""What a person, or a machine, is shown of scores and of a pass over an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from command.console import folded, out, print_json, print_places, quoted
from pulsars.report import (
    companion_sentence,
    counted,
    known_sentence,
    mark_words,
    order_measured,
    spoken,
)
from schemas import ExitCode, carried_texts, for_name, shared_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from pulsars.reading import CheckedFile
    from pulsars.store import ScoredFile

_SHOWN = 10

_FATES = {"model": "scored    ", "companion": "ranked by the companion, no decisions  "}
"""How the line of a file begins that was scored, by what ranked it."""


def print_scored(scored: ScoredFile, *, anew: bool, as_json: bool) -> None:
    """Show drift, the ten best candidates, and where everything is."""
    if as_json:
        print_json(scored.summary())
        return
    console = out()
    for note in _beforehand(scored, anew=anew):
        console.print(note, soft_wrap=True)
    console.print(_best_table(scored))
    console.print(_counts_sentence(scored))
    if scored.known:
        console.print(quoted(known_sentence(scored.known, n_listed=len(scored.short_list))))
    if scored.metrics:
        console.print(_metrics_sentence(scored.metrics))
        learnt = scored.manifest.get("n_learnt")
        if learnt:
            console.print(
                f"[bold yellow]Note:[/] at least {learnt:,} of the candidates had a say in the "
                "model, so these numbers flatter it."
            )
    places = {
        "Scores": scored.path / scored.table_name,
        "List": scored.path / "short_list.csv",
        "Look": f"{scored.path / 'report.html'} in a browser",
    }
    print_places(console, places)


def _beforehand(scored: ScoredFile, *, anew: bool) -> Iterator[str]:
    """Say what has to be known before the list is read."""
    manifest, drift = scored.manifest, scored.drift
    if manifest["data"]["simulated"]:
        yield "[bold yellow]SIMULATED candidates: no statement about the sky.[/]"
    elif manifest["model"]["simulated"]:
        yield (
            "[bold yellow]The model learnt from SIMULATED candidates:[/] its scores are no "
            "statement about the sky."
        )
    if not anew:
        asked = manifest["parameters"]
        kurtosis = asked.get("kurtosis", "auto")
        told = "" if kurtosis == "auto" else f" and --kurtosis {kurtosis}"
        said = f"with a budget of {asked['budget']}{told}"
        yield f"Already scored, {said}; remove the folder to score anew."
    if manifest.get("converted"):
        names = " and ".join(spoken(name) for name in manifest["converted"])
        yield f"[bold yellow]Kurtosis[/] 3 was taken off {quoted(names)} in every row."
    yield quoted(f"Drift    {drift['verdict']}: {drift['sentence']}")
    if scored.ranked_by == "companion":
        yield f"[bold yellow]Order[/]    {quoted(companion_sentence(drift['outside']))}"
    elif drift["verdict"] == "stop":
        yield (
            "[bold yellow]Note:[/] an earlier version of pulsar scored these, by a model that does "
            "not know them; remove the folder to have the companion rank them."
        )


def _counts_sentence(scored: ScoredFile) -> str:
    manifest = scored.manifest
    rows, n_called = manifest["rows"], manifest["n_called"]
    aside = f"{rows['quarantined']:,} rows set aside."
    if n_called is None:
        return f"{rows['accepted']:,} candidates ranked, none called a pulsar; {aside}"
    return (
        f"{n_called:,} of {rows['accepted']:,} candidates called pulsars (threshold "
        f"{manifest['model']['threshold']:.3g}); {aside}"
    )


def _best_table(scored: ScoredFile) -> Table:
    shown = scored.short_list[:_SHOWN]
    title = f"The {len(shown)} best of {quoted(scored.manifest['data']['name'])}"
    decides = scored.ranked_by == "model"
    called: list[Column | str] = [Column("probability", justify="right"), "called"]
    table = Table(
        Column("rank", justify="right"),
        Column("line", justify="right"),
        *(folded("candidate") if scored.carried else []),
        *(called if decides else []),
        "outside what the model has seen",
        title=title,
        title_justify="left",
    )
    for row in shown:
        outside = ", ".join(spoken(name) for name in row["outside"].split())
        said = [f"{float(row['probability']):.4f}", row["decision"]] if decides else []
        who = [_who(scored, row)] if scored.carried else []
        table.add_row(row["rank"], row["line"], *who, *said, outside)
    return table


def _who(scored: ScoredFile, row: dict[str, str]) -> str:
    """Name a candidate, and the source that it shares with another."""
    name = next(iter(carried_texts(row, scored.carried).values()), "")
    source = shared_source(row)
    shared = "" if source is None else f"same source, no. {source}"
    pulsar, harmonic = scored.mark_of(row).values()
    mark = quoted(mark_words(pulsar, harmonic or "")) if pulsar else ""
    return "\n".join(filter(None, (quoted(for_name(name)), shared, mark)))


def _metrics_sentence(metrics: dict[str, dict[str, float | None]]) -> str:
    if "tp" not in metrics:  # of an order alone
        return f"By the file's labels the order has {order_measured(metrics)}."
    count = {name: int(metrics[name]["value"] or 0) for name in ("tp", "fn", "fp")}
    if not count["tp"] + count["fn"]:
        return "The file's labels call no candidate a pulsar: there is nothing to measure by."
    return (
        f"By the file's labels: of {count['tp'] + count['fn']:,} pulsars it finds "
        f"{count['tp']:,}; of {count['tp'] + count['fp']:,} called {count['fp']:,} are none."
    )


def print_pass(found: dict[str, Any], *, as_json: bool) -> int:
    """Show what became of each file of an inbox; give the exit code."""
    if as_json:
        print_json(found)
    else:
        _print_fates(found)
    return int(ExitCode.INTERNAL if found["failed"] else ExitCode.OK)


def _print_fates(found: dict[str, Any]) -> None:
    console = out()
    if found["busy"]:
        console.print("Another pass is under way; it, or the next, takes what is here.")
        return
    lines = [line for one in found["scored"] for line in _scored_lines(one)]
    lines += [f"rejected  {one['name']}: {one['message']}" for one in found["rejected"]]
    lines += [f"stays     {one['name']}: {one['message']}" for one in found["failed"]]
    lines += [f"waits     {name}: {found['why_waiting'][name]}" for name in found["waiting"]]
    for line in lines:
        console.print(quoted(line), soft_wrap=True)
    console.print(f"{found['known']:,} known already")


def _scored_lines(one: dict[str, Any]) -> Iterator[str]:
    yield f"{_FATES[one['ranked_by']]}{one['name']}: {one['path']}"
    if one["another_kind"]:
        yield f"          {one['another_kind']}"


def print_checked(checked: CheckedFile, *, as_json: bool) -> int:
    """Show what a file is and whether a run would take it; give the exit code."""
    if as_json:
        print_json(checked.summary())
    else:
        _print_checked(out(), checked)
    return int(checked.exit_code)


def _print_checked(console: Console, checked: CheckedFile) -> None:
    quality = checked.quality
    columns = folded("column", "in the file", "how it was found")
    table = Table(*columns, title=quoted(quality.name), title_justify="left")
    for name, source in quality.columns.items():
        table.add_row(name, quoted(str(source)), quoted(source.how))
    for name, source in quality.carried.items():
        table.add_row(quoted(f"{name} (carried)"), quoted(str(source)), quoted(source.how))
    console.print(table)
    rows = quality.rows
    pulsars = "unlabelled" if quality.pulsars is None else f"{quality.pulsars:,} pulsars"
    console.print(
        f"{rows['read']:,} rows read = {rows['accepted']:,} accepted + "
        f"{rows['quarantined']:,} quarantined; {pulsars}"
    )
    for reason, count in quality.reasons.items():
        console.print(f"  {counted(count, 'row')}: {quoted(reason)}")
    for sample in quality.samples:
        who = f" ({quoted(sample.named)})" if sample.named else ""
        console.print(f"  line {sample.line}{who}: {quoted(sample.reasons)}")
    for peculiar, count in quality.row_warnings.items():
        console.print(f"  {counted(count, 'row')} accepted: {quoted(peculiar)}")
    for warning in quality.warnings:
        console.print(f"[yellow]Note:[/] {quoted(warning)}")
    if checked.refusal:
        console.print(f"[red]Refused:[/] {quoted(str(checked.refusal))}")
    elif quality.pulsars is None:
        console.print("[green]Accepted[/] as unlabelled: no training data, for it has no labels.")
    else:
        console.print("[green]Accepted.[/]")


def print_written(path: Path, facts: dict[str, Any], *, as_json: bool) -> None:
    """Name a data file that was written, for machines; a person was told as it was done."""
    if as_json:
        print_json({"path": str(path), **facts})
