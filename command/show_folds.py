"""What a person, or a machine, is shown of folds that were measured."""

from __future__ import annotations

import csv
from pathlib import Path

from command.console import out, print_json, quoted
from pulsars.report import counted
from schemas import FeaturesMade

_SHOWN = 10
_LISTED = 1000


def print_features(made: FeaturesMade, *, as_json: bool) -> None:
    """Show where the table is, the account of the folds, and why some are not in it."""
    aside = _aside(made)
    n_labelled = 0 if made.n_pulsars is None else made.n_measured
    if as_json:
        print_json(
            {
                "path": made.table.path,
                "sha256": made.table.sha256,
                "found": made.n_found,
                "measured": made.n_measured,
                "set_aside": made.n_aside,
                "passed_over": made.n_passed_over,
                "labelled": n_labelled,
                "pulsars": made.n_pulsars,
                "aside": aside[:_LISTED],
            }
        )
        return
    console = out()
    console.print(
        f"{counted(made.n_found, 'fold')} found = {made.n_measured:,} measured + "
        f"{made.n_aside:,} set aside; {counted(made.n_passed_over, 'other file')} passed over"
    )
    if made.n_pulsars is not None:
        console.print(
            f"{n_labelled:,} of {made.n_measured:,} labelled, {counted(made.n_pulsars, 'pulsar')}"
        )
    for one in aside[:_SHOWN]:
        console.print(f"  {quoted(one['because'])}", soft_wrap=True)
    if len(aside) > _SHOWN:
        console.print(f"  and {len(aside) - _SHOWN:,} more")
    if made.aside is not None:
        console.print(f"Aside    {quoted(made.aside.path)}", soft_wrap=True)
    console.print(f"Table    {quoted(made.table.path)}", soft_wrap=True)


def _aside(made: FeaturesMade) -> list[dict[str, str]]:
    if made.aside is None:
        return []
    with Path(made.aside.path).open(encoding="utf-8", newline="") as file:
        return [{"fold": row["fold"], "because": row["refused"]} for row in csv.DictReader(file)]
