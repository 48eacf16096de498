"""What a header says: the words of a column name, read one by one.

The spellings in the wild are many (``Mean of the integrated profile``, ``EK_DMSNR_Curve``,
``ex_kurt_pf``), their words few. So a name counts as known when nothing but known words is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pulsars.folds import FOLD, FOLD_SHA256, REFUSED, SECTION, TELESCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from schemas import Curve, Statistic

FoldRole = Literal["path", "fold"]

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
_FOLD_ROLES: Mapping[str, FoldRole] = {
    FOLD: "path",
    FOLD_SHA256: "fold",
    SECTION: "fold",
    TELESCOPE: "fold",
    REFUSED: "fold",
}
_FILLERS = ("sn", "of", "the", "excess", "exc", "ex", "curve", "value", "folded", "pulsar")
_LABELS = re.compile("(the|true)?(target|class|label|truth|groundtruth|y)+|(is|target)?pulsar")
_WEAK = re.compile("(the)?(target|y)+")
"""Names of a label that are those of a pointing, or of a place, as well."""
_PLAIN = re.compile("label|ispulsar|.*tru(e|th).*")
_UNSEEN = re.compile(r"[\s_.:,'\"()\[\]{}\u2010-\u2013-]")
"""What stands between and around the words of a label's name; any other mark may say "not"."""
_OTHER_STATISTICS = ("variance", "var", "rms", "median", "mode", "minimum", "maximum", "min", "max")
_UNSURE = {"int", "ip"}
"""Words of a curve that say nothing by themselves in a name that is not known: ``int16_mean``."""
_WORD = re.compile("|".join(sorted([*_STATISTICS, *_CURVES, *_FILLERS], key=len, reverse=True)))
_OTHER = re.compile(rf"({'|'.join(_OTHER_STATISTICS)})|{_WORD.pattern}")


def is_label_name(name: str | None) -> bool:
    """Tell whether a column's name says that it holds the label."""
    return name is not None and _LABELS.fullmatch(_UNSEEN.sub("", _untwinned(name))) is not None


def rank_of_label_name(name: str | None) -> int:
    """Tell how surely a label's name means a label: 0 what may be a pointing, 2 nothing else."""
    letters = _UNSEEN.sub("", _untwinned(name or ""))
    return 2 if _PLAIN.fullmatch(letters) else int(not _WEAK.fullmatch(letters))


def names_a_statistic(name: str | None) -> bool:
    """Tell whether a column's name says which moment it holds."""
    return said_by(name)[1] is not None


def names_another_statistic(name: str | None) -> bool:
    """Tell whether a column's name says that it holds a statistic that is none of the eight."""
    letters = _letters(name or "")
    found = list(_OTHER.finditer(letters))
    return any(word[1] for word in found) and "".join(word[0] for word in found) == letters


def names_a_curve(name: str | None) -> bool:
    """Tell whether a column's name says of which curve it is a moment."""
    return said_by(name)[0] is not None


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


def _letters(name: str) -> str:
    """Lower-case letters and digits of a name."""
    return re.sub(r"[^a-z0-9]", "", _untwinned(name))


def _untwinned(name: str) -> str:
    """Lower-case name without the number that pandas gives to a twin."""
    return re.sub(r"\.\d+$", "", name.lower())


def said_by(name: str | None) -> tuple[Curve | None, Statistic | None]:
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


def fold_roles(columns: Sequence[Column]) -> Mapping[str, FoldRole]:
    """Give by name the roles of columns of our own tables of folds; none without a fold's sha256.

    That one nobody else calls so; the other words are common.
    """
    return _FOLD_ROLES if any(column.name == FOLD_SHA256 for column in columns) else {}
