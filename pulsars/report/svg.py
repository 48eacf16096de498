"""From a Matplotlib figure to SVG text that several pictures on one page can share.

Words stay words (no glyph outlines), lines and letters take the page's own colour, and the
same drawing gives the same bytes.
"""

from __future__ import annotations

import base64
import html
import io
import re
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

INK = "#010203"
PULSAR = "#d55e00"
NON_PULSAR = "#2b8acb"
"""What is drawn in this colour takes the colour of the text around the picture."""

WIDTH = 4.4  # inches: narrow enough that the words are still legible on a telephone


class Room(NamedTuple):
    """Inches that words need around the axes.

    Known beforehand, they spare every picture two rounds of Matplotlib's layout: half its time.
    """

    left: float = 0.62
    right: float = 0.16
    top: float = 0.32
    bottom: float = 0.52
    between: float = 0.0
    """Between two axes, one above the other."""


_STYLE: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 10,
    "grid.alpha": 0.15,
    "grid.color": INK,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "path.simplify": False,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


_ONE_AT_A_TIME = Lock()
"""Matplotlib's settings are the process's: two pictures drawn at once would be in each other's."""


def draw_svg(
    name: str,
    label: str,
    height: float,
    draw: Callable[[Any], None],
    *,
    room: Room | None = None,
    **panels: Any,
) -> str:
    """Draw on the axes of a fresh figure and give it as an inline ``<svg>``.

    Parameters
    ----------
    name : str
        Prefix of the picture's ids, so that two pictures on a page do not share one.
    label : str
        What the picture shows, for those who cannot see it.
    height : float
        In inches; the width is 4.4.
    draw : callable
        Draws on the axes that it is given: one, or several where there are panels.
    room : Room, optional
        Around the axes; without it Matplotlib finds out.
    **panels
        How many axes there are, and how they stand: as of `matplotlib.figure.Figure.subplots`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    text = io.StringIO()
    with _ONE_AT_A_TIME, rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH, height), layout=None if room else "constrained")
        if room:
            figure.subplots_adjust(
                left=room.left / WIDTH,
                right=1 - room.right / WIDTH,
                top=1 - room.top / height,
                bottom=room.bottom / height,
                hspace=2 * room.between / (height - room.top - room.bottom - room.between),
            )
        draw(figure.subplots(**panels))
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=nothing)
    return _inline(text.getvalue(), name, label)


def data_uri(svg: str) -> str:
    """Give the picture as a ``data:`` address: dark on white, for pages with no colour to lend."""
    opening, rest = svg.split(">", 1)
    sheet = '<rect width="100%" height="100%" fill="#ffffff"/>'
    paper = f"{opening}>{sheet}{rest}".replace("currentColor", "#1b1f24")
    return "data:image/svg+xml;base64," + base64.b64encode(paper.encode()).decode("ascii")


def legend_above(axes: Axes, loc: Literal["lower left", "lower right"] = "lower left") -> None:
    """Name the lines in a row above the picture, where nothing lies below the words.

    From the right they may be longer: there is room above the axis of counts, too.
    """
    anchor = (0 if loc == "lower left" else 1, 1)
    axes.legend(loc=loc, bbox_to_anchor=anchor, ncols=3, borderaxespad=0.2)


def _inline(document: str, name: str, label: str) -> str:
    """Cut a stand-alone document down to its ``<svg>``, with no id but those in use."""
    svg = document[document.index("<svg") :].strip()
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    # Matplotlib's rule for "*" would reach into the page; on the root it is inherited instead.
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    opening = f'<svg role="img" aria-label="{html.escape(label)}" stroke-linejoin="round" '
    return svg.replace(INK, "currentColor").replace("<svg ", opening, 1) + "\n"
