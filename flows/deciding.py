"""A flow that asks a person who is to be champion, and holds nothing while it waits."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.flow_runs import suspend_flow_run

from flows.asking import form, settle_as_answered
from pulsars.gate.by_hand import settle
from pulsars.store.champions import champion_name
from pulsars.store.runs import find_run
from pulsars.store.verdicts import PATIENCE
from schemas.errors import RunNotFoundError

_log = logging.getLogger(__name__)


@flow(
    name="decide",
    flow_run_name="decide on {run}",
    persist_result=True,
    result_serializer="json",
)
def decide(run: str, out: str = "artifacts") -> dict[str, str]:
    """Ask whether an undecided run is to be champion, and do what is answered.

    At the question the process ends. The answer starts another one, which runs this from its
    start and gets the answer where the question was.

    Parameters
    ----------
    run : str
        A run's name, or the start or end of it.
    out : str
        Artifact root.

    Returns
    -------
    dict
        `run`, `decision` as of a verdict, and `because`.
    """
    root = Path(out)
    try:
        challenger = find_run(root, run)
    except RunNotFoundError as gone:
        return _decided(run, "undecided", f"there is nothing to decide: {gone}")
    asked = challenger.verdict()
    if asked is None:
        return _decided(run, "undecided", "nobody was asked: it never challenged a champion")
    if asked.decision != "undecided":
        return _decided(run, asked.decision, f"it was decided before: {asked.because}")
    if champion_name(root) == challenger.name:  # by hand, or by an answer that was cut short
        verdict = settle(root, challenger, promote=True, because="it reigns already")
        return _decided(run, verdict.decision, verdict.because)
    words = form(challenger.name, against=asked.against, because=asked.because)
    answer = suspend_flow_run(wait_for_input=words, timeout=int(PATIENCE.total_seconds()))
    verdict = settle_as_answered(root, challenger, answer)
    return {"run": challenger.name, "decision": verdict.decision, "because": verdict.because}


def _decided(run: str, decision: str, because: str) -> dict[str, str]:
    _log.info("%s: %s", decision, because)
    return {"run": run, "decision": decision, "because": because}
