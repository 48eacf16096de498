"""A person's name is one that others can see, written one way."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pulsars.review.asked import Person


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  민지   Kim ", "민지 Kim"),
        ("A\u030angstro\u0308m", "\u00c5ngstr\u00f6m"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_name_is_kept_as_it_is_read(given: str, kept: str) -> None:
    assert Person(who=given).who == kept


@pytest.mark.parametrize(
    "name",
    [
        "\u200b",
        "Ann\u200b",
        "A\u00adnn",
        "Ann\u202e",
        "\u200d",
        "\ufeffAnn",
        "a\0b",
        "Ann\u200d",
        "A\u200cnn",
        "Ann\u3164",
        "\u3164",
        "\u2800",
        "\u115f",
        "A\u034fnn",
        "Ann\ufe0f",
        "Ann\u180b",
        "Ann\U000e0100",
    ],
)
def test_letters_that_cannot_be_seen_make_no_name_of_its_own(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be seen"):
        Person(who=name)


def test_no_name_is_no_name() -> None:
    with pytest.raises(ValidationError, match="1 to 80 characters, this one 0"):
        Person(who=" ")
