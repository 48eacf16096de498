"""No room, no descriptors, no leave to write: a sentence, nothing half, and on it goes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.errors import ExitCode
from tests.chaos.kinds import HISTORY, KINDS, Kind
from tests.chaos.lanes import Done, Fault, Lanes
from tests.chaos.mounts import read_only, small, why_not
from tests.chaos.roots import state, watched
from tests.chaos.tally import Tally
from tests.chaos.trials import Trial, Trials

pytestmark = pytest.mark.slow  # `make chaos` runs it too

Size = Callable[[int, int, int], int]
STATED = {int(code) for code in ExitCode} - {
    int(code) for code in (ExitCode.OK, ExitCode.INTERRUPTED, ExitCode.UNREAD)
}
ABORTED = {-int(signal.SIGABRT), -int(signal.SIGSEGV), 127}
"""How Arrow, BLAS and the C library end a process that gets no memory: no word of ours is heard."""
NOBODY = 65534
WRITING = ("training", "scoring", "inbox", "sweep", "promotion")
LIMITED = WRITING[:-1]
"""A promotion opens few files, writes little and computes nothing: it is content with the least."""
PAGES = (0, 1, 3, 5, 8, 13, 20, 29, 38, 48, 60, 75)
"""Of 4 KiB; a training needs about 80."""
INODES = (0, 1, 2, 3, 5, 8, 11, 14, 17, 20, 23, 26)


@pytest.fixture
def _mounts(tmp_path: Path) -> None:
    why = why_not(tmp_path / "mount")
    if why and os.environ.get("CI"):
        pytest.fail(f"CI has to be able to mount a tmpfs: {why}")
    if why:
        pytest.skip(f"nothing can be mounted here: {why}")


def refusals_of(done: Done, *, names: str) -> list[str]:
    """Say what is wrong with how a command ended that could not do its work."""
    said = f"{done.out}\n{done.err}"
    found = []
    if done.returncode not in STATED:
        found.append(f"it ended {done.returncode}: {said[-500:]}")
    found += [f"{word}: {said[-700:]}" for word in ("Traceback", "internal error") if word in said]
    if not found and not re.search(names, said):
        found.append(f"it does not name {names}: {said[-500:]}")
    return found


@dataclass(frozen=True)
class Shortage:
    """Too little of something: how it is made, how it is healed, and what a message has to name."""

    where: str
    names: str
    fault: Fault = field(default_factory=Fault)
    heal: Callable[[], None] = lambda: None
    may_abort: bool = False


def starve(trial: Trial, folder: Path, short: Shortage, tally: Tally) -> None:
    """Run a command with too little of something, and then with enough."""
    words = trial.kind.words_in(folder)
    with watched(folder) as seen:
        done = trial.lanes.run(folder, words, short.fault)
        if done.returncode == trial.undisturbed.returncode and state(folder) == trial.wanted:
            return  # there was enough of it
        aborted = short.may_abort and done.returncode in ABORTED
        wrong = [*seen, *([] if aborted else refusals_of(done, names=short.names))]
        short.heal()
        again = trial.lanes.run(folder, words) if state(folder) != trial.wanted else None
    trial.judge(folder, again, tally, where=short.where, seen=wrong)


@pytest.mark.usefixtures("_mounts")
@pytest.mark.parametrize("short_of", ["pages", "inodes"])
def test_a_full_disk_is_named_and_with_room_the_same_command_goes_on(
    short_of: str, trials: Trials, lanes: Lanes, tally: Callable[[str], Tally], size: Size
) -> None:
    sizes = PAGES if short_of == "pages" else INODES
    names = list(WRITING[: size(1, len(WRITING), len(WRITING))])
    jobs, chosen = [], trials(names)
    for trial in chosen:
        n = size(1, 12 if trial.name == "training" else 4, 12)
        jobs += [(trial, room) for room in sizes[:: len(sizes) // n][:n]]

    def fill(job: tuple[Trial, int]) -> None:
        trial, room = job
        folder = trial.folder()
        counts = tally(f"starve, no {short_of}: {trial.name}")
        with small(folder / "out") as disk:
            disk.leave(**{short_of: room})
            short = Shortage(f"room for {room} {short_of}", r"\bout\b", heal=disk.give_room)
            starve(trial, folder, short, counts)

    lanes.each(fill, jobs)
    assert not [one for trial in chosen for one in trial.complaints]


LIMITS = {
    "RLIMIT_NOFILE": (24, 32, 28, 40, 22, 20),
    "RLIMIT_FSIZE": (4 << 10, 6 << 10, 12 << 10, 20 << 10, 40 << 10),
    "RLIMIT_AS": (64 << 20, 16 << 20, 32 << 20, 96 << 20, 8 << 20, 4 << 20),
}
# Where OpenBLAS is the first that gets none, it ends the process itself, with a line of its own.
NAMED = {"RLIMIT_NOFILE": "open", "RLIMIT_FSIZE": r"\bout\b", "RLIMIT_AS": "[Mm]emory"}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_tight_limit_is_named_and_without_it_the_same_command_goes_on(
    limit: str, trials: Trials, lanes: Lanes, tally: Callable[[str], Tally], size: Size
) -> None:
    chosen = trials(list(LIMITED[: size(1, len(LIMITED), len(LIMITED))]))
    amounts = LIMITS[limit][: size(1, 4, 6)]

    def limited(job: tuple[Trial, int]) -> None:
        trial, amount = job
        counts = tally(f"starve, {limit}: {trial.name}")
        fault = Fault(limits={limit: amount})
        may_abort = limit == "RLIMIT_AS"
        short = Shortage(f"{limit} of {amount}", NAMED[limit], fault, may_abort=may_abort)
        starve(trial, trial.folder(), short, counts)

    lanes.each(limited, [(trial, amount) for trial in chosen for amount in amounts])
    assert not [one for trial in chosen for one in trial.complaints]


@pytest.fixture
def open_folder(template: Path) -> Iterator[Callable[[Kind], Path]]:
    """Give a function that copies the template to where anybody may look."""
    made = Path(tempfile.mkdtemp(prefix="pulsar-"))
    made.chmod(0o755)
    names = iter(range(100))

    def give(kind: Kind) -> Path:
        folder = kind.prepare(template, made / str(next(names)))
        folder.chmod(0o755)
        return folder

    yield give
    shutil.rmtree(made)


ALL = {**KINDS, "history": HISTORY}


@pytest.mark.usefixtures("_mounts")
def test_a_read_only_disk_is_named_and_nothing_on_it_changes(
    lanes: Lanes, open_folder: Callable[[Kind], Path], tally: Callable[[str], Tally], size: Size
) -> None:
    for name in list(ALL)[:: size(3, 1, 1)]:
        folder = open_folder(ALL[name])
        before, counts = state(folder), tally("starve, a read-only disk")
        with read_only(folder / "out"):
            done = lanes.run(folder, ALL[name].words_in(folder))
        complaints = refusals_of(done, names=r"\bout\b")
        counts.count(wrong=int(bool(complaints) or state(folder) != before))
        assert not complaints, name
        assert state(folder) == before


def test_a_folder_of_somebody_else_is_named_and_nothing_in_it_changes(
    lanes: Lanes, open_folder: Callable[[Kind], Path], tally: Callable[[str], Tally], size: Size
) -> None:
    for name in list(ALL)[:: size(3, 1, 1)]:
        folder = open_folder(ALL[name])
        before, counts = state(folder), tally("starve, somebody else's folder")
        if os.geteuid() == 0:
            done = lanes.run(folder, ALL[name].words_in(folder), Fault(user=NOBODY))
        else:
            (folder / "out").chmod(0o555)
            done = lanes.run(folder, ALL[name].words_in(folder))
            (folder / "out").chmod(0o755)
        complaints = refusals_of(done, names=r"\bout\b")
        counts.count(wrong=int(bool(complaints) or state(folder) != before))
        assert not complaints, name
        assert state(folder) == before
