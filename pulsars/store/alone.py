"""An artifact root that nobody works in: every lock below it at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pulsars.store.champions import pointer_lock
from pulsars.store.locks import exclusive

_POLL_SECONDS = 0.2


@contextmanager
def nobody_at_work(
    out: Path, *, patience: float = 0.0, waiting: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold every lock below an artifact root, waiting for the champion's pointer alone.

    Parameters
    ----------
    out : Path
        Artifact root.
    patience : float, optional
        For how many seconds it is tried again, at least 0; meanwhile none is held.
    waiting : callable, optional
        Called once when it has to be.

    Raises
    ------
    BlockingIOError
        If a run, a scoring or a pass over an inbox is under way.
    """
    held, until = _every_lock(out), time.monotonic() + patience
    if held is None and patience and waiting:
        waiting()
    while held is None:
        if time.monotonic() >= until:
            raise BlockingIOError
        time.sleep(_POLL_SECONDS)
        held = _every_lock(out)
    with held:
        yield


def _every_lock(out: Path) -> ExitStack | None:
    """Take all locks, or none."""

    def give_up() -> None:
        raise BlockingIOError

    with ExitStack() as held:
        try:
            held.enter_context(exclusive(out, waiting=give_up))
            held.enter_context(exclusive(out, waiting=give_up, name=".inbox.lock"))
            if (out / "scores").is_dir():
                held.enter_context(exclusive(out / "scores", waiting=give_up))
        except BlockingIOError:
            return None
        held.enter_context(pointer_lock(out))
        return held.pop_all()
