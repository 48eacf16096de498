"""Memory and time over the number of rows, as a picture and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

_WIDTH = 30


class Point(NamedTuple):
    """What a command took for so many rows, memory above that for few."""

    command: str
    n_rows: int
    seconds: float
    mebibytes: float


def draw(points: Sequence[Point], folder: Path) -> tuple[Path, Path]:
    """Write ``curves.svg`` and ``curves.txt`` to a folder, which is made; give both."""
    folder.mkdir(parents=True, exist_ok=True)
    picture, text = folder / "curves.svg", folder / "curves.txt"
    _picture(points, picture)
    text.write_text(as_text(points), encoding="utf-8")
    return picture, text


def as_text(points: Sequence[Point]) -> str:
    """Give a line a point, with bars that are as long as what they stand for, by command."""
    return "\n".join(_lines(points)) + "\n"


def _lines(points: Sequence[Point]) -> Iterator[str]:
    for command, own in groupby(points, key=lambda point: point.command):
        some = list(own)
        most = [max(point.seconds for point in some), max(point.mebibytes for point in some)]
        yield f"{command:>12} rows  {'seconds':<{_WIDTH + 8}}  MiB more"
        for point in some:
            seconds = f"{point.seconds:7.1f} {_bar(point.seconds, most[0]):<{_WIDTH}}"
            memory = f"{point.mebibytes:7.0f} {_bar(point.mebibytes, most[1])}"
            yield f"{point.n_rows:>17,}  {seconds}  {memory}".rstrip()


def _bar(value: float, most: float) -> str:
    return "#" * round(_WIDTH * max(value, 0.0) / most) if most > 0 else ""


def _picture(points: Sequence[Point], path: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "curves", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 4), layout="constrained")
        time, memory = figure.subplots(1, 2)
        for command, own in groupby(points, key=lambda point: point.command):
            some = list(own)
            rows = [point.n_rows for point in some]
            time.plot(rows, [point.seconds for point in some], marker="o", label=command)
            memory.plot(rows, [point.mebibytes for point in some], marker="o", label=command)
        for axes, label in ((time, "seconds"), (memory, "MiB above 500 rows")):
            axes.set(xscale="log", xlabel="rows", ylabel=label)
            axes.grid(visible=True, alpha=0.3)
            axes.legend()
        time.set_yscale("log")
        figure.savefig(path, metadata={"Date": None})
