"""Pearson's kurtosis, 3 more than excess kurtosis: noticed, taken off when told to, never guessed.

Of any distribution Pearson's kurtosis is at least skewness² + 1 (Pearson 1916). Of excess kurtosis
most curves have less: in HTRU2 no five rows in a row have as much in both curves. Of folds that
were measured here it is known: it is excess kurtosis.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.folds import FOLD_SHA256
from pulsars.reading.meaning.kurtosis_counts import KurtosisCounts
from pulsars.reading.meaning.kurtosis_likeness import fits_better_without, has_left_skewed
from pulsars.reading.meaning.kurtosis_names import both_called, called_pearson, way_out
from pulsars.reading.meaning.slips import slips
from schemas import CURVES, FEATURE_NAMES, KurtosisError
from slp import measure_drift

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.meaning.readings import ColumnSource, Reading
    from slp import Reference

AUTO, EXCESS, PEARSON = "auto", "excess", "pearson"

_KURTOSIS = tuple(f"{curve}_kurtosis" for curve in CURVES)

AS_ASKED = "as --kurtosis pearson says"

OFFSET = 3.0
"""Pearson's kurtosis of a normal curve, whose excess kurtosis is 0."""

MIN_ROWS = 20
"""Rows of both curves that say enough. Draws of so many rows, and blocks, from HTRU2, its pulsars,
its non-pulsars and HTRU 1 hold none that looks like Pearson's in all of them."""

MIN_ROWS_OF_ONE = 200
"""Rows of a single curve that say enough: 65 DM-SNR curves of HTRU2 in a row look so."""

MIN_ROWS_OF_NOISE = 100
"""Rows in a row that look like Pearson's, noise among them, that need no others of like values to
be held against: of those that are sorted by kurtosis, or cut by it, so many hold no noise."""

MAX_EXCESS = 0.005
"""Largest share of rows that cannot be Pearson's in a file of which that was said."""

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
        cannot be, or any is of a fold that was measured here; with ``auto``, twenty rows in a row
        look like Pearson's and the others do not, or the kurtosis of a curve has one peak for each.
    """
    if asked == EXCESS:
        return reading
    counts = KurtosisCounts.of(reading)
    said = judge_kurtosis(counts, asked, reading.columns, name=reading.name)
    if asked == PEARSON:
        return with_note(without_offset(reading), said, AS_ASKED)
    return with_note(reading, said, None)


def judge_kurtosis(
    counts: KurtosisCounts, asked: str, columns: Mapping[str, ColumnSource], *, name: str
) -> tuple[str, ...]:
    """Say of the rows of a whole file what `settle_kurtosis` does, or raise as that does.

    Parameters
    ----------
    counts : KurtosisCounts
    asked : {"auto", "excess", "pearson"}
    columns : dict of str to ColumnSource
        By canonical name.
    name : str
        How messages call the file.
    """
    if asked == EXCESS:
        return ()
    if asked == PEARSON:
        _refuse_excess(counts, name)
        return ()
    alike, called = looks_pearson(counts), called_pearson(columns, counts, most=_most_wrong(counts))
    if alike and (len(alike) == len(CURVES) or not both_called(columns)):
        return (_note(alike, counts.rows),)
    if all(counts.below[curve] > slips(counts.rows) for curve in CURVES):
        _refuse_mixture(counts, name)
    return called


def taken_off(reading: Reading, reference: Reference) -> str | None:
    """Say why 3 is to be taken off: the rows a model learnt from leave no doubt; None where not.

    Both curves have to look like Pearson's, and taking 3 off has to bring the profile's kurtosis,
    which in noise is the same for every survey, from far off to near the training rows.
    """
    counts = KurtosisCounts.of(reading)
    if counts.excess or len(looks_pearson(counts)) < len(CURVES):
        return None
    at = FEATURE_NAMES.index("profile_kurtosis")
    features = reading.frame[list(FEATURE_NAMES)].to_numpy()
    features = features[np.isfinite(features).all(axis=1)]
    if len(features) < MIN_ROWS:
        return None
    moved = features.copy()
    moved[:, [FEATURE_NAMES.index(f"{curve}_kurtosis") for curve in CURVES]] -= OFFSET
    before, after = (measure_drift(reference, X).features[at].psi for X in (features, moved))
    if before < SHARP or after > BETTER * before:
        return None
    return (
        "for no row is sure to have excess kurtosis, and so the profile's kurtosis lies where that "
        f"of the training rows does (PSI {after:.2f}; as it stands {before:.2f}); --kurtosis "
        "excess leaves it as it stands"
    )


def without_offset(reading: Reading) -> Reading:
    """Give a reading with excess kurtosis for Pearson's."""
    moved = {name: reading.frame[name] - OFFSET for name in _KURTOSIS}
    return replace(reading, frame=reading.frame.assign(**moved))


