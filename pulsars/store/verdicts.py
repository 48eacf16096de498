"""What was decided on a challenger, and by whom: `<out>/verdicts/<run>.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pulsars.store.files import write_text
from pulsars.store.listing import entries, is_there
from pulsars.store.published import moment_of
from pulsars.store.seals import sealed
from pulsars.store.stored import Damaged, as_written, read_each, read_record
from schemas import (
    By,
    DamagedRecordError,
    Decision,
    ForbiddenRecordError,
    LaterFormatError,
    VerdictRecord,
)

PATIENCE = timedelta(days=7)
"""How long a person may take to say what becomes of a run that the gate left undecided."""

_SPARE = timedelta(days=1)  # the question comes after the verdict
_STEP = timedelta(microseconds=1)


class Challenger(Protocol):
    """Of a published run, what a verdict on it is kept by."""

    @property
    def name(self) -> str:
        """The run's."""

    @property
    def model_sha256(self) -> str:
        """What its model is known by, under whatever name."""


@dataclass(frozen=True)
class Verdict:
    """What was decided, before it is written down; the attributes are those of the record.

    Attributes
    ----------
    moves_anchor : bool
        Of a promotion: whether the run is the anchor from then on.

    See Also
    --------
    schemas.records.VerdictRecord : what they mean.
    """

    decision: Decision
    because: str
    against: str | None = None
    duel: dict[str, Any] | None = None
    by: By = "gate"
    who: str | None = None
    anchor: str | None = None
    anchor_duel: dict[str, Any] | None = None
    moves_anchor: bool = True


def keep_verdict(out: Path, run: Challenger, verdict: Verdict) -> None:
    """Write a verdict beside the runs, which themselves never change again.

    Where a person decided, the comparison that left it open stays on record.
    """
    before = read_verdict(out, run.name) if verdict.by == "person" else None
    said = VerdictRecord(
        run=run.name,
        model_sha256=run.model_sha256,
        decision=verdict.decision,
        because=verdict.because,
        against=verdict.against,
        at=_moment(out, run, against=verdict.against),
        by=verdict.by,
        who=verdict.who,
        duel=before.duel if before else verdict.duel,
        anchor=before.anchor if before else verdict.anchor,
        anchor_duel=before.anchor_duel if before else verdict.anchor_duel,
    )
    write_text(_path(out, run.name), sealed(said.model_dump(mode="json")))


def _moment(out: Path, run: Challenger, *, against: str | None) -> datetime:
    """Give the time, and never one before what it comes after, though the clock be set back."""
    earlier = [one.at for one in _on_the_same(out, run.model_sha256, against)]
    published = moment_of(run.name)
    return max(
        [datetime.now(UTC), *([published] if published else []), *(at + _STEP for at in earlier)]
    )


def read_verdict(out: Path, run: str) -> VerdictRecord | None:
    """Read what was decided on a run; None when nothing was, or nothing that can be read.

    Raises
    ------
    ForbiddenRecordError, LaterFormatError
        If it may not be read, or a later version wrote it.
    """
    try:
        return load_verdict(_path(out, run))
    except (ForbiddenRecordError, LaterFormatError):  # or it would be judged anew, and written over
        raise
    except DamagedRecordError:  # what is damaged is as good as never said: the gate can be asked
        return None


def may_be_answered(out: Path, run: str) -> bool:
    """Whether a person may still say what becomes of a run, as far as anybody can tell.

    What cannot be read may say so: only of a run that has no verdict is it sure that nobody asked.
    """
    try:
        return awaits_a_person(require_verdict(out, run))
    except DamagedRecordError:
        return True


def require_verdict(out: Path, run: str) -> VerdictRecord | None:
    """Read what was decided on a run; None only when nothing was.

    Raises
    ------
    DamagedRecordError
        If it is not what was written.
    """
    path = _path(out, run)
    return load_verdict(path) if is_there(path) else None


def promotions(out: Path) -> tuple[list[VerdictRecord], list[Damaged]]:
    """Read what made runs champion, the oldest first, and name what may have and is unreadable."""
    said, damaged = read_each(_all(out), load_verdict)
    promoted = [one for one in said if one.decision == "promoted"]
    return sorted(promoted, key=lambda one: one.at), damaged


def damaged_verdicts(out: Path) -> list[Damaged]:
    """Name what was decided and can no longer be read; the run counts as never judged."""
    return read_each(_all(out), load_verdict)[1]


def _path(out: Path, run: str) -> Path:
    return out / "verdicts" / f"{run}.json"


def load_verdict(path: Path) -> VerdictRecord:
    """Read a verdict.

    Raises
    ------
    DamagedRecordError
        If it is not what was written; `LaterFormatError` if a later version wrote it.
    """
    with as_written(path):
        found = read_record(path, dict[str, Any])
        return VerdictRecord.model_validate_json(json.dumps(found))


def awaits_a_person(verdict: VerdictRecord | None) -> bool:
    """Whether a run is undecided, and somebody may still answer."""
    if verdict is None or verdict.decision != "undecided":
        return False
    return datetime.now(UTC) - verdict.at < PATIENCE + _SPARE


def left_by_a_person(out: Path, run: Challenger, *, against: str) -> str | None:
    """Say why a person left a champion its place against the model of a run, under any name.

    The same candidates and seed make the same model night after night, and a person who said no
    is not asked again, unless somebody has said yes since. None when nobody said no.
    """
    answers = [one for one in _on_the_same(out, run.model_sha256, against) if one.by == "person"]
    if not answers:
        return None
    last = max(answers, key=lambda one: one.at)
    return last.because.removeprefix("a person: ") if last.decision == "kept" else None


def _on_the_same(out: Path, model: str, against: str | None) -> list[VerdictRecord]:
    """Read every verdict on a model against a champion."""
    said, _ = read_each(_all(out), load_verdict)
    return [one for one in said if one.model_sha256 == model and one.against == against]


def _all(out: Path) -> list[Path]:
    return entries(out / "verdicts", "*.json")
