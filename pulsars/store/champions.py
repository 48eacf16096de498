"""Which published run scores new candidates: one pointer file, replaced in one step.

`<out>/champion.json` holds the whole history, so pointer and history can never disagree. Every
change is one more entry; nothing is ever taken out.
"""

from __future__ import annotations

import shlex
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulsars.store.files import CHAMPION, write_text
from pulsars.store.listing import is_there
from pulsars.store.locks import exclusive
from pulsars.store.reigns import Reign, succession
from pulsars.store.runs import PublishedRun, kept, load_run, require_unchanged
from pulsars.store.seals import sealed
from pulsars.store.stored import as_written, read_record
from pulsars.store.verdicts import promotions
from schemas import (
    ChampionError,
    DamagedRecordError,
    ForbiddenRecordError,
    How,
    LaterFormatError,
    Pointer,
    RunNotFoundError,
    StoredReign,
)

_FORMAT = 2  # the first had no anchors


def pointer_lock(out: Path) -> AbstractContextManager[None]:
    """Hold the pointer still, for a moment: not the lock of a training, which may last hours."""
    remedy = "have it made writable"  # in another root there is another champion
    return exclusive(out, waiting=lambda: None, name=".champion.lock", remedy=remedy)


def require_whole(run: PublishedRun) -> PublishedRun:
    """Give a run back that has what scoring and comparing need, every file as it was published.

    Raises
    ------
    DamagedRecordError
        If one is gone or was changed.
    RunNotFoundError
        If an earlier version published it without.
    """
    for name in ("model.json", "reference.json", "test.npz", "seen.npz"):
        kept(run, name)
    return require_unchanged(run)


def read_reigns(out: Path, *, may_be_lost: bool = False) -> list[Reign]:
    """Read the history of champions, the oldest first; empty when there was none.

    Parameters
    ----------
    out : Path
        Artifact root.
    may_be_lost : bool, optional
        Whether a file that is gone is none: for whoever names a champion anew.

    Raises
    ------
    ChampionError
        If the file cannot be read, or is gone though a verdict says, or may say, that one reigned.
    ForbiddenRecordError, LaterFormatError
        If it may not be read, or a later version wrote it: neither calls for another champion.
    """
    path = out / CHAMPION
    if not is_there(path):
        if (lost := None if may_be_lost else _lost(out)) is None:
            return []
        if not is_there(path):  # else it was the first champion that has just been made
            raise ChampionError(
                f"{path} is {lost}, or name a champion with `pulsar promote RUN --because WHY`"
            )
    try:
        with as_written(path):
            return _reigns_of(read_record(path, Pointer, newest=_FORMAT))
    except (ForbiddenRecordError, LaterFormatError):
        raise
    except DamagedRecordError as error:
        raise ChampionError(
            f"{error} and name a champion with `pulsar promote RUN --because WHY`"
        ) from None


def _lost(out: Path) -> str | None:
    """Say why a pointer that is not there may be lost, and what helps; None where it is not."""
    promoted, damaged = promotions(out)
    if promoted:
        last = out / "runs" / promoted[-1].run
        known = last.name if is_there(last) else "a run that is gone too"
        return f"gone, though {known} was made champion; restore it"
    return f"not there, and may be lost: {damaged[0].because}" if damaged else None


def _reigns_of(stored: Pointer) -> list[Reign]:
    reigns = [_reign_from(entry) for entry in stored["history"]]
    succession(reigns)
    if not {reign.anchor for reign in reigns} <= {reign.run for reign in reigns}:
        raise ValueError("an anchor in it was never champion")
    if reigns and stored.get("run", reigns[-1].run) != reigns[-1].run:
        raise ValueError("its run is not the last one of its history")
    return reigns


def _reign_from(entry: StoredReign) -> Reign:
    told: dict[str, Any] = {"anchor": entry["run"], **entry}
    return Reign(**told)