def with_note(reading: Reading, said: Sequence[str], because: str | None) -> Reading:
    """Say of a file what its rows say of kurtosis, and why 3 was taken off if it was."""
    if because is None:
        return replace(reading, warnings=(*reading.warnings, *said))
    taken = f"3 was taken off {' and '.join(_KURTOSIS)}, {because}"
    return replace(reading, converted=_KURTOSIS, warnings=(*reading.warnings, *said, taken))


def _note(curves: Sequence[str], n_rows: int) -> str:
    names = " and ".join(f"{curve}_kurtosis" for curve in curves)
    return (
        f"{names} look{'s' * (len(curves) == 1)} like Pearson's kurtosis, which is 3 more than "
        f"excess kurtosis: of {n_rows:,} rows hardly one is below skewness² + 1, where the excess "
        f"kurtosis of most curves is; {way_out(curves)}, --kurtosis excess says that it is right "
        "as it stands"
    )


def looks_pearson(counts: KurtosisCounts) -> tuple[str, ...]:
    """Curves of which no row but a slip is sure to be excess kurtosis, where rows are enough."""
    curves = _alike(counts)
    needed = MIN_ROWS if len(curves) == len(CURVES) else MIN_ROWS_OF_ONE
    chosen = curves == CURVES[:1] and not has_left_skewed(counts.cells)
    return curves if counts.rows >= needed and not chosen else ()


def _alike(counts: KurtosisCounts) -> tuple[str, ...]:
    return tuple(curve for curve in CURVES if counts.below[curve] <= slips(counts.rows))


def _most_wrong(counts: KurtosisCounts) -> float:
    """Rows that may be in error in a file of which Pearson's kurtosis was said."""
    return max(MAX_EXCESS * counts.rows, slips(counts.rows))


def _refuse_excess(counts: KurtosisCounts, name: str) -> None:
    """Raise where too many rows cannot be what was said, or any row is known not to be."""
    if counts.excess:
        raise KurtosisError(
            f"{name}: {counts.excess:,} rows are of folds that were measured here (column "
            f"{FOLD_SHA256}), and that kurtosis is excess kurtosis; leave --kurtosis pearson out, "
            "or split the file where other rows have Pearson's; if these are no such folds, say "
            f"--drop {FOLD_SHA256}."
        )
    if counts.wrong.length <= _most_wrong(counts):
        return
    raise KurtosisError(
        f"{name}: {counts.wrong.length:,} of {counts.rows:,} rows cannot have Pearson's "
        f"kurtosis, which is at least skewness² + 1 (the first is {counts.wrong.begins()}; at most "
        f"{MAX_EXCESS:.1%} may be in error); leave --kurtosis pearson out, {_instead(counts)}."
    )


def _instead(counts: KurtosisCounts) -> str:
    """Say what there may be instead of Pearson's kurtosis in every row, and what to do then."""
    alike = _alike(counts)
    if len(alike) != 1:
        return "or, if the file mixes both, split it"
    return f"and, if only the {alike[0]} curve has Pearson's, {way_out(alike)}"


def _refuse_mixture(counts: KurtosisCounts, name: str) -> None:
    """Raise where some rows look like Pearson's and others cannot be."""
    run, n_others = counts.longest, counts.wrong.length
    share = (counts.rows - n_others) / counts.rows
    apart = "read the files of each kind by themselves" if run.first_file else "split it"
    way_out = (
        f"{apart}, convert the one part with --kurtosis pearson and join the features, or say "
        "--kurtosis excess if it is right as it stands."
    )
    alike = fits_better_without(run.cells, counts.cells)
    of_noise = run.length >= MIN_ROWS_OF_NOISE and has_left_skewed(run.cells)
    if counts.is_a_part(n_others) and (alike or of_noise):
        raise KurtosisError(
            f"{name} mixes two kinds of kurtosis: {run.spans()} look like Pearson's, which is "
            f"at least skewness² + 1, and {n_others:,} other rows cannot be; {way_out}"
        )
    if counts.rows < MIN_ROWS or share < MIN_SHARE:
        return
    for curve in CURVES:
        if _has_two_peaks(counts.peaks[curve]):
            raise KurtosisError(
                f"{name} mixes two kinds of kurtosis: {curve}_kurtosis is common near 0, as excess "
                "kurtosis of noise is, and near 3, as Pearson's is, and rare between; "
                f"{way_out}"
            )


def _has_two_peaks(peaks: Sequence[int]) -> bool:
    """Tell whether values are common near 0 and near 3 and rarer half-way."""
    low, valley, high = peaks
    least = 1.5 * valley + SIGMA * np.sqrt(valley + 1.0)
    return bool(low > least and high > least)
