"""Numbers sorted on disk are those that NumPy sorts, and what is learnt from is known again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.store.learnt import Learnt, write_learnt
from pulsars.store.sorting import sorted_on_disk


@settings(deadline=None, max_examples=20)
@given(sizes=st.lists(st.integers(0, 300), min_size=1, max_size=5), seed=st.integers(0, 9))
def test_buckets_put_end_to_end_are_sorted(
    sizes: list[int], seed: int, tmp_path_factory: object
) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.integers(0, 2**64, size=n, dtype=np.uint64) for n in sizes]
    folder = tmp_path_factory.mktemp("sorted")  # type: ignore[attr-defined]
    found = np.concatenate(list(sorted_on_disk(iter(parts), folder)))
    assert np.array_equal(found, np.sort(np.concatenate(parts)))
    assert not list(folder.iterdir())


def test_rows_learnt_from_in_parts_are_known_again_and_no_others(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(1000, 8))
    file = write_learnt(tmp_path / "run" / "seen.npz", iter([X[:300], X[300:500]]))
    assert file.matches()
    learnt = Learnt.load(file)
    assert learnt.holds(X).tolist() == [True] * 500 + [False] * 500
    assert np.array_equal(learnt.twins, Learnt.of(X[:500]).twins)


def test_the_same_rows_in_other_parts_are_the_same_bytes(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(1000, 8))
    made = [
        write_learnt(
            tmp_path / str(size) / "seen.npz", (X[i : i + size] for i in range(0, 1000, size))
        )
        for size in (100, 333, 1000)
    ]
    assert len({file.sha256 for file in made}) == 1
