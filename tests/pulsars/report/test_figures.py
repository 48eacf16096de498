"""What other thresholds would give, against counting by hand and in a loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.report.figures import TRIED, threshold_rows


def test_four_candidates_are_counted_as_by_hand() -> None:
    y, score = np.array([1, 0, 1, 0]), np.array([0.95, 0.6, 0.3, 0.001])
    rows = {row["threshold"]: row for row in threshold_rows(y, score, 0.6)}
    assert rows[0.6] == {
        "threshold": 0.6, "recall": 0.5, "precision": 0.5, "flagged": 0.5, "n_flagged": 2,
        "in_use": True,
    }  # fmt: skip
    assert rows[0.3]["recall"] == 1
    assert rows[0.99]["precision"] is None
    assert [row["threshold"] for row in rows.values() if not row["in_use"]] == list(TRIED)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1), st.sampled_from(TRIED))
def test_each_row_is_what_a_loop_counts(rows: list[tuple[bool, float]], in_use: float) -> None:
    y, score = np.array([int(label) for label, _ in rows]), np.array([value for _, value in rows])
    found = threshold_rows(y, score, in_use)
    assert len(found) == len(TRIED)
    for row in found:
        called = [label for label, value in rows if value >= row["threshold"]]
        assert row["flagged"] == len(called) / len(rows)
        assert row["recall"] == (sum(called) / int(y.sum()) if y.any() else None)
        assert row["precision"] == (sum(called) / len(called) if called else None)
