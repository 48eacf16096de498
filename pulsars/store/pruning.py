"""Take away what nobody needs any more: whole, one by one, and nothing that is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pulsars.store.alone import nobody_at_work
from pulsars.store.champions import pointer_lock, read_reigns
from pulsars.store.finding import answers_to
from pulsars.store.graves import clear_graves, take_away
from pulsars.store.leftovers import (
    KINDS,
    Leftover,
    find_leftovers,
    touched_and_bytes,
)
from pulsars.store.listing import entries, is_there
from pulsars.store.reigns import in_line
from pulsars.store.runs import read_runs
from pulsars.store.stored import Damaged, read_each, read_record
from pulsars.store.verdicts import damaged_verdicts, may_be_answered
from pulsars.store.workplace import jobs_left
from schemas import ScoreJob, ShownIn, StoredMemory

PATIENCE_SECONDS = 60.0
"""For how long a removal waits for what is under way."""


@dataclass(frozen=True)
class Referred:
    """What refers from elsewhere to what is below an artifact root.

    Attributes
    ----------
    scheduled : str or None
        What a schedule calls the run that it scores with: what answers to that stays.
    reviewed : frozenset of ShownIn
        Where people said what a candidate is: those scores stay, and the run whose model ranked
        there.
    """

    scheduled: str | None = None
    reviewed: frozenset[ShownIn] = frozenset()


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
        Runs that cannot be read: they neither go nor count among the newest. And verdicts, whose
        runs stay, for a person may be asked about them, and memories of inboxes.
    n_bytes : int
        What the runs that go hold.
    leftovers : tuple of Leftover
        What goes beside them.
    busy : bool
        Whether something was under way, so that beside runs nothing was looked at.
    stuck : tuple of Damaged
        What should have gone and could not be removed, or not whole, such as for another's right.
    """

    gone: tuple[str, ...]
    kept: tuple[str, ...]
    removed: bool
    damaged: tuple[Damaged, ...] = ()
    n_bytes: int = 0
    leftovers: tuple[Leftover, ...] = ()
    busy: bool = False
    stuck: tuple[Damaged, ...] = ()


def prune(  # noqa: PLR0913 - each is an option of its own
    out: Path,
    *,
    keep: int,
    older_than: timedelta,
    results: Path | None,
    remove: bool,
    referred: Callable[[], Referred] = Referred,
    waiting: Callable[[], None] | None = None,
) -> Pruned:
    """Choose what nobody needs any more, runs and all that rests beside them, and remove it.

    Parameters
    ----------
    out : Path
        Artifact root.
    keep, remove, referred
        As of `prune_runs`.
    older_than, results
        As of `pulsars.store.leftovers.find_leftovers`.
    waiting : callable, optional
        Called once when a removal waits for runs, scorings and passes that are under way, for
        `PATIENCE_SECONDS` at most.
    """
    found = prune_runs(out, keep=keep, remove=remove, referred=referred)
    patience = PATIENCE_SECONDS if remove else 0.0
    alone = partial(nobody_at_work, patience=patience, waiting=waiting)
    try:
        with _undisturbed(alone, out, remove=remove):
            shown = {one.folder for one in referred().reviewed}
            left = find_leftovers(
                out, older_than=older_than, gone=found.gone, results=results, reviewed=shown
            )
            if remove:
                stuck = clear_graves(out / kind for kind in KINDS)
                stuck += [stays for one in left for stays in take_away(Path(one.path))]
                left = [one for one in left if not is_there(Path(one.path))]
                found = replace(found, stuck=(*found.stuck, *stuck))
    except BlockingIOError:
        return replace(found, busy=True)
    return replace(found, leftovers=tuple(left))


def _undisturbed(
    lock: Callable[[Path], AbstractContextManager[None]], out: Path, *, remove: bool
) -> AbstractContextManager[None]:
    """Take a lock; where nothing can be written one can look all the same, and only look."""
    return lock(out) if remove or os.access(out, os.W_OK) else nullcontext()


def prune_runs(
    out: Path,
    *,
    keep: int,
    remove: bool,
    referred: Callable[[], Referred] = Referred,
) -> Pruned:
    """Choose the runs that nobody needs any more, and remove them.

    Parameters
    ----------
    out : Path
        Artifact root.
    keep : int
        So many of the newest stay, at least 1; so do the champion and its anchor, those that a
        rollback could lead to, those that still await a person's answer, those that a scoring goes
        by which is under way or can be gone on with, and those that an inbox is scored by, as its
        memory says, which goes when no pass has come by for long.
    remove : bool
        Whether to remove, or only to say.
    referred : callable, optional
        Gives what else refers to runs. It is asked once the lock is held: people go on speaking
        while it is waited for.
    """
    with _undisturbed(pointer_lock, out, remove=remove):
        others = referred()
        called, lost = read_each(entries(out / "inboxes", "*.json"), _run_in)
        called += [others.scheduled]
        models = {one.model_sha256 for one in others.reviewed}
        runs, damaged = read_runs(out)
        damaged += [*damaged_verdicts(out), *lost]
        needed = in_line(read_reigns(out))
        needed |= {run.name for run in runs[-keep:]}
        needed |= {run.name for run in runs if may_be_answered(out, run.name)}
        needed |= {job.chosen.run for job in jobs_left(out, ScoreJob)}
        needed |= {run.name for run in runs for one in called if one and answers_to(run.name, one)}
        needed |= {run.name for run in runs if run.manifest["files"].get("model.json") in models}
        going = {run.path: touched_and_bytes(run.path)[1] for run in runs if run.name not in needed}
        stuck: list[Damaged] = []
        if remove:
            stuck = clear_graves([out / "runs"])
            stuck += [stays for path in going for stays in take_away(path)]
            going = {path: n_bytes for path, n_bytes in going.items() if not is_there(path)}
    gone = tuple(path.name for path in going)
    kept = tuple(run.name for run in runs if run.path not in going)
    n_bytes = sum(going.values())
    return Pruned(gone, kept, remove, tuple(damaged), n_bytes, stuck=tuple(stuck))


def _run_in(path: Path) -> str | None:
    """Give what the last pass over an inbox called the run that it scored by.

    Of passes, whoever schedules them: what a server elsewhere has been told is known to it alone.
    """
    found = read_record(path, StoredMemory).get("run")
    return found if isinstance(found, str) else None
