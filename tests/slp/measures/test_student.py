"""Student's t against SciPy's."""

from __future__ import annotations

import pytest
from scipy import stats

from slp.measures.interval import student_quantile


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("degrees", [1, 1.3, 2, 3.7, 10, 99, 101, 1e4, 1e7, float("inf")])
def test_the_middle_share_is_as_wide_as_scipy_says(share: float, degrees: float) -> None:
    expected = stats.t.ppf((1 + share) / 2, degrees)
    assert student_quantile(share, degrees) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("share", "degrees"), [(0, 3), (1, 3), (0.95, 0.9), (0.95, float("nan"))])
def test_what_is_no_share_and_no_freedom_is_refused(share: float, degrees: float) -> None:
    with pytest.raises(ValueError, match=r"outside|below"):
        student_quantile(share, degrees)
