"""The ways out: how what came from outside goes to a terminal, a page, a CSV, a log.

A name, a cell, a file's name, an address and another library's message were written by somebody
else. Each of them passes one function of this module on its way out, and none of them is trusted
to be harmless. All are pure, take linear time and leave ordinary text of any language as it is.
"""

from __future__ import annotations

import json
import re

VALUE_LIMIT = 200
"""Characters of a quoted value or a name."""

PLACE_LIMIT = 500
"""Characters of a path or an address in a message, and of a row."""

PATH_LIMIT = 4_096
"""Characters of a path in a table: the longest that a system opens has as many bytes."""

MESSAGE_LIMIT = 2_000
"""Characters of a message."""

# C0 but tab and line feed, DEL, C1; what turns the direction of a line; what ends one unseen;
# halves of a character, which no encoding can write; what is shown as nothing or as a blank:
# fillers, formats, tags. Joiners and variation selectors are not among it, for words need them.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u2028\u2029"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_IN_LINES = re.compile(f"[{_UNSEEN}]")
_IN_ONE_LINE = re.compile(f"[{_UNSEEN}\t\n]")
_IN_CSV = re.compile(f"[{_UNSEEN}\n]")
_LONG = {r"\t": "\t", r"\n": "\n", r"\r": "\r"}
_MADE_VISIBLE = re.compile(r"\\(?:[tnr]|x([0-9a-f]{2})|u([0-9a-f]{4})|U(000[0-9a-f]{5}))")

# Possessive, so that a long row that is no list of numbers is left at once.
_NUMBER = r"[+-]?(?:[0-9]++(?::[0-9]++){0,2}+(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+"
_NUMBERS = re.compile(rf"\s*+{_NUMBER}(?:[\s,;|]++{_NUMBER})*+[\s,;|]*+")
_BEFORE_FORMULA = re.compile(r"[\s\"]*+")
_FORMULA = frozenset("=+-@＝＋－＠")
_SEPARATORS = re.compile(r"([;\t])")

_MARKDOWN = re.compile(r"[\\`*\[\]<>|&~]")
_LINKED = re.compile(r":(?=//)|(?<=www)\.(?::(?=//))?|@+", re.IGNORECASE)

_NEXT_OF_CHAIN = re.compile(r"::(?=[A-Za-z0-9+.-]*+:[:/])")
_SCHEME = re.compile(r"[A-Za-z0-9+.-]*+$")
_CONTAINER_FIRST = frozenset({"abfs", "abfss", "wasb", "wasbs"})  # what is before @ is a place
_WITHOUT_QUERY = frozenset({"s3", "s3a", "file"})  # all that follows the bucket is the key, but
# where other programs take a store's keys: ?s3_secret_access_key=WORD
_STORE_QUERY = re.compile(r"(?!\?versionId=[^?&]+$)\?[\w.-]+=", re.ASCII)
_AUTHORITY = re.compile(r"://([^/?#]*+)")
_HOST = re.compile(r"(\[[^\]]*+\]?|[^:\[]*+)(:[0-9]*+)?+")


def for_terminal(text: str, *, lines: bool = False) -> str:
    r"""Make what a terminal would obey, or hide, visible: ``\x1b``, ``\u202e``.

    Parameters
    ----------
    text : str
        Whatever it holds.
    lines : bool
        Keep tabs and line feeds. Otherwise the result is one line.

    Returns
    -------
    str
        No control character, no mark that turns the direction, nothing that cannot be encoded.
    """
    return (_IN_LINES if lines else _IN_ONE_LINE).sub(_visible, text)


def for_page(text: str) -> str:
    """Make visible what a browser hides; escaping HTML is the template engine's."""
    return for_terminal(text, lines=True)


def for_log(text: str) -> str:
    """Make one line of bounded length: for a log, an event, a message."""
    return shortened(for_terminal(text), MESSAGE_LIMIT)


def for_name(text: str) -> str:
    """Make a quoted value or a name: one line of bounded length."""
    return shortened(for_terminal(text))


def for_place(text: str) -> str:
    """Make a path or an address for a message: one line, no credentials, bounded."""
    return shortened(for_table(text), PLACE_LIMIT)


def for_table(text: str) -> str:
    """Make a path or an address for a record or a table, where it is looked up: as it is, whole."""
    return for_terminal(without_credentials(text))


