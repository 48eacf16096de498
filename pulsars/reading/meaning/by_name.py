"""Which features the header names: by statistic and curve, and by place where a curve is unsaid."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, get_args

import numpy as np

from pulsars.reading.names import is_label_name, names_a_curve, names_another_statistic, said_by
from schemas import CURVES, FEATURE_NAMES, ColumnsError, Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve

_Said = tuple["Column", "Curve | None", "Statistic | None"]
"""A column, and what its name says of it."""

_RANK = {"mean": 0, "stdev": 1, "skewness": 2, "kurtosis": 2}
"""In which order a curve's statistics stand; of skewness and kurtosis either may be first."""


def find_by_name(columns: Sequence[Column], *, file: str) -> dict[str, Column]:
    """Find the features whose columns say what they are.

    A name without a curve, such as ``SD``, is the profile's when another column names the DM
    curve for the same statistic, and the other way round. Of two such names each is of the curve
    that it leaves in one piece, or whose turn it is where the curves alternate, and the first the
    profile's where no name says a curve. But what stands apart from its curve, as a candidate's
    ``sigma`` does, is left for the values to tell.

    Raises
    ------
    ColumnsError
        Two columns with different values say that they are the same feature, or one says so that
        stands apart where another statistic stands.
    """
    said: list[_Said] = [(column, *said_by(column.name)) for column in columns if column.name]
    named: dict[str, Column] = {}
    for column, curve, statistic in said:
        if curve and statistic:
            first = named.setdefault(f"{curve}_{statistic}", column)
            if not np.array_equal(column.numbers, first.numbers, equal_nan=True):
                raise ColumnsError(
                    f"{file}: {first} and {column} both say that they are {curve}_{statistic} and "
                    "differ; leave one out with --drop, or choose with --columns."
                )
    found = {**named, **_without_a_curve(named, said)}
    found |= _among(found, said)
    found = {name: found[name] for name in FEATURE_NAMES if name in found}
    return _beside_their_curve(found, said, file=file)


def _without_a_curve(named: Mapping[str, Column], said: Sequence[_Said]) -> dict[str, Column]:
    """Give names without a curve to the curves that other names and their places leave them."""
    lone: dict[str, Column] = {}
    pairs: list[tuple[list[str], list[Column]]] = []
    for statistic in get_args(Statistic):
        bare = [column for column, curve, one in said if curve is None and one == statistic]
        names = [f"{curve}_{statistic}" for curve in CURVES]
        names = [name for name in names if name not in named]
        if len(bare) == len(names) == 1:
            lone[names[0]] = bare[0]
        elif len(bare) == len(names) == len(CURVES):
            pairs.append((names, bare))
    ways = [
        {
            name: column
            for (names, bare), turn in zip(pairs, turns, strict=True)
            for name, column in zip(names, bare[::turn], strict=True)
        }
        for turns in product((1, -1), repeat=len(pairs))
    ]
    if not named or not pairs:
        return {**lone, **ways[0]}
    near = {name: one for name, one in lone.items() if stands_in_place(name, one, named)}
    for tell in (stand_apart, _go_in_turn):
        for beside in (lone, near):  # a stranger's, that stands apart, leaves no curve in one piece
            whole = [way for way in ways if tell({**named, **beside, **way})]
            if len(whole) == 1:
                return {**lone, **whole[0]}
    return lone


def _among(found: Mapping[str, Column], said: Sequence[_Said]) -> dict[str, Column]:
    """Find what alone of several such names stands in its place in the row of the other three."""
    own: dict[str, Column] = {}
    for name in FEATURE_NAMES:
        its = sorted((one.position, _rank(other)) for other, one in _others(name, found).items())
        if name in found or len(its) < len(_RANK) - 1:
            continue
        bare = [one for one, curve, stat in said if curve is None and name.endswith(f"_{stat}")]
        rows = [(one, sorted([*its, (one.position, _rank(name))])) for one in bare]
        ranked = [(one, [rank for _, rank in row], row[-1][0] - row[0][0]) for one, row in rows]
        placed = [one for one, ranks, long in ranked if ranks == sorted(ranks) and long <= len(its)]
        own |= {name: placed[0]} if len(placed) == 1 else {}
    # What completes one curve alone may as well be the other's, of a pair behind both.
    return {name: one for name, one in own.items() if twin(name) in {**found, **own}}


def stand_apart(reading: Mapping[str, Column]) -> bool:
    """Tell whether one curve's columns all stand before the other's."""
    places = [
        [column.position for name, column in reading.items() if name.startswith(curve)]
        for curve in CURVES
    ]
    return any(max(a, default=-1) < min(b, default=np.inf) for a, b in (places, places[::-1]))


