"""Pearson's kurtosis, 3 more than excess kurtosis: noticed, taken off when told to, never guessed.

Of any distribution Pearson's kurtosis is at least skewness² + 1 (Pearson 1916). Of excess kurtosis
most curves have less: in HTRU2 no five rows in a row have as much in both curves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.slips import slips
from schemas import CURVES, FEATURE_NAMES, KurtosisError, allows_pearson
from slp import measure_drift

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pulsars.reading.readings import Reading
    from schemas import Curve
    from slp import Reference

    Rows = NDArray[np.bool_]

OFFSET = 3.0
"""Pearson's kurtosis of a normal curve, whose excess kurtosis is 0."""

MIN_ROWS = 20
"""Rows of both curves that say enough. Draws of so many rows, and blocks, from HTRU2, its pulsars,
its non-pulsars and HTRU 1 hold none that looks like Pearson's in all of them."""

MIN_ROWS_OF_ONE = 200
"""Rows of a single curve that say enough: 65 DM-SNR curves of HTRU2 in a row look so."""

MAX_EXCESS = 0.005
"""Largest share of rows that cannot be Pearson's in a file of which that was said."""

MAX_BY_CHANCE = 1e-4
"""Rows in a row that look like Pearson's are a part of the file where chance makes fewer such."""

MIN_SHARE = 0.2
"""From this share on rows that can be Pearson's in both curves are looked at for two peaks; in
HTRU2 11 % of the rows can be, in its pulsars 6 %, in HTRU 1 1 %."""

SIGMA = 4.0
"""Standard deviations by which a peak has to rise above the valley between the two."""

SHARP = 1.0
"""Smallest population stability index of the profile's kurtosis that makes a file unlike the
training rows; above 0.25 is a large shift by custom."""

BETTER = 0.25
"""Largest share of that index that may be left once 3 has been taken off."""


def settle_kurtosis(reading: Reading, asked: str) -> Reading:
    """Do what the user says of kurtosis, or note what the rows say.

    Parameters
    ----------
    reading : Reading
    asked : {"auto", "excess", "pearson"}
        ``excess`` leaves everything as it is; ``pearson`` takes 3 off; ``auto`` notes.

    Raises
    ------
    KurtosisError
        The file holds both: with ``pearson``, more than 0.5 % of the rows, and more than a slip,
        cannot be; with ``auto``, twenty rows in a row look like Pearson's and the others do not,
        or the kurtosis of a curve has one peak for each.
    """
    if asked == "excess":
        return reading
    can_be = {curve: _can_be(reading.frame, curve) for curve in CURVES}
    whole = _whole(reading.frame)
    if asked == "pearson":
        _refuse_excess(reading, can_be, whole)
        return _without_offset(reading, "as --kurtosis pearson says")
    alike = _alike(can_be, whole)
    if alike:
        return replace(reading, warnings=(*reading.warnings, _note(alike, int(whole.sum()))))
    if all((~can_be[curve][whole]).sum() > slips(len(whole)) for curve in CURVES):
        _refuse_mixture(reading, can_be["profile"] & can_be["dm"], whole)
    return reading


def settle_by_reference(reading: Reading, reference: Reference) -> Reading:
    """Take 3 off where the rows a model learnt from leave no doubt that the file has it too much.

    Both curves have to look like Pearson's, and taking 3 off has to bring the profile's kurtosis,
    which in noise is the same for every survey, from far off to near the training rows.
    """
    if len(_looks_pearson(reading)) < len(CURVES):
        return reading
    at = FEATURE_NAMES.index("profile_kurtosis")
    features = reading.frame[list(FEATURE_NAMES)].to_numpy()
    features = features[np.isfinite(features).all(axis=1)]
    if len(features) < MIN_ROWS:
        return reading
    moved = features.copy()
    moved[:, [FEATURE_NAMES.index(f"{curve}_kurtosis") for curve in CURVES]] -= OFFSET
    before, after = (measure_drift(reference, X).features[at].psi for X in (features, moved))
    if before < SHARP or after > BETTER * before:
        return reading
    because = (
        "for no row is sure to have excess kurtosis, and so the profile's kurtosis lies where that "
        f"of the training rows does (PSI {after:.2f}; as it stands {before:.2f}); --kurtosis "
        "excess leaves it as it stands"
    )
    noted = tuple(one for one in reading.warnings if _WAY_OUT not in one)
    return _without_offset(replace(reading, warnings=noted), because)


def _without_offset(reading: Reading, because: str) -> Reading:
    """Give a reading with excess kurtosis for Pearson's, and say so."""
    names = [f"{curve}_kurtosis" for curve in CURVES]
    frame = reading.frame.assign(**{name: reading.frame[name] - OFFSET for name in names})
    said = f"3 was taken off {' and '.join(names)}, {because}"
    return replace(reading, frame=frame, converted=tuple(names), warnings=(*reading.warnings, said))


