"""Which four of the eight are the profile's, where no name says so, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.order import is_profile, share_of_contrary
from pulsars.reading.meaning.places import twin
from pulsars.reading.names import is_profile_by_word, names_a_curve
from schemas import CURVES, FEATURE_NAMES, LABEL, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

_OPPOSITE, _PLACES = "the values say the opposite", "the two curves seem to have changed places"


def settle_curves(
    found: Mapping[str, Column],
    named: Mapping[str, Column],
    given: Mapping[str, Column],
    *,
    file: str,
) -> tuple[dict[str, Column], tuple[str, ...]]:
    """Put profile and DM-SNR curve in their places.

    Parameters
    ----------
    found : dict of str to Column
        All eight features, the profile taken to stand first where nothing else was known.
    named, given : dict of str to Column
        Features that a name or the user has settled; LABEL among them does not count.
    file : str
        How messages call the file.

    Returns
    -------
    columns, warnings
        The columns by canonical name, and a sentence where place and values alone decided.

    Raises
    ------
    ColumnsError
        Neither name nor user says which curve is which, and the values do not tell.
    """
    placed = [name for name in FEATURE_NAMES if name not in named and name not in given]
    told = any(name != LABEL for name in given) or any(
        names_a_curve(column.name) for column in named.values()
    )
    if told:
        return dict(found), (*(_said(found, placed) if placed else ()), *_doubts(found))
    profile_first, by_word = profile_stands_first(found)
    if profile_first is None:
        raise _untold(found, file=file)
    settled = dict(found) if profile_first else swap_curves(found)
    return settled, (_how_told(settled, by_word=by_word), *_doubts(settled))


def profile_stands_first(found: Mapping[str, Column]) -> tuple[bool | None, bool]:
    """Tell whether what was taken for the profile is it, and whether words in names say so.

    None where neither words nor means tell. Words of both curves overrule the means. A word of one
    does not, for it may be of something else, as ``snr`` in a profile's names; but where the means
    do not tell, it does.
    """
    by_words = _by_word(found, sides=2)
    if by_words is not None:
        return by_words, True
    by_means = is_profile(*_means_and_stdevs(found))
    if by_means is not None:
        return by_means, False
    return _by_word(found, sides=1), True


def _means_and_stdevs(columns: Mapping[str, Column]) -> Iterator[NDArray[np.float64]]:
    """Give mean and stdev of both curves, each of shape (2, n_rows)."""
    for curve in CURVES:
        yield np.stack([columns[f"{curve}_{name}"].numbers for name in ("mean", "stdev")])


def _by_word(found: Mapping[str, Column], *, sides: int) -> bool | None:
    profile, dm = (
        [found[name].name for name in FEATURE_NAMES if name.startswith(curve)] for curve in CURVES
    )
    return is_profile_by_word(profile, dm, sides=sides)


def swap_curves(found: Mapping[str, Column]) -> dict[str, Column]:
    """Call the profile's columns the DM-SNR curve's, and the other way round."""
    return {name: found[twin(name)] for name in FEATURE_NAMES}


def value_of(columns: Mapping[str, Column]) -> str:
    """Value of ``--columns`` for a reading: by names where these are numbers, as of pandas."""
    found = [columns[name] for name in FEATURE_NAMES]
    names = [column.name or "" for column in found]
    if any(name.isdigit() for name in names) and all(map(str.isalnum, names)):
        return ",".join(names)
    return ",".join(str(column.position) for column in found)


def _said(columns: Mapping[str, Column], placed: list[str]) -> tuple[str, ...]:
    """Say which columns were taken for what on the word of their values and places alone."""
    taken = ", ".join(f"{columns[name]} for {name}" for name in placed)
    return (f"no name that is known says so: {taken} are taken by their values and place",)


def _how_told(columns: Mapping[str, Column], *, by_word: bool) -> str:
    """Say what told the curves apart, where no name that is known did."""
    sure = f"--columns {value_of(columns)} makes sure of it"
    if by_word:
        return (
            "no name that is known says what the eight are: they are taken by their values and "
            f"place, and which curve is which by a word in their names; {sure}"
        )
    order = ["profile", "DM-SNR curve"]
    if columns["dm_mean"].position < columns["profile_mean"].position:
        order.reverse()
    return (
        f"no name says which curve is which: the {order[0]} is taken to stand first and the "
        f"{order[1]} second, because the two means look so; {sure}"
    )


def _doubts(columns: Mapping[str, Column]) -> Iterator[str]:
    """Say where the values contradict whoever told the profile from the DM-SNR curve."""
    profile, dm = columns["profile_mean"], columns["dm_mean"]
    contrary = share_of_contrary(profile.numbers, dm.numbers)
    if contrary is not None:
        yield (
            f"in {max(contrary, 0.01):.0%} of the rows {_PLACES}: "
            f"{dm} is a fraction there as the mean of a profile is, and {profile} is none; were "
            "files of two orders joined? Read each with its own --columns"
        )
    elif is_profile(*_means_and_stdevs(columns)) is False:
        yield (
            f"{profile} is called the profile's mean and {dm} the DM-SNR curve's, and "
            f"{_OPPOSITE}; if they are right, {_way_out(columns)}"
        )


def _way_out(columns: Mapping[str, Column]) -> str:
    """Advise to exchange the curves, unless only names of other columns than the means say whose.

    Then the means alone may be in a wrong place, and to exchange all eight would cross the rest.
    """
    means = [columns[name].name for name in ("profile_mean", "dm_mean")]
    others = [column.name for column in columns.values()]
    if any(map(names_a_curve, others)) and not any(map(names_a_curve, means)):
        return "say with --columns which of the eight is which"
    return f"say --columns {value_of(swap_curves(columns))}"


def curve_doubt(said: Iterable[str]) -> str:
    """Find, in all that is said of a file, that its curves changed places; empty if nothing is.

    What else is advised must not contradict it: other sentences take the curves for right. Where
    they changed places in some rows, they are right in the others.
    """
    return next((one for one in said if _OPPOSITE in one), "")


def _untold(found: Mapping[str, Column], *, file: str) -> ColumnsError:
    """Describe eight columns whose values do not tell profile from DM-SNR curve."""
    return ColumnsError(
        f"{file}: no name says which curve is which, and the two means ({found['profile_mean']}, "
        f"{found['dm_mean']}) do not tell; say --columns {value_of(found)} if the profile stands "
        f"first, or --columns {value_of(swap_curves(found))} if the DM-SNR curve does."
    )
