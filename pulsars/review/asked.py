"""What a page sends when somebody presses a key: nothing in it is trusted."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas import MAX_WHO, Record, Word, for_terminal

_VARIANT = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What chooses a form of the letter before it; all else that is shown as nothing
`schemas.for_terminal` knows."""

_JOINER = re.compile("(?<=[^\\x00-\\x7f])[\u200c\u200d](?=[^\\x00-\\x7f])")
"""Within a word some scripts need it; beside Latin letters it is nothing that can be seen."""


def _spelled(name: str) -> str:
    """Write a person's name one way, whichever keyboard wrote it."""
    spelled = " ".join(unicodedata.normalize("NFC", name).split())
    bare = _JOINER.sub("", spelled)
    formats = any(unicodedata.category(letter) == "Cf" for letter in bare)
    if formats or _VARIANT.search(bare) or for_terminal(spelled) != spelled:
        raise ValueError("holds characters that cannot be seen")
    if not 1 <= len(spelled) <= MAX_WHO:
        raise ValueError(f"a name has 1 to {MAX_WHO} characters, this one {len(spelled)}")
    return spelled


Who = Annotated[str, AfterValidator(_spelled)]
"""A person's name, as a word takes it."""


class Person(Record):
    """Who begins to look, before a word is said.

    Attributes
    ----------
    who : str
        The name that they give.
    """

    who: Who


class Asked(Record):
    """A word to be put on disk.

    Attributes
    ----------
    id : str
        Made by the page: sent again, it is known.
    who : str
        The person.
    value : {"pulsar", "not", "unsure", "withdrawn"}
    candidate : str or None
        Of whom; None with "withdrawn".
    resolves : bool
        Whether it settles what people differ about.
    """

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    who: Who
    value: Word
    candidate: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    resolves: bool = False
