"""The elements of a `.phcx` that are read, told by handlers that refuse whatever can be a trap.

The file is XML that somebody else wrote: a document type, an entity and deep nesting are refused as
soon as they begin, and elements of other names cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from schemas import FoldError, for_name

ROOT = "phcf"
SECTION = "Section"

_DEEPEST = 32
_MOST_SECTIONS = 100
_MOST_CHARACTERS = 4096  # of what is told of a candidate
_READ = frozenset(
    {
        "SourceID", "Telescope", "RA", "Dec", "BandWidth",
        "TopoPeriod", "BaryPeriod", "Period", "Dm",
        "SubIntegrations", "SubBands", "Profile", "DataBlock",
        "PeriodIndex", "DmIndex", "AccnIndex", "JerkIndex",
    }
)  # fmt: skip
"""Elements whose text is kept: of the head, of the best values, and what is drawn."""


@dataclass(frozen=True)
class Element:
    """An element, what it holds, and where it begins."""

    text: str
    attributes: dict[str, str]
    byte: int


@dataclass(frozen=True)
class Part:
    """The head or a section: elements by name, the first of each."""

    name: str = ""
    byte: int = 0
    elements: dict[str, Element] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Give the text of an element; nothing where it is not there."""
        element = self.elements.get(name)
        return element.text.strip()[:_MOST_CHARACTERS] if element else ""


def parse(content: bytes, *, name: str) -> tuple[Part, list[Part]]:
    """Read head and sections.

    Parameters
    ----------
    content : bytes
        XML.
    name : str
        How messages call the file.

    Raises
    ------
    FoldError
        If it is no XML of that kind, or holds what could be a trap.
    """
    reading = _Reading(name)
    try:
        reading.parser.Parse(content, True)  # noqa: FBT003 - expat's own
    except expat.ExpatError as error:
        at = reading.parser.ErrorByteIndex
        what = f"no whole XML ({expat.ErrorString(error.code)})"
        raise FoldError(f"{name}, byte {at:,}: {what}; fetch the file again") from None
    except (ValueError, LookupError) as error:
        if isinstance(error, FoldError):
            raise
        raise FoldError(f"{name}: no XML that can be read ({error})") from None
    return reading.head, reading.sections


class _Reading:
    """Where the parser is: the path of open elements, and the part they belong to."""

    def __init__(self, name: str) -> None:
        self.head = Part()
        self.sections: list[Part] = []
        self._name = name
        self._path: list[str] = []
        self._open: tuple[str, dict[str, str], int] | None = None
        self._pieces: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._trap
        self.parser.EntityDeclHandler = self._trap
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _trap(self, *_told: object) -> NoReturn:
        raise self._error("a document type or an entity, which no such file needs")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and tag != ROOT:
            raise self._error(f"<{for_name(tag)}>, where <{ROOT}> has to be")
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise self._error(f"elements nested {len(self._path)} deep; {_DEEPEST} are read")
        byte = self.parser.CurrentByteIndex
        if self._path == [ROOT, SECTION]:
            if len(self.sections) == _MOST_SECTIONS:
                raise self._error(f"more than {_MOST_SECTIONS} sections")
            self.sections.append(Part(attributes.get("name", "")[:_MOST_CHARACTERS], byte))
        elif tag in _READ:
            self._open, self._pieces = (tag, attributes, byte), []

    def _text(self, text: str) -> None:
        if self._open is not None and self._path[-1] == self._open[0]:
            self._pieces.append(text)

    def _end(self, tag: str) -> None:
        if self._open is not None and tag == self._open[0]:
            _, attributes, byte = self._open
            element = Element("".join(self._pieces), attributes, byte)
            part = self.sections[-1] if SECTION in self._path[1:2] else self.head
            part.elements.setdefault(tag, element)
            self._open = None
        self._path.pop()

    def _error(self, what: str) -> FoldError:
        return FoldError(f"{self._name}, byte {self.parser.CurrentByteIndex:,}: {what}")
