"""The commands that are killed and starved, and a small artifact root to do it on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from command.demonstration import write_simulation
from tests.chaos.lanes import Lanes
from tests.chaos.zygote import PARTITION_ROWS

_N_RUNS = 3
TRAIN = ("train", "sky.csv", "--parameters", "small.json", "--out", "out")


@dataclass(frozen=True)
class Kind:
    """A command.

    Attributes
    ----------
    words : tuple of str
        Of the command; ``{oldest}`` stands for a run.
    repeatable : bool
        Whether it may be given again when it is not known if it was done: one that goes a step
        back may not.
    first : bool
        Whether the artifact root is empty before.
    partition_rows : int or None
        How many rows a partition has then; None leaves it at what it is.
    """

    words: tuple[str, ...]
    repeatable: bool = True
    first: bool = False
    partition_rows: int | None = None

    def words_in(self, folder: Path) -> list[str]:
        """Give the words for one artifact root."""
        runs = _runs(folder)
        return [word.format(oldest=runs[0]) if runs else word for word in self.words]

    def prepare(self, template: Path, folder: Path) -> Path:
        """Copy the template for one try."""
        shutil.copytree(template, folder)
        if self.first:
            shutil.rmtree(folder / "out")
            (folder / "out").mkdir()
        if self.partition_rows:
            (folder / PARTITION_ROWS).write_text(str(self.partition_rows))
        return folder


KINDS: Mapping[str, Kind] = {
    "training": Kind((*TRAIN, "--seed", "9"), first=True),
    "challenge": Kind((*TRAIN, "--seed", "9")),
    "scoring": Kind(("score", "night.csv", "--out", "out")),
    "inbox": Kind(("inbox", "box", "--settle-seconds", "0", "--out", "out")),
    "sweep": Kind(
        (
            "sweep", "sky.csv", "--out", "out", "--solver", "newton", "--inputs", "standard",
            "--oversample", "none", "--no-nested",
        )
    ),
    "promotion": Kind(("promote", "{oldest}", "--because", "it was first", "--out", "out")),
    "rollback": Kind(("rollback", "--because", "it was better", "--out", "out"), repeatable=False),
    "pruning": Kind(("prune", "--keep", "1", "--yes", "--out", "out")),
    "training in partitions": Kind(
        ("train", "sky.parquet", *TRAIN[2:], "--seed", "9", "--workers", "1"),
        first=True,
        partition_rows=150,
    ),
    "scoring in partitions": Kind(
        ("score", "night.parquet", "--out", "out", "--workers", "1"), partition_rows=80
    ),
}  # fmt: skip

HISTORY = Kind(("history", "--html", "--out", "out"))
"""Writes a page, which is never the same twice: it tells of times."""


def make_template(folder: Path, lanes: Lanes) -> Path:
    """Make the folder that each try has a copy of: runs, two of them champions, and new files."""
    write_simulation(folder / "sky.csv", rows=400, prevalence=0.15, seed=1)
    write_simulation(folder / "night.csv", rows=300, prevalence=0.15, seed=2)
    write_simulation(folder / "sky.parquet", rows=400, prevalence=0.15, seed=1)
    write_simulation(folder / "night.parquet", rows=300, prevalence=0.15, seed=2)
    (folder / "small.json").write_text(json.dumps({"n_resamples": 100, "inputs": "standard"}))
    (folder / "box").mkdir()
    for seed in (3, 4):
        write_simulation(folder / "box" / f"{seed}.csv", rows=200, prevalence=0.15, seed=seed)
    (folder / "box" / "bad.csv").write_text("what,is,this\n" + "a,b,c\n" * 30)
    for seed in range(_N_RUNS):
        _do(lanes, folder, *TRAIN, "--seed", seed)
    _, *between, newest = _runs(folder)
    for run in between:  # who was rolled back is needed no more
        _do(lanes, folder, "promote", run, "--because", "to try", "--out", "out")
        _do(lanes, folder, "rollback", "--because", "enough", "--out", "out")
    _do(lanes, folder, "promote", newest, "--because", "it is newer", "--out", "out")
    for name in ("notes", "storage"):
        shutil.rmtree(folder / name)
    return folder


def _runs(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out" / "runs").glob("*"))


def _do(lanes: Lanes, folder: Path, *words: object) -> None:
    done = lanes.run(folder, words)
    assert done.returncode == 0, done.err
