"""Counts of parts add up to those of the whole, and what they lead to is exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pulsars.folds import FOLD_SHA256
from pulsars.reading.counts import leading_counts, quantiles, telling
from pulsars.reading.counts.leading_counts import Block, LeadingCounts
from pulsars.reading.counts.looks import show
from pulsars.reading.counts.quantiles import Quantiles
from pulsars.reading.counts.telling import find_telling
from pulsars.reading.meaning.kurtosis_counts import KurtosisCounts
from pulsars.reading.meaning.readings import ColumnSource
from pulsars.reading.several import FILE, NOWHERE
from schemas.features import FEATURE_NAMES
from slp.measures.alone import roc_auc_of_each
from tests.pulsars.reading.parts import joined_at, reading_of

SHARES = [0.0, 0.05, 0.5, 0.95, 1.0]

numbers = st.one_of(
    st.floats(-1e300, 1e300), st.sampled_from([0.0, -0.0, 1.0, -1.0, 255.0, 1 + 2**-52, 5e-324])
)
tables = st.integers(1, 60).flatmap(
    lambda n: arrays(np.float64, (n, len(FEATURE_NAMES)), elements=numbers)
)


def blocks_of(X: np.ndarray, y: np.ndarray | None = None, *, size: int = 7) -> list[Block]:
    starts = range(0, len(X), size)
    return [
        Block(
            [np.ascontiguousarray(column) for column in X[at : at + size].T],
            None if y is None else y[at : at + size].astype(np.int8),
        )
        for at in starts
    ]


def counted(blocks: list[Block]) -> LeadingCounts:
    counts = LeadingCounts.of(blocks[0])
    for block in blocks[1:]:
        counts = counts.then(LeadingCounts.of(block))
    return counts


def quantiles_of(X: np.ndarray) -> np.ndarray:
    blocks = blocks_of(X)
    sought = Quantiles(counted(blocks), SHARES)
    show([sought], lambda: blocks)
    return sought.found


@pytest.mark.parametrize("collected", [1 << 21, 3])
@given(X=tables)
def test_quantiles_are_those_of_numpy(collected: int, X: np.ndarray) -> None:
    with pytest.MonkeyPatch.context() as patched, np.errstate(all="ignore"):
        patched.setattr(quantiles, "COLLECTED", collected)
        expected = np.quantile(X, SHARES, axis=0).T
        np.testing.assert_array_equal(quantiles_of(X), expected)


@pytest.mark.parametrize("collected", [1 << 21, 2])
def test_what_tells_the_label_is_what_a_sorted_table_says(collected: int) -> None:
    @settings(deadline=None)
    @given(X=tables, seed=st.integers(0, 9))
    def holds(X: np.ndarray, seed: int) -> None:
        y = np.random.default_rng(seed).integers(0, 2, len(X))
        y[:1], y[-1:] = 0, 1
        if len(X) < 2:
            return
        blocks = blocks_of(X, y)

        def every() -> Iterator[Block]:
            return iter(blocks)

        found = find_telling(counted(blocks), every)
        for at, area in enumerate(roc_auc_of_each(X, y)):
            assert found.get(at, 0.0) == pytest.approx(area if area > 0.5 else 0.0, abs=1e-12)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(telling, "suspicious_above", lambda _: 0.5)
        patched.setattr(telling, "COLLECTED", collected)
        holds()


@settings(deadline=None)
@given(
    moments=arrays(
        np.float64,
        st.tuples(st.integers(0, 40), st.just(4)),
        elements=st.sampled_from([0.0, 1.5, 3.0, 4.5, np.nan]),
    ),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    excess=st.none() | arrays(np.bool_, 40),
)
def test_counts_of_kurtosis_are_the_same_wherever_a_table_is_cut(
    moments: np.ndarray, cuts: list[int], excess: np.ndarray | None
) -> None:
    names = ["profile_skewness", "profile_kurtosis", "dm_skewness", "dm_kurtosis"]
    frame = pd.DataFrame(moments, columns=names).assign(profile_stdev=10 * moments[:, 0])
    files = pd.Series([f"{row // 7}.csv" for row in range(len(frame))], dtype="str")
    known = np.zeros(40, dtype=bool) if excess is None else excess
    folds = pd.Series(np.where(known, "f0", "")[: len(frame)], dtype="str")
    carried = pd.DataFrame({FILE: files, FOLD_SHA256: folds})

    def counts(a: int, b: int) -> KurtosisCounts:
        part = reading_of(
            frame[a:b],
            carried=carried[a:b],
            carried_from={FILE: ColumnSource(FILE, NOWHERE, "")},
            roles={} if excess is None else {FOLD_SHA256: "fold"},
        )
        return KurtosisCounts.of(part)

    joined = joined_at(cuts, len(frame), counts)
    assert joined == counts(0, len(frame))
    for run in (joined.head, joined.tail, joined.longest, joined.wrong):
        of = [f"{(line - 11) // 7}.csv" if run.length else "" for line in (run.first, run.last)]
        assert [run.first_file, run.last_file] == of
    assert joined.rows + joined.excess == np.isfinite(moments).all(axis=1).sum()
    assert KurtosisCounts.from_dict(joined.to_dict()) == joined


def test_the_unit_of_a_feature_is_an_eighth_of_its_typical_size() -> None:
    X = np.tile(np.array([[0.0], [-3.0], [5.0], [100.0]]), len(FEATURE_NAMES))
    assert counted(blocks_of(X)).units().tolist() == [0.5] * len(FEATURE_NAMES)
    assert leading_counts.leading(np.array([-0.0])).tolist() == [0]
