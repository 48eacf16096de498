"""What a header says: the words of a column name, read one by one.

The spellings in the wild are many (``Mean of the integrated profile``, ``EK_DMSNR_Curve``,
``ex_kurt_pf``), their words few. So a name counts as known when nothing but known words is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from schemas import FEATURES, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve, Statistic

_STATISTICS: Mapping[str, Statistic] = {
    "mean": "mean",
    "average": "mean",
    "avg": "mean",
    "standarddeviation": "stdev",
    "stddeviation": "stdev",
    "standarddev": "stdev",
    "stddev": "stdev",
    "stdev": "stdev",
    "std": "stdev",
    "sd": "stdev",
    "sigma": "stdev",
    "skewness": "skewness",
    "skew": "skewness",
    "sk": "skewness",
    "kurtosis": "kurtosis",
    "kurt": "kurtosis",
    "ek": "kurtosis",
}
_CURVES: Mapping[str, Curve] = {
    "integratedpulse": "profile",
    "integrated": "profile",
    "profile": "profile",
    "prof": "profile",
    "pulse": "profile",
    "int": "profile",
    "pf": "profile",
    "ip": "profile",
    "dispersionmeasure": "dm",
    "dm": "dm",
    "snr": "dm",
}
_FILLERS = ("sn", "of", "the", "excess", "exc", "ex", "curve", "value", "folded", "pulsar")
_LABELS = re.compile("(the|true)?(target|class|label|truth|groundtruth|y)+|(is|target)?pulsar")
_UNSEEN = re.compile(r"[\s_.:,'\"()\[\]{}\u2010-\u2013-]")
"""What stands between and around the words of a label's name; any other mark may say "not"."""
_OTHER_STATISTICS = ("variance", "var", "rms", "median", "mode", "minimum", "maximum", "min", "max")
_UNSURE = {"int", "ip"}
"""Words of a curve that say nothing by themselves in a name that is not known: ``int16_mean``."""
_WORD = re.compile("|".join(sorted([*_STATISTICS, *_CURVES, *_FILLERS], key=len, reverse=True)))
_OTHER = re.compile(rf"({'|'.join(_OTHER_STATISTICS)})|{_WORD.pattern}")


_Said = tuple["Column", "Curve | None", "Statistic | None"]
"""A column, and what its name says of it."""


def is_label_name(name: str | None) -> bool:
    """Tell whether a column's name says that it holds the label."""
    return name is not None and _LABELS.fullmatch(_UNSEEN.sub("", _untwinned(name))) is not None


def names_a_statistic(name: str | None) -> bool:
    """Tell whether a column's name says which moment it holds."""
    return _read(name)[1] is not None


def names_another_statistic(name: str | None) -> bool:
    """Tell whether a column's name says that it holds a statistic that is none of the eight."""
    letters = _letters(name or "")
    found = list(_OTHER.finditer(letters))
    return any(word[1] for word in found) and "".join(word[0] for word in found) == letters


def names_a_curve(name: str | None) -> bool:
    """Tell whether a column's name says of which curve it is a moment."""
    return _read(name)[0] is not None


def is_profile_by_word(
    first: Sequence[str | None], second: Sequence[str | None], *, sides: int
) -> bool | None:
    """Tell by words in their names whether the first columns are the profile's.

    Names such as ``profile_mean_norm`` and ``DM.µ`` are not known, but a word that all names of
    one curve hold, and none of the other's, says which curve that is.

    Parameters
    ----------
    first, second : sequence of str or None
        Names of the four columns of each curve.
    sides : {1, 2}
        How many of the two have to hold a word of their curve in all four names.

    Returns
    -------
    bool or None
        None where no word says so, or words say two things.
    """
    words = [[curve_words(name or "") for name in side] for side in (first, second)]
    said = {
        straight
        for straight, (profile, dm) in ((True, words), (False, words[::-1]))
        if _are_called(profile, dm, sides=sides)
    }
    return said.pop() if len(said) == 1 else None


def _are_called(profile: list[set[Curve]], dm: list[set[Curve]], *, sides: int) -> bool:
    """Tell whether words say of names that they are the profile's, and the DM-SNR curve's."""
    held = ["profile" in set.intersection(*profile), "dm" in set.intersection(*dm)]
    shared = ["profile" in set.union(*dm), "dm" in set.union(*profile)]
    return sum(held) >= sides and any(a and not b for a, b in zip(held, shared, strict=True))


