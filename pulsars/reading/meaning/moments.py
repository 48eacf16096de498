"""Which column is skewness and which kurtosis: the values say it, whatever the header says.

For any distribution the excess kurtosis is at least skewness² − 2 (Pearson 1916; equality for
two-point distributions). Most copies of HTRU2 call the columns by each other's names.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.reading.meaning.curves import value_of
from pulsars.reading.meaning.fills import say_marks
from pulsars.reading.meaning.slips import slips
from schemas import CURVES, FEATURE_NAMES, ColumnsError, breaks_moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column
    from schemas import Curve


MAX_BROKEN = 0.05
"""A reading that breaks the inequality in a larger share of the rows is wrong."""

CLEAR = 0.01
"""Two readings whose shares of broken rows are closer than this, or a single row apart, cannot be
told apart: one cell in error would do."""

SWAPPED = "swapped"
README = "readme"

_OF_THE_README = {
    f"{curve}_{moment}": f"{words} of the {called}"
    for curve, called in zip(CURVES, ("integrated profile", "dm-snr curve"), strict=True)
    for moment, words in (("skewness", "skewness"), ("kurtosis", "excess kurtosis"))
}
"""What HTRU2's Readme, and after it Kaggle's copies, call by each other's names."""

Swaps = tuple[int, int]
"""For profile and DM curve: 0 as named, 1 swapped."""

_COMMON: tuple[Swaps, Swaps] = ((0, 0), (1, 1))


@dataclass(frozen=True)
class MomentEvidence:
    """What the rows say about one curve.

    Attributes
    ----------
    curve : str
    rows : int
        Rows in which both cells are numbers.
    as_named, swapped : int
        How many of them break the inequality when the columns are read as they are called, and
        the other way round.
    said : str
        Who called them so: ``header``, ``--columns`` or ``order``; ``readme`` for a header whose
        names are known to be interchanged, where the rows allow both.
    taken : str
        ``as named`` or ``swapped``.
    """

    curve: str
    rows: int
    as_named: int
    swapped: int
    said: str
    taken: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a report, without the curve."""
        return {key: value for key, value in asdict(self).items() if key != "curve"}


def settle_moments(
    columns: Mapping[str, Column], *, said: str, file: str, ours: bool = False
) -> tuple[dict[str, Column], tuple[MomentEvidence, ...], tuple[str, ...]]:
    """Put skewness and kurtosis in their places.

    A file follows one convention, so both curves are judged together; each for itself only
    when no common reading holds.

    Parameters
    ----------
    columns : dict of str to Column
        By canonical name.
    said : str
        As of `MomentEvidence`.
    file : str
        How messages call it.
    ours : bool, optional
        Whether the file is a table of folds that were measured here: where its rows do not decide,
        its header is right.

    Returns
    -------
    columns, evidence, warnings
        The columns by canonical name, what decided, and a sentence where the rows cannot decide;
        see `pulsars.reading.meaning.moment_counts` for one where they contradict the names.

    Raises
    ------
    ColumnsError
        No reading holds, or both do and nothing in the file names them.
    """
    broken = {curve: _broken(columns, curve) for curve in CURVES}
    whole = {curve: np.isfinite(_values(columns, curve)).all(axis=0) for curve in CURVES}
    n_rows = int((whole["profile"] | whole["dm"]).sum())
    counts = _counts(broken)
    chosen = _decide(counts, n_rows)
    warnings = []
    if chosen is None:
        if counts[0, 0] > _allowed(MAX_BROKEN, n_rows):
            raise _neither(columns, broken, n_rows, file=file)
        if said == "order":
            raise _both(columns, file=file)
        if said == "header" and _are_of_the_readme(columns):
            said, chosen = README, (1, 1)
        elif n_rows and not (ours and said == "header"):
            warnings.append(
                "too few rows tell skewness from kurtosis, so the names given decide; most copies "
                "of HTRU2 have the two interchanged: check them"
            )
        chosen = chosen or (0, 0)
    settled, evidence = dict(columns), []
    for curve, swap in zip(CURVES, chosen, strict=True):
        as_named, swapped = (int(rows.sum()) for rows in broken[curve])
        taken = ("as named", SWAPPED)[swap]
        found = MomentEvidence(curve, int(whole[curve].sum()), as_named, swapped, said, taken)
        evidence.append(found)
        if swap:
            first, second = f"{curve}_skewness", f"{curve}_kurtosis"
            settled[first], settled[second] = columns[second], columns[first]
    return settled, tuple(evidence), tuple(warnings)


def _are_of_the_readme(columns: Mapping[str, Column]) -> bool:
    """Tell whether the four columns are called as in HTRU2's Readme, word by word."""
    called = {name: " ".join((columns[name].name or "").lower().split()) for name in _OF_THE_README}
    return called == _OF_THE_README


