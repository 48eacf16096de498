"""What was decided on a challenger, and by whom: `<out>/verdicts/<run>.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tasks.files import write_json

if TYPE_CHECKING:
    from tasks.comparing import Duel
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
    by : {"gate", "person"}
        Who decided.
    """

    decision: Decision
    because: str
    against: str | None = None
    duel: Duel | None = None
    by: Literal["gate", "person"] = "gate"


def keep_verdict(out: Path, run: PublishedRun, verdict: Verdict) -> None:
    """Write a verdict beside the runs, which themselves never change again.

    Where a person decided, the comparison that left it open stays on record.
    """
    said: dict[str, Any] = {
        "run": run.name,
        "model_sha256": model_of(run),
        "decision": verdict.decision,
        "because": verdict.because,
        "against": verdict.against,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": verdict.by,
        "duel": verdict.duel.to_dict() if verdict.duel else None,
    }
    before = run.verdict() if verdict.by == "person" else None
    if before:
        said["duel"] = before["duel"]
    write_json(out / "verdicts" / f"{run.name}.json", said)


def model_of(run: PublishedRun) -> str:
    """Give the sha256 of a run's model."""
    return str(run.manifest["files"]["model.json"])


def left_by_a_person(out: Path, run: PublishedRun, *, against: str) -> str | None:
    """Say why a person left a champion its place against the model of a run, under any name.

    The same candidates and seed make the same model night after night, and a person who said no
    is not asked again. None when nobody did.
    """
    asked = {"model_sha256": model_of(run), "against": against, "by": "person", "decision": "kept"}
    for path in sorted((out / "verdicts").glob("*.json"), reverse=True):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(said, dict) and asked.items() <= said.items():
            return str(said["because"]).removeprefix("a person: ")
    return None
