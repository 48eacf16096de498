"""Intervals against one resample after the other, measured anew."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from slp.measures import bootstrap
from slp.measures.bootstrap import intervals
from slp.measures.interval import Interval
from slp.measures.metrics import METRICS, measure


def make_rows(n_rows: int, prevalence: float = 0.3) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    y = (rng.random(n_rows) < prevalence).astype(int)
    return y, np.round(rng.beta(1 + 3 * y, 5 - 3 * y), 2)  # two digits: many ties


def one_by_one(y: Any, score: Any, seed: int, n_resamples: int, level: float) -> dict[str, Any]:
    """Draw as `intervals` does, and measure each resample as a sample of its own."""
    # Rows are drawn as places in the order pulsars first, then falling score.
    order = np.lexsort((-score, -y))
    rng = np.random.default_rng(seed)
    rows = [order[rng.integers(len(y), size=len(y))] for _ in range(n_resamples)]
    measured = [measure(y[drawn], score[drawn], threshold=0.4) for drawn in rows]
    ends = {}
    for name in METRICS:
        values = np.array([one[name] for one in measured])
        known = np.sort(values[~np.isnan(values)])
        places = np.array([(1 - level) / 2, 1 - (1 - level) / 2]) * (len(known) - 1)
        ends[name] = np.interp(places, np.arange(len(known)), known)
    return ends


@pytest.mark.parametrize(("n_rows", "level"), [(150, 0.95), (6, 0.8)])
@pytest.mark.parametrize("cells", [100_000, 333])
def test_each_resample_is_measured_as_a_sample_of_its_own(
    monkeypatch: pytest.MonkeyPatch, n_rows: int, level: float, cells: int
) -> None:
    monkeypatch.setattr(bootstrap, "_CHUNK_CELLS", cells)
    y, score = make_rows(n_rows)
    got = intervals(
        y, score, threshold=0.4, rng=np.random.default_rng(3), n_resamples=120, level=level
    )
    expected = one_by_one(y, score, 3, 120, level)
    values = measure(y, score, threshold=0.4)
    assert tuple(got) == METRICS
    for name, interval in got.items():
        assert interval.value == values[name]
        assert [interval.low, interval.high] == pytest.approx(expected[name], rel=1e-12, abs=1e-14)


def test_the_interval_of_a_share_is_the_binomial_one() -> None:
    y = np.repeat([0, 1], [900, 100])
    got = intervals(y, y * 0.8, threshold=0.5, rng=np.random.default_rng(0), n_resamples=4000)
    spread = math.sqrt(1000 * 0.1 * 0.9)
    assert got["tp"].low == pytest.approx(100 - 1.96 * spread, abs=2)
    assert got["tp"].high == pytest.approx(100 + 1.96 * spread, abs=2)
    assert got["recall"] == Interval(1, 1, 1)


def test_the_same_seed_gives_the_same_intervals() -> None:
    y, score = make_rows(80)
    one, two = (
        intervals(y, score, threshold=0.4, rng=np.random.default_rng(1), n_resamples=50)
        for _ in range(2)
    )
    assert one == two


def test_one_class_has_no_interval_of_the_ranking() -> None:
    got = intervals(
        [0, 0, 0], [0.1, 0.2, 0.3], threshold=0.25, rng=np.random.default_rng(0), n_resamples=20
    )
    for name in ("roc_auc", "average_precision"):
        assert all(math.isnan(end) for end in (got[name].value, got[name].low, got[name].high))
    assert got["specificity"].value == pytest.approx(2 / 3)


def test_the_real_table_gets_every_resample() -> None:
    assert bootstrap.MAX_CELLS // 17_898 >= 1000


def test_large_parts_get_fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = bootstrap._draw_counts  # noqa: SLF001 - how much work is done shows nowhere else

    def count(n_rows: int, n_resamples: int, rng: np.random.Generator) -> Any:
        drawn.append(n_resamples)
        return draw(n_rows, n_resamples, rng)

    monkeypatch.setattr(bootstrap, "_draw_counts", count)
    y, score = make_rows(50)

    def total(cells: int, **options: int) -> int:
        drawn.clear()
        monkeypatch.setattr(bootstrap, "MAX_CELLS", cells)
        intervals(y, score, threshold=0.4, rng=np.random.default_rng(0), **options)
        return sum(drawn)

    assert total(50 * 5000) == 1000
    assert total(50 * 300) == 300
    assert total(50 * 20) == 100
    assert total(50 * 20, n_resamples=30) == 30
    assert total(50 * 20, n_resamples=1) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_resamples": 0}, "n_resamples 0 is below 1"),
        ({"level": 0.0}, r"level 0.0 is outside \(0, 1\)"),
        ({"level": 1.0}, r"level 1.0 is outside \(0, 1\)"),
    ],
)
def test_what_makes_no_interval_is_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        intervals([0, 1], [0.1, 0.9], threshold=0.5, rng=np.random.default_rng(0), **options)
