"""What a person decides: the answer to a question, a promotion, a step back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import GateError, ParameterError
from tasks.champions import Reign, champion_name, crown, pointer_lock, require_whole, roll_back
from tasks.rescoring import repeats_its_scores
from tasks.runs import find_run
from tasks.verdicts import Verdict, keep_verdict

if TYPE_CHECKING:
    from tasks.runs import PublishedRun


def settle(out: Path, run: PublishedRun, *, promote: bool, because: str) -> Verdict:
    """Do what a person answered to a run that was undecided, and write it down.

    The answer was given to one champion; where another reigns by now, it decides nothing.

    Raises
    ------
    GateError
        If a fresh process does not repeat the run's scores: no word can heal that.
    RunNotFoundError
        If a file of the run is gone or was changed.
    """
    with pointer_lock(out):
        asked = run.verdict()
        against, now = asked["against"] if asked else None, champion_name(out)
        if now != against:
            late = f"the champion is {now} by now, and the answer was to {against}"
            verdict = Verdict("undecided", late, now, by="person")
        elif promote:
            crown(out, _require_sound(run), how="person", because=because)
            verdict = Verdict("promoted", f"a person: {because}", against, by="person")
        else:
            verdict = Verdict("kept", f"a person: {because}", against, by="person")
        keep_verdict(out, run, verdict)
    return verdict


def promote_by_hand(out: Path, name: str, *, because: str) -> Reign:
    """Make a run champion because a person says so.

    Raises
    ------
    GateError
        If a fresh process does not repeat the run's scores: no word can heal that.
    ParameterError
        If no reason is given.
    RunNotFoundError
        If no run answers to the name.
    """
    _require_reason(because)
    with pointer_lock(out):
        run = _require_sound(find_run(out, name))
        return crown(out, run, how="person", because=because.strip())


def _require_sound(run: PublishedRun) -> PublishedRun:
    whole = require_whole(run)
    if not repeats_its_scores(whole.path):
        raise GateError(
            f"a fresh process does not repeat the scores of {run.name}; its files are damaged, "
            f"or were made on another machine: train again"
        )
    return whole


def roll_back_by_hand(out: Path, *, because: str) -> Reign:
    """Give the pointer back because a person says so; see `tasks.champions.roll_back`."""
    _require_reason(because)
    with pointer_lock(out):
        return roll_back(out, because=because.strip())


def _require_reason(because: str) -> None:
    if not because.strip():
        raise ParameterError("--because is empty; say why, for those who come after")
