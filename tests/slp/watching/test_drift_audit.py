"""The chapter of the audit about drift, at its shortest; `make audit` asks more often."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.audit import drift
from slp.watching.drift import measure_drift


@pytest.fixture(autouse=True)
def real_data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSAR_DATA_DIR", str(data_dir))


@pytest.mark.slow
def test_every_bound_holds_in_a_few_draws() -> None:
    lines = drift.measure("short", fewer=60)
    assert len(lines) > 30
    assert [line for line in lines if not line.holds] == []


@pytest.mark.slow
def test_a_bound_that_is_missed_is_seen() -> None:
    sky = drift.Sky(n_splits=2)
    spoilt = sky.random(500, 10, lambda rows: drift.scale((4,), 10.0, rows))
    assert not drift.never("spoilt", spoilt).holds
    calm = drift.levels(sky.random(500, 10))
    assert not drift.judged("calm", calm, "watch", least=1.0).holds


def test_candidates_are_rows_that_the_reference_has_not() -> None:
    sky = drift.Sky(n_splits=2)
    (reference, rest), (_, other) = sky.splits
    assert reference.n_rows + len(rest) == len(sky.X)
    assert not np.array_equal(rest, other)
    before = rest.copy()
    same = partial(drift.scale, (0,), 1.0)
    found = [measure_drift(*case).level for case in sky.changed(200, 2, [same])]
    assert found == ["ok", "ok"]
    list(sky.random(200, 2, lambda rows: rows.fill(0.0)))
    np.testing.assert_array_equal(rest, before)
