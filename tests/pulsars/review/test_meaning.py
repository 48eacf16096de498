"""Who says what stands, what is settled, and what people differ about."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.review.labels import Labels
from pulsars.review.meaning import current, settled
from tests.pulsars.review.said import statement


def standing(*words: Any) -> Any:
    """Give what a list of (who, value) comes to; a value in capitals resolves."""
    said = [statement(v.lower(), who=who, resolves=v.isupper()) for who, v in words]
    return next(iter(current(Labels(tuple(said))).values()), None)


@pytest.mark.parametrize(
    ("words", "value", "conflict"),
    [
        ([("a", "pulsar")], "pulsar", False),
        ([("a", "pulsar"), ("a", "not")], "not", False),
        ([("a", "pulsar"), ("b", "not")], None, True),
        ([("a", "pulsar"), ("b", "unsure")], "pulsar", False),
        ([("a", "unsure")], "unsure", False),
        ([("a", "pulsar"), ("b", "not"), ("b", "withdrawn")], "pulsar", False),
        ([("a", "pulsar"), ("a", "not"), ("a", "withdrawn")], "pulsar", False),
        ([("a", "pulsar"), ("b", "not"), ("c", "NOT")], "not", False),
        ([("a", "pulsar"), ("b", "NOT")], "not", False),
        ([("a", "pulsar"), ("b", "NOT"), ("c", "pulsar")], None, True),
        ([("a", "pulsar"), ("b", "NOT"), ("c", "PULSAR")], "pulsar", False),
        ([("a", "pulsar"), ("b", "NOT"), ("b", "withdrawn"), ("c", "not")], None, True),
        ([("a", "pulsar"), ("b", "UNSURE")], "unsure", False),
        ([("a", "pulsar"), ("b", "not"), ("a", "PULSAR"), ("a", "pulsar")], "pulsar", False),
        ([("a", "pulsar"), ("b", "not"), ("a", "PULSAR"), ("a", "not")], "not", False),
        ([("a", "PULSAR"), ("b", "not"), ("a", "pulsar")], None, True),
        ([("a", "PULSAR"), ("b", "NOT"), ("a", "pulsar")], None, True),
        ([("b", "not"), ("a", "PULSAR"), ("a", "unsure"), ("a", "pulsar")], None, True),
    ],
)
def test_what_words_come_to(words: Any, value: str | None, conflict: bool) -> None:  # noqa: FBT001
    found = standing(*words)
    assert (found.value, found.conflict) == (value, conflict)


TEN, NOON, ONE = (f"2026-11-26T{hour}:00:00+00:00" for hour in (10, 12, 13))


@pytest.mark.parametrize(
    ("words", "values", "settled_as"),
    [
        ([("a", "pulsar", TEN), ("a", "not", NOON)], {"a": "not"}, "not"),
        ([("a", "pulsar", TEN), ("a", "not", NOON), ("a", "withdrawn", ONE)], {"a": "pulsar"},
         "pulsar"),
        ([("a", "pulsar", TEN), ("a", "withdrawn", NOON), ("a", "not", ONE)], {"a": "not"}, "not"),
        ([("a", "pulsar", TEN), ("b", "NOT", NOON)], {"a": "pulsar", "b": "not"}, "not"),
        ([("b", "NOT", TEN), ("a", "pulsar", "2026-11-26T12:00:00+05:00"), ("a", "unsure", NOON)],
         {"b": "not", "a": "unsure"}, "not"),
    ],
)  # fmt: skip
def test_files_that_are_joined_in_any_order_say_the_same(
    words: Any, values: dict[str, str], settled_as: str
) -> None:
    said = [
        statement(v.lower(), who=who, when=when, resolves=v.isupper()) for who, v, when in words
    ]
    for joined in permutations(said):
        (one,) = current(Labels(joined)).values()
        assert {who: word.value for who, word in one.words.items()} == values
        assert one.value == settled_as


def test_of_words_of_one_moment_the_later_in_the_file_was_said_later() -> None:
    said = [statement(value, when=TEN) for value in ("not", "pulsar", "not", "withdrawn")]
    (one,) = current(Labels(tuple(said))).values()
    assert one.value == "pulsar"


def test_what_is_taken_back_whole_is_as_if_never_said() -> None:
    assert standing(("a", "pulsar"), ("a", "withdrawn"), ("a", "withdrawn")) is None


WORD = st.sampled_from(["pulsar", "not", "unsure", "withdrawn"])


@given(st.lists(st.tuples(st.sampled_from("abc"), WORD, st.integers(0, 2))))
def test_of_each_person_the_last_word_stands_that_was_not_taken_back(said: Any) -> None:
    labels = Labels(tuple(statement(v, who=who, of=of) for who, v, of in said))
    stacks: dict[Any, list[str]] = {}
    for who, value, of in said:
        stack = stacks.setdefault((of, who), [])
        if value != "withdrawn":
            stack.append(value)
        elif stack:
            del stack[-1]
    expected = {key: stack[-1] for key, stack in stacks.items() if stack}
    found = {
        (int(one.features[0]), who): word.value
        for one in current(labels).values()
        for who, word in one.words.items()
    }
    assert found == expected


def test_settled_is_what_all_who_are_sure_agree_on() -> None:
    said = [
        statement("pulsar", who="anna", of=1, when="2026-01-01T00:00:00+00:00"),
        statement("pulsar", who="ben", of=1, when="2026-01-02T00:00:00+00:00"),
        statement("unsure", who="carl", of=1),
        statement("not", who="anna", of=2),
        statement("pulsar", who="anna", of=3),
        statement("not", who="ben", of=3),
        statement("unsure", who="ben", of=4),
    ]
    one, other = settled(Labels(tuple(said)))
    assert (one.features, one.is_pulsar, one.n_said) == ((1.0,) * 8, True, 2)
    assert one.when == "2026-01-02T00:00:00+00:00"
    assert (other.features, other.is_pulsar, other.n_said) == ((2.0,) * 8, False, 1)
