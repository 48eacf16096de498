"""Whether a published run takes the champion's place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import task

from schemas.errors import (
    ChampionError,
    FingerprintError,
    GateError,
    ParameterError,
    RunNotFoundError,
)
from schemas.parameters import TrainingParameters
from schemas.records import Judged, Published
from tasks.champions import (
    Reign,
    champion_name,
    crown,
    find_champion,
    pointer_lock,
    read_reigns,
    require_whole,
    roll_back,
    rolled_back,
)
from tasks.comparing import MEASURE, Duel, duel
from tasks.files import write_json
from tasks.observing import announce, leave_markdown, say
from tasks.rescoring import repeats_its_scores
from tasks.runs import find_run, load_run
from tasks.steps import IO

if TYPE_CHECKING:
    from tasks.runs import PublishedRun

Decision = Literal["promoted", "kept", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What was decided, and why.

    Attributes
    ----------
    decision : {"promoted", "kept", "undecided"}
        The challenger takes over, the champion stays, or a person has to say.
    because : str
        In a sentence.
    against : str or None
        The champion's run.
    duel : Duel or None
        Where the two were compared.
    """

    decision: Decision
    because: str
    against: str | None = None
    duel: Duel | None = None


@task(name="challenge", task_run_name="challenge with {published.run}", **IO)
def challenge(parameters: TrainingParameters, published: Published) -> Judged:
    """Hold a run against floor and champion; move the pointer when it clears both."""
    out = Path(parameters.out)
    run = load_run(Path(published.path))
    with pointer_lock(out):
        verdict = decide(out, run, parameters)
        # The verdict first: a try that is cut short between the two is judged anew, and ends alike.
        keep_verdict(out, run, verdict)
        if verdict.decision == "promoted" and champion_name(out) != run.name:
            crown(out, run, how="gate", because=verdict.because)
    say("%s: %s", verdict.decision, verdict.because)
    leave_markdown("verdict", f"**{verdict.decision}**: {verdict.because}", "Champion gate")
    announce(f"pulsar.challenge.{verdict.decision}", run.name, {"because": verdict.because})
    return Judged(**dict(published), decision=verdict.decision, because=verdict.because)


def decide(out: Path, run: PublishedRun, parameters: TrainingParameters) -> Verdict:
    """Judge a run against who reigns below an artifact root, and against its history."""
    reigns = read_reigns(out)
    if reigns and reigns[-1].run == run.name:  # crowned by a try of this task that failed after it
        return Verdict("promoted", reigns[-1].because)
    refused = rolled_back(reigns).get(run.manifest["files"]["model.json"])
    if refused is not None:
        because = f"a person rolled this very model back: {refused}; `pulsar promote` forgives it"
        return Verdict("kept", because, reigns[-1].run)
    try:
        return judge(find_champion(out), run, parameters)
    except (ChampionError, FingerprintError, GateError) as error:  # a person has to mend that
        return Verdict("undecided", str(error), reigns[-1].run if reigns else None)


def judge(
    champion: PublishedRun | None, challenger: PublishedRun, parameters: TrainingParameters
) -> Verdict:
    """Decide on a challenger.

    Parameters
    ----------
    champion : PublishedRun or None
        None when there is none yet: then the floor alone decides.
    challenger : PublishedRun
        Just published.
    parameters : TrainingParameters
        `floor` and `margin`.

    Returns
    -------
    Verdict
        Promoted when the whole interval of the difference in average precision lies above
        -margin: surely not worse by more than that. Kept when it lies below 0, or the challenger
        cannot be one. Undecided otherwise.
    """
    against = champion.name if champion else None
    refusal = _cannot_be_champion(champion, challenger, floor=parameters.floor)
    if refusal:
        return Verdict("kept", refusal, against)
    if champion is None:
        return Verdict("promoted", f"the first run that clears the floor of {parameters.floor:g}")
    if champion.simulated and not challenger.simulated:
        return Verdict("promoted", "the first run that learnt from real candidates", against)
    try:
        found = duel(champion, challenger, n_resamples=parameters.n_resamples)
    except RunNotFoundError as error:
        return Verdict("undecided", str(error), against)
    decision, because = _weigh(found, margin=parameters.margin)
    return Verdict(decision, because, against, found)


