"""What people said of candidates, as a person or a machine is shown it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from command.console import err, folded, out, print_json, print_places, quoted
from pulsars.report import counted
from pulsars.review import as_table, settled, short_name, summarise
from pulsars.store import require_ours, write_csv
from schemas import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

    from pulsars.review import Labels, Session

_SHOWN = 20
"""Conflicts at most: --json and --export have all."""


def print_review(session: Session, url: str, *, as_json: bool) -> None:
    """Say where the page is and what is written where."""
    scores = str(session.scores.path)
    if as_json:
        print_json({"url": url, "scores": scores, "labels": str(session.path)})
        return
    console = out()
    look = f"{url} in a browser of this machine"
    print_places(console, {"Scores": scores, "Labels": session.path, "Look": look})
    console.print("Ctrl-C ends it; what is said is on disk.")


def print_review_ended(session: Session, n_before: int, *, as_json: bool) -> None:
    """Say how many words were said since there were `n_before`, and where they are."""
    n_said = len(session.labels().statements) - n_before
    with suppress(OSError):  # the terminal may be what was closed
        if as_json:
            print_json({"said": n_said, "labels": str(session.path)})
        else:
            where = quoted(str(session.path))
            out().print(f"Ended; {n_said:,} words said meanwhile, in {where}", soft_wrap=True)


def write_labels(found: Labels, path: Path) -> None:
    """Write a row a candidate, over nothing but an earlier such table.

    Raises
    ------
    ParameterError
        If it would be no CSV by its name, its folder is not there, or something else is.
    """
    if path.suffix != ".csv":
        raise ParameterError(f"--export {path}: name a file that ends in .csv")
    if not path.parent.is_dir():
        raise ParameterError(
            f"--export {path}: there is no folder {path.parent}; make it, or name another"
        )
    require_ours(path, b"candidate,name,profile_mean,")
    write_csv(path, [as_table(found)])


def print_labels(found: Labels, *, path: Path, exported: Path | None, as_json: bool) -> None:
    """Say how many say what, who differs, and how far any two agree beyond chance."""
    said = {**summarise(found), "settled": len(settled(found))}
    if as_json:
        print_json({"labels": str(path), "exported": str(exported) if exported else None, **said})
        return
    for note in found.notes:
        err().print(f"[yellow]Note:[/] {quoted(note)}")
    console = out()
    if not said["candidates"]:
        console.print(f"Nobody says anything of a candidate in {path}.", markup=False)
    else:
        console.print(
            f"{counted(said['candidates'], 'candidate')}: {counted(said['pulsar'], 'pulsar')}, "
            f"{said['not']:,} not, "
            f"{said['unsure']:,} unsure, {said['conflict']:,} of which people differ; "
            f"{said['settled']:,} can be learnt from."
        )
    for table in (_people(said), _conflicts(said), _agreement(said)):
        if table.row_count:
            console.print(table)
    if exported:
        console.print(f"Table    {quoted(str(exported))}", soft_wrap=True)


def _people(said: dict[str, Any]) -> Table:
    values = [Column(value, justify="right") for value in ("pulsar", "not", "unsure")]
    table = Table(*folded("person"), *values, title="Who says what", title_justify="left")
    for who, counts in said["people"].items():
        table.add_row(quoted(who), *(f"{n:,}" for n in counts.values()))
    return table


def _conflicts(said: dict[str, Any]) -> Table:
    columns = folded("candidate", "words", "last shown in")
    table = Table(*columns, title="Of which people differ", title_justify="left")
    for one in said["conflicts"][:_SHOWN]:
        words = ", ".join(f"{who}: {value}" for who, value in one["words"].items())
        at = one["shown"]
        where = f"{at['folder']}, line {at['line']}, rank {at['rank']}" if at else ""
        table.add_row(*map(quoted, (short_name(one["name"], one["candidate"]), words, where)))
    if len(said["conflicts"]) > _SHOWN:
        table.caption = f"and {len(said['conflicts']) - _SHOWN:,} more, which --json names"
        table.caption_justify = "left"
    return table


def _agreement(said: dict[str, Any]) -> Table:
    counts = (Column(heading, justify="right") for heading in ("both judged", "alike", "Cohen's κ"))
    table = Table("people", *counts, title="Agreement beyond chance", title_justify="left")
    for one in said["agreement"]:
        kappa = "undefined" if one["kappa"] is None else f"{one['kappa']:.2f}"
        people = quoted(" and ".join(one["people"]))
        table.add_row(people, f"{one['n_both']:,}", f"{one['n_alike']:,}", kappa)
    return table
