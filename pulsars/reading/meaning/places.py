"""Where the columns of a curve stand: in one row, in the order of the statistics, or in turn."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.names import names_a_curve
from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulsars.reading.cells import Column

RANK = {"mean": 0, "stdev": 1, "skewness": 2, "kurtosis": 2}
"""In which order a curve's statistics stand; of skewness and kurtosis either may be first."""


def stand_apart(reading: Mapping[str, Column]) -> bool:
    """Tell whether one curve's columns all stand before the other's."""
    places = [
        [column.position for name, column in reading.items() if name.startswith(curve)]
        for curve in CURVES
    ]
    return any(max(a, default=-1) < min(b, default=np.inf) for a, b in (places, places[::-1]))


def go_in_turn(reading: Mapping[str, Column]) -> bool:
    """Tell whether the same curve is first with every statistic, and each is in its order."""
    first = {
        column.position < reading[twin(name)].position
        for name, column in reading.items()
        if name.startswith(CURVES[0]) and twin(name) in reading
    }
    return len(first) == 1 and _are_in_order(reading)


def _are_in_order(reading: Mapping[str, Column]) -> bool:
    """Tell whether of each curve what was found stands in the order of the statistics."""
    names = sorted(reading, key=lambda name: reading[name].position)
    ranks = [[rank_of(name) for name in names if name.startswith(curve)] for curve in CURVES]
    return ranks == [sorted(row) for row in ranks]


def stands_in_place(name: str, column: Column, found: Mapping[str, Column]) -> bool:
    """Tell whether a column stands where a feature of that name would, beside its curve's others.

    That is among them; or before or behind them in the order of statistics, and no farther than
    they are from one another or, where not all of them say their curve, than four columns. Then
    any place will do if the others of both stand in no order, as in a table that was shuffled. Two
    names without a curve beside one another, one of each curve, may stand so with both.
    """
    its = others_of(name, found)
    if not its:
        return True
    gap = 1
    if not all(names_a_curve(one.name) for one in its.values()):
        gap = len(RANK)
        rest = {other: one for other, one in found.items() if other != name}
        if not (_are_in_order(rest) and (go_in_turn(rest) or stand_apart(rest))):
            return True
    if _stands_with(its, name, column, gap):
        return True
    both = {other: one for other, one in found.items() if other not in (name, twin(name))}
    pair = (column, found[twin(name)]) if is_beside_its_twin(name, found) else ()
    return any(_stands_with(both, name, one, gap) for one in pair)


def is_beside_its_twin(name: str, found: Mapping[str, Column]) -> bool:
    """Tell whether a column stands next to the other curve's, and neither says its curve."""
    if name not in found or twin(name) not in found:
        return False
    pair = (found[name], found[twin(name)])
    side_by_side = abs(pair[0].position - pair[1].position) == 1
    return side_by_side and not any(names_a_curve(one.name) for one in pair)


def _stands_with(its: Mapping[str, Column], name: str, column: Column, gap: int) -> bool:
    """Tell whether a column stands among others or, in the order of statistics, next to them."""
    places = sorted((one.position, rank_of(other)) for other, one in its.items())
    (first, low), (last, high), at = places[0], places[-1], column.position
    gap = max([gap, *(after[0] - before[0] for before, after in pairwise(places))])
    if at < first:
        return first - at <= gap and rank_of(name) <= low
    return at < last or (at - last <= gap and rank_of(name) >= high)


def others_of(name: str, found: Mapping[str, Column]) -> dict[str, Column]:
    """Those of a feature's curve that were found, without itself."""
    curve = name.partition("_")[0]
    return {one: found[one] for one in found if one.startswith(curve) and one != name}


def twin(name: str) -> str:
    """Give the same statistic of the other curve."""
    curve, _, statistic = name.partition("_")
    return f"{CURVES[curve == CURVES[0]]}_{statistic}"


def rank_of(name: str) -> int:
    """Tell where a feature stands in the order of its curve's statistics."""
    return RANK[name.partition("_")[2]]