def champion_name(out: Path) -> str | None:
    """Name the champion's run; None when there is none yet."""
    reigns = read_reigns(out)
    return reigns[-1].run if reigns else None


def find_champion(out: Path) -> PublishedRun | None:
    """Read the champion's run; None when there is none yet.

    Raises
    ------
    ChampionError
        If the run is gone, or its model is not the one that was made champion.
    """
    reigns = read_reigns(out)
    return _published(out, reigns[-1], "champion") if reigns else None


def find_anchor(out: Path) -> PublishedRun | None:
    """Read the anchor's run; None when there is no champion yet.

    Raises
    ------
    ChampionError
        If the run is gone, or its model is not the one that was champion.
    """
    reigns = read_reigns(out)
    if not reigns:
        return None
    anchor = next(reign for reign in reversed(reigns) if reign.run == reigns[-1].anchor)
    return _published(out, anchor, "anchor")


def require_champion(out: Path) -> PublishedRun:
    """Read the champion's run.

    Raises
    ------
    ChampionError
        If there is none, or as for `find_champion`.
    """
    found = find_champion(out)
    if found is None:
        raise ChampionError(
            f"{out} has no champion yet; train one with `pulsar train DATA`, or name a run with "
            f"`pulsar promote RUN --because WHY`, either with --out {shlex.quote(str(out))}"
        )
    return found


def crown(
    out: Path, run: PublishedRun, *, how: How, because: str, moves_anchor: bool = True
) -> Reign:
    """Make a run the champion.

    Parameters
    ----------
    out : Path
        Artifact root; the caller holds `pointer_lock`.
    run : PublishedRun
        Below that root.
    how, because
        As in `Reign`.
    moves_anchor : bool
        Whether it is the anchor from now on, which the first champion is in any case.
    """
    reigns = read_reigns(out, may_be_lost=True)  # of which the caller has decided
    anchor = run.name if moves_anchor or not reigns else reigns[-1].anchor
    reign = _reign(run, how=how, because=because, anchor=anchor)
    _write(out, [*reigns, reign])
    return reign


def roll_back(out: Path, *, because: str) -> Reign:
    """Give the pointer back to whom the champion took it from.

    A second time goes one further back: a rolled-back champion is not returned to.

    Raises
    ------
    ChampionError
        If there is nobody to go back to, or the run is gone.
    """
    reigns = read_reigns(out)
    line = succession(reigns)
    if len(line) < 2:  # noqa: PLR2004 - the champion and one before
        raise ChampionError(
            f"{out} has no champion of another model before this one; nothing to go back to"
        )
    run = require_whole(_published(out, line[-2], "previous champion"))
    reign = _reign(run, how="rollback", because=because, anchor=run.name)
    _write(out, [*reigns, reign])
    return reign


def _reign(run: PublishedRun, *, how: How, because: str, anchor: str) -> Reign:
    return Reign(
        run=run.name,
        model_sha256=run.manifest["files"]["model.json"],
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        how=how,
        because=because,
        anchor=anchor,
    )


def _published(out: Path, reign: Reign, role: str) -> PublishedRun:
    try:
        run = load_run(out / "runs" / reign.run)
    except DamagedRecordError:  # which says what to restore
        raise
    except RunNotFoundError:
        raise ChampionError(
            f"the {role}'s run {reign.run} is gone from {out / 'runs'}; restore it, or name "
            f"another with `pulsar promote RUN --because WHY`"
        ) from None
    if run.manifest["files"]["model.json"] != reign.model_sha256:
        raise ChampionError(
            f"the model of {reign.run}, the {role}, is not the one that became champion; "
            f"name a champion anew with `pulsar promote RUN --because WHY`"
        )
    return run


def _write(out: Path, reigns: list[Reign]) -> None:
    pointer = {"format": _FORMAT, "run": reigns[-1].run, "history": [*map(asdict, reigns)]}
    write_text(out / CHAMPION, sealed(pointer))
