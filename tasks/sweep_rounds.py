"""The steps of a sweep that a runner makes side by side: passes over the rows, round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import Any, TypeAlias

from prefect import task

from pulsars.learning import fold_scores, grid_of, refused_in_words, rows_of_round, setting_row
from pulsars.store import read_arrays, read_json, write_json
from schemas import Drawn, PassesMade, RoundScored, SweepJob
from slp import InputKind, Inputs, best, fit_inputs, try_pass
from tasks.plumbing.observing import progress_artifact
from tasks.plumbing.runners import Runner
from tasks.plumbing.steps import STEP
from tasks.plumbing.watchers import progressed
from tasks.sweeping import swept_by

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


@task(name="try", task_run_name="try {kind}, passes {numbers}, round {turn}", **STEP)
def make_passes(
    job: SweepJob,
    drawn: Drawn,
    before: PassesMade | None,
    turn: int,
    kind: InputKind,
    numbers: list[int],
) -> PassesMade:
    """Train and measure the settings of some passes on each fold of a round.

    All have inputs of a kind: the first of the round fits them, and the others take what it kept.
    """
    X, y, held, seed = rows_of_round(read_arrays(drawn.file), turn)
    passes, name = grid_of(job.parameters).passes(), f"{turn}-{numbers[0]}.json"
    with refused_in_words(job):
        if before is None:
            inputs = fit_inputs(X, kind=kind, held=held)
            path = job.steps_folder / f"inputs-{name}"
            kept = write_json(path, [each.to_dict() for each in inputs])
        else:
            kept = before.inputs
            inputs = tuple(Inputs.from_dict(each) for each in read_json(kept))
        scores = [
            fold_scores(swept)
            for number in numbers
            for swept in try_pass(
                X, y, settings=passes[number], held=held, inputs=inputs, seed=seed
            )
        ]
    path = job.steps_folder / f"passes-{name}"
    return PassesMade(scores=write_json(path, scores), inputs=kept)


@task(name="measure choice", task_run_name="measure choice of round {turn}", **STEP)
def measure_choice(
    job: SweepJob, drawn: Drawn, passes: Sequence[PassesMade], turn: int
) -> RoundScored:
    """Train by the best of a round on all its rows, and measure on the fold that it left out."""
    arrays, chosen = read_arrays(drawn.file), best(swept_by(job, passes), by=job.parameters.by)
    held = arrays["folds"][turn][None] < 0
    with refused_in_words(job):
        (measured,) = try_pass(
            arrays["X"],
            arrays["y"],
            settings=[chosen.setting],
            held=held,
            inputs=fit_inputs(arrays["X"], kind=chosen.setting.inputs, held=held),
            seed=int(arrays["seeds"][turn, 1]),
        )
    scores = {name: score for name, (score,) in fold_scores(measured).items()}
    path = job.steps_folder / f"round-{turn}.json"
    return RoundScored(file=write_json(path, {"chosen": setting_row(chosen), "measured": scores}))


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
            found = runner.map(make_passes, calls, done=partial(tell, n_passes))
            made |= {
                (call["turn"], call["numbers"][0]): each
                for call, each in zip(calls, found, strict=True)
            }
    return [[each for (of, _), each in sorted(made.items()) if of == turn] for turn in turns]


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
def _passes_shown(what: str, n_passes: int) -> Iterator[Callable[[Sequence[int], int], None]]:
    """Show a bar at the terminal and one in the UI; give what moves both by one of some steps."""
    key, n_done = what.replace(" ", "-"), 0
    with progress_artifact(f"{key}-progress", f"Passes of {what}") as move:

        def tell(n_of_steps: Sequence[int], at: int) -> None:
            nonlocal n_done
            n_done += n_of_steps[at]
            progressed(what, n_done, n_passes)
            move(100 * n_done / n_passes)

        progressed(what, 0, n_passes)
        yield tell
