"""What `pulsar up` writes down below Prefect's home: its processes, their plan, the address.

And the password of its server, in a file that only its owner can read: whoever can talk to a
Prefect server can have it run commands. Listening on loopback keeps out other machines, not the
other users of this one, nor the pages that a browser on it shows.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

from pulsars.store import exclusive
from schemas import ServerError
from service.background import recall
from service.plan import Plan
from service.settings import ANOTHER_HOME, prefect_home

SAID = "pulsar: "
"""How a line of the log of the flows begins that is for whoever starts them."""


def state() -> Path:
    """Give the folder of the notes."""
    return prefect_home() / "pulsar-up"


def note(name: str) -> Path:
    """Give the file that names a process, `server` or `flows`."""
    return state() / f"{name}.json"


def one_at_a_time() -> AbstractContextManager[object]:
    """Have the notes for this process alone; others wait."""
    return exclusive(state(), waiting=lambda: None, name="lock", remedy=ANOTHER_HOME)


def running_url() -> str | None:
    """Give the address of the server that `bring_up` started, while it runs."""
    if recall(note("server")) is None:
        return None
    try:
        return (state() / "url").read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def sentences(log: Path, *, since: int) -> tuple[str, ...]:
    """Give what a process said, after so many bytes of its log, to whoever started it."""
    lines = log.read_bytes()[since:].decode(errors="replace").splitlines()
    return tuple(line.removeprefix(SAID) for line in lines if line.startswith(SAID))


def write_url(url: str) -> None:
    """Write down where the server listens, or will."""
    (state() / "url").write_text(url, encoding="utf-8")


def plan_file() -> Path:
    """Give the file of the plan that the flows go by."""
    return state() / "plan.json"


def write_plan(plan: Plan) -> None:
    """Write down what the flows go by; what a version before wrote holds no more."""
    from pulsars.store import write_text  # with NumPy, which a help does without

    write_text(plan_file(), plan.model_dump_json())
    (state() / "words.json").unlink(missing_ok=True)


def read_plan() -> Plan | None:
    """Give what the flows go by; None where nobody wrote that down.

    Raises
    ------
    ServerError
        If what was written down cannot be read.
    """
    try:
        return Plan.model_validate_json(plan_file().read_bytes())
    except (FileNotFoundError, PermissionError):  # another's home has no plan of ours
        return None
    except (OSError, ValueError):
        raise ServerError(
            f"{plan_file()}, by which the scheduled flows go, cannot be read; `pulsar down` first, "
            f"then up as you want them"
        ) from None


def scheduled_run(out: Path) -> str | None:
    """Give what the scheduled scoring there calls its run; None where the champion scores."""
    plan = _plan_of(out)
    return plan.inbox.run if plan and plan.inbox else None


def scheduled_labels(out: Path) -> list[Path]:
    """Give the file of words that the scheduled training there learns from, if any."""
    plan = _plan_of(out)
    labels = plan.training.labels if plan and plan.training else None
    return [Path(labels)] if labels else []


def _plan_of(out: Path) -> Plan | None:
    plan = read_plan()
    return plan if plan and Path(plan.out).resolve() == out.resolve() else None


def read_words() -> list[str] | None:
    """Give what stood after `pulsar serve`, where a version before started the flows."""
    try:
        words: list[str] = json.loads((state() / "words.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return words
