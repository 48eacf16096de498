"""The page of a history: a pure function of `pulsars.store.history.History`.

Its picture shows how good the runs are, and below it how the files drift: one axis of time for all
of it, so that a fall in quality and a drift stand above each other.
"""

from __future__ import annotations

from dataclasses import replace

from pulsars.report.history_chart import history_chart
from pulsars.report.rendering import render_html
from pulsars.report.words import counted, when, whole
from pulsars.store import History
from slp import LIMITS

MOST = 500
"""Of each kind the page shows the newest so many; nobody reads more, and a browser has to."""

FLATTERY = 0.003
"""Average precision by which a champion seems better for having been the luckiest of 50 equals, at
the most: measured on 700 rows that stay the same by `benchmarks/audit/nights.py`."""


def render_history(history: History, *, root: str = ".") -> str:
    """Write the page: one self-contained HTML document without a script.

    Parameters
    ----------
    history : History
        Everything that happened.
    root : str, optional
        The way from the page to the artifact root, for the links to the pages below it.
    """
    shown = newest(history)
    anything = shown.runs or shown.reigns or shown.scored or shown.rejected
    return render_html(
        "history.html.j2",
        history=history,
        root=root,
        shown=shown,
        most=MOST,
        headline=headline(history),
        chart=history_chart(shown) if anything else None,
        flattery=FLATTERY,
        limits=LIMITS["psi"],
        when=when,
    )


def newest(history: History) -> History:
    """Keep the newest `MOST` of each kind."""
    return replace(
        history,
        runs=history.runs[-MOST:],
        reigns=history.reigns[-MOST:],
        scored=history.scored[-MOST:],
        rejected=history.rejected[-MOST:],
    )


def headline(history: History) -> str:
    """Say in a sentence or two who is champion since when, and what there was to do."""
    reign = history.champion
    who = f"{reign.run} is champion since {when(reign.since)} UTC." if reign else "No champion yet."
    return (
        f"{who} {counted(len(history.runs), 'run')} published, "
        f"{counted(len(history.scored), 'file')} scored, "
        f"{whole(len(history.rejected))} rejected."
    )
