"""The picture of a history: how good the runs are, and below it how the files drift.

One axis of time for all of it, so that a fall in quality and a drift stand above each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pulsars.report.svg import INK, NON_PULSAR, PULSAR, draw_svg
from pulsars.store import History, RunFact
from slp import LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

TOP = 1.0
"""Where the axis of drift ends: what lies above is drawn on the edge, or limits would vanish."""


DRIFT_MARKS = {
    "ok": ("o", "none", "ok"),
    "too few": ("+", NON_PULSAR, "too few rows to tell"),
    "watch": ("^", NON_PULSAR, "watch"),
    "stop": ("s", PULSAR, "stop, scored all the same"),
}
"""Shape, filling and words of each level."""


_MINUTE = 1 / 1440  # of a day


_MEASURES = {"average_precision": "average precision", "f1": "F1"}


def history_chart(history: History) -> str:
    """Draw test average precision, test F1 and drift over time.

    Parameters
    ----------
    history : History
        With at least one run, file or refusal.
    """

    def draw(panels: Sequence[Axes]) -> None:
        *measures, drift = panels
        for axes, (name, words) in zip(measures, _MEASURES.items(), strict=True):
            _draw_runs(axes, history, name)
            axes.set_ylabel(words)
        _draw_drift(drift, history)
        for axes in panels:
            _draw_reigns(axes, history)
        _name_the_marks(panels)
        _lay_out_time(drift, history)

    label = (
        f"Over time: average precision and F1 of {len(history.runs)} runs, "
        f"{len(history.reigns)} changes of champion, and the largest PSI of "
        f"{len(history.scored)} scored files"
    )
    return draw_svg("history", label, 6.6, draw, nrows=3, sharex=True, height_ratios=(3, 3, 2.4))


def days(text: str) -> float:
    """Count the days from 1970, as Matplotlib does, to a moment in ISO 8601."""
    return datetime.fromisoformat(text).timestamp() / 86_400


def _draw_runs(axes: Axes, history: History, measure: str) -> None:
    champion = history.champion.run if history.champion else None
    sound = [run for run in history.runs if not run.failing]
    groups: tuple[tuple[str, str, str, float, list[RunFact]], ...] = (
        ("other run", "o", NON_PULSAR, 4, [r for r in sound if not r.reigned]),
        ("not all proofs hold", "x", INK, 6, [r for r in history.runs if r.failing]),
        ("was champion", "D", PULSAR, 5, [r for r in sound if r.reigned]),
        ("champion now", "*", PULSAR, 14, [r for r in history.runs if r.run == champion]),
    )
    for words, marker, color, size, runs in groups:
        _draw_group(axes, runs, measure, label=words, marker=marker, color=color, markersize=size)


def _draw_group(axes: Axes, runs: Sequence[RunFact], measure: str, **style: Any) -> None:
    found = [(days(run.at), getattr(run, measure)) for run in runs]
    known = [(at, it) for at, it in found if it["value"] is not None]
    if not known:
        return
    for at, it in known:
        if it["low"] is not None and it["high"] is not None:
            ends = [it["low"], it["high"]]
            axes.plot([at, at], ends, color=style["color"], linewidth=1, alpha=0.6)
    times, values = zip(*((at, it["value"]) for at, it in known), strict=True)
    axes.plot(times, values, linestyle="none", **style)


def _draw_drift(axes: Axes, history: History) -> None:
    for level, limit, style, va in zip(
        ("watch", "stop"), LIMITS["psi"], ("--", "-"), ("top", "bottom"), strict=True
    ):
        axes.axhline(limit, color=INK, linewidth=0.9, linestyle=style, alpha=0.7)
        axes.annotate(
            level, (1, limit), xycoords=("axes fraction", "data"),  # beside all that is drawn
            xytext=(3, -3 if va == "bottom" else 3), textcoords="offset points",
            ha="left", va=va, fontsize=8,
        )  # fmt: skip
    for level, (marker, inside, words) in DRIFT_MARKS.items():
        found = [one for one in history.scored if one.drift == level]
        _marks(
            axes, [one.at for one in found], [min(one.psi, TOP) for one in found],
            label=words, marker=marker, color=PULSAR if level == "stop" else NON_PULSAR,
            markerfacecolor=inside,
        )  # fmt: skip
    refused = [one.at for one in history.rejected if one.error == "DriftError"]
    _marks(
        axes, refused, [TOP] * len(refused), label="stop, refused", marker="X", color=PULSAR,
        markerfacecolor=PULSAR,
    )  # fmt: skip
    axes.set(ylim=(-0.04, TOP + 0.04), ylabel="largest PSI")
    axes.set_yticks([0, 0.5, TOP], ["0", "0.5", f"≥ {TOP:g}"])


def _marks(axes: Axes, times: Sequence[str], values: Sequence[float], **style: Any) -> None:
    if times:
        found = [days(at) for at in times]
        axes.plot(found, values, linestyle="none", markersize=6, clip_on=False, **style)


def _draw_reigns(axes: Axes, history: History) -> None:
    for place, reign in enumerate(history.reigns):
        axes.axvline(
            days(reign.since),
            color=INK, linewidth=1, linestyle=":", alpha=0.8, zorder=0,
            label="change of champion" if place == 0 else None,
        )  # fmt: skip


def _name_the_marks(panels: Sequence[Axes]) -> None:
    """Name each mark once, whichever panels it is drawn in."""
    named: dict[str, Artist] = {}
    for axes in panels:
        for handle, words in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(words, handle)
    panels[0].figure.legend(
        named.values(), named.keys(), loc="outside lower left", ncols=2, fontsize=8.5
    )  # fmt: skip


def _lay_out_time(axes: Axes, history: History) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    times = [one.at for one in history.runs] + [one.at for one in history.scored]
    times += [one.at for one in history.rejected] + [one.since for one in history.reigns]
    first, last = days(min(times)), days(max(times))
    margin = (last - first) / 20 or _MINUTE
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_xlim(first - margin, last + margin)
    axes.set_xlabel("time (UTC)", loc="left")  # at the right end stands what all ticks have alike
