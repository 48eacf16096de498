"""What `pulsar --help` says of each command, known before the command itself is loaded."""

from __future__ import annotations

from typing import NamedTuple


class Listed(NamedTuple):
    """A command that nobody has asked for yet.

    Attributes
    ----------
    module : str
        Which holds it, as a function of the command's name.
    line : str
        What it does.
    examples : tuple of str
        How it is called.
    """

    module: str
    line: str
    examples: tuple[str, ...]


COMMANDS = {
    "train": Listed(
        "command.flows",
        "Train on labelled candidates and publish the run.",
        (
            "pulsar train HTRU_2.csv",
            "pulsar train survey.csv --threshold recall:0.95 --seed 7",
            "pulsar train HTRU_2.csv --preset book-balanced",
        ),
    ),
    "sweep": Listed(
        "command.flows",
        "Find out which setting is best, by cross-validation.",
        (
            "pulsar sweep HTRU_2.csv --best-to best.json",
            "pulsar sweep survey.csv --solver newton --l2 1e-4 --l2 1e-3 --no-nested",
        ),
    ),
    "score": Listed(
        "command.flows",
        "Score and rank new candidates with the champion.",
        ("pulsar score night.csv --budget 50", "pulsar score night.csv --run 20260101 --json"),
    ),
    "inbox": Listed(
        "command.flows",
        "Score every new file of a folder, once each.",
        ("pulsar inbox arriving", "pulsar inbox s3://survey/night --json"),
    ),
    "demo": Listed(
        "command.flows",
        "Train on HTRU2, or without it on simulated candidates.",
        ("pulsar demo --seed 1", "pulsar demo --review"),
    ),
    "validate": Listed(
        "command.data",
        "Say what a candidate file is, and what is wrong with it.",
        ("pulsar validate survey.csv --max-quarantine 0.3",),
    ),
    "simulate": Listed(
        "command.data",
        "Draw candidates from simulated profiles and curves.",
        (
            "pulsar simulate --rows 20000 --prevalence 0.1 sky.parquet",
            "pulsar simulate --folds night --rows 100",
        ),
    ),
    "features": Listed(
        "command.flows",
        "Measure folds (.pfd, .phcx) and write a table.",
        ("pulsar features night --labels night/truth.csv -o candidates.parquet",),
    ),
    "fetch": Listed(
        "command.data",
        "Fetch HTRU2 from UCI and check its fingerprints.",
        ("pulsar fetch --folder data",),
    ),
    "show": Listed(
        "command.runs", "Show a published run; the newest when none is named.", ("pulsar show",)
    ),
    "runs": Listed(
        "command.runs",
        "List the published runs, the champion marked.",
        ("pulsar runs --out artifacts",),
    ),
    "compare": Listed(
        "command.runs",
        "Compare two runs on candidates that neither has learnt from.",
        ("pulsar compare 20261124-031500 20261125-031500",),
    ),
    "promote": Listed(
        "command.runs",
        "Make a run the champion, whatever the gate said.",
        ("pulsar promote 3f9a1c20 --because 'finds J1759-3107'",),
    ),
    "rollback": Listed(
        "command.runs",
        "Give the champion's place back to the one before.",
        ("pulsar rollback --because 'calls satellites pulsars'",),
    ),
    "prune": Listed(
        "command.runs",
        "Say what nobody needs any more, and remove it.",
        ("pulsar prune --keep 30", "pulsar prune --keep 30 --yes"),
    ),
    "history": Listed(
        "command.runs",
        "Show runs, champions and scored files over time.",
        ("pulsar history", "pulsar history --html", "pulsar history --html week.html"),
    ),
    "review": Listed(
        "command.review",
        "Look at candidates in the browser and say what they are.",
        ("pulsar review", "pulsar review 4bbd0195 --labels ours.jsonl"),
    ),
    "labels": Listed(
        "command.review",
        "Say what people said of candidates.",
        ("pulsar labels", "pulsar labels --export labels.csv"),
    ),
    "serve": Listed(
        "command.service",
        "Train and score on a schedule, in the foreground.",
        ("pulsar serve --data data/HTRU_2.csv --inbox inbox",),
    ),
    "up": Listed(
        "command.service",
        "Start a Prefect server and the scheduled flows in the background.",
        (
            "pulsar up --data data/HTRU_2.csv --inbox inbox",
            "pulsar up --data data/HTRU_2.csv --train-cron '0 6 * * *' --time-zone Asia/Seoul",
        ),
    ),
    "down": Listed("command.service", "Stop what `pulsar up` started.", ("pulsar down",)),
}

KEEP_STEPS = frozenset(
    name for name, listed in COMMANDS.items() if listed.module == "command.flows"
)
"""Commands that run a flow: what was done of it when they were cut short is not done again."""
