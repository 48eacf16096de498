"""Numbers sorted on disk are those that NumPy sorts, and what is learnt from is known again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.store.learnt import Learnt, sorted_on_disk, write_learnt


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


def test_names_that_stay_on_disk_know_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = np.random.default_rng(0).normal(size=(3000, 8))
    file = write_learnt(tmp_path / "run" / "seen.npz", iter([X[:900], X[900:1500], X[:10]]))
    held = Learnt.load(file)
    monkeypatch.setattr("pulsars.store.learnt._HELD_BYTES", 100)
    monkeypatch.setattr("pulsars.store.learnt._SLICE", 70)
    on_disk = Learnt.load(file)
    assert type(on_disk) is not type(held)
    rows = np.concatenate([X[::-1], X[100:110], np.zeros((1, 8))])
    assert np.array_equal(on_disk.holds(rows), held.holds(rows))
    assert on_disk.count([rows[:70], rows[70:]]) == held.count([rows]) == 1510
    assert on_disk.holds(rows[:0]).tolist() == []
