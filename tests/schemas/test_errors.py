"""An error's message is harmless and bounded, and the error otherwise what it was."""

from __future__ import annotations

import inspect
import pickle

import pytest

from schemas import errors
from schemas.errors import PulsarError
from schemas.outside import MESSAGE_LIMIT

KINDS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PulsarError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_reaches_for_the_terminal(kind: type[PulsarError]) -> None:
    assert str(kind("x\x1b[2J\u202e.csv\nis empty")) == r"x\x1b[2J\u202e.csv\nis empty"


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_has_a_longest_length(kind: type[PulsarError]) -> None:
    said = str(kind("7" * 80_193))
    assert len(said) == MESSAGE_LIMIT
    assert said.endswith("(80,193 characters)")


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_that_went_to_another_process_says_the_same(kind: type[PulsarError]) -> None:
    error = kind("펄서.csv: line 3\x1b[2J, it's \\ odd " + "7" * 3000)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what multiprocessing does
    assert type(again) is kind
    assert (str(again), again.args) == (str(error), error.args)
    assert str(kind(str(error))) == str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_ordinary_words_stay(kind: type[PulsarError]) -> None:
    said = "펄서.csv, line 3: 'é' ≥ 5\u00a0% — repair it, or --max-quarantine 0.3"
    assert str(kind(said)) == said