_WAY_OUT = "--kurtosis pearson takes 3 off, --kurtosis excess says that it is right as it stands"


def _note(curves: Sequence[str], n_rows: int) -> str:
    names = " and ".join(f"{curve}_kurtosis" for curve in curves)
    return (
        f"{names} look{'s' * (len(curves) == 1)} like Pearson's kurtosis, which is 3 more than "
        f"excess kurtosis: of {n_rows:,} rows hardly one is below skewness² + 1, where the excess "
        f"kurtosis of most curves is; {_WAY_OUT}"
    )


def _looks_pearson(reading: Reading) -> tuple[str, ...]:
    """Curves of which no row but a slip is sure to be excess kurtosis, where rows are enough."""
    whole = _whole(reading.frame)
    return _alike({curve: _can_be(reading.frame, curve) for curve in CURVES}, whole)


def _alike(can_be: Mapping[Curve, Rows], whole: Rows) -> tuple[str, ...]:
    n_rows = int(whole.sum())
    below = {curve: int((~can_be[curve][whole]).sum()) for curve in CURVES}
    curves = tuple(curve for curve in CURVES if below[curve] <= slips(n_rows))
    needed = MIN_ROWS if len(curves) == len(CURVES) else MIN_ROWS_OF_ONE
    return curves if n_rows >= needed else ()


def _can_be(frame: pd.DataFrame, curve: str) -> Rows:
    return allows_pearson(frame[f"{curve}_skewness"], frame[f"{curve}_kurtosis"])


def _whole(frame: pd.DataFrame) -> Rows:
    """Rows of which all four moments are known."""
    names = [f"{curve}_{moment}" for curve in CURVES for moment in ("skewness", "kurtosis")]
    known: Rows = np.isfinite(frame[names].to_numpy(dtype=np.float64)).all(axis=1)
    return known


def _refuse_excess(reading: Reading, can_be: Mapping[Curve, Rows], whole: Rows) -> None:
    """Raise where too many rows cannot be what was said."""
    wrong = whole & ~(can_be["profile"] & can_be["dm"])
    n_wrong, n_rows = int(wrong.sum()), int(whole.sum())
    if n_wrong <= max(MAX_EXCESS * n_rows, slips(n_rows)):
        return
    line = int(reading.lines[np.flatnonzero(wrong)[0]])
    raise KurtosisError(
        f"{reading.name}: {n_wrong:,} of {n_rows:,} rows cannot have Pearson's kurtosis, which is "
        f"at least skewness² + 1 (the first is line {line}; at most {MAX_EXCESS:.1%} may be in "
        "error); leave --kurtosis pearson out, or, if the file mixes both, split it."
    )


def _refuse_mixture(reading: Reading, both: Rows, whole: Rows) -> None:
    """Raise where some rows look like Pearson's and others cannot be."""
    rows = np.flatnonzero(whole)
    both = both[rows]
    start, length = _longest_run(both)
    n_others = int((~both).sum())
    way_out = (
        "split it, convert the one part with --kurtosis pearson and join the features, or say "
        "--kurtosis excess if it is right as it stands."
    )
    by_chance = n_others * both.mean() ** length  # runs of that length, were the rows shuffled
    if length >= MIN_ROWS and by_chance < MAX_BY_CHANCE:
        first, last = (int(reading.lines[rows[i]]) for i in (start, start + length - 1))
        raise KurtosisError(
            f"{reading.name} mixes two kinds of kurtosis: lines {first:,} to {last:,} look like "
            f"Pearson's, which is at least skewness² + 1, and {n_others:,} other rows cannot be; "
            f"{way_out}"
        )
    if len(rows) < MIN_ROWS or both.mean() < MIN_SHARE:
        return
    for curve in CURVES:
        name = f"{curve}_kurtosis"
        if _has_two_peaks(reading.frame[name].to_numpy()[rows]):
            raise KurtosisError(
                f"{reading.name} mixes two kinds of kurtosis: {name} is common near 0, as excess "
                "kurtosis of noise is, and near 3, as Pearson's is, and rare between; "
                f"{way_out}"
            )


def _longest_run(true: Rows) -> tuple[int, int]:
    """Start and length of the longest run of true values; the first of several."""
    edges = np.flatnonzero(np.diff(np.r_[False, true, False]))
    if not len(edges):
        return 0, 0
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    at = int(np.argmax(lengths))
    return int(starts[at]), int(lengths[at])


def _has_two_peaks(kurtosis: NDArray[np.float64]) -> bool:
    """Tell whether values are common near 0 and near 3 and rarer half-way."""
    low, valley, high = (
        int(((kurtosis >= at - 0.4) & (kurtosis < at + 0.4)).sum()) for at in (0.0, 1.5, 3.0)
    )
    least = 1.5 * valley + SIGMA * np.sqrt(valley + 1.0)
    return bool(low > least and high > least)
