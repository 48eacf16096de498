"""Which columns are the eight statistics when no name says so: what only such columns can be.

The order mean, stdev, then skewness and kurtosis in either order, of one curve and then of the
other, is taken for granted; everything else is tried against physics.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.amiss import how_spelt
from pulsars.reading.meaning.bounds import (
    Quad,
    are_moments,
    are_opening,
    are_scaled,
    fit,
)
from pulsars.reading.meaning.offers import how_to_name, offer, row_offered, said_aside
from pulsars.reading.meaning.places import stand_apart
from pulsars.reading.meaning.slips import is_counter, is_flag, n_filled
from pulsars.reading.meaning.strangers import missing_by_name, refuse_strangers, told_alike
from pulsars.reading.names import names_another_statistic, said_by
from schemas import CURVES, FEATURE_NAMES, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve

MAX_COLUMNS = 24
"""Columns that are searched: 10,626 choices of four, a second or two."""

Choice = dict[str, "Column"]
"""Which column each feature is."""


def find_by_structure(
    columns: Sequence[Column],
    known: Mapping[str, Column],
    *,
    file: str,
    apart: Sequence[str] = (),
) -> dict[str, Column]:
    """Find the features by their values.

    Parameters
    ----------
    columns : sequence of Column
        Columns that are neither label nor left out, nor any of `known`; in file order.
    known : dict of str to Column
        Features that a name or the user has settled.
    file : str
        How messages call the file.
    apart : sequence of str
        Which columns were not looked at, and why: said where too few are left.

    Returns
    -------
    dict of str to Column
        The features; the profile first where `known` says nothing of the curves' order.

    Raises
    ------
    ColumnsError
        Fewer than eight columns of numbers, or no reading or more than one is possible.
    """
    free = _candidates(columns, known, file=file, apart=apart)
    readings = _readings(free, known)
    # Those in which what is known stands with its own curve, if there are any.
    readings = [reading for reading in readings if stand_apart(reading)] or readings
    refuse_strangers(readings, known, file=file)
    if len(readings) == 1:
        return readings[0]
    tried = ", ".join(str(column) for column in [*known.values(), *free])
    if not readings:
        raise ColumnsError(
            f"{file}: no choice of eight among {tried} can be mean, stdev, skewness and kurtosis "
            "of a profile and of a DM-SNR curve, in this order and on the 0–255 scale; other "
            f"features cannot be used; {how_to_name(free, known)}"
            f"{said_aside(apart, [*known.values(), *free])}."
        )
    ways = [*row_offered(free, known), *(offer(one, known) for one in readings[:2])]
    first, second = ways[:2]
    raise ColumnsError(
        f"{file}: more than one reading of {tried} is possible; choose one, such as "
        f"--columns {first} or --columns {second}."
    )


def _candidates(
    columns: Sequence[Column], known: Mapping[str, Column], *, file: str, apart: Sequence[str]
) -> list[Column]:
    """Columns of numbers; counters and columns of one or two values only when all are needed."""
    needed = len(FEATURE_NAMES) - len(known)
    numeric = [
        c
        for c in columns
        if 2 * np.isfinite(c.numbers).sum() > n_filled(c) and not names_another_statistic(c.name)
    ]
    for unwanted in (is_counter, is_flag):
        if len(numeric) > needed:
            numeric = [column for column in numeric if not unwanted(column)]
    if len(numeric) < needed:
        names = ", ".join(map(str, numeric)) or "none"
        missing = missing_by_name(known)
        if missing and not numeric:
            raise ColumnsError(
                f"{file}: no column is called {' or '.join(missing)}, and no other is left that "
                f"can be; measure what is missing{said_aside(apart, columns)}."
            )
        told = f"no column is called {' or '.join(missing)}; " * bool(missing)
        way_out = "; name them with --columns" * (bool(numeric) or not missing)
        raise ColumnsError(
            f"{file}: {told}eight columns of statistics are needed, {needed} of them by their "
            f"values alone, and {len(numeric)} columns can be ({names})"
            f"{'' if how_spelt(columns) else way_out}{said_aside(apart, columns)}."
        )
    if len(numeric) > MAX_COLUMNS:
        raise ColumnsError(
            f"{file}: {len(numeric)} unnamed columns of numbers are more than the {MAX_COLUMNS} "
            "that are searched; name the eight with --columns."
        )
    return numeric


def _readings(free: Sequence[Column], known: Mapping[str, Column]) -> list[Choice]:
    """Two physically possible choices in file order that keep what is known, or all if fewer.

    Both orders of the curves are tried only where a name or the user has placed one of them, and
    none where the names of what is open are the same word with that of each curve.
    """
    alike = told_alike(free, known)
    told = _only(alike, known, CURVES) if alike else None
    if told and all(are_moments(_quad(told, curve)) for curve in CURVES):
        return [told]
    orders = (CURVES, CURVES[::-1]) if _is_placed(known) else (CURVES,)
    if len(free) == len(FEATURE_NAMES) - len(known):
        found = (_only(free, known, order) for order in orders)
        return [reading for reading in found if reading]
    choices = {"profile": _choices(free, known, "profile")}
    choices["dm"] = _choices(free, known, "dm") if known else _renamed(choices["profile"])
    for worst in (0, 1):  # one cell in error hides no reading
        fits = {curve: [r for how, r in choices[curve] if how <= worst] for curve in CURVES}
        readings = [r for order in orders for r in _in_order(fits, known, order)]
        if readings:
            return readings
    return []


def _only(
    free: Sequence[Column], known: Mapping[str, Column], order: tuple[Curve, Curve]
) -> Choice | None:
    """Make the one choice that there is; rows that are wrong are for the row checks to tell."""
    names = sorted(FEATURE_NAMES, key=lambda name: not name.startswith(order[0]))
    open_names = [name for name in names if name not in known]
    reading = {**known, **dict(zip(open_names, free, strict=True))}
    fits = all(are_scaled(_quad(reading, curve)) for curve in CURVES)
    return reading if fits and not any(map(_says_another, open_names, free)) else None


def _choices(
    free: Sequence[Column], known: Mapping[str, Column], curve: Curve
) -> list[tuple[int, Choice]]:
    """Every possible choice for one curve, and how well it fits."""
    names = [name for name in FEATURE_NAMES if name.startswith(curve)]
    open_names = [name for name in names if name not in known]
    opening = cache(are_opening)
    found = []
    for chosen in combinations(free, len(open_names)):
        reading = {**known, **dict(zip(open_names, chosen, strict=True))}
        quad = _quad(reading, curve)
        named = opening(*quad[:2]) and not any(map(_says_another, open_names, chosen))
        if named and (how := fit(quad)) is not None:
            found.append((how, {name: reading[name] for name in names}))
    return found


def _says_another(name: str, column: Column) -> bool:
    """Tell whether a column is called another statistic; which moment is which is told later."""
    both = {said_by(column.name)[1], name.partition("_")[2]}
    return None not in both and len(both) > 1 and both != {"skewness", "kurtosis"}


def _renamed(choices: Sequence[tuple[int, Choice]]) -> list[tuple[int, Choice]]:
    """Give the same choices as those of the other curve: physics knows no difference."""
    return [
        (how, {name.replace("profile", "dm"): column for name, column in reading.items()})
        for how, reading in choices
    ]


def _in_order(
    choices: Mapping[Curve, Sequence[Choice]],
    known: Mapping[str, Column],
    order: tuple[Curve, Curve],
) -> list[Choice]:
    """Up to two pairs of choices in which the columns of one curve stand before the other's."""
    first, second = ([(r, _places(r, known)) for r in choices[curve]] for curve in order)
    latest = max((min(places, default=np.inf) for _, places in second), default=-np.inf)
    found: list[Choice] = []
    for one, ones in first:
        end = max(ones, default=-1)
        if end < latest:  # so that each that is tried has a partner: no square of a large number
            found += [{**one, **two} for two, twos in second if end < min(twos, default=np.inf)][:2]
        if len(found) > 1:
            return found[:2]
    return found


def _places(reading: Choice, known: Mapping[str, Column]) -> list[int]:
    """Places of the columns that were found by their values."""
    return [column.position for name, column in reading.items() if name not in known]


def _is_placed(known: Mapping[str, Column]) -> bool:
    """Tell whether a feature is known with its curve, and both curves have open places."""
    n_known = [sum(name.startswith(curve) for name in known) for curve in CURVES]
    return any(n_known) and max(n_known) < len(FEATURE_NAMES) / 2


def _quad(reading: Mapping[str, Column], curve: Curve) -> Quad:
    """Four columns of a curve, mean first."""
    mean, stdev, third, fourth = (reading[name] for name in FEATURE_NAMES if name.startswith(curve))
    return mean, stdev, third, fourth
