"""What a person, or a machine, is shown of a sweep."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from command.console import folded, out, print_json, print_places
from pulsars.report import DIGITS, MEASURE_WORDS, score_words, setting_words
from pulsars.store import PublishedSweep
from slp import Measure

_SHOWN = 10


def print_swept(swept: PublishedSweep, *, parameters_file: Path, as_json: bool) -> None:
    """Show the best settings, the score of the procedure, and how to train by the best.

    Parameters
    ----------
    swept : PublishedSweep
        As it rests on disk.
    parameters_file : Path
        Where the best setting is, for the command that trains by it.
    as_json : bool
        Whether to print one JSON object instead.
    """
    if as_json:
        print_json({**swept.summary(), "parameters_file": str(parameters_file)})
        return
    console = out()
    if swept.simulated:
        console.print("[bold yellow]SIMULATED candidates: no statement about the sky.[/]")
    console.print(_settings_table(swept))
    _print_procedure(console, swept)
    data, root = swept.manifest["parameters"]["data"], swept.manifest["parameters"]["out"]
    train = ["pulsar", "train", data, "--parameters", str(parameters_file)]
    train += [] if root == "artifacts" else ["--out", root]
    places = {
        "Sweep": swept.path,
        "Look": f"{swept.path / 'sweep.html'} in a browser, now or later",
        "Best": parameters_file,
        "Train": shlex.join(train),
    }
    print_places(console, places)


def _settings_table(swept: PublishedSweep) -> Table:
    by: Measure = swept.manifest["parameters"]["by"]
    shown, of = min(_SHOWN, len(swept.settings)), len(swept.settings)
    title = f"The {shown} best of {of} settings, {MEASURE_WORDS[by]} ± spread over folds"
    measured = [  # as wide as the numbers need, so that the setting gets the rest
        Column(heading, justify="right", width=15 if name == by else 9)
        for name, heading in MEASURE_WORDS.items()
    ]
    table = Table(*folded("setting"), *measured, title=title, title_justify="left")
    for row in swept.settings[:_SHOWN]:
        table.add_row(setting_words(row), *(_score(row, name, by) for name in MEASURE_WORDS))
    return table


def _score(row: Mapping[str, Any], measure: Measure, by: Measure) -> str:
    if measure == by:
        return score_words(row, measure)
    return f"{row['mean'][measure]:.{DIGITS[measure]}f}"


def _print_procedure(console: Console, swept: PublishedSweep) -> None:
    if swept.nested is None:
        console.print("The score of the best was part of choosing it: luck is in it.")
        return
    nested = swept.nested
    scores = ", ".join(
        f"{word} {score_words(nested, name)}" for name, word in MEASURE_WORDS.items()
    )
    console.print(
        f"The whole procedure, chosen anew in {len(nested['folds'])} outer folds: {scores}. "
        f"Quote this; luck is in the score of the best."
    )