def for_csv(cell: str) -> str:
    r"""Make a cell that no spreadsheet takes for a formula.

    Spreadsheets read ``=``, ``+``, ``-`` and ``@`` as the start of one, also after blanks and
    quotes; an apostrophe before them makes it text. The same goes for what follows a semicolon or
    a tab: where one of them separates cells, what is written as one cell is opened as many, and
    quotes around it are not heeded. Numbers, rows of them, and sexagesimal positions such as
    ``-45:10:34`` stay as they are.
    """
    cell = _IN_CSV.sub(_visible, cell)
    if _NUMBERS.fullmatch(cell):
        return f"'{cell}" if cell.startswith("\t") else cell
    first, *others = _SEPARATORS.split(cell)
    mark = "'" if cell.startswith("\t") or _is_formula(cell) else ""
    return mark + first + "".join(f"'{one}" if _is_formula(one) else one for one in others)


def _is_formula(cell: str) -> bool:
    start = _BEFORE_FORMULA.match(cell)
    first = cell[start.end() : start.end() + 1] if start else ""
    return first in _FORMULA and not _NUMBERS.fullmatch(cell)


def for_json(text: str) -> str:
    r"""Write in JSON text as ``\u009b`` what a terminal would obey; the values stay the same.

    Parameters
    ----------
    text : str
        A JSON document, in which such characters can only stand in strings.
    """
    return _IN_LINES.sub(lambda found: json.dumps(found[0])[1:-1], text)


def for_markdown(text: str) -> str:
    """Make text that Markdown reads as text, on one line; to be done once.

    Addresses are found in the text that is left when escapes are undone, so what makes one is
    written as code, which parts that text: ``https`:`//host``, ``www`.`host``, ``me`@`host``.
    """
    escaped = _MARKDOWN.sub(r"\\\g<0>", " ".join(for_terminal(text, lines=True).split()))
    return _LINKED.sub(r"`\g<0>`", escaped)


def shortened(text: str, limit: int = VALUE_LIMIT) -> str:
    """Keep the start of a long text, and say how long it was.

    Parameters
    ----------
    text : str
        A value, a name or a message.
    limit : int
        Longest length of the result, at least 40.
    """
    if len(text) <= limit:
        return text
    end = f"… ({len(text):,} characters)"
    return text[: limit - len(end)] + end


def without_credentials(address: str) -> str:
    """Keep of an address what may be published: no user, no password, no query, no fragment.

    In the address of an object, or a file, ``?`` and ``#`` are part of its name; but ``?word=`` of
    an object begins a query, other than the one of its version.

    Parameters
    ----------
    address : str
        An address, also a chained or a malformed one; a path is given back as it is.
    """
    if "://" not in address:
        return address
    return "::".join(_one_without(part) for part in _NEXT_OF_CHAIN.split(address))


def _one_without(address: str) -> str:
    found = _AUTHORITY.search(address)
    if not found:
        return address
    before, authority = address[: found.end(1) - len(found[1])], found[1]
    after = re.split(r"[?#]", address[found.end() :], maxsplit=1)[0]
    user, _, place = authority.rpartition("@")
    named = _SCHEME.search(before.removesuffix("://"))
    scheme = named[0].lower() if named else ""
    if scheme in _WITHOUT_QUERY and not {"@", ":"} & {*authority}:
        return address if scheme == "file" else _STORE_QUERY.split(address, maxsplit=1)[0]
    if scheme in _CONTAINER_FIRST and ":" not in user:
        return before + authority + after
    host = _HOST.match(place)
    if host is None or host.end() < len(place) or (host[2] and scheme in _WITHOUT_QUERY):
        # A port of letters is a password whose own / or ? cut it off from its @.
        return before + (host[1] if host else "")
    return before + place + after


def _visible(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def as_it_was(shown: str) -> str:
    r"""Undo `for_terminal` of a text without a backslash of its own: to try it, never to show it.

    Examples
    --------
    >>> as_it_was(for_terminal("a\x1bb\tc"))
    'a\x1bb\tc'
    """
    return _MADE_VISIBLE.sub(_hidden, shown)


def _hidden(found: re.Match[str]) -> str:
    return _LONG.get(found[0]) or chr(int(found[1] or found[2] or found[3], 16))