def _go_in_turn(reading: Mapping[str, Column]) -> bool:
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
    ranks = [[_rank(name) for name in names if name.startswith(curve)] for curve in CURVES]
    return ranks == [sorted(row) for row in ranks]


def _beside_their_curve(
    found: Mapping[str, Column], said: Sequence[_Said], *, file: str
) -> dict[str, Column]:
    """Leave out what stands apart from its curve; the values can tell, or none."""
    apart = {name: _rivals(name, found, said) for name in found}
    for name, rivals in apart.items():
        if rivals and all(names_another_statistic(column.name) for column in rivals):
            ways = (f"--columns {name}={one.position}" for one in (found[name], rivals[0]))
            raise ColumnsError(
                f"{file}: {found[name]} may be called {name}, and {rivals[0]} stands where that "
                f"would; say {' or '.join(ways)}."
            )
    return {
        name: column
        for name, column in found.items()
        if not apart[name] and (names_a_curve(column.name) or stands_in_place(name, column, found))
    }


def _rivals(name: str, found: Mapping[str, Column], said: Sequence[_Said]) -> list[Column]:
    """Columns that may be a feature which was found apart from the others of its curve.

    That is where its name says no curve and theirs do, or the other way round: PRESTO's ``sigma``
    beside ``prof_mean``, or ``mean_snr`` beside ``curve skew``. A curve's four columns stand in a
    row. What may be is called the same without a curve or, for a name that says none, nothing that
    is known; a median is no mean, but somebody's rms may be a stdev.
    """
    named = name.partition("_")[2]
    its = _others(name, found)
    own = names_a_curve(found[name].name)
    if not its or any(names_a_curve(one.name) == own for one in its.values()):
        return []
    places = [one.position for one in its.values()]
    near = range(max(places) - 3, min(places) + 4)
    if found[name].position in near or _is_beside_its_twin(name, found):
        return []
    known = {named} if own else {named, None}
    return [
        column
        for column, curve_said, statistic in said
        if column.position in near
        and curve_said is None
        and statistic in known
        and not is_label_name(column.name)
        and (named == "stdev" or not names_another_statistic(column.name))
    ]


def stands_in_place(name: str, column: Column, found: Mapping[str, Column]) -> bool:
    """Tell whether a column stands where a feature of that name would, beside its curve's others.

    That is among them; or before or behind them in the order of statistics, and no farther than
    they are from one another or, where not all of them say their curve, than four columns. Then
    any place will do if the others of both stand in no order, as in a table that was shuffled. Two
    names without a curve beside one another, one of each curve, may stand so with both.
    """
    its = _others(name, found)
    if not its:
        return True
    gap = 1
    if not all(names_a_curve(one.name) for one in its.values()):
        gap = len(_RANK)
        rest = {other: one for other, one in found.items() if other != name}
        if not (_are_in_order(rest) and (_go_in_turn(rest) or stand_apart(rest))):
            return True
    if _stands_with(its, name, column, gap):
        return True
    both = {other: one for other, one in found.items() if other not in (name, twin(name))}
    pair = (column, found[twin(name)]) if _is_beside_its_twin(name, found) else ()
    return any(_stands_with(both, name, one, gap) for one in pair)


def _is_beside_its_twin(name: str, found: Mapping[str, Column]) -> bool:
    """Tell whether a column stands next to the other curve's, and neither says its curve."""
    if name not in found or twin(name) not in found:
        return False
    pair = (found[name], found[twin(name)])
    side_by_side = abs(pair[0].position - pair[1].position) == 1
    return side_by_side and not any(names_a_curve(one.name) for one in pair)


def _stands_with(its: Mapping[str, Column], name: str, column: Column, gap: int) -> bool:
    """Tell whether a column stands among others or, in the order of statistics, next to them."""
    places = sorted((one.position, _rank(other)) for other, one in its.items())
    (first, low), (last, high), at = places[0], places[-1], column.position
    gap = max([gap, *(after[0] - before[0] for before, after in pairwise(places))])
    if at < first:
        return first - at <= gap and _rank(name) <= low
    return at < last or (at - last <= gap and _rank(name) >= high)


def _others(name: str, found: Mapping[str, Column]) -> dict[str, Column]:
    """Those of a feature's curve that were found, without itself."""
    curve = name.partition("_")[0]
    return {one: found[one] for one in found if one.startswith(curve) and one != name}


def twin(name: str) -> str:
    """Give the same statistic of the other curve."""
    curve, _, statistic = name.partition("_")
    return f"{CURVES[curve == CURVES[0]]}_{statistic}"


def _rank(name: str) -> int:
    return _RANK[name.partition("_")[2]]
