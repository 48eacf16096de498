"""A statistic that is missing where names tell the others of its curve: said, never filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.reading.meaning.places import stands_in_place
from pulsars.reading.names import curve_words, names_a_curve, names_a_statistic, words_of
from schemas import CURVES, FEATURE_NAMES, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column


def missing_by_name(known: Mapping[str, Column]) -> list[str]:
    """Give the features that no column is called, where the other three of their curve are."""
    told = {one for one in known if names_a_curve(known[one].name)}
    said = {one for one in known if told and names_a_statistic(known[one].name)}
    of_curves = [[one for one in FEATURE_NAMES if one.startswith(curve)] for curve in CURVES]
    alone = [[one for one in names if one not in said] for names in of_curves]
    return [names[0] for names in alone if len(names) == 1 and names[0] not in known]


def told_alike(free: Sequence[Column], known: Mapping[str, Column]) -> list[Column]:
    """Give the last two moments of both curves, if names say so in words that are not known.

    Beside the means and stdevs ``ec_ip`` and ``ec_dm``, ``sw_ip`` and ``sw_dm`` differ in the word
    of their curve alone, as no other pair does: wherever they stand, and whatever fits as well.
    """
    if set(known) != {one for one in FEATURE_NAMES if one.endswith(("_mean", "_stdev"))}:
        return []
    of_curves = [[known[one] for one in known if one.startswith(curve)] for curve in CURVES]
    said = [{word for column in columns for word in _own_words(column)} for columns in of_curves]
    profile, dm = (_by_rest(free, *way) for way in (said, said[::-1]))
    both = [rest for rest in profile if rest in dm and said[0] != said[1]]
    alike = [called[rest] for called in (profile, dm) for rest in both]
    others = {word for one in free if one not in alike for word in _own_words(one)}
    if not others.isdisjoint(set().union(*said)):  # one of a curve that has no partner may be meant
        return []
    return alike if len(alike) == len(FEATURE_NAMES) - len(known) else []


def _own_words(column: Column) -> list[str]:
    """Words of a name that say no statistic."""
    return [word for word in words_of(column.name or "") if word and not names_a_statistic(word)]


def _by_rest(columns: Sequence[Column], own: set[str], other: set[str]) -> dict[str, Column]:
    """Give the columns that are called as one curve and not the other, by what else they say."""
    found = {}
    for column in columns:
        words, digits = _own_words(column), filter(str.isdigit, column.name or "")
        rest = [word for word in words if word not in own]
        called = own <= other or not own.isdisjoint(words)
        if rest and called and (other - own).isdisjoint(words):
            found[" ".join([*rest, *digits])] = column
    return found


def refuse_strangers(
    readings: Sequence[Mapping[str, Column]], known: Mapping[str, Column], *, file: str
) -> None:
    """Refuse what stands in for a missing statistic though its name says nothing of the kind.

    By its values alone nearly any positive number can be a mean or a stdev: ``chi2`` of a table
    without ``profile_stdev`` was taken for it.

    Parameters
    ----------
    readings : sequence of dict of str to Column
        The eight, as they may be read.
    known : dict of str to Column
        Those of them that a name or the user has settled.
    file : str
        How messages call the file.

    Raises
    ------
    ColumnsError
        If in every reading names tell three of a curve, and that of the column that was found for
        the fourth by its values holds no word of a statistic or of theirs; or the names of a whole
        curve that was found so are the other's. A name without a letter says nothing.
    """
    strange = [(found, _strangers(found, known)) for found in readings]
    if strange and all(strangers for _, strangers in strange):
        names = [one for one in FEATURE_NAMES if any(one in strangers for _, strangers in strange)]
        chosen = [{name: found[name] for name in names} for found, _ in strange]
        missing = f"{file}: no column is called {' or '.join(names)}"
        rows = [sorted(one.values(), key=lambda column: column.position) for one in chosen]
        taken = [list(map(str, row)) for row in rows]
        if any(one != taken[0] for one in taken):
            raise ColumnsError(
                f"{missing}; more than one other may be; name what is with --columns, and if none "
                "is, measure what is missing."
            )
        ways = [_way(one) for one in sorted(chosen, key=lambda one: _turns(one, known))]
        raise ColumnsError(
            f"{missing}; if {' and '.join(taken[0])} {'are these' if taken[0][1:] else 'is it'}, "
            f"say so with {' or '.join(dict.fromkeys(ways))}, and if not, measure what is missing."
        )


def _way(chosen: Mapping[str, Column]) -> str:
    """Give the option that says that columns are features."""
    return f"--columns {','.join(f'{name}={one.position}' for name, one in chosen.items())}"


def _turns(chosen: Mapping[str, Column], known: Mapping[str, Column]) -> list[int]:
    """Give places in the order in which the curves stand: least where columns follow it too."""
    first = min(known, key=lambda name: known[name].position).partition("_")[0]
    return [chosen[name].position for name in sorted(chosen, key=lambda at: first not in at)]


def _strangers(found: Mapping[str, Column], known: Mapping[str, Column]) -> list[str]:
    """Give the features for which columns were found that by their names are something else."""
    alone = [
        name
        for name in missing_by_name(known)
        if any(map(str.isalpha, found[name].name or "")) and not _is_meant(found[name], name, known)
    ]
    return alone or _of_the_other_curve(found, known)


def _of_the_other_curve(found: Mapping[str, Column], known: Mapping[str, Column]) -> list[str]:
    """Give the features of a curve that nothing names, if all four names are of the named one."""
    for curve, other in (CURVES, CURVES[::-1]):
        names = [name for name in FEATURE_NAMES if name.startswith(curve)]
        told = {name.partition("_")[0] for name in known if names_a_curve(known[name].name)}
        if other in told and all(
            name not in known and curve_words(found[name].name or "") == {other} for name in names
        ):
            return names
    return []


def _is_meant(column: Column, feature: str, known: Mapping[str, Column]) -> bool:
    """Tell by its words: one of a statistic, of the profile, or one that its curve's names share.

    The first says so in its curve's row alone: a candidate's ``sigma`` stands elsewhere. The last
    begins or ends it as it does theirs: ``dm_stdv`` is beside ``dm_mean``, and ``DM`` or
    ``best_dm``, which a candidate has, are not.
    """
    called, curve = column.name or "", feature.partition("_")[0]
    words = list(filter(None, words_of(called)))
    if curve == "profile" and curve in curve_words(called):
        return True
    if any(map(names_a_statistic, words)) and stands_in_place(feature, column, known):
        return True
    theirs = [words_of(known[one].name or "") for one in known if one.startswith(curve)]
    ends = [(words[end], their[end]) for end in (0, -1) for their in theirs if len(words) > 1]
    return any(own == other and names_a_curve(f"{own} mean") for own, other in ends)
