"""What the user says of columns: ``--columns``, ``--drop`` and its like, and ``--kurtosis``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from pulsars.reading.meaning.pearson import AUTO, EXCESS, PEARSON
from schemas import FEATURE_NAMES, LABEL, ColumnsError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column


Said: TypeAlias = "str | float | Iterable[str | float] | None"
"""What may be said more than once: a column by its name or position, a label by its value."""


def several(what: str, said: Any) -> tuple[str, ...]:
    """Give what may be said more than once; a plain text is said once, and not its letters.

    Raises
    ------
    ParameterError
        `said` is not of the type `Said`; `what` says what it is.
    """
    if said is None:
        return ()
    if isinstance(said, str | Real):
        return (str(said),)
    no_words = not isinstance(said, Iterable) or isinstance(said, bytes | Mapping)
    words = () if no_words else tuple(said)
    if no_words or not all(isinstance(word, str | Real) for word in words):
        raise ParameterError(f"{what} {said!r} holds neither texts nor numbers alone")
    return tuple(map(str, words))


def known_kurtosis(said: str) -> str:
    """Give the word for a kurtosis, or raise a `ParameterError` where it is none of the three."""
    if said not in (AUTO, EXCESS, PEARSON):
        raise ParameterError(f"--kurtosis {said!r} is none of {AUTO}, {EXCESS} and {PEARSON}")
    return said


def resolve(token: str, columns: Sequence[Column], *, file: str) -> Column:
    """Find the column that a user calls by its name or its position from 1.

    Raises
    ------
    ColumnsError
        No column, or more than one, is called so.
    """
    token = _bare(token)
    named = [(column, _bare(column.name)) for column in columns if column.name is not None]
    exact = [column for column, name in named if name == token]
    loose = [column for column, name in named if name.lower() == token.lower()]
    placed = [c for c in columns if token == str(c.position)]
    found = exact or loose or placed
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{c.position} '{c.name}'" if c.name else str(c.position) for c in columns)
    if found:
        raise ColumnsError(
            f"{file}: {len(found)} columns are called '{token}'; use a position: {there}."
        )
    close = difflib.get_close_matches(token, [c.name for c in columns if c.name], n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    raise ColumnsError(f"{file}: there is no column '{token}'{hint}; there are: {there}.")


def _bare(word: str) -> str:
    return word.strip().strip("'\"").strip()


def parse_columns(text: str | None, columns: Sequence[Column], *, file: str) -> dict[str, Column]:
    """Read the value of ``--columns``: eight or nine sources in canonical order, or pairs.

    Raises
    ------
    ParameterError
        Neither form, an unknown canonical name, or one column used twice.
    ColumnsError
        A source that is not there.
    """
    given: dict[str, Column] = {}
    for name, source in asked_pairs(text):
        column = resolve(source, columns, file=file)
        for other, taken in given.items():
            if column is taken:
                raise ParameterError(
                    f"--columns '{text}' takes {column} for both {other} and {name}; give each a "
                    "column of its own."
                )
        given[name] = column
    return given


def asked_pairs(text: str | None) -> list[tuple[str, str]]:
    """Read the words of ``--columns``: canonical names, each with what a file calls its column.

    Raises
    ------
    ParameterError
        Neither form, an unknown canonical name, or a name or a word that stands there twice.
    """
    if text is None:
        return []
    if not isinstance(text, str):
        raise ParameterError(f"columns {text!r} is no text; write its names with commas between")
    canonical = (*FEATURE_NAMES, LABEL)
    items = [item.strip() for item in text.split(",")]
    if all("=" in item for item in items):
        halves = (item.partition("=") for item in items)
        pairs = [(name.strip(), source.strip()) for name, _, source in halves]
    elif len(items) in (len(FEATURE_NAMES), len(canonical)):
        pairs = list(zip(canonical, items, strict=False))
    else:
        raise ParameterError(
            f"--columns '{text}' has {len(items)} entries; give eight or nine column names or "
            f"positions in the order {', '.join(canonical)}, or pairs such as profile_mean=3."
        )
    said: dict[str, str] = {}
    for name, source in pairs:
        if name not in canonical:
            raise ParameterError(
                f"--columns: '{name}' is no canonical column; they are {', '.join(canonical)}."
            )
        if name in said:
            raise ParameterError(f"--columns '{text}' gives {name} twice; give it one column.")
        for other, word in said.items():
            if word == source:
                raise ParameterError(
                    f"--columns '{text}' takes column '{source}' for both {other} and {name}; give "
                    "each a column of its own."
                )
        said[name] = source
    return pairs
