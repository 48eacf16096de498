"""One kind of command, what it comes to undisturbed, and what it comes to after a fault."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.kinds import Kind
from tests.chaos.lanes import Done, Fault, Lanes
from tests.chaos.roots import State, leftovers, state, watched

if TYPE_CHECKING:
    from tests.chaos.tally import Tally


@dataclass
class Trial:
    """One kind of command, and what was found.

    Attributes
    ----------
    name, kind, template, lanes, work
        The command, the folder that each try has a copy of, and where the copies go.
    undisturbed : Done
        How it ended when nothing was done to it.
    wanted : dict
        What it left then.
    complaints : list of str
        What was not as it has to be, and after which fault.
    """

    name: str
    kind: Kind
    template: Path
    lanes: Lanes
    work: Path
    undisturbed: Done
    wanted: State
    complaints: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def folder(self) -> Path:
        """Make the folder of the next try."""
        return self.kind.prepare(self.template, self.work / str(next(self._numbers)))

    def kill(self, fault: Fault, tally: Tally) -> None:
        """Kill the command once, give it once more, and note what is not as it has to be.

        Where it had ended before its moment came, it is killed at an earlier one.
        """
        folder = self.folder()
        words = self.kind.words_in(folder)
        with watched(folder) as seen:
            first = self.lanes.run(folder, words, fault)
            if not first.killed:
                self._kill_earlier(fault, tally)
                return
            finished = state(folder) == self.wanted  # it was killed when all was done
            needed = not finished or (leftovers(folder) and self.kind.repeatable)
            again = self.lanes.run(folder, words) if needed else None
        if finished and again:
            twice = {"published": state(folder)["published"]}  # as who asks twice may find it
            tidied = replace(self, wanted={**self.wanted, **twice})
            tidied.judge(folder, again, tally, where=self._step(fault), seen=seen)
        else:
            self.judge(folder, again, tally, where=self._step(fault), seen=seen)

    def _kill_earlier(self, fault: Fault, tally: Tally) -> None:
        if fault.after is not None:
            self.kill(replace(fault, after=fault.after / 2), tally)

    def judge(
        self, folder: Path, again: Done | None, tally: Tally, *, where: str, seen: list[str]
    ) -> None:
        """Count a fault by what the next try came to."""
        if again is not None and again.returncode not in {0, self.undisturbed.returncode}:
            tally.count(lost=1)
            said = f"the next try ended {again.returncode}: {again.err[-400:]}"
            self.complaints.append(f"{self.name}, {where}: {said}")
            return
        wrong = [*seen, *self._wrong(folder)]
        tally.count(wrong=int(bool(wrong)))
        self.complaints += [f"{self.name}, {where}: {one}" for one in wrong]

    def _wrong(self, folder: Path) -> list[str]:
        found = state(folder)
        differs = [name for name in found if found[name] != self.wanted[name]]
        wrong = [f"another {name}: {found[name]}, not {self.wanted[name]}" for name in differs]
        left = leftovers(folder)
        return [*wrong, f"left over: {left}"] if left else wrong

    def _step(self, fault: Fault) -> str:
        if fault.at is None:
            return f"killed after {fault.after:.3f} s"
        return f"killed before {self.undisturbed.steps[fault.at]}"


def undisturbed(name: str, kind: Kind, template: Path, lanes: Lanes, work: Path) -> Trial:
    """Run a command once and keep what it comes to."""
    folder = kind.prepare(template, work / "undisturbed")
    before = state(folder)
    done = lanes.run(folder, kind.words_in(folder), journal=True)
    assert done.returncode in {0, 3}, done.err
    assert not leftovers(folder)
    in_partitions = any(step.startswith("task read-partition") for step in done.steps)
    assert in_partitions == (kind.partition_rows is not None)
    after = state(folder)
    assert after != before
    return Trial(name, kind, template, lanes, work, done, after)


Trials = Callable[[list[str]], list[Trial]]
"""Gives the trials of kinds of commands, each with no complaint yet."""
