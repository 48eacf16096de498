"""Commands on published runs: look, compare, name a champion, tidy up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from command.options import AsJson, Out

Because = Annotated[str, typer.Option(help="Why, for those who come after.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example:\n\n`pulsar show`")(show)
    app.command(epilog="Example:\n\n`pulsar runs --out artifacts`")(runs)
    app.command(epilog="Example:\n\n`pulsar compare 20261124-031500 20261125-031500`")(compare)
    app.command(epilog="Example:\n\n`pulsar promote 3f9a1c20 --because 'finds J1759-3107'`")(
        promote
    )
    app.command(epilog="Example:\n\n`pulsar rollback --because 'calls satellites pulsars'`")(
        rollback
    )
    app.command(epilog="Examples:\n\n`pulsar prune --keep 30`\n\n`pulsar prune --keep 30 --yes`")(
        prune
    )


def show(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run's name, or the start or end of it.")
    ] = None,
    *,
    out: Out = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Show a published run; the newest when none is named."""
    from command.show_runs import print_run
    from pulsars.store.runs import find_run

    print_run(find_run(out, run), as_json=as_json)


def runs(*, out: Out = Path("artifacts"), as_json: AsJson = False) -> None:
    """List the published runs, the champion marked."""
    from command.show_runs import print_runs
    from pulsars.store.champions import champion_name
    from pulsars.store.runs import load_run, run_folders
    from pulsars.store.stored import read_each

    found, damaged = read_each(run_folders(out), lambda path: load_run(path).listable())
    champion = champion_name(out)
    print_runs(found, damaged=damaged, champion=champion, as_json=as_json)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="The run to measure against.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The run that is judged.")],
    *,
    out: Out = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Compare two runs on candidates that neither has learnt from."""
    from command.show_champions import print_duel
    from pulsars.gate.comparing import duel
    from pulsars.store.runs import find_run

    one, other = find_run(out, a), find_run(out, b)
    print_duel(one, other, duel(one, other), as_json=as_json)


def promote(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name, or its start or end.")],
    *,
    because: Because,
    out: Out = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Make a run the champion, whatever the gate said."""
    from command.show_champions import print_reign
    from pulsars.gate.by_hand import promote_by_hand

    print_reign(promote_by_hand(out, run, because=because), as_json=as_json)


def rollback(*, because: Because, out: Out = Path("artifacts"), as_json: AsJson = False) -> None:
    """Give the champion's place back to the one before."""
    from command.show_champions import print_reign
    from pulsars.gate.by_hand import roll_back_by_hand

    print_reign(roll_back_by_hand(out, because=because), as_json=as_json)


def prune(
    *,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest runs to keep.")],
    older_than: Annotated[
        float,
        typer.Option(
            min=0, metavar="DAYS", help="From which age on all else goes that nothing refers to."
        ),
    ] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it only say what.")] = False,
    out: Out = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Say what nobody needs any more, and with --yes remove it.

    Old runs, but never the champion; downloads, scores, sweeps, refusals, verdicts, unfinished work
    and results of steps.
    """
    from command.show_champions import print_pruned
    from pulsars.store.pruning import prune as take_away
    from service.settings import kept_results

    age = timedelta(days=older_than)
    found = take_away(out, keep=keep, older_than=age, results=kept_results(), remove=yes)
    print_pruned(found, as_json=as_json)
