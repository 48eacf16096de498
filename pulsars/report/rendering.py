"""How facts become a page: the templates, and both ways out of them.

Whatever a user could have named is escaped by the template engine itself, never by the author of a
template.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pulsars.report import words
from schemas import for_markdown, for_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the page of a training, a sweep and a scoring say alike, as plain JSON-able values.

    Attributes
    ----------
    simulated : bool
        Whether the candidates were drawn, and not observed.
    source : mapping
        ``origin`` (as the user gave it), ``name``, ``sha256``, ``fingerprint``.
    parameters : mapping
        What was asked for.
    code_version : str
        Of this program.
    rows : mapping
        ``read``, ``accepted``, ``quarantined``, and those of each part where there are such.
    """

    simulated: bool
    source: Mapping[str, str]
    parameters: Mapping[str, Any]
    code_version: str
    rows: Mapping[str, int]

    @property
    def mark(self) -> str:
        """What is said behind anything of candidates that are no observed ones."""
        return " (SIMULATED candidates)" if self.simulated else ""


_OURS = Path(__file__).parent / "templates"


def render_html(template: str, *, folder: Path = _OURS, **values: Any) -> str:
    """Fill a page's template; the same values give the same bytes.

    Parameters
    ----------
    template : str
        Its file.
    folder : Path, optional
        Where another room keeps its own, which may include those of reports.
    **values
        What it prints.
    """
    return _environment(folder, _visible).get_template(template).render(**values)


def render_markdown(template: str, **values: Any) -> str:
    """Fill a template of Markdown."""
    return _environment(_OURS, _markdown_escaped).get_template(template).render(**values)


@cache
def _environment(folder: Path, finalize: Callable[[object], object]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, _OURS]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    environment.filters |= words.FILTERS
    return environment


def _markdown_escaped(value: object) -> Markup:
    """Escape whatever an expression prints, so that Markdown reads it as text on one line."""
    return Markup(for_markdown(str(value)))  # noqa: S704 - escaped in this line


def _visible(value: object) -> object:
    """Show what a browser hides of whatever an expression prints; the engine escapes the rest."""
    if isinstance(value, Markup):
        return Markup(for_page(str(value)))  # noqa: S704 - it was marked as HTML before
    return for_page(value) if isinstance(value, str) else value
