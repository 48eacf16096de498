"""Files of rubbish, each with its truth: read to exactly that, or refused with a typed error.

A file that fails is named by its seed and kept; RUBBISH_SEED=123 tries that one alone, and
RUBBISH_FIRST=100000 begins with another seed than 0.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chaos.rubbish import Outcome, draw_from, try_file, try_seeds

BLOCK = 250
MIN_READ = 0.97


def in_a_child(seeds: range, folder: str) -> list[Outcome]:
    """Try some files in a process that ends when one of them never does, or takes all memory."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    faulthandler.dump_traceback_later(600, exit=True)
    return try_seeds(seeds, folder)


def outcomes(seeds: range, folder: Path) -> Iterator[Outcome]:
    """Try many files on two cores, few in this process."""
    if len(seeds) <= 2 * BLOCK:
        yield from try_seeds(seeds, str(folder))
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        blocks = [seeds[at : at + BLOCK] for at in range(0, len(seeds), BLOCK)]
        for block in pool.map(in_a_child, blocks, [str(folder)] * len(blocks)):
            yield from block


def test_rubbish_is_read_to_exactly_its_truth_or_refused_with_a_typed_error(
    tally: Callable[[str], Any], size: Callable[[int, int, int], int], tmp_path: Path
) -> None:
    first = int(os.environ.get("RUBBISH_FIRST", "0"))
    seeds = range(first, first + size(150, 20_000, 100_000))
    if "RUBBISH_SEED" in os.environ:
        seeds = range(int(os.environ["RUBBISH_SEED"]), int(os.environ["RUBBISH_SEED"]) + 1)
    failed, dialects = [], Counter[bool]()
    for one in outcomes(seeds, tmp_path):
        tally(one.kind).count(wrong=one.wrong is not None)
        dialects[one.read] += one.dialect_only
        if one.wrong:
            failed.append(f"seed {one.seed} ({one.kind}): {one.wrong}")
    assert not failed, f"{len(failed)} files, kept in {tmp_path}:\n" + "\n".join(failed[:40])
    assert dialects[True] >= MIN_READ * dialects.total(), f"too many refusals: {dialects}"


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_rubbish_that_hypothesis_draws_is_read_to_its_truth_or_refused_as_well(
    rng: Random, tmp_path_factory: Any
) -> None:
    drawn = draw_from(rng)
    path = tmp_path_factory.mktemp("rubbish") / f"drawn.{drawn.suffix}"
    _, wrong = try_file(drawn, path)
    path.unlink()
    assert wrong is None, drawn.said
