"""Cohen's κ against scikit-learn."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pulsars.review.agreement import agreements
from pulsars.review.labels import Labels
from pulsars.review.meaning import current
from tests.pulsars.review.said import statement

WORDS = st.sampled_from(["pulsar", "not"])


def compared(said: Any) -> Any:
    rows = [
        statement(value, who=who, of=of)
        for of, words in enumerate(said)
        for who, value in words.items()
    ]
    return agreements(current(Labels(tuple(rows))))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_kappa_is_scikit_learns(pairs: Any) -> None:
    (found,) = compared([{"ben": b, "anna": a} for a, b in pairs])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cohen_kappa_score(*zip(*pairs, strict=True), labels=["pulsar", "not"])
    assert found["people"] == ["anna", "ben"]
    assert found["n_alike"] == sum(a == b for a, b in pairs)
    if math.isnan(expected):
        assert found["kappa"] is None
    else:
        assert found["kappa"] == pytest.approx(expected, abs=1e-12)


def test_kappa_is_undefined_where_both_say_one_thing_of_all() -> None:
    assert compared([{"a": "pulsar", "b": "pulsar"}] * 3)[0]["kappa"] is None
    assert compared([{"a": "pulsar", "b": "not"}] * 3)[0]["kappa"] == 0.0


def test_only_what_both_are_sure_of_is_compared() -> None:
    said = [
        {"a": "pulsar", "b": "unsure"},
        {"a": "pulsar", "c": "not"},
        {"a": "not", "b": "not"},
        {"a": "pulsar", "b": "not"},
    ]
    found = {tuple(one["people"]): (one["n_both"], one["n_alike"]) for one in compared(said)}
    assert found == {("a", "b"): (2, 1), ("a", "c"): (1, 0)}
