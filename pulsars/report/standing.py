"""Where a candidate's value stands among the training rows, drawn in the height of a line of text.

Plain SVG without Matplotlib: a page of faces has hundreds of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pulsars.report.svg import NON_PULSAR, PULSAR
from pulsars.report.words import figure, percent, spoken
from slp import Reference

CELLS = 40
"""Bars of a histogram; more are not seen in its width."""
_WIDE, _HIGH, _TOP = 120, 26, 6  # user units: a cell is 3 wide, the mark stands in the top


@dataclass(frozen=True, eq=False)
class Ground:
    """One feature of the training rows, on an axis that is straight only in its middle.

    Attributes
    ----------
    name : str
        Of the feature.
    low, high : float
        The training range, in the units of the feature.
    middle, unit : float
        Median and distance of the quartiles: an axis of arcsinh((value - middle) / unit) shows
        core and tails.
    at : ndarray of shape (51,), float64
        Edges of the reference's bins on that axis, rising.
    below : dict of str to ndarray of shape (51,), float64
        Share of each class at or below each edge, 0 to 1: ``non-pulsars`` and ``pulsars``, or
        ``training rows`` where the classes are not known.
    """

    name: str
    low: float
    high: float
    middle: float
    unit: float
    at: NDArray[np.float64]
    below: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, name: str, reference: Reference, column: int) -> Self:
        """Take one feature out of a reference."""
        low, high = float(reference.low[column]), float(reference.high[column])
        edges = np.array([low, *reference.edges[column], high])
        first, middle, third = np.quantile(edges, (0.25, 0.5, 0.75))
        unit = float(third - first) or (high - low) or 1.0
        counts = reference.counts[:, column]
        named = ("non-pulsars", "pulsars") if reference.knows_classes else ("training rows",)
        below = {
            kind: np.append(0.0, np.cumsum(some)) / some.sum()
            for kind, some in zip(named, counts, strict=True)
        }
        at = np.arcsinh((edges - middle) / unit)
        return cls(name, low, high, float(middle), unit, at, below)

    def place(self, value: float) -> float:
        """Give where a value lies on the axis, 0 at the lowest training row and 1 at the highest.

        What lies beyond is at the end.
        """
        with np.errstate(over="ignore"):
            at = float(np.arcsinh((np.float64(value) - self.middle) / self.unit))
        wide = self.at[-1] - self.at[0]
        share = (at - self.at[0]) / wide if wide else 0.5
        return min(max(share, 0.0), 1.0)

    def beyond(self, value: float) -> str:
        """Say on which side of the training range a value lies; empty where it lies within."""
        return "below all" if value < self.low else "above all" if value > self.high else ""

    def share_below(self, kind: str, value: float) -> float:
        """Give the share of a class at or below a value, 0 to 1, by its bin and the place in it."""
        if value < self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        at = self.at[0] + self.place(value) * (self.at[-1] - self.at[0])
        return float(np.interp(at, self.at, self.below[kind]))

    def median(self, kind: str) -> float:
        """Give the median of a class, by its bin and the place in it, in units of the feature."""
        at = np.interp(0.5, self.below[kind], self.at)
        return float(self.middle + self.unit * np.sinh(at))

    def heights(self, kind: str) -> NDArray[np.float64]:
        """Give the share of a class in each cell of the axis, shape (`CELLS`,); their sum is 1."""
        cells = np.linspace(self.at[0], self.at[-1], CELLS + 1)
        up_to = np.interp(cells, self.at, self.below[kind])
        up_to[0], up_to[-1] = 0.0, 1.0  # equal edges at an end have one place for several shares
        found: NDArray[np.float64] = np.diff(up_to)
        return found

    @cached_property
    def drawn(self) -> str:
        """Draw the classes as SVG paths, each as high as its own highest cell."""
        paths = [f'<path fill="currentColor" fill-opacity=".1" d="M0 {_HIGH}h{_WIDE}v-1H0z"/>']
        for kind in self.below:
            share = self.heights(kind)
            steps = np.rint((1 - share / share.max()) * (_HIGH - _TOP)).astype(int) + _TOP
            width = _WIDE // CELLS
            outline = "".join(
                f"V{step}h{width}" if change else f"h{width}"
                for step, change in zip(steps, np.diff(steps, prepend=_HIGH), strict=True)
            )
            paths.append(f'<path {_PAINT[kind]} d="M0 {_HIGH}{outline}V{_HIGH}"/>')
        return "".join(paths)


_PAINT = {
    "non-pulsars": f'fill="{NON_PULSAR}" fill-opacity=".45"',
    "training rows": f'fill="{NON_PULSAR}" fill-opacity=".45"',
    "pulsars": f'fill="none" stroke="{PULSAR}" vector-effect="non-scaling-stroke"',
}
"""Filled or outlined, so that no reading depends on colour alone."""


def draw_feature(ground: Ground) -> dict[str, str]:
    """Draw a feature by class, alone, for a figure of its own.

    Returns
    -------
    dict
        ``name``, ``svg``, ``label`` for those who cannot see it, ``low`` and ``high``, the ends of
        the axis, and ``medians`` in words.
    """
    medians = ", ".join(f"{kind} {figure(ground.median(kind))}" for kind in ground.below)
    return {
        "name": ground.name,
        "label": f"Distribution of {spoken(ground.name)} by class; medians: {medians}",
        "svg": f'<svg aria-hidden="true" preserveAspectRatio="none" '
        f'viewBox="0 {_TOP - 1} {_WIDE} {_HIGH - _TOP + 2}">{ground.drawn}</svg>',
        "low": figure(ground.low),
        "high": figure(ground.high),
        "medians": medians,
    }


def draw_standing(ground: Ground, value: float) -> str:
    """Mark a value on its ground: an inline ``<svg>`` that says the same to who cannot see it.

    Parameters
    ----------
    ground : Ground
        Of the feature.
    value : float
        Of the candidate, finite.
    """
    x = round(ground.place(value) * _WIDE, 1)
    mark = f"M{x:g} {_HIGH}V0M{x - 3:g} 0h6l-3 5z"
    return (
        f'<svg role="img" aria-label="{standing_words(ground, value)}" '
        f'preserveAspectRatio="none" viewBox="-4 -1 {_WIDE + 8} {_HIGH + 2}" '
        f'width="{_WIDE + 8}" height="{_HIGH + 2}">{ground.drawn}'
        f'<path fill="currentColor" stroke="currentColor" stroke-width="1.2" d="{mark}"/></svg>'
    )


def standing_words(ground: Ground, value: float) -> str:
    """Say where a value stands among the training rows."""
    name = spoken(ground.name)
    if beyond := ground.beyond(value):
        return f"{name} lies {beyond} training rows"
    shares = [f"{percent(ground.share_below(k, value), 0)} of the {k}" for k in ground.below]
    return f"{name} is at or above {' and '.join(shares)}"
