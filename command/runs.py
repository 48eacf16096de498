"""Commands on what is below an artifact root: look, compare, name a champion, tidy up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from command.options import OUT, AsJson, Out, expanded, names_in, require_root

if TYPE_CHECKING:
    from pulsars.review import Followed
    from pulsars.store import Referred

RUNS = names_in("runs")

LabelsFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--labels",
        callback=lambda paths: [expanded(path) for path in paths or ()],
        metavar="FILE",
        help="What else people said, beside labels.jsonl in the artifact root.  [repeatable]",
    ),
]
Because = Annotated[str, typer.Option(help="Why, for those who come after.")]


def show(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="Its name, the start or end of that, its folder, or champion.",
            autocompletion=RUNS,
        ),
    ] = None,
    *,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Show a published run; the newest when none is named."""
    from command.show_runs import print_run
    from pulsars.store import find_run

    print_run(find_run(out, run), as_json=as_json)


def runs(*, out: Out = OUT, as_json: AsJson = False) -> None:
    """List the published runs, the champion and its anchor marked."""
    from command.show_runs import print_runs
    from pulsars.store import CHAMPION, Damaged, load_run, read_each, read_reigns, run_folders
    from schemas import ChampionError, DamagedRecordError, ExitCode

    require_root(out)
    found, damaged = read_each(run_folders(out), lambda path: load_run(path).listable())
    code = ExitCode.OK
    try:
        reigns = read_reigns(out)
    except (ChampionError, DamagedRecordError) as error:  # which may say to name one of the runs
        reigns, code = [], error.exit_code
        damaged.append(Damaged(str(out / CHAMPION), str(error)))
    champion, anchor = (reigns[-1].run, reigns[-1].anchor) if reigns else (None, None)
    print_runs(found, damaged=damaged, champion=champion, anchor=anchor, as_json=as_json)
    if code:
        raise typer.Exit(code)


def compare(
    a: Annotated[
        str, typer.Argument(metavar="A", help="The run to measure against.", autocompletion=RUNS)
    ],
    b: Annotated[
        str, typer.Argument(metavar="B", help="The run that is judged.", autocompletion=RUNS)
    ],
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="C", help="More runs to be judged.", autocompletion=RUNS),
    ] = None,
    *,
    html: Annotated[
        bool, typer.Option("--html", help="Write compare.html in the artifact root, with curves.")
    ] = False,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Compare runs with the first of them, on candidates that neither has learnt from."""
    from command.show_compared import LETTERS, print_compared, write_compared
    from pulsars.gate import duel
    from pulsars.store import find_run
    from schemas import ParameterError

    names = [a, b, *(more or [])]
    if len(names) > len(LETTERS):
        raise ParameterError(
            f"{len(names)} runs are named, and {len(LETTERS)} can be compared at once"
        )
    found = [find_run(out, name) for name in names]
    for at, run in enumerate(found):
        if run.name in {one.name for one in found[:at]}:
            raise ParameterError(f"run {run.name} is named twice; name each run once")
    duels = [duel(found[0], run) for run in found[1:]]
    page = write_compared(found, duels, out / "compare.html", root=out) if html else None
    print_compared(found, duels, page=page, as_json=as_json)


def promote(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="Its name, the start or end of that, or its folder.",
            autocompletion=RUNS,
        ),
    ],
    *,
    because: Because,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Make a run the champion, whatever the gate said."""
    from command.show_champions import print_reign
    from pulsars.gate import promote_by_hand

    require_root(out)
    print_reign(promote_by_hand(out, run, because=because), root=out, as_json=as_json)


def rollback(*, because: Because, out: Out = OUT, as_json: AsJson = False) -> None:
    """Give the champion's place back to the one before."""
    from command.show_champions import print_reign
    from pulsars.gate import roll_back_by_hand

    require_root(out)
    print_reign(roll_back_by_hand(out, because=because), root=out, as_json=as_json)


def prune(
    *,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest runs to keep.")],
    older_than: Annotated[
        float,
        typer.Option(
            min=0,
            max=36_500,
            metavar="DAYS",
            help="From which age on all else goes that nothing refers to.",
        ),
    ] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it only say what.")] = False,
    labels_files: LabelsFiles = None,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Say what nobody needs any more, and with --yes remove it.

    Old runs, but never the champion; downloads, scores, sweeps, refusals, verdicts, unfinished work
    and results of steps. What people said of candidates stays, and what it refers to.
    """
    from command.review import follow_said
    from command.show_champions import print_pruned, say_it_waits
    from pulsars.store import prune as prune_root
    from schemas import ExitCode
    from service import kept_results

    require_root(out, also_default=True)
    said, results = follow_said(labels_files or (), out, remove=yes), kept_results()
    found = prune_root(
        out,
        keep=keep,
        older_than=timedelta(days=older_than),
        results=results,
        remove=yes,
        referred=lambda: _referred(said, out),
        waiting=say_it_waits,
    )
    print_pruned(found, keep=keep, root=out, results=results, as_json=as_json)
    if found.removed and (found.busy or found.stuck):
        raise typer.Exit(ExitCode.INTERNAL)


def _referred(said: list[Followed], out: Path) -> Referred:
    """Give what the schedule and people's words name, also those that came a moment ago."""
    from pulsars.store import Referred
    from service import scheduled_run

    words = [word for one in said for word in one.read().statements]
    shown = frozenset(word.scores for word in words if word.scores)
    return Referred(scheduled=scheduled_run(out), reviewed=shown)


def history(
    file: Annotated[
        Path | None,
        typer.Argument(
            callback=expanded,
            metavar="[FILE]",
            help="Receives the page.  [default: history.html in the artifact root]",
        ),
    ] = None,
    *,
    html: Annotated[bool, typer.Option("--html", help="Write one page that shows it all.")] = False,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Show what happened: runs with their champion, scored and rejected files, drift."""
    from command.show_history import print_history, write_page
    from pulsars.store import find_history
    from schemas import ParameterError

    if file and not html:
        raise ParameterError(f"{file}: say --html to have the page written there")
    require_root(out)
    found = find_history(out)
    page = write_page(found, file or out / "history.html", root=out) if html else None
    print_history(found, page=page, as_json=as_json)
