"""Have a published run judged, by the gate or by a person, and crown it where it wins."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.gate import decide, settle
from pulsars.store import (
    PublishedRun,
    Verdict,
    champion_name,
    crown,
    finish_first,
    keep_verdict,
    load_run,
    pointer_lock,
)
from schemas import Judged, Published, TrainingParameters, for_markdown
from tasks.plumbing.observing import announce, leave_markdown
from tasks.plumbing.steps import IO

_log = logging.getLogger(__name__)


@task(name="challenge", task_run_name="challenge with {published.run}", **IO)
def challenge(parameters: TrainingParameters, published: Published) -> Judged:
    """Hold a run against floor and champion; move the pointer when it clears both."""
    out = Path(parameters.out)
    run = load_run(Path(published.path))
    with pointer_lock(out):
        finish_first(out, run)
        verdict = decide(out, run, parameters)
        if verdict.against is None:  # that of a first champion, without a pointer, says it is lost
            _move_pointer(out, run, verdict)
        # The verdict first: a try that is cut short between the two is judged anew, and ends alike.
        keep_verdict(out, run, verdict)
        _move_pointer(out, run, verdict)
    _log.info("%s: %s", verdict.decision, verdict.because)
    said = f"**{verdict.decision}**: {for_markdown(verdict.because)}"
    leave_markdown("verdict", said, f"{verdict.decision}: {verdict.because}")
    announce(f"pulsar.challenge.{verdict.decision}", run.name, {"because": verdict.because})
    return Judged(**dict(published), decision=verdict.decision, because=verdict.because)


def _move_pointer(out: Path, run: PublishedRun, verdict: Verdict) -> None:
    """Make a run champion where that was decided and not yet done."""
    if verdict.decision == "promoted" and champion_name(out) != run.name:
        moves = verdict.moves_anchor
        crown(out, run, how="gate", because=verdict.because, moves_anchor=moves)


@task(name="settle", task_run_name="settle {run}", **IO)
def settle_as_answered(
    out: str, run: str, *, promote: bool, because: str, who: str | None = None
) -> Verdict:
    """Do what a person answered about a run, once, however often it is tried."""
    verdict = settle(
        Path(out), load_run(Path(out) / "runs" / run), promote=promote, because=because, who=who
    )
    _log.info("%s: %s", verdict.decision, verdict.because)
    if verdict.decision != "undecided":  # which was announced before the question
        announce(f"pulsar.challenge.{verdict.decision}", run, {"because": verdict.because})
    return verdict
