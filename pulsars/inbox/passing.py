"""What a pass over an inbox came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pulsars.store import REJECTED
from schemas import Arrival, ExitCode, PulsarError, ScoresPublished, for_log, what_was_short

_NO_THREAD = "can't start new thread"

UNMOVABLE = (OSError, NotImplementedError)
"""What a place raises where nothing can be put aside: there is no right to, or no way."""

_SCORED = {"model": "scored", "companion": "ranked by the companion: no decisions"}
"""What became of a file, by what ranked it."""


@dataclass
class Pass:
    """Collects what became of each file.

    Attributes
    ----------
    scored, rejected, failed : list of dict
        ``name`` and ``sha256`` of each file. Of the scored the ``path`` of the scores, the ``run``
        and what they are ``ranked_by``: its model or the companion; and a sentence where they are
        folds of ``another_kind`` than the run learnt from, else nothing. Of the others ``error``
        (the type), ``message`` and ``exit_code``; a failed file is not at fault: it stays and is
        tried again.
    waiting : list of str
        Names of files that may still be written, or that nobody can score yet.
    why_waiting : dict of str
        Why, by name.
    known : int
        Files whose content was scored or rejected before.
    busy : bool
        Another pass was under way, and nothing was done.
    no_champion : bool
        There was none yet, so that everything new waits.
    """

    scored: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    why_waiting: dict[str, str] = field(default_factory=dict)
    known: int = 0
    busy: bool = False
    no_champion: bool = False

    def score(self, arrival: Arrival, done: ScoresPublished) -> None:
        """Note scores."""
        told = {"path": done.path, "run": done.run, "ranked_by": done.ranked_by}
        self.scored.append({**_named(arrival), **told, "another_kind": done.another_kind})

    def reject(self, arrival: Arrival, error: Exception) -> None:
        """Note a refusal."""
        self.rejected.append({**_named(arrival), **_explained(error)})

    def leave(self, error: Exception) -> str:
        """Note that what was refused last stays where it is, and give why."""
        why = why_it_stays(error)
        told = self.rejected[-1]
        told["message"] = f"{told['message'].removesuffix('.')}; {why}"
        return why

    def wait(self, why: Mapping[str, str]) -> None:
        """Note what is for another pass, and why, by name."""
        self.waiting.extend(why)
        self.why_waiting.update(why)

    def fail(self, arrival: Arrival, error: Exception) -> None:
        """Note what went wrong and may go right the next time."""
        self.failed.append({**_named(arrival), **_explained(error)})

    def summary(self) -> dict[str, Any]:
        """Say all of it as one JSON object."""
        return asdict(self)

    def table(self) -> list[dict[str, Any]]:
        """Lay it out for a table: a row a file, every cell a text."""
        rows = [
            _row(one, _SCORED[one["ranked_by"]], f"{one['path']} {one['another_kind']}".strip())
            for one in self.scored
        ]
        rows += [_row(one, "rejected", one["message"]) for one in self.rejected]
        rows += [_row(one, "failed, stays", one["message"]) for one in self.failed]
        if self.no_champion:  # in one row, for until the first training it is every pass the same
            return [*rows, {"file": "", "fate": "no champion yet", "what": self.unscorable()}]
        return rows + [
            {"file": name, "fate": "waits", "what": self.why_waiting[name]} for name in self.waiting
        ]

    def unscorable(self) -> str:
        """Say how many files wait for a champion, and what to do."""
        n = len(self.waiting)
        word = "1 file waits" if n == 1 else f"{n:,} files wait"
        return f"{word} for the first champion; train one with `pulsar train DATA`"


def why_it_stays(error: Exception) -> str:
    """Say that a refused file could not be moved aside, and what to do."""
    why = getattr(error, "strerror", None) or type(error).__name__
    return (
        f"it stays in the inbox, for it cannot be moved to `{REJECTED}` there ({why}); take it "
        f"away, or make `{REJECTED}` a folder that can be written"
    )


def _named(arrival: Arrival) -> dict[str, Any]:
    return {"name": arrival.name, "sha256": arrival.sha256}


def _explained(error: Exception) -> dict[str, Any]:
    code = error.exit_code if isinstance(error, PulsarError) else ExitCode.INTERNAL
    message = for_log(_message_of(error))
    if _NO_THREAD in message:  # Python's only word for it
        message += " (not enough memory, or too many processes)"
    return {"error": type(error).__name__, "message": message, "exit_code": int(code)}


def _message_of(error: Exception) -> str:
    if isinstance(error, PulsarError):
        return str(error)
    if isinstance(error, OSError) and error.errno:
        # Prefect's own writes say no name.
        elsewhere = "below the artifact root or below Prefect's home"
        return what_was_short(error, elsewhere=elsewhere, then="the next pass takes the file")
    return f"{type(error).__name__}: {error}"


def _row(one: dict[str, Any], what: str, why: str) -> dict[str, Any]:
    return {"file": one["name"], "fate": what, "what": why}
