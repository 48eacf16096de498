"""Take old runs away: whole, one by one, and none that is needed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.store.champions import pointer_lock, read_reigns, succession
from pulsars.store.runs import read_runs
from pulsars.store.stored import Damaged
from pulsars.store.verdicts import awaits_a_person

if TYPE_CHECKING:
    from pulsars.store.runs import PublishedRun


@dataclass(frozen=True)
class Pruned:
    """What went, or would go.

    Attributes
    ----------
    gone, kept : tuple of str
        Names of runs, the oldest first.
    removed : bool
        False for a dry run.
    damaged : tuple of Damaged
        Runs that cannot be read: they neither go nor count among the newest.
    """

    gone: tuple[str, ...]
    kept: tuple[str, ...]
    removed: bool
    damaged: tuple[Damaged, ...] = ()


def prune_runs(out: Path, *, keep: int, remove: bool) -> Pruned:
    """Choose the runs that nobody needs any more, and remove them.

    Parameters
    ----------
    out : Path
        Artifact root.
    keep : int
        So many of the newest stay, at least 1; so do the champion, those that a rollback could
        lead to, and those that still await a person's answer.
    remove : bool
        Whether to remove, or only to say.
    """
    with pointer_lock(out):
        runs, damaged = read_runs(out)
        needed = {reign.run for reign in succession(read_reigns(out))}
        needed |= {run.name for run in runs[-keep:]}
        needed |= {run.name for run in runs if awaits_a_person(run.verdict())}
        gone = [run for run in runs if run.name not in needed]
        if remove:
            for left in (out / "runs").glob(".*.gone"):  # by a pruning that was killed
                shutil.rmtree(left)
            for run in gone:
                _remove(run)
    kept = tuple(run.name for run in runs if run.name in needed)
    return Pruned(tuple(run.name for run in gone), kept, remove, tuple(damaged))


def _remove(run: PublishedRun) -> None:
    """Let a run disappear in one step, and take its files away then."""
    grave = run.path.with_name(f".{run.name}.gone")
    run.path.rename(grave)
    shutil.rmtree(grave)
