"""Which features the header names: by statistic and curve, and by place where a curve is unsaid."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, get_args

import numpy as np

from pulsars.reading.meaning.claims import refuse_claims
from pulsars.reading.meaning.places import (
    RANK,
    go_in_turn,
    is_beside_its_twin,
    others_of,
    rank_of,
    stand_apart,
    stands_in_place,
    twin,
)
from pulsars.reading.names import is_label_name, names_a_curve, names_another_statistic, said_by
from schemas import CURVES, FEATURE_NAMES, ColumnsError, Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve

_Said = tuple["Column", "Curve | None", "Statistic | None"]
"""A column, and what its name says of it."""


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
        stands apart where another statistic stands, or in place of one that stands in the row.
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
    found = _beside_their_curve(found, said, file=file)
    refuse_claims(found, said, file=file)
    return found


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
    for tell in (stand_apart, go_in_turn):
        for beside in (lone, near):  # a stranger's, that stands apart, leaves no curve in one piece
            whole = [way for way in ways if tell({**named, **beside, **way})]
            if len(whole) == 1:
                return {**lone, **whole[0]}
    return lone


def _among(found: Mapping[str, Column], said: Sequence[_Said]) -> dict[str, Column]:
    """Find what alone of several such names stands in its place in the row of the other three."""
    own: dict[str, Column] = {}
    for name in FEATURE_NAMES:
        its = sorted(
            (one.position, rank_of(other)) for other, one in others_of(name, found).items()
        )
        if name in found or len(its) < len(RANK) - 1:
            continue
        bare = [one for one, curve, stat in said if curve is None and name.endswith(f"_{stat}")]
        rows = [(one, sorted([*its, (one.position, rank_of(name))])) for one in bare]
        ranked = [(one, [rank for _, rank in row], row[-1][0] - row[0][0]) for one, row in rows]
        placed = [one for one, ranks, long in ranked if ranks == sorted(ranks) and long <= len(its)]
        own |= {name: placed[0]} if len(placed) == 1 else {}
    # What completes one curve alone may as well be the other's, of a pair behind both.
    return {name: one for name, one in own.items() if twin(name) in {**found, **own}}


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
    its = others_of(name, found)
    own = names_a_curve(found[name].name)
    if not its or any(names_a_curve(one.name) == own for one in its.values()):
        return []
    places = [one.position for one in its.values()]
    near = range(max(places) - 3, min(places) + 4)
    if found[name].position in near or is_beside_its_twin(name, found):
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
