"""How a label may be spelled: what is known, and what a user says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from schemas import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KNOWN = "0/1, Yes/No, true/false and pulsar/not_pulsar"

_UNSEEN = str.maketrans("", "", " \t\u00a0-\u2010\u2011\u2012\u2013_")
"""Blanks, dashes and underscores. Any other mark may say "not", "perhaps" or "commented out"."""


@dataclass(frozen=True)
class Encoding:
    """How a label is spelled: numbers by value; in words case, blanks and dashes do not count.

    Attributes
    ----------
    name : str
        What reports call it: non-pulsar before the slash, pulsar behind it.
    not_pulsar, pulsar : tuple of str
        Words and numbers that say so.
    known : bool
        Whether it is read so without the user's word.
    """

    name: str
    not_pulsar: tuple[str, ...]
    pulsar: tuple[str, ...]
    known: bool = False

    @property
    def in_words(self) -> bool:
        """Whether not all of it is numbers."""
        return any(number_in(word) is None for word in (*self.not_pulsar, *self.pulsar))

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what JSON kept."""
        sides = tuple(kept["not_pulsar"]), tuple(kept["pulsar"])
        return cls(kept["name"], *sides, known=kept.get("known", False))


WORDS = Encoding("not pulsar/pulsar", ("not pulsar", "non-pulsar"), ("pulsar",), known=True)
ENCODINGS = (
    Encoding("0/1", ("0",), ("1",), known=True),
    Encoding("no/yes", ("no",), ("yes",), known=True),
    Encoding("false/true", ("false",), ("true",), known=True),
    WORDS,
)


def asked_encoding(pulsar: Sequence[str], not_pulsar: Sequence[str]) -> Encoding | None:
    """Give what a user says that the label's values mean; None where nothing is said.

    Raises
    ------
    ParameterError
        One of both is missing, or a value is empty or stands on both sides.

    Examples
    --------
    >>> asked_encoding(["2"], ["1"]).name
    '1/2'
    """
    if not pulsar and not not_pulsar:
        return None
    if not pulsar or not not_pulsar:
        raise ParameterError(
            "--pulsar-is and --not-pulsar-is go together: a value that neither names is no label"
        )
    sides = [{meant(word) for word in words} for words in (not_pulsar, pulsar)]
    if shared := sides[0] & sides[1]:
        raise ParameterError(
            f"--pulsar-is and --not-pulsar-is both name '{shared.pop()}'; a value says one of them"
        )
    if "" in sides[0] | sides[1]:
        raise ParameterError("--pulsar-is or --not-pulsar-is names blanks, no value")
    name = "/".join(", ".join(words) for words in (not_pulsar, pulsar))
    return Encoding(name, tuple(not_pulsar), tuple(pulsar))


def meant(text: str) -> float | str:
    """Give what a label's cell says: a number, or a word without what does not count in it.

    A dash that stands alone is the word: some write ``+`` and ``-``.
    """
    number = number_in(text)
    if number is not None:
        return number
    return text.lower().translate(_UNSEEN) or text.strip()


def number_in(text: str) -> float | None:
    """Read a finite number; None for a word."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
