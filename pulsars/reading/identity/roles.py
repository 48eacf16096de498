"""What a column says of which candidate a row is: by the words of its name, or by its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pyarrow.compute as pc

from pulsars.reading.names import names_a_statistic, names_another_statistic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulsars.reading.cells import Column

Role = Literal["name", "path", "comment", "id", "ra", "dec", "period", "dm", "snr", "fold", "other"]

ROLES: tuple[Role, ...] = (
    "name", "path", "comment", "id", "ra", "dec", "period", "dm", "snr", "fold", "other",
)  # fmt: skip
"""What a carried column is, in the order in which they name a candidate."""

_WORDS: dict[Role, frozenset[str]] = {
    "ra": frozenset({"ra", "raj", "rajd", "ascension"}),
    "dec": frozenset({"dec", "decj", "decjd", "de", "dej", "dejd", "decl", "declination"}),
    "period": frozenset({"period", "periods", "p", "p0"}),
    "dm": frozenset({"dm", "dispersion"}),
    "snr": frozenset({"snr", "sn"}),
    "name": frozenset({"name", "names", "source", "src", "psr", "jname", "bname", "object"}),
    "path": frozenset(
        {"path", "file", "filename", "fname", "filepath", "png", "image"}
        | {"url", "link", "pfd", "phcx"}
    ),
    "id": frozenset(
        {"id", "ids", "objid", "identifier", "cand", "candidate", "candidates", "uuid"}
    ),
}
_BESIDE = frozenset(
    re.findall(
        "[a-z0-9]+",
        "best opt optimal optimised topo topocentric bary barycentric bc fold folded fft spin "
        "initial refined value of the trial true right measure ms s sec secs seconds pc cc cm cm3 "
        "deg degs degrees h hr hrs hours hms dms j2000 j icrs src source psr pulsar cand candidate "
        "known catalogue catalog beam centre center",
    )
)
"""Words that may stand beside the name of a quantity: with any other it is a quantity of its own,
such as an error."""
_QUANTITIES: tuple[Role, ...] = ("ra", "dec", "period", "dm", "snr")
_OF_A_NAME = _WORDS["name"] | _WORDS["id"] | _BESIDE
_OF_MANY = frozenset({"beam", "beams", "pointing", "field", "filterbank", "fil"})
"""What many candidates come from: its name and its file say where a candidate is, not who."""

_TOKEN = re.compile(r"(?:RA|DE)(?=deg)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PATH = r"[/\\]|\.(phcx|pfd|ar|png|ps|pdf|fits?|fil|cand)(\.gz)?$"
PULSAR_NAME = r"^(PSR[ _]?)?[JB]?[0-9]{4}[+-][0-9]{2,4}[A-Za-z]{0,2}$"
"""As the catalogue writes it (Manchester et al. 2005): J0437-4715, B1937+21, 1913+16."""
_SIGN = "DE-"
"""Of a declination in parts (DE-, DEd, DEm, DEs), as the CDS writes it: none on its own."""
_LOOKED_AT = 1000


def role_by_name(name: str | None) -> Role | None:
    """Tell by its words what a column says of a candidate; None where they say nothing.

    Examples
    --------
    >>> [role_by_name(name) for name in ("RAJ", "Period (ms)", "S/N", "cand_file", "dm_err")]
    ['ra', 'period', 'snr', 'path', None]
    >>> role_by_name("beam_name")
    'id'
    """
    if not name or name == _SIGN or names_a_statistic(name) or names_another_statistic(name):
        return None
    words = _words(name)
    for role in _QUANTITIES:
        if any(word in _WORDS[role] for word in words) and all(
            word in _WORDS[role] | _BESIDE for word in words
        ):
            return role
    if _OF_MANY & set(words):
        return "id" if (_WORDS["name"] | _WORDS["path"] | _WORDS["id"]) & set(words) else None
    if "path" not in words and _WORDS["name"] & set(words) and set(words) <= _OF_A_NAME:
        return "name"
    for role in ("path", "id"):
        if _WORDS[role] & set(words):
            return role
    return "id" if {"name", "names"} & set(words) else None


def n_words(name: str | None) -> int:
    """Count the words of a column's name: of two periods the plainer name is the period."""
    return len(_words(name or ""))


def _words(name: str) -> list[str]:
    """Split a name; of a letter and a digit only P0 is a period, and no p value is one."""
    said = " ".join(word.lower() for word in _TOKEN.findall(name))
    said = re.sub(r"\bs n\b", "sn", said)
    said = re.sub(r"\bp (\d|value)", r"p\1", said)
    return [word for word in said.split() if not word.isdigit()]


def half_a_position(roles: Iterable[str], *, of: str) -> tuple[str, ...]:
    """Say that a right ascension or a declination stands alone, and so no position is there."""
    words = {"ra": "right ascension", "dec": "declination"}
    there = words.keys() & set(roles)
    if len(there) != 1:
        return ()
    (found,), (lacking,) = there, words.keys() - there
    note = (
        f"{of} has a column of the {words[found]} and none of the {words[lacking]}, by their "
        f"names, and so no position; if there is one, call its column {lacking}"
    )
    return (note,)


def role_by_values(column: Column) -> Role | None:
    """Tell a column of paths or of pulsars' names by its texts, most of which have to look so."""
    if not column.is_text:
        return None
    texts = column.take(range(min(len(column.numbers), _LOOKED_AT)))
    filled = pc.sum(pc.greater(pc.utf8_length(texts), 0)).as_py() or 0
    found: tuple[tuple[Role, str], ...] = (("path", _PATH), ("name", PULSAR_NAME))
    for role, pattern in found:
        n_alike = pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0
        if n_alike > filled / 2:
            return "id" if _OF_MANY & {*_words(column.name or "")} else role
    return None