def _counts(
    broken: Mapping[Curve, tuple[NDArray[np.bool_], NDArray[np.bool_]]],
) -> dict[Swaps, int]:
    """Rows that each reading of both curves breaks."""
    return {
        (profile, dm): int((broken["profile"][profile] | broken["dm"][dm]).sum())
        for profile in (0, 1)
        for dm in (0, 1)
    }


def _allowed(share: float, n_rows: int) -> float:
    """Rows that make up a share, and a slip at least."""
    return max(share * n_rows, slips(n_rows))


def _decide(counts: Mapping[Swaps, int], n_rows: int) -> Swaps | None:
    """Choose the reading that the rows allow; None when they allow none, or two alike."""
    most = _allowed(MAX_BROKEN, n_rows)
    common = min(_COMMON, key=lambda swaps: counts[swaps])
    alike = abs(counts[0, 0] - counts[1, 1]) <= _allowed(CLEAR, n_rows)
    if alike and max(counts[0, 0], counts[1, 1]) <= most:
        return None
    # A file that was put right for one curve only follows no common convention.
    best = common if counts[common] <= most else min(counts, key=lambda swaps: counts[swaps])
    return best if counts[best] <= most else None


def _values(columns: Mapping[str, Column], curve: str) -> NDArray[np.float64]:
    """Skewness and kurtosis of a curve as named, shape (2, n_rows)."""
    return np.stack([columns[f"{curve}_{moment}"].numbers for moment in ("skewness", "kurtosis")])


def _broken(
    columns: Mapping[str, Column], curve: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows that break the inequality as named, and swapped."""
    skewness, kurtosis = _values(columns, curve)
    return breaks_moments(skewness, kurtosis), breaks_moments(kurtosis, skewness)


def _swapped(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Call what is skewness kurtosis, and the other way round."""
    other = {"skewness": "kurtosis", "kurtosis": "skewness"}
    halves = (name.split("_") for name in FEATURE_NAMES)
    return {f"{c}_{s}": columns[f"{c}_{other.get(s, s)}"] for c, s in halves}


def _neither(
    columns: Mapping[str, Column],
    broken: Mapping[Curve, tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    n_rows: int,
    *,
    file: str,
) -> ColumnsError:
    """Describe columns that are skewness and kurtosis in no order."""
    names = [columns[f"{curve}_{m}"] for curve in CURVES for m in ("skewness", "kurtosis")]
    ways = [broken["profile"][way] | broken["dm"][way] for way in (0, 1)]
    as_named, swapped = (int(rows.sum()) for rows in ways)
    fewer = ways[swapped < as_named]
    way_out = say_marks(names, fewer, most=_allowed(MAX_BROKEN, n_rows))
    # All rows but few are possible in one order or the other.
    if not way_out and int((ways[0] & ways[1]).sum()) <= _allowed(CLEAR, n_rows):
        way_out = (
            "nearly each row is possible in one of the two orders: if tables of both were joined, "
            "interchange the two columns of both curves in one of them, and else choose the "
            "columns with --columns"
        )
    return ColumnsError(
        f"{file}: {names[0]}, {names[1]}, {names[2]} and {names[3]} cannot be skewness and excess "
        f"kurtosis: {as_named / n_rows:.0%} of the rows break kurtosis ≥ skewness² − 2 as "
        f"named and {swapped / n_rows:.0%} interchanged (at most {MAX_BROKEN:.0%} may); "
        f"{way_out or 'choose the columns with --columns'}."
    )


def _both(columns: Mapping[str, Column], *, file: str) -> ColumnsError:
    """Describe columns that could be skewness and kurtosis in either order."""
    return ColumnsError(
        f"{file}: nothing tells skewness from kurtosis in {columns['profile_skewness']} and "
        f"{columns['profile_kurtosis']}: no name, and the rows allow both; say "
        f"--columns {value_of(columns)} (skewness first) or "
        f"--columns {value_of(_swapped(columns))} (kurtosis first)."
    )