def _cannot_be_champion(
    champion: PublishedRun | None, challenger: PublishedRun, *, floor: float
) -> str | None:
    """Say why a run can be no champion, whoever reigns; None when it can."""
    value, _, _ = challenger.interval(MEASURE)
    if challenger.manifest["parameters"]["preset"]:
        return "a replay of the book is no candidate for the telescope"
    if challenger.simulated and champion and not champion.simulated:
        return "it learnt from simulated candidates, and the champion from real ones"
    if not value >= floor:
        return f"its average precision {value:.3f} is below the floor {floor:g}"
    if not repeats_its_scores(challenger.path):
        return "a fresh process does not repeat the scores that were measured from its model"
    if champion and same_model(champion, challenger):
        return "its model is the champion's, byte for byte"
    return None


def same_model(one: PublishedRun, other: PublishedRun) -> bool:
    """Whether two runs ended with the same bytes."""
    return bool(one.manifest["files"]["model.json"] == other.manifest["files"]["model.json"])


def _weigh(found: Duel, *, margin: float) -> tuple[Decision, str]:
    rows = f"{len(found.rows.y):,} candidates that neither has learnt from"
    if found.comparison is None:
        return "undecided", f"{rows}, {found.rows.n_pulsars} of them pulsars, are too few to tell"
    d = found.comparison.differences[MEASURE]
    measured = f"average precision {d.value:+.4f} (95 % {d.low:+.4f} to {d.high:+.4f}) on {rows}"
    if d.high < 0:
        return "kept", f"worse than the champion: {measured}"
    if d.low >= -margin:
        word = "better than" if d.low > 0 else f"not worse by more than {margin:g} than"
        return "promoted", f"{word} the champion: {measured}"
    return "undecided", f"nobody can tell yet: {measured}"


def keep_verdict(out: Path, run: PublishedRun, verdict: Verdict) -> None:
    """Write a verdict beside the runs, which themselves never change again."""
    said: dict[str, Any] = {
        "run": run.name,
        "decision": verdict.decision,
        "because": verdict.because,
        "against": verdict.against,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "duel": verdict.duel.to_dict() if verdict.duel else None,
    }
    write_json(out / "verdicts" / f"{run.name}.json", said)


def settle(out: Path, run: PublishedRun, *, promote: bool, because: str) -> Verdict:
    """Do what a person answered to a run that was undecided, and write it down.

    The answer was given to one champion; where another reigns by now, it decides nothing.
    """
    with pointer_lock(out):
        asked = run.verdict()
        against, now = asked["against"] if asked else None, champion_name(out)
        if now != against:
            late = f"the champion is {now} by now, and the answer was to {against}"
            verdict = Verdict("undecided", late, now)
        elif promote:
            crown(out, require_whole(run), how="person", because=because)
            verdict = Verdict("promoted", f"a person: {because}", against)
        else:
            verdict = Verdict("kept", f"a person: {because}", against)
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
        run = require_whole(find_run(out, name))
        if not repeats_its_scores(run.path):
            raise GateError(
                f"a fresh process does not repeat the scores of {run.name}; its files are damaged, "
                f"or were made on another machine: train again"
            )
        return crown(out, run, how="person", because=because.strip())


def roll_back_by_hand(out: Path, *, because: str) -> Reign:
    """Give the pointer back because a person says so; see `tasks.champions.roll_back`."""
    _require_reason(because)
    with pointer_lock(out):
        return roll_back(out, because=because.strip())


def _require_reason(because: str) -> None:
    if not because.strip():
        raise ParameterError("--because is empty; say why, for those who come after")
