"""The same source in several rows: by its name, or by position and period, harmonics too.

A pulsar that is seen in two beams or on two nights is one source. Where one of its rows trains and
another measures, the measure flatters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.folds import FOLD_SHA256
from pulsars.reading.identity.near import SAME_PERIOD, are_near, find_near, unit_vectors
from pulsars.reading.identity.sky import degrees_of, is_nobody, names_of, numbers_of
from schemas import LABEL, for_name
from slp import join_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Places = Mapping[str, NDArray[np.float64]]

MAX_SHARE = 0.2
"""Of the rows of a class: what is called one source and is more, is a survey's name or a pointing,
and no part of a split could hold it."""
MIN_ROWS = 5
"""So many rows of one source are believed in the smallest table."""

MAX_ROWS = 1 << 21
"""Rows in which sources are looked for: what they carry has to be held, some 200 bytes a row."""

_NAMING = ("name", "path", "comment")
_PLACED = frozenset({"ra", "dec", "period"})
_TELLING = frozenset({*_NAMING, *_PLACED, "dm"})
_OF_A_FILE = "name"  # in a table of folds, where each beam may have its cand_1


def find_all_sources(
    columns: Callable[[Sequence[str]], pd.DataFrame],
    roles: Mapping[str, str],
    *,
    n_rows: int,
    labelled: bool,
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """Find which accepted rows of a file are of one source.

    Parameters
    ----------
    columns : callable
        Gives columns of all accepted rows, by their names.
    roles : mapping of str to str
        What each carried column is.
    n_rows : int
        How many rows were accepted.
    labelled : bool

    Returns
    -------
    groups, notes
        As `find_sources` gives them, None where every row is of its own; and what a person should
        know.
    """
    telling = [name for name, role in roles.items() if role in _TELLING]
    there = {*roles.values()}
    if not (there & {*_NAMING} or there >= _PLACED):
        return None, ()
    if n_rows > MAX_ROWS:
        said = f"in more than {MAX_ROWS:,} rows it is not looked for sources that stand there twice"
        return None, (said,)
    table = columns([*telling, *([LABEL] if labelled else [])])
    telling_roles = {name: roles[name] for name in telling}
    places = _places(table, telling_roles)
    files = _OF_A_FILE if roles.get(FOLD_SHA256) == "fold" else None
    groups, too_large = find_sources(table, telling_roles, places, files=files)
    notes = _nowhere(table, places)
    if too_large:
        notes.append(
            f"{too_large:,} rows would be of one source with more than {MAX_SHARE:.0%} of their "
            "class by what they carry; that is not believed, and they count as sources of their own"
        )
    if not (groups >= 0).any():
        return None, tuple(notes)
    n_sources = int(groups.max()) + 1
    of = f"{n_sources:,} sources that stand" if n_sources > 1 else "one source that stands"
    notes.append(
        f"{int((groups >= 0).sum()):,} rows are of {of} in the file more than once; a split "
        "keeps the rows of a source on one side"
    )
    return groups, tuple(notes)


def _places(table: pd.DataFrame, roles: Mapping[str, str]) -> Places:
    """Read the columns of a position, where there are both, in degrees."""
    names = {role: name for name, role in reversed(list(roles.items()))}
    return {
        names[role]: degrees_of(table[names[role]], right_ascension=role == "ra")
        for role in ("ra", "dec")
        if names.keys() >= {"ra", "dec"}
    }


def _nowhere(table: pd.DataFrame, places: Places) -> list[str]:
    """Say which cells of a position are none, such as 99 hours or 120 degrees."""
    notes = []
    for name, degrees in places.items():
        cells = table[name]
        rows = np.flatnonzero(np.isnan(degrees) & ~is_nobody(cells))
        if len(rows):
            notes.append(
                f"{len(rows):,} rows have no {for_name(name)} that is a place in the sky (the "
                f"first: {for_name(str(cells.iloc[rows[0]]))!r}; right ascension goes from 0 to 24 "
                "hours, declination from −90 to 90 degrees); it is carried as it stands, and "
                "compared with none"
            )
    return notes


def find_sources(
    table: pd.DataFrame,
    roles: Mapping[str, str],
    places: Places | None = None,
    *,
    files: str | None = None,
) -> tuple[NDArray[np.int64], int]:
    """Tell which rows are of one source.

    Parameters
    ----------
    table : DataFrame
        Columns of `roles`, and ``label`` where there is one.
    roles : mapping of str to str
        ``name``, ``path``, ``comment``, ``ra``, ``dec``, ``period``, ``dm`` count; of several
        columns that are the same the first.
    places : mapping of str to ndarray of shape (n_rows,), optional
        Right ascension and declination in degrees, by column, where they have been read.
    files : str, optional
        The column whose names are those of files, which are unlike within a folder only: one that
        is no pulsar's makes a source of rows of one period.

    Returns
    -------
    groups : ndarray of shape (n_rows,), int64
        Number of the source, from 0 in the order of the rows; -1 for a row of its own.
    too_large : int
        Rows whose group is not believed.
    """
    n_rows = len(table)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    places = _places(table, roles) if places is None else places
    ra, dec = places.values() if places else np.full((2, n_rows), np.nan)
    sky = unit_vectors(ra, dec)
    cells = {role: table[name] for name, role in reversed(list(roles.items()))}
    period, dm = (
        numbers_of(cells[role]) if role in cells else np.full(n_rows, np.nan)
        for role in ("period", "dm")
    )
    for name, role in roles.items():
        if role in _NAMING:
            agreeing = period if name == files else np.ones(n_rows)
            pairs.append(_same_names(table[name], sky, agreeing, trusted=role == "name"))
    harmonic = pairs[0]
    if cells.keys() >= _PLACED:
        same, harmonic = find_near(ra, dec, period, dm)
        pairs.append(same)
    groups = _joined_to_first(join_pairs(n_rows, *np.concatenate(pairs).T), harmonic)
    return _believed(groups, table[LABEL].to_numpy() if LABEL in table else np.zeros(n_rows))


def _same_names(
    cells: pd.Series, sky: NDArray[np.float64], period: NDArray[np.float64], *, trusted: bool
) -> NDArray[np.int64]:
    """Pairs of rows of one name: of a pulsar's always, of another where most differ.

    One that is no pulsar's and stands at two places names something else, such as a night's file;
    and rows of two periods, or of none, are not of one source by it.
    """
    words, pulsars = names_of(cells)
    codes = pd.factorize(words)[0]
    filled = words != ""
    believed = filled & pulsars if trusted else np.zeros_like(filled)
    others = filled & ~believed
    named = filled if 2 * len(np.unique(codes[others])) > others.sum() else believed
    rows = np.flatnonzero(named)
    rows = rows[np.lexsort((period[rows], codes[rows]))]
    alike = codes[rows[1:]] == codes[rows[:-1]]
    one, two = rows[:-1][alike], rows[1:][alike]
    agree = period[two] < period[one] * (1 + SAME_PERIOD)  # no NaN does, and no 0
    kept = believed[one] | (_at_one_place(codes, sky)[one] & agree)
    return np.column_stack([one[kept], two[kept]])


def _at_one_place(codes: NDArray[np.int64], sky: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell of each row whether all that share its code are near the first that has a position."""
    placed = np.flatnonzero(~np.isnan(sky).any(axis=1))
    first = np.full(len(codes) + 1, -1)  # the last is of rows without a code
    first[codes[placed[::-1]]] = placed[::-1]
    far = ~are_near(sky, np.column_stack([first[codes[placed]], placed]))
    there: NDArray[np.bool_] = ~np.isin(codes, codes[placed[far]])
    return there