def find_by_name(columns: Sequence[Column], *, file: str) -> dict[str, Column]:
    """Find the features whose columns say what they are.

    A name without a curve, such as ``SD``, is the profile's when another column names the DM
    curve for the same statistic, and the other way round; of two such names the first is the
    profile's. But where it is spelled otherwise than the others of its curve and stands apart from
    them, as a candidate's ``sigma`` does, and what stands among them may be the feature, the values
    are left to tell.

    Raises
    ------
    ColumnsError
        Two columns with different values say that they are the same feature, or one says so that
        stands apart where another statistic stands.
    """
    said: list[_Said] = [(column, *_read(column.name)) for column in columns if column.name]
    found: dict[str, Column] = {}
    for feature in FEATURES:
        same = [(column, curve) for column, curve, stat in said if stat == feature.statistic]
        mine = [column for column, curve in same if curve == feature.curve]
        bare = [column for column, curve in same if curve is None]
        others = [column for column, curve in same if curve not in (None, feature.curve)]
        if not mine and len(bare) == 1 and others:
            mine = bare
        elif not mine and len(bare) == 2 and not others:  # noqa: PLR2004 - one for each curve
            mine = [bare[0 if feature.curve == "profile" else 1]]
        for column in mine[1:]:
            if not np.array_equal(column.numbers, mine[0].numbers, equal_nan=True):
                raise ColumnsError(
                    f"{file}: {mine[0]} and {column} both say that they are {feature.name} and "
                    "differ; leave one out with --drop, or choose with --columns."
                )
        if mine:
            found[feature.name] = mine[0]
    return _beside_their_curve(found, said, file=file)


def _beside_their_curve(
    found: Mapping[str, Column], said: Sequence[_Said], *, file: str
) -> dict[str, Column]:
    """Leave out what stands apart while another column may be it; the values can tell, or none."""
    apart = {name: _rivals(name, found, said) for name in found}
    for name, rivals in apart.items():
        if rivals and all(names_another_statistic(column.name) for column in rivals):
            ways = (f"--columns {name}={one.position}" for one in (found[name], rivals[0]))
            raise ColumnsError(
                f"{file}: {found[name]} may be called {name}, and {rivals[0]} stands where that "
                f"would; say {' or '.join(ways)}."
            )
    return {name: column for name, column in found.items() if not apart[name]}


def _rivals(name: str, found: Mapping[str, Column], said: Sequence[_Said]) -> list[Column]:
    """Columns that may be a feature which was found apart from the others of its curve.

    That is where its name says no curve and theirs do, or the other way round: PRESTO's ``sigma``
    beside ``prof_mean``, or ``mean_snr`` beside ``curve skew``. A curve's four columns stand in a
    row. What may be is called the same without a curve or, for a name that says none, nothing that
    is known; a median is no mean, but somebody's rms may be a stdev.
    """
    says_curve = {id(column): curve is not None for column, curve, _ in said}
    curve, named = name.split("_")
    its = [one for key, one in found.items() if key.startswith(curve) and key != name]
    own = says_curve[id(found[name])]
    if not its or any(says_curve[id(one)] == own for one in its):
        return []
    near = range(max(one.position for one in its) - 3, min(one.position for one in its) + 4)
    if found[name].position in near:
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


def _letters(name: str) -> str:
    """Lower-case letters and digits of a name."""
    return re.sub(r"[^a-z0-9]", "", _untwinned(name))


def _untwinned(name: str) -> str:
    """Lower-case name without the number that pandas gives to a twin."""
    return re.sub(r"\.\d+$", "", name.lower())


def _read(name: str | None) -> tuple[Curve | None, Statistic | None]:
    """Curve and statistic that a name states; None for what it leaves open."""
    words = _only_known(_letters(name or ""))
    statistics = {_STATISTICS[word] for word in words if word in _STATISTICS}
    curves = {_CURVES[word] for word in words if word in _CURVES}
    if len(statistics) != 1 or len(curves) > 1:
        return None, None
    return next(iter(curves), None), statistics.pop()


def words_of(name: str) -> list[str]:
    """Words of a name, whether known or not, in lower case: ``exKurt_x`` is ex, kurt and x."""
    return [word for part in _parts(name) for word in _only_known(part) or [part]]


def _parts(name: str) -> list[str]:
    """Lower-case letters of a name that stand together."""
    return re.split("[^a-z]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower())


def curve_words(name: str) -> set[Curve]:
    """Curves of which there is a whole word in a name, whatever else is."""
    parts = _parts(re.sub("(?i)dispersion[^a-z]*measure", " dm ", name))
    words = [word for part in parts if part not in _UNSURE for word in _only_known(part)]
    return {_CURVES[word] for word in words if word in _CURVES}


def _only_known(letters: str) -> list[str]:
    """Words of which letters are made; none where others are among them."""
    words = _WORD.findall(letters)
    return words if "".join(words) == letters else []
