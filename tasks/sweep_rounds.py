"""Share the passes of a sweep out to steps, and have a runner make them, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import Any, TypeAlias

from pulsars.learning import grid_of
from schemas import Drawn, PassesMade, RoundScored, SweepJob
from slp import InputKind
from tasks.plumbing.observing import progress_artifact
from tasks.plumbing.runners import Runner
from tasks.plumbing.watchers import progressed
from tasks.sweeping import make_passes, measure_choice

ROWS_A_STEP = 1_000_000
"""Passes over no more rows than these are one step: over few rows a step costs what a pass does."""

Step: TypeAlias = tuple[InputKind, int, list[int]]
"""What the layer sees, the number of the pass that fits it, and the numbers of some passes."""


def try_settings(job: SweepJob, drawn: Drawn, runner: Runner) -> list[PassesMade]:
    """Cross-validate every setting of the grid on all rows."""
    (made,) = _make_rounds(job, drawn, range(1), runner, what="sweep")
    return made


def score_choices(job: SweepJob, drawn: Drawn, runner: Runner) -> list[RoundScored]:
    """Choose anew without each outer fold, and measure there what was chosen."""
    turns = range(1, drawn.n_rounds)
    made = _make_rounds(job, drawn, turns, runner, what="score procedure")
    calls = [
        {"job": job, "drawn": drawn, "passes": passes, "turn": turn}
        for turn, passes in zip(turns, made, strict=True)
    ]
    return runner.map(measure_choice, calls)


def _make_rounds(
    job: SweepJob, drawn: Drawn, turns: Sequence[int], runner: Runner, *, what: str
) -> list[list[PassesMade]]:
    """Make every pass of some rounds: first the steps that fit inputs, then the others."""
    made: dict[tuple[int, int], PassesMade] = {}  # by round and first pass
    with _passes_shown(what, len(turns) * grid_of(job.parameters).n_passes) as tell:
        for steps in _steps_of(job, drawn):
            calls: list[dict[str, Any]] = [
                {
                    "job": job,
                    "drawn": drawn,
                    "before": made.get((turn, fitted_by)),
                    "turn": turn,
                    "kind": kind,
                    "numbers": numbers,
                }
                for turn in turns
                for kind, fitted_by, numbers in steps
            ]
            n_passes = [len(call["numbers"]) for call in calls]
            found = runner.map(make_passes, calls, done=partial(_tell_next, tell, n_passes))
            made |= {
                (call["turn"], call["numbers"][0]): each
                for call, each in zip(calls, found, strict=True)
            }
    return [[each for (of, _), each in sorted(made.items()) if of == turn] for turn in turns]


def _tell_next(tell: Callable[[int], None], n_passes: Sequence[int], at: int) -> None:
    tell(n_passes[at])


def _steps_of(job: SweepJob, drawn: Drawn) -> tuple[list[Step], list[Step]]:
    """Share the passes of a round out to steps: the first of each kind of inputs, and the others.

    Of few rows, all with inputs of a kind are one.
    """
    first: list[Step] = []
    later: list[Step] = []
    n_together = max(1, ROWS_A_STEP // drawn.n_rows)
    numbered = enumerate(grid_of(job.parameters).passes())
    for kind, passes in groupby(numbered, key=lambda each: each[1][0].inputs):
        numbers = [number for number, _ in passes]
        for at in range(0, len(numbers), n_together):
            step = (kind, numbers[0], numbers[at : at + n_together])
            (later if at else first).append(step)
    return first, later


@contextmanager
def _passes_shown(what: str, n_passes: int) -> Iterator[Callable[[int], None]]:
    """Show a bar at the terminal and one in the Prefect UI; give what moves both on."""
    key, n_done = what.replace(" ", "-"), 0
    with progress_artifact(f"{key}-progress", f"Passes of {what}") as move:

        def tell(n_more: int) -> None:
            nonlocal n_done
            n_done += n_more
            progressed(what, n_done, n_passes)
            move(100 * n_done / n_passes)

        progressed(what, 0, n_passes)
        yield tell
