"""What a person decides: the answer to a question, a promotion, a step back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pulsars.gate.rescoring import repeats_its_scores
from pulsars.store import (
    PublishedRun,
    Reign,
    Verdict,
    crown,
    find_run,
    keep_verdict,
    pointer_lock,
    read_reigns,
    require_whole,
    roll_back,
    rolled_back,
)
from schemas import GateError, ParameterError


def settle(
    out: Path, run: PublishedRun, *, promote: bool, because: str, who: str | None = None
) -> Verdict:
    """Do what a person answered to a run that was undecided, and write it down, with the name.

    The answer was given to one champion; where another reigns by now, it decides nothing. The
    pointer moves before the verdict is written: an answer that is cut short between the two can be
    given again.

    Raises
    ------
    GateError
        If a proof of the run does not hold, or a fresh process does not repeat its scores: no word
        can heal that.
    RunNotFoundError
        If a file of the run is gone or was changed.
    """
    with pointer_lock(out):
        asked, reigns = run.verdict(), read_reigns(out)
        against = asked.against if asked else None
        now = reigns[-1].run if reigns else None
        if now == run.name:  # promoted by hand, or by an answer that was cut short after it
            verdict = Verdict("promoted", f"a person: {reigns[-1].because}", against)
            who = who if reigns[-1].because == because else None
        elif now != against:
            late = f"the champion is {now} by now, and the answer was to {against}"
            return Verdict("undecided", late, now)  # the question stays on record as it was
        elif promote:
            verdict = _promote(out, run, reigns, because=because)
        else:
            verdict = Verdict("kept", f"a person: {because}", against)
        keep_verdict(out, run, replace(verdict, by="person", who=who))
    return verdict


def _promote(out: Path, run: PublishedRun, reigns: list[Reign], *, because: str) -> Verdict:
    against = reigns[-1].run if reigns else None
    rolled = rolled_back(reigns).get(run.model_sha256)
    if rolled is not None:
        meanwhile = f"a person rolled this very model back: {rolled}; `pulsar promote` forgives it"
        return Verdict("kept", meanwhile, against)
    crown(out, _require_sound(run), how="person", because=because)
    return Verdict("promoted", f"a person: {because}", against)


def promote_by_hand(out: Path, name: str, *, because: str) -> Reign:
    """Make a run champion because a person says so.

    Raises
    ------
    GateError
        If a proof of the run does not hold, or a fresh process does not repeat its scores: no word
        can heal that.
    ParameterError
        If no reason is given.
    RunNotFoundError
        If no run answers to the name.
    """
    _require_reason(because)
    with pointer_lock(out):
        reigns, run = read_reigns(out, may_be_lost=True), _require_sound(find_run(out, name))
        # Not the run itself, where the same words were cut short before the verdict.
        others = [reign.run for reign in reigns if reign.run != run.name]
        before = others[-1] if others else None
        reign = crown(out, run, how="person", because=because.strip())
        said = Verdict("promoted", f"a person: {reign.because}", before, by="person")
        keep_verdict(out, run, said)  # or a question that is still open would be asked on
    return reign


def _require_sound(run: PublishedRun) -> PublishedRun:
    whole = require_whole(run)
    if whole.failing:
        raise GateError(f"{run.name} can be no champion: {whole.failing}; `pulsar show` names them")
    if not repeats_its_scores(whole.path):
        raise GateError(
            f"a fresh process does not repeat the scores of {run.name}; its files are damaged: "
            f"train again"
        )
    return whole


def roll_back_by_hand(out: Path, *, because: str) -> Reign:
    """Give the pointer back because a person says so; see `pulsars.store.champions.roll_back`."""
    _require_reason(because)
    with pointer_lock(out):
        return roll_back(out, because=because.strip())


def _require_reason(because: str) -> None:
    if not because.strip():
        raise ParameterError("--because is empty; say why, for those who come after")