def _joined_to_first(groups: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join each group to the first that it is a harmonic of, and none by way of another.

    Among many candidates of one pointing some are harmonics of one another by chance; a chain of
    such chances would take all of them.
    """
    links = np.sort(np.unique(groups[pairs], axis=0), axis=1)
    links = np.unique(links[links[:, 0] != links[:, 1]], axis=0)
    to: dict[int, int] = {}
    heads: set[int] = set()
    for one, two in links.tolist():
        if one not in to and two not in to and two not in heads:
            to[two] = one
            heads.add(one)
    joined = np.arange(len(groups))
    joined[list(to)] = list(to.values())
    return joined[groups]


def _believed(
    groups: NDArray[np.int64], label: NDArray[np.generic]
) -> tuple[NDArray[np.int64], int]:
    """Keep what is more than one row and not too much of a class, and number it from 0."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    too_large = np.zeros(len(sizes), dtype=bool)
    for value in np.unique(label):
        mine = label == value
        most = max(MIN_ROWS, MAX_SHARE * mine.sum())
        too_large |= np.bincount(codes[mine], minlength=len(sizes)) > most
    kept = (sizes > 1) & ~too_large
    numbers = np.where(kept, np.cumsum(kept) - 1, -1)
    return numbers[codes].astype(np.int64), int(sizes[too_large].sum())
