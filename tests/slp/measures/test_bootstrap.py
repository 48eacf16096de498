"""Resamples against NumPy's own draws, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from slp.measures import bootstrap
from slp.measures.bootstrap import middle_share, resamples

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn(n_rows: int, n_resamples: int, seed: int = 3) -> NDArray[np.float64]:
    return np.concatenate(list(resamples(n_rows, n_resamples, rng=np.random.default_rng(seed))))


@pytest.mark.parametrize("n_rows", [150, 6])
@pytest.mark.parametrize("cells", [100_000, 333])
def test_each_resample_counts_rows_that_are_drawn_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, n_rows: int, cells: int
) -> None:
    monkeypatch.setattr(bootstrap, "_CHUNK_CELLS", cells)
    rng = np.random.default_rng(3)
    expected = [
        np.bincount(rng.integers(n_rows, size=n_rows), minlength=n_rows) for _ in range(120)
    ]
    assert_array_equal(drawn(n_rows, 120), expected)


def test_the_real_table_gets_every_resample() -> None:
    assert bootstrap.MAX_CELLS // 17_898 >= 1000


@pytest.mark.parametrize(
    ("cells", "asked", "given"),
    [(50 * 5000, 1000, 1000), (50 * 300, 1000, 300), (50 * 20, 1000, 100), (50 * 20, 30, 30)],
)
def test_large_parts_get_fewer_resamples(
    monkeypatch: pytest.MonkeyPatch, cells: int, asked: int, given: int
) -> None:
    monkeypatch.setattr(bootstrap, "MAX_CELLS", cells)
    assert len(drawn(50, asked)) == given


def test_the_middle_share_leaves_out_what_is_unknown() -> None:
    values = np.append(np.arange(101.0), np.nan)
    assert middle_share(values, 0.9) == pytest.approx((5, 95))
    assert all(np.isnan(middle_share(np.full(3, np.nan), 0.9)))
