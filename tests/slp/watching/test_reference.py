"""What a run keeps of its training rows: as written today, as written before, and added up."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.watching.drift import judge_drift, measure_drift
from slp.watching.reference import Reference
from slp.watching.tally import Tally
from tests.slp.watching.samples import ROWS, TRAINING_ROWS, draw, draw_classes


def groups(column: Any) -> list[float]:
    """Means of 200 groups of equal mass of rising numbers, a row into parts where it must be."""
    ends = [k * len(column) / 200 for k in range(201)]
    means = []
    for low, high in pairwise(ends):
        parts = [
            (min(high, i + 1) - max(low, i), column[i])
            for i in range(math.floor(low), min(math.ceil(high), len(column)))
        ]
        means.append(sum(part * x for part, x in parts) / sum(part for part, _ in parts))
    return sorted(means)


def as_first_written(X: Any) -> dict[str, Any]:
    """`reference.json` as the first version wrote it, by hand."""
    ordered = np.sort(X, axis=0).T
    cuts = [[math.ceil(len(X) * k / 10) - 1 for k in range(1, 10)]] * len(ordered)
    edges = [column[cut].tolist() for column, cut in zip(ordered, cuts, strict=True)]
    mean, std = X.mean(axis=0), X.std(axis=0)
    return {
        "mean": mean.tolist(),
        "std": std.tolist(),
        "low": X.min(axis=0).tolist(),
        "high": X.max(axis=0).tolist(),
        "edges": edges,
        "counts": [
            np.bincount(np.searchsorted(cut, column), minlength=10).tolist()
            for cut, column in zip(edges, ordered, strict=True)
        ],
        "groups": [
            groups((column - m) / s) for column, m, s in zip(ordered, mean, std, strict=True)
        ],
    }


@pytest.mark.parametrize("n_rows", [30, 333, 2000])
def test_a_reference_of_the_first_format_measures_as_one_without_classes(n_rows: int) -> None:
    X, new = draw(n_rows), draw(500, seed=1) * [1.0, 1.5, 1.0]
    earlier = Reference.from_dict(json.loads(json.dumps(as_first_written(X))))
    today = Reference.of(X)
    assert not earlier.knows_classes
    assert earlier.n_rows == n_rows
    one, other = (measure_drift(reference, new) for reference in (earlier, today))
    assert (one.pulsars, one.outside, one.level) == (None, other.outside, other.level)
    assert one.limits["psi"] == (0.1, 0.25)
    for a, b in zip(one.features, other.features, strict=True):
        assert (a.below, a.above, a.psi_noise) == (b.below, b.above, b.psi_noise)
        assert a.psi == pytest.approx(b.psi, abs=1e-12)
        assert a.distance == pytest.approx(b.distance, abs=0.01 if n_rows > 100 else 0.05)
        assert a.distance_noise == pytest.approx(b.distance_noise, rel=0.1)


def test_a_reference_of_the_first_format_with_equal_values_is_read() -> None:
    X = np.round(draw(300) / 40)
    X[:, 1] = np.arange(300) // 299  # all the same, but for one
    earlier = Reference.from_dict(as_first_written(X))
    got = measure_drift(earlier, X)
    assert got.level == "ok"
    assert [one.psi for one in got.features] == pytest.approx([0, 0, 0], abs=1e-12)
    assert Reference.from_dict(earlier.to_dict()).to_dict() == earlier.to_dict()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("groups", [list(range(200, 0, -1))] * 3, "groups do not rise"),
        ("groups", [[1.0] * 9] * 3, r"groups have shape \(3, 9\); \(3, 200\) is needed"),
        ("edges", [[1.0] * 9] * 2, r"edges have shape \(2, 9\); \(3, 9\) is needed"),
        ("edges", "none", "edges are not lists of numbers"),
        ("edges", [[math.nan] * 9] * 3, "edges are not finite"),
        ("edges", [[9.0, *[1.0] * 8]] * 3, "low, edges, high do not rise"),
        ("counts", [[8] * 9 + [-1]] * 3, "counts are not all whole numbers"),
        ("counts", [[1] * 10, [1] * 10, [2] * 10], r"counts add up to \[\[10, 10, 20\]\] rows"),
        ("low", [0.0], "low has 1 numbers; 3 are needed"),
        ("std", [0.0, 1.0, 1.0], "not positive"),
        ("mean", 3.0, r"mean has shape \(\)"),
        ("mean", None, "the reference has no mean"),
    ],
)
def test_what_the_first_version_cannot_have_written_is_refused(
    name: str, value: Any, message: str
) -> None:
    record = {**as_first_written(draw(30)), name: value}
    if value is None:
        del record[name]
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        Reference.from_dict(record)


@given(ROWS, st.integers(0, 60))
def test_a_reference_survives_json_to_the_last_bit(X: Any, n_pulsars: int) -> None:
    y = (np.arange(len(X)) < n_pulsars).astype(np.int64)
    reference = Reference.of(X / 3, y)
    again = Reference.from_dict(json.loads(json.dumps(reference.to_dict())))
    assert again.to_dict() == reference.to_dict()
    assert again.counts.dtype == np.int64
    assert measure_drift(again, X) == measure_drift(reference, X)


@given(ROWS, ROWS, st.integers(0, 60))
def test_tallies_of_the_parts_of_a_table_add_up_to_that_of_the_table(
    X: Any, new: Any, cut: int
) -> None:
    reference = Reference.of(X)
    whole = reference.tally(new)
    parts = [reference.tally(part) for part in (new[:cut], new[cut:]) if len(part)]
    total = sum(parts[1:], parts[0])
    for name in ("counts", "sums", "areas", "below", "above"):
        np.testing.assert_array_equal(getattr(total, name), getattr(whole, name))
    assert (total.outside, total.n_rows) == (whole.outside, len(new))
    assert judge_drift(reference, total) == measure_drift(reference, new)
    assert judge_drift(reference, reference.tally(new[::-1])) == measure_drift(reference, new)


@given(ROWS, ROWS)
def test_the_areas_of_a_tally_are_those_under_the_steps_of_its_rows(X: Any, new: Any) -> None:
    reference = Reference.of(X)
    grid, tally = reference.grid, reference.tally(new)
    scaled = np.clip(reference.scale.transform(new), grid.nearest, grid.farthest)
    for feature, edges in enumerate(grid.scaled_edges):
        up_to = [np.maximum(edge - scaled[:, feature], 0).sum() for edge in edges]
        beyond = np.maximum(scaled[:, feature] - edges[-1], 0).sum()
        by_hand = [up_to[0], *np.diff(up_to), beyond]
        assert tally.areas[feature] == pytest.approx(by_hand, rel=1e-12, abs=1e-11)


@pytest.mark.parametrize("other", ["of other rows", "with another range"])
def test_tallies_of_two_references_are_neither_added_nor_judged(
    trained: Reference, other: str
) -> None:
    X = np.linspace(trained.low, trained.high, 50)
    moved = {
        "of other rows": lambda: Reference.of(X * 100 + 500),
        "with another range": lambda: replace(trained, high=trained.high * 2),
    }[other]()
    with pytest.raises(ValueError, match="another reference"):
        trained.tally(X) + moved.tally(X)
    with pytest.raises(ValueError, match="another reference"):
        judge_drift(trained, moved.tally(X))
    again = Reference.from_dict(trained.to_dict())
    assert judge_drift(again, trained.tally(X) + again.tally(X)).n_rows == 100


def test_a_tally_survives_json_to_the_last_bit(trained: Reference) -> None:
    tally = trained.tally(np.linspace(trained.low * 0.9, trained.high * 1.3, 70_000))
    again = Tally.from_dict(trained.grid, json.loads(json.dumps(tally.to_dict())))
    assert again.to_dict() == tally.to_dict()
    assert judge_drift(trained, again) == judge_drift(trained, tally)
    assert tally.n_rows == 70_000


@given(ROWS, st.integers(1, 59))
def test_classes_of_a_reference_are_tallies_that_add_up_to_its_rows(X: Any, n: int) -> None:
    y = (np.arange(len(X)) < n).astype(np.int64)
    both, apart = Reference.of(X), Reference.of(X, y)
    np.testing.assert_array_equal(apart.edges, both.edges)
    np.testing.assert_array_equal(apart.counts.sum(axis=0), both.counts[0])
    assert apart.areas.sum(axis=0) == pytest.approx(both.areas[0], abs=1e-9)
    pulsars = apart.tally(X[y == 1])
    np.testing.assert_array_equal(pulsars.counts, apart.counts[-1])
    np.testing.assert_array_equal(pulsars.areas, apart.areas[-1])


def test_a_reference_is_small_and_cannot_be_changed(trained: Reference) -> None:
    assert len(json.dumps(trained.to_dict())) < 30_000
    assert trained.n_rows == TRAINING_ROWS
    assert trained.counts.shape == trained.areas.shape == (2, 8, 50)
    for name in ("low", "high", "edges", "counts", "areas"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(trained, name)[0] = 0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("mean", None, "the reference has no mean; it needs format, mean, std"),
        ("format", 3, "reference has format 3; 2 is known"),
        ("low", [0.0], "low has 1 numbers; 3 are needed"),
        ("high", [0.0, 0.0, 0.0], "low, edges, high do not rise"),
        ("edges", [[1.0] * 49] * 2, r"edges have shape \(2, 49\); \(3, 49\) is needed"),
        ("edges", "none", "edges are not lists of numbers"),
        ("edges", [[math.nan] * 49] * 3, "edges are not finite"),
        ("counts", [[[8] * 49 + [-1]] * 3] * 2, "counts are not all whole numbers"),
        ("counts", [[[0.5] * 50] * 3] * 2, "counts are not all whole numbers"),
        ("counts", [[[0] * 50] * 3] * 2, r"counts add up to \[\[0, 0, 0\], \[0, 0, 0\]\] rows"),
        ("counts", [[[1] * 50, [1] * 50, [2] * 50]] * 2, r"add up to \[\[50, 50, 100\]"),
        ("counts", [[[1] * 50] * 3], r"areas have shape \(2, 3, 50\), counts \(1, 3, 50\)"),
        ("counts", [[[1] * 50] * 3] * 3, r"counts have shape \(3, 3, 50\)"),
        ("areas", [[[-1.0] * 50] * 3] * 2, "areas are not all 0 or more"),
    ],
)
def test_what_no_training_rows_give_is_refused(name: str, value: Any, message: str) -> None:
    record = {**Reference.of(*draw_classes(30)).to_dict(), name: value}
    if value is None:
        del record[name]
    with pytest.raises(ValueError, match=message):
        Reference.from_dict(record)


def test_without_a_row_or_with_another_label_there_is_no_reference() -> None:
    with pytest.raises(ValueError, match="at least 1 row"):
        Reference.of(np.empty((0, 3)))
    with pytest.raises(ValueError, match="2"):
        Reference.of(draw(3), [0, 1, 2])
    assert Reference.of(draw(30)).outside(np.empty((0, 3))).shape == (0, 3)
