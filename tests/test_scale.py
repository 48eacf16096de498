"""What the bench of scale stands on: a queue that can be reckoned by hand, candidates that hold."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.scale.candidates import GROUP, write_candidates
from benchmarks.scale.paper import Load, simulate_map
from pulsars.reading import check_candidates, read_candidates


@pytest.mark.parametrize(
    ("n_tasks", "n_workers", "load", "ended", "recorded"),
    [
        (12, 3, Load(work=2.0, begin=0.0, record=0.0), 8.0, 8.0),
        (12, 12, Load(work=2.0, begin=0.0, record=1.0), 2.0, 14.0),
        (12, 12, Load(work=0.0, begin=1.0, record=0.5), 12.0, 12.5),
        (1, 5, Load(work=1.0, begin=0.25, record=0.5), 1.25, 1.75),
    ],
)
def test_a_map_takes_as_long_as_what_is_narrowest(
    n_tasks: int, n_workers: int, load: Load, ended: float, recorded: float
) -> None:
    found = simulate_map(n_tasks, n_workers, load)
    assert found.ended == pytest.approx(ended)
    assert found.recorded == pytest.approx(recorded)


def test_jittered_candidates_pass_every_check(tmp_path: Path) -> None:
    path = write_candidates(tmp_path / "rows.parquet", 3_000)
    checked = check_candidates(read_candidates(path), max_quarantine=0)
    assert len(checked.accepted) == 3_000
    assert not checked.accepted.duplicated().any()


def test_many_candidates_come_in_row_groups(tmp_path: Path) -> None:
    path = write_candidates(tmp_path / "rows.parquet", GROUP + 10, labelled=False)
    assert pq.read_metadata(path).num_row_groups == 2
