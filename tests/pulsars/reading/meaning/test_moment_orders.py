"""Tables of both orders of skewness and kurtosis that were joined are noticed, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pulsars.reading.meaning.moment_counts import OrderCounts, with_orders
from pulsars.reading.meaning.readings import ColumnSource, Reading
from pulsars.reading.reader import read_candidates
from schemas import FEATURE_NAMES, ColumnsError
from tests.pulsars.reading.parts import joined_at, reading_of

NAMES = [*FEATURE_NAMES, "label"]
OTHER_ORDER = [0, 1, 3, 2, 4, 5, 7, 6, 8]
SURVEYS = ("HTRU_2.csv", "other-surveys/HTRU_1_sample.arff")

Read = Callable[..., Reading]


@pytest.fixture(scope="module")
def surveys(data_dir: Path) -> list[np.ndarray]:
    return [read_candidates(data_dir / name).frame.to_numpy() for name in SURVEYS]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read tables as one, by way of a Parquet file each."""

    def read_tables(*tables: np.ndarray) -> Reading:
        paths = {f"{i}.parquet": tmp_path / f"{i}.parquet" for i in range(len(tables))}
        for path, X in zip(paths.values(), tables, strict=True):
            pd.DataFrame(X, columns=NAMES).to_parquet(path)
        return read_candidates(paths if len(tables) > 1 else paths["0.parquet"])

    return read_tables


def notes(reading: Reading) -> list[str]:
    return [note for note in reading.warnings if "two orders joined" in note]


def interchanged(X: np.ndarray, rows: object) -> np.ndarray:
    X = X.copy()
    X[rows] = X[rows][:, OTHER_ORDER]
    return X


def test_a_file_of_the_other_order_among_several_is_refused_by_its_name(
    read: Read, surveys: list[np.ndarray]
) -> None:
    most, few = surveys
    with pytest.raises(ColumnsError, match=r"line 2 of 1\.parquet|lines \d+ to [\d,]+ of 1\.par"):
        read(most, few[:, OTHER_ORDER])
    assert not notes(read(most, few))


@pytest.mark.parametrize("n", [60, 111])
def test_a_block_of_the_other_order_is_refused_with_its_lines(
    read: Read, surveys: list[np.ndarray], n: int
) -> None:
    X = interchanged(surveys[1], slice(500, 500 + n))
    with pytest.raises(ColumnsError, match="joins rows of two orders") as refused:
        read(X)
    first, last = (int(line) for line in str(refused.value).split("lines ")[1].split()[:3:2])
    assert 500 < first <= last <= 500 + n
    assert last - first > n - 20


def test_what_the_refusal_advises_gives_the_rows_as_they_are(
    read: Read, surveys: list[np.ndarray]
) -> None:
    X = interchanged(surveys[1], slice(500, 560))
    with pytest.raises(ColumnsError, match="interchange the two columns of both curves"):
        read(X)
    right = read(interchanged(X, slice(500, 560)))
    np.testing.assert_array_equal(right.frame.to_numpy(), surveys[1])


@pytest.mark.parametrize("share", [0.03, 0.04])
def test_rows_of_the_other_order_that_are_strewn_are_noted(
    read: Read, surveys: list[np.ndarray], share: float
) -> None:
    rng = np.random.default_rng(7)
    for X in surveys:
        rows = rng.random(len(X)) < share
        (said,) = notes(read(interchanged(X, rows)))
        first = int(said.split("first is line ")[1].split(")")[0].replace(",", ""))
        assert rows[first - 1]


def test_where_too_many_rows_are_of_each_order_it_is_said_that_tables_may_have_been_joined(
    read: Read, surveys: list[np.ndarray]
) -> None:
    X = surveys[1]
    with pytest.raises(ColumnsError, match="if tables of both were joined"):
        read(interchanged(X, slice(0, 300)))
    wild = X.copy()
    wild[:300, [2, 3, 6, 7]] = -9
    with pytest.raises(ColumnsError, match="cannot be skewness") as refused:
        read(wild)
    assert "joined" not in str(refused.value)


def damaged(X: np.ndarray) -> Iterator[np.ndarray]:
    """Damage all rows in one way after another."""
    skewness, kurtosis = [2, 6], [3, 7]
    for columns in (skewness, kurtosis, [2], [3], [6], [7]):
        for fill in (0.0, -1.0, 999.0, -999.0, 1e20):
            filled = X.copy()
            filled[:, columns] = fill
            yield filled
        for factor in (0.1, 10.0, 100.0, -1.0):
            slipped = X.copy()
            slipped[:, columns] *= factor
            yield slipped
    for by in (1, -1):
        yield np.column_stack([np.roll(X[:, :8], by, axis=1), X[:, 8]])


def test_of_damaged_rows_and_of_sound_ones_nothing_is_said(
    read: Read, surveys: list[np.ndarray]
) -> None:
    rng = np.random.default_rng(11)
    for X in surveys:
        sound = read(X)
        assert not notes(sound)
        strewn = rng.random(len(X)) < 0.045
        for found in damaged(X):
            mixed = np.where(strewn[:, None], found, X)
            frame = pd.DataFrame(mixed, columns=NAMES)
            head = with_orders(sound, OrderCounts.of(replace(sound, frame=frame)))
            assert not notes(head)


def test_a_table_that_no_order_decides_is_no_mixture(read: Read, surveys: list[np.ndarray]) -> None:
    X = surveys[1]
    told = OrderCounts.of(read(X))
    possible_in_both = X[(X[:, 3] ** 2 - 2 <= X[:, 2]) & (X[:, 7] ** 2 - 2 <= X[:, 6])]
    assert len(possible_in_both) == len(X) - told.right
    assert not notes(read(np.concatenate([possible_in_both, X[:6][:, OTHER_ORDER]])))


@given(
    moments=arrays(
        np.float64,
        st.tuples(st.integers(0, 40), st.just(4)),
        elements=st.sampled_from([0.0, 3.0, -3.0, 9.0, np.nan]),
    ),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_counts_are_the_same_wherever_a_table_is_cut(moments: np.ndarray, cuts: list[int]) -> None:
    names = ["profile_skewness", "profile_kurtosis", "dm_skewness", "dm_kurtosis"]
    frame = pd.DataFrame(moments, columns=names)
    for curve in ("profile", "dm"):
        frame[f"{curve}_mean"], frame[f"{curve}_stdev"] = 100.0, 20.0
    files = pd.DataFrame({"file": [f"{row // 7}.csv" for row in range(len(frame))]}, dtype="str")

    def counts(a: int, b: int) -> OrderCounts:
        named = {"file": ColumnSource("file", 0, "")}
        return OrderCounts.of(reading_of(frame[a:b], carried=files[a:b], carried_from=named))

    joined = joined_at(cuts, len(frame), counts)
    assert joined == counts(0, len(frame))
    assert OrderCounts.from_dict(joined.to_dict()) == joined
    assert joined.contrary.length + joined.right <= joined.rows
    assert OrderCounts.from_dict({}) == OrderCounts()
