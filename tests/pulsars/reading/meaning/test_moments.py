"""Skewness and kurtosis are told apart by what no distribution can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulsars.reading.checking import check_file
from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError
from schemas.features import FEATURE_NAMES
from schemas.physics import (
    MOST_POINTS,
    breaks_flatness,
    breaks_moments,
    breaks_number,
    breaks_range,
    breaks_spread,
    breaks_variance,
)

Write = Callable[..., Path]
CANONICAL = [*FEATURE_NAMES, "label"]
README = [name.replace("skewness", "?") for name in CANONICAL]
README = [name.replace("kurtosis", "skewness").replace("?", "kurtosis") for name in README]


def csv(rows: np.ndarray, names: list[str] | None) -> list[str]:
    head = [",".join(names)] if names else []
    return head + [",".join([*map(repr, r[:8].tolist()), f"{r[8]:.0f}"]) for r in rows]


@given(st.lists(st.floats(0, 255), min_size=2, max_size=30).filter(lambda x: np.std(x) > 1e-3))
def test_no_curve_between_0_and_255_breaks_a_bound(curve: list[float]) -> None:
    x = np.array(curve)
    z = (x - x.mean()) / x.std()
    assert not breaks_moments([(z**3).mean()], [(z**4).mean() - 3])[0]
    assert not breaks_variance([x.mean()], [x.std()], top=255)[0]
    assert not breaks_spread([x.mean()], [x.std()], n=len(x))[0]
    four = [x.mean()], [x.std()], [(z**3).mean()], [(z**4).mean()]
    assert not breaks_range(*four, top=255)[0]
    assert not breaks_number(four[3], n=len(x))[0]
    assert not breaks_flatness(*four[1:])[0]


def test_the_bounds_are_sharp() -> None:
    assert breaks_moments([2, 2, 0, np.nan], [2, 1.99, -2.01, 1]).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert breaks_variance([100, 100, 0], [124.498, 124.51, 0], top=255).tolist() == [
        False,
        True,
        False,
    ]
    spike = np.append(np.zeros(99), 7e6)
    means, stdevs = [spike.mean()] * 2, spike.std() * np.array([1.0, 1.0001])
    assert breaks_spread(means, stdevs, n=100).tolist() == [False, True]
    z = (spike - spike.mean()) / spike.std()
    most = (z**4).mean()
    assert breaks_number([most, 1.0001 * most], n=100).tolist() == [False, True]


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 60), st.floats(1e-3, 254.999))
@example(1, 1, 31, 0.00390625)  # in the range, and more than any number of points has
def test_the_range_allows_what_stands_at_both_ends_and_at_the_mean_and_nothing_more(
    low: int, high: int, middle: int, mean: float
) -> None:
    """Only such curves reach the bound; the weights at the ends are those that keep the mean."""
    ends = np.array([high * (255 - mean), high * mean]) / 255 * (low + high)
    weights = np.append(ends, middle * high) / (ends.sum() + middle * high)
    values = np.array([0.0, 255.0, mean])
    stdev = np.sqrt(weights @ (values - mean) ** 2)
    z = (values - mean) / stdev
    skewness, fourth = weights @ z**3, weights @ z**4
    more = fourth + 1e-3 * (1 + mean / stdev + (255 - mean) / stdev) * (1 + fourth)
    four = [mean] * 2, [stdev] * 2, [skewness] * 2, [fourth, more]
    assert breaks_range(*four, top=255).tolist() == [fourth > MOST_POINTS, True]


def test_what_is_flat_has_no_moment_and_no_number_is_beyond_all_bounds() -> None:
    nan = np.nan
    assert breaks_flatness([0, 0, 0, 1, 0], [0, 1, 0, 1, nan], [0, 0, -1, 1, nan]).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert breaks_range([100] * 3, [1e-300, nan, 0], [0] * 3, [1e300] * 3, top=255).tolist() == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("said", ["header", "order", "--columns"])
def test_misnamed_columns_are_read_by_their_values(
    write: Write, rows: np.ndarray, said: str
) -> None:
    if said == "header":
        reading = read_candidates(write(csv(rows, README)))
        counts = r"the header calls column 3 'profile_kurtosis' kurtosis and column 4"
    elif said == "order":
        swapped = rows[:, [0, 1, 3, 2, 4, 5, 7, 6, 8]]
        reading = read_candidates(write(csv(swapped, None)))
        counts = "the usual order calls column 4 kurtosis and column 3 skewness"
    else:
        reading = read_candidates(write(csv(rows, CANONICAL)), columns="1,2,4,3,5,6,8,7")
        counts = "--columns calls column 3 'profile_skewness' kurtosis"
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert counts in reading.warnings[0]
    skewness, kurtosis = rows[:, 6], rows[:, 7]
    assert f"{(skewness < kurtosis**2 - 2).sum()} of 240 rows would break" in reading.warnings[1]
    assert "read as dm_skewness" in reading.columns["dm_skewness"].how
    dm = reading.evidence[1]
    assert (dm.rows, dm.swapped, dm.taken) == (240, 0, "swapped")
    assert (dm.said, dm.as_named) == (said, (skewness < kurtosis**2 - 2).sum())


def test_a_curve_that_is_undecided_follows_the_other(write: Write, rows: np.ndarray) -> None:
    mild = rows.copy()
    mild[:, 2], mild[:, 3] = 0.1, 0.2 + rows[:, 3] % 0.5  # both readings hold
    reading = read_candidates(write(csv(mild, README)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), mild)
    assert [item.taken for item in reading.evidence] == ["swapped", "swapped"]


def test_a_file_half_put_right_is_read_curve_by_curve(write: Write, rows: np.ndarray) -> None:
    loud = rows.copy()
    loud[:, 2:4] = rows[:, 6:8]
    names = [*CANONICAL[:4], *README[4:]]
    reading = read_candidates(write(csv(loud, names)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), loud)
    assert [item.taken for item in reading.evidence] == ["as named", "swapped"]


def test_names_decide_where_the_rows_cannot_and_without_names_both_are_offered(
    write: Write, rows: np.ndarray
) -> None:
    mild = rows.copy()
    mild[:, [2, 6]] = 0.1 + rows[:, [2, 6]] % 0.5
    mild[:, [3, 7]] = 0.1 + rows[:, [3, 7]] % 0.5
    reading = read_candidates(write(csv(mild, README)))
    assert reading.columns["dm_kurtosis"].source == "dm_kurtosis"
    assert "the names given decide" in reading.warnings[0]
    with pytest.raises(
        ColumnsError, match=r"--columns 1,2,3,4,5,6,7,8 .*or --columns 1,2,4,3,5,6,8,7"
    ):
        read_candidates(write(csv(mild, None)))
    reading = read_candidates(write(csv(mild, None)), columns="1,2,4,3,5,6,8,7")
    assert reading.columns["dm_kurtosis"].position == 7


def test_columns_that_are_moments_in_no_order_are_refused(write: Write, rows: np.ndarray) -> None:
    wild = rows.copy()
    wild[::2, 6:8] = [9, 3]
    wild[1::2, 6:8] = [3, 9]
    wild[::10, 6:8] = [-9, -9]
    with pytest.raises(ColumnsError, match=r"column 7 'dm_skewness'.*cannot be .* 50% .* 67%"):
        read_candidates(write(csv(wild, CANONICAL)))


@pytest.mark.parametrize("names", [CANONICAL, README])
@pytest.mark.parametrize(
    ("mark", "places"), [(-999.0, [6, 7]), (-99.0, [4, 5, 6, 7]), (-999.0, [3]), (1e20, [2, 3])]
)
def test_a_mark_for_what_is_missing_is_named_and_the_way_out_works(
    write: Write, rows: np.ndarray, names: list[str], mark: float, places: list[int]
) -> None:
    held = rows.copy()
    held[:34, places] = mark
    with pytest.raises(ColumnsError, match=r"stands in 34 of 240 rows looked at") as refusal:
        read_candidates(write(csv(held, names)))
    said = str(refusal.value)
    assert f"{mark:g} stands in" in said
    assert set(re.findall(r"column (\d)", said.split("stands in")[1])) == {
        str(place + 1) for place in places if place % 4 > 1
    }
    share = float(said.split("--max-quarantine ")[1].split(maxsplit=1)[0])
    emptied = [line.replace(f"{mark!r}", "") for line in csv(held, names)]
    checked = check_file(str(write(emptied)), max_quarantine=share, columns=None, drop=())
    assert checked.refusal is None
    assert [checked.summary()["rows"][n] for n in ("read", "accepted")] == [240, 206]


def test_rows_that_are_wrong_or_missing_beside_a_mark_count_in_the_share_that_is_advised(
    write: Write, rows: np.ndarray
) -> None:
    held = rows.copy()
    held[:34, 7] = -999.0
    held[34:44, 7] = -5.0 - np.arange(10)
    held[44:60, 6] = np.nan
    lines = [line.replace("nan", "") for line in csv(held, CANONICAL)]
    with pytest.raises(ColumnsError, match=r"stands in 34 of 240 rows looked at") as refusal:
        read_candidates(write(lines))
    share = float(str(refusal.value).split("--max-quarantine ")[1].split(maxsplit=1)[0])
    path = str(write([line.replace("-999.0", "") for line in lines]))
    assert check_file(path, max_quarantine=share, columns=None, drop=()).refusal is None
    assert check_file(path, max_quarantine=share - 0.02, columns=None, drop=()).refusal


@pytest.mark.parametrize(("marked", "said"), [(200, True), (220, False), (235, False)])
def test_a_mark_in_nearly_all_rows_has_no_way_out_by_the_share(
    write: Write, rows: np.ndarray, marked: int, *, said: bool
) -> None:
    held = rows.copy()
    held[:marked, 6:8] = -999.0
    with pytest.raises(ColumnsError) as refusal:
        read_candidates(write(csv(held, CANONICAL)))
    assert ("--max-quarantine" in str(refusal.value)) is said
    assert "--columns" in str(refusal.value)


def test_the_share_that_is_advised_is_above_that_of_the_rows_whatever_floats_do(
    write: Write, rows: np.ndarray
) -> None:
    held = rows[:200].copy()
    held[:58, 6:8] = -999.0  # 100 * 0.29 is less than 29
    with pytest.raises(ColumnsError, match=r"--max-quarantine 0\.3 or more"):
        read_candidates(write(csv(held, CANONICAL)))


def test_a_number_that_stands_in_more_sound_rows_than_wrong_ones_is_no_mark(
    write: Write, rows: np.ndarray
) -> None:
    held = rows.copy()
    held[::2, 6] = 0.0
    held[:30, 6] = 0.0
    held[:30, 7] = -5.0 - np.arange(30)
    with pytest.raises(ColumnsError) as refusal:
        read_candidates(write(csv(held, CANONICAL)))
    assert "stands in" not in str(refusal.value)


def test_moments_too_large_to_be_squared_break_their_bounds_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert breaks_moments([1e200], [0.0]).tolist() == [True]
        assert breaks_variance([1.0], [1e200], top=255.0).tolist() == [True]
        assert breaks_spread([1.0], [1e200], n=100).tolist() == [True]
