"""A name that claims the place of a column in a row of four: which of both it is, is not guessed.

The unit is a curve of four. `mean_snr` and `std_snr` of a candidate, beside a row of four names
without a curve, may say that they are the DM-SNR curve's; mean and stdev of that row are it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.places import stands_in_place
from pulsars.reading.names import names_a_curve, words_of
from schemas import CURVES, FEATURE_NAMES, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve, Statistic

    Said = tuple[Column, Curve | None, Statistic | None]

_WEAK = {"int", "pulse", "snr"}
"""Words of a curve that are of something else as well: of sub-integrations, of a single pulse, of
the signal-to-noise ratio of a candidate."""


def refuse_claims(found: Mapping[str, Column], said: Sequence[Said], *, file: str) -> None:
    """Refuse what names without a curve contradict, that stand in one row.

    Parameters
    ----------
    found : dict of str to Column
        The features that names tell.
    said : sequence of (Column, Curve or None, Statistic or None)
        All columns, and what their names say.
    file : str
        How messages call the file.

    Raises
    ------
    ColumnsError
        A name with a curve took the place of one without, beside others without; or a word that
        may be of something else made a curve of four, and four names without a curve stand in one
        row and are none.
    """
    free = [
        (column, statistic)
        for column, curve, statistic in said
        if curve is None and statistic and all(column is not one for one in found.values())
    ]
    for curve in CURVES:
        instead = dict(_in_row(curve, found, free)) or _row_instead(curve, found, free)
        if not instead:
            continue
        names = [name for name in FEATURE_NAMES if name in instead]
        ways = [{**found, **instead}, found]
        ways = [
            {name: way[name] for name in names} if len(way) < len(FEATURE_NAMES) else way
            for way in ways
        ]
        raise ColumnsError(
            f"{file}: {_listed(found, names)} may be called {', '.join(names)}, and "
            f"{_listed(instead, names)} may be meant, which {'stand' if names[1:] else 'stands'} "
            f"in a row with others; say {' or '.join(map(_way, ways))}."
        )


def _in_row(
    curve: Curve, found: Mapping[str, Column], free: Sequence[tuple[Column, Statistic]]
) -> Iterator[tuple[str, Column]]:
    """Give columns that stand in the row of others without a curve, and whose place was taken."""
    names = [name for name in FEATURE_NAMES if name.startswith(curve)]
    bare = {
        name: found[name] for name in names if name in found and not names_a_curve(found[name].name)
    }
    for name in names:
        if name not in found or name in bare or not bare:
            continue
        for column, statistic in free:
            if name.endswith(f"_{statistic}") and stands_in_place(name, column, bare):
                if not _are_equal(column, found[name]):
                    yield name, column
                break


def _row_instead(
    curve: Curve, found: Mapping[str, Column], free: Sequence[tuple[Column, Statistic]]
) -> dict[str, Column]:
    """Give four columns in a row that may be a curve which a weak word alone says to be another."""
    names = [name for name in FEATURE_NAMES if name.startswith(curve)]
    if any(name not in found or not _is_weak(found[name].name) for name in names):
        return {}
    for at in range(len(free) - len(names) + 1):
        row = {f"{curve}_{statistic}": column for column, statistic in free[at : at + len(names)]}
        places = [column.position for column in row.values()]
        if len(row) == len(names) and max(places) - min(places) < len(names):
            return {} if all(_are_equal(row[name], found[name]) for name in names) else row
    return {}


def _is_weak(name: str | None) -> bool:
    """Tell whether no word of a curve is in a name but those that may be of something else."""
    return not names_a_curve(" ".join(word for word in words_of(name or "") if word not in _WEAK))


def _are_equal(one: Column, other: Column) -> bool:
    return np.array_equal(one.numbers, other.numbers, equal_nan=True)


def _listed(columns: Mapping[str, Column], names: Sequence[str]) -> str:
    return ", ".join(str(columns[name]) for name in names)


def _way(chosen: Mapping[str, Column]) -> str:
    """Give the option that says that columns are features."""
    if len(chosen) == len(FEATURE_NAMES):
        return f"--columns {','.join(str(chosen[name].position) for name in FEATURE_NAMES)}"
    return f"--columns {','.join(f'{name}={one.position}' for name, one in chosen.items())}"
