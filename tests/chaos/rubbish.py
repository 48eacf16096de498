"""Draw a file of rubbish from a seed, have it read, and say what became of it.

The same seed gives the same file, as long as PULSAR_DATA_DIR is set as it was: with it, some of the
files hold real candidates.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.chaos import arff, case, containers, typed
from tests.chaos.truth import impossible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.chaos.case import Case

MAX_SECONDS = 10
"""Of processor time: others may keep the machine busy."""
MAX_MEGABYTES = 400
"""By which the process may grow over one file."""

GRAMMARS: list[tuple[float, Callable[[Random], Case]]] = [
    (30, case.dialects),
    (15, case.cells),
    (15, case.columns),
    (4, case.joined),
    (4, case.ragged),
    (1, case.broken_lines),
    (0.4, case.giant),
    (11, case.damaged),
    (4, typed.parquet),
    (3, typed.odd_parquet),
    (4, typed.damaged_parquet),
    (6, arff.arff),
    (3, containers.containers),
]


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    seed : int
    kind : str
    dialect_only : bool
    read : bool
        Whether it was read; if not, it was refused.
    wrong : str or None
        What is not as it has to be.
    """

    seed: int
    kind: str
    dialect_only: bool
    read: bool
    wrong: str | None


def draw(seed: int) -> Case:
    """Draw the file of a seed."""
    rng = Random(seed)  # noqa: S311 - the same file from the same seed is what it is for
    return draw_from(rng)


def draw_from(rng: Random) -> Case:
    """Draw a file from whatever makes choices: a seed, or Hypothesis."""
    (grammar,) = rng.choices([one for _, one in GRAMMARS], [weight for weight, _ in GRAMMARS])
    return grammar(rng)


def try_file(drawn: Case, path: Path) -> tuple[bool, str | None]:
    """Have a file read: whether it was, and what is wrong about that."""
    from pulsars.reading.reader import read_candidates
    from schemas.errors import PulsarError

    path.write_bytes(drawn.raw)
    before, start = _peak(), time.process_time()
    reading = None
    wrong = None
    with warnings.catch_warnings(record=True) as leaked, watched():
        warnings.simplefilter("always", RuntimeWarning)
        try:
            reading = read_candidates(path)
        except PulsarError as error:
            wrong = _of_message(str(error))
        except Exception:  # noqa: BLE001 - whatever else it raises is what is looked for
            wrong = "untyped: " + traceback.format_exc()[-500:]
        spent = time.process_time() - start
    wrong = wrong or _of_cost(spent, _peak() - before)
    if leaked:
        wrong = wrong or f"a raw warning: {leaked[0].message}"
    if reading is None or wrong:
        return False, wrong
    wrong = drawn.judge(reading)
    if wrong and drawn.lenient and _too_many_set_aside(reading):
        return False, None
    return True, wrong or (drawn.truth and _of_conservation(reading, drawn.truth.rows))


def try_seeds(seeds: Sequence[int], folder: str) -> list[Outcome]:
    """Try the files of some seeds, one after the other."""
    outcomes = []
    for seed in seeds:
        drawn = draw(seed)
        path = Path(folder) / f"{seed}.{drawn.suffix}"
        read, wrong = try_file(drawn, path)
        outcomes.append(Outcome(seed, drawn.kind, drawn.dialect_only, read, wrong))
        if wrong is None:
            path.unlink()
    return outcomes


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Break off a reading that goes on for too long, where Python is asked."""

    def give_up(*_: Any) -> None:
        raise TimeoutError(f"not done after {MAX_SECONDS} s of processor time")

    old = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


def _peak() -> int:
    """Give the most memory that this process ever had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _of_cost(seconds: float, kilobytes: int) -> str | None:
    if seconds > MAX_SECONDS:
        return f"took {seconds:.1f} s"
    if kilobytes > MAX_MEGABYTES * 1024:
        return f"took {kilobytes // 1024} MB"
    return None


def _of_message(message: str) -> str | None:
    """A message is for a person: of bounded length, and nothing in it moves a terminal."""
    if len(message) > 4000:
        return f"a message of {len(message)} characters"
    raw = sorted({char for char in message if ord(char) < 32 or char in "\x7f\x9b\u202e"})
    return f"a message with {raw}" if raw else None


def _too_many_set_aside(reading: Any) -> bool:
    from pulsars.reading.judging.in_memory import check_candidates
    from schemas.errors import PulsarError

    try:
        check_candidates(reading, to_train=False)
    except PulsarError:
        return True
    return False


def _of_conservation(reading: Any, rows: Sequence[Any]) -> str | None:
    """Every row is accepted or set aside, by the contract, and never both."""
    from pulsars.reading.judging.in_memory import examine_candidates

    if reading.lines[0] % 3:  # it takes longer than the reading
        return None
    checked = examine_candidates(reading)
    accepted, aside = (
        set(part["line"].tolist()) for part in (checked.accepted, checked.quarantined)
    )
    if len(checked.accepted) + len(checked.quarantined) != len(reading.lines) or accepted & aside:
        return f"{len(reading.lines)} rows, {len(accepted)} accepted and {len(aside)} set aside"
    named = {reading.lines[row] for row in reading.cells["row"]}
    meant = {row.line for row in rows if impossible(row)} | named
    return None if aside == meant else f"set aside are lines {sorted(aside ^ meant)[:4]} or not"
