"""The audit as a flow: what of its chapters does not wait for each other, by the commands' runner.

A piece is told by its chapter and its number, so a worker makes it for itself and little travels.
Nothing is kept: content alone does not tell of the code of a benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from benchmarks.audit.line import Line, Piece, Size
from benchmarks.harness import timed
from schemas import SweepParameters
from tasks import runner_of, working


def pieces_of(chapter: str, size: Size, **more: Any) -> Sequence[Piece]:
    """Give the pieces of a chapter; one that is not cut is one."""
    module = import_module(f"benchmarks.audit.{chapter}")
    if hasattr(module, "pieces"):
        return list(module.pieces(size, **more))
    return [partial(module.measure, size, **more)]


def lines_of(chapter: str, found: list[Any]) -> list[Line]:
    """Make the lines of a chapter of what its pieces found, where that is not lines already."""
    module = import_module(f"benchmarks.audit.{chapter}")
    lines: list[Line] = module.lines(found) if hasattr(module, "lines") else found
    return lines


@task(name="piece", task_run_name="{chapter} {at}", cache_policy=NO_CACHE, persist_result=False)
def measure_piece(
    chapter: str, size: Size, at: int, more: dict[str, Any]
) -> tuple[list[Any], float]:
    """Measure a piece of a chapter, and say how many seconds it took."""
    return timed(lambda: list(pieces_of(chapter, size, **more)[at]()))


@flow(name="audit")
def audit(
    chapters: Sequence[str], size: Size, asked: SweepParameters, more: dict[str, Any] | None = None
) -> dict[str, tuple[list[Line], float]]:
    """Measure chapters by a runner; give the lines of each, and the seconds of its pieces.

    Parameters
    ----------
    chapters : sequence of str
    size : str
    asked : SweepParameters
        Who runs it, as a sweep is asked for.
    more : dict, optional
        Options of chapters: `fewer` divides every number of draws, for a test.
    """
    numbers = {chapter: len(pieces_of(chapter, size, **(more or {}))) for chapter in chapters}
    calls: list[dict[str, Any]] = [
        {"chapter": chapter, "size": size, "at": at, "more": more or {}}
        for chapter in sorted(chapters, key=numbers.__getitem__)  # those in one piece take longest
        for at in range(numbers[chapter])
    ]

    def tell(at: int) -> None:
        print(f"{at + 1} of {len(calls)} pieces", file=sys.stderr, flush=True)

    with working(), runner_of(asked) as runner:
        made = runner.map(measure_piece, calls, done=tell)
    told = {}
    for chapter in chapters:
        own = [each for call, each in zip(calls, made, strict=True) if call["chapter"] == chapter]
        found = [one for some, _ in own for one in some]
        told[chapter] = lines_of(chapter, found), sum(seconds for _, seconds in own)
    return told
