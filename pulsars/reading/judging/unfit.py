"""Refuse a table that as a whole is unfit, whatever its rows are."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pulsars.reading.cells import Status
from pulsars.reading.faults import rejected_share
from pulsars.reading.formats.spellings import how_written
from schemas import CURVES, FULL_SCALE, LABEL, QuarantineRateError, TableError

if TYPE_CHECKING:
    from pulsars.reading.judging.quality import QualityReport

MIN_ROWS = 100
"""Below this a split leaves parts on which no share can be measured to better than 10 points."""

N_REASONS = 5

_IMPOSSIBLE = (*(f"is below {curve}_skewness" for curve in CURVES), "is more than", "is 0, which")
"""How reasons begin that no mark of a missing value explains."""

_NO_NUMBER = re.compile(rf"'([^']*)' {re.escape(Status.TEXT.why)}")

MIN_CLASS_ROWS = 10
"""Below this one of three parts gets one row of the class, or none."""


def refuse_unfit(quality: QualityReport, *, max_quarantine: float, to_train: bool = True) -> None:
    """Raise when a table as a whole is unfit; see `check_candidates`."""
    _refuse_rate(quality, max_quarantine, to_train=to_train)
    if not quality.rows["accepted"]:
        raise TableError(f"{quality.name}: no row was accepted; repair the file.")
    if to_train and quality.n_pulsars is not None:
        _refuse_table(quality, quality.n_pulsars)


def _refuse_rate(quality: QualityReport, max_quarantine: float, *, to_train: bool) -> None:
    """Raise when too many rows were rejected."""
    n_read, n_rejected = quality.rows["read"], quality.rows["quarantined"]
    share = rejected_share(n_read, n_rejected, quality.reasons)
    if share <= max_quarantine:
        return
    counts = [
        f"{_in_file(reason, quality)} in {n_rows:,} rows"
        for reason, n_rows in list(quality.reasons.items())[:N_REASONS]
    ]
    first = quality.samples[0]
    unit = "row" if quality.dialect["format"] == "parquet" else "line"
    named = f" ({first.named})" if first.named else ""  # the candidate, or which file
    raise QuarantineRateError(
        f"{quality.name}: {n_rejected:,} of {n_read:,} rows ({share:.1%}) were rejected, more than "
        f"the {max_quarantine:.1%} that max_quarantine allows: {'; '.join(counts)}. The first is "
        f"{unit} {first.line}{named}: {first.reasons}{_spelling(first.reasons)}. "
        f"{_way_out(quality, share, to_train=to_train)}."
    )


def _spelling(reasons: str) -> str:
    """Say what to do of cells of a row that are numbers, written otherwise than is read."""
    why = filter(None, map(how_written, _NO_NUMBER.findall(reasons)))
    return next((f" ({said})" for said in why), "")


def _way_out(quality: QualityReport, share: float, *, to_train: bool) -> str:
    """Say what can be done: to repair the file, and what else."""
    n_unlabelled = sum(n for why, n in quality.reasons.items() if why.startswith(f"{LABEL} "))
    if to_train and (said := _of_one_class_written(quality)):
        return said
    if not to_train and 2 * n_unlabelled > quality.rows["quarantined"]:
        return (
            "Repair the file, or leave its label out, so that candidates without a known label are "
            f"scored too: --drop {quality.columns[LABEL].position}"
        )
    # Numbers that contradict each other, or the scale.
    n_impossible = sum(
        n for why, n in quality.reasons.items() if why.split(" ", 1)[1].startswith(_IMPOSSIBLE)
    )
    if 2 * n_impossible > quality.rows["quarantined"]:
        return (
            "Repair the file: numbers that no curve has stand in a wrong column, which --columns "
            f"puts right, on another scale than 0 to {FULL_SCALE:g}, or for what was never "
            "measured; --max-quarantine would leave out the worst of them alone"
        )
    rounded = math.ceil(share * 100) / 100
    way = f", or go on with the sound rows: --max-quarantine {rounded:g}" if rounded < 1 else ""
    return f"Repair the file{way}"


def _of_one_class_written(quality: QualityReport) -> str:
    """Say of a label that names one class alone, and is empty else, what the empty cells need.

    Tables of people often mark the pulsars, or what is none, and nothing else. Without those rows
    one class would be left; and what is empty may as well be what nobody looked at.
    """
    n_accepted, n_pulsars = quality.rows["accepted"], quality.n_pulsars
    n_empty = quality.reasons.get(f"{LABEL} {Status.MISSING.why}", 0)
    if n_pulsars not in (0, n_accepted) or not n_accepted or n_empty < MIN_CLASS_ROWS:
        return ""
    written, other = ("pulsar", "none") if n_pulsars else ("none", "pulsar")
    no, _, yes = str(quality.dialect["label_encoding"]).partition("/")
    word = no if n_pulsars else yes
    return (
        f"{quality.columns[LABEL]} is the label, and says {written} of {n_accepted:,} rows and "
        f"nothing of {n_empty:,}: if an empty cell means {other}, which is not guessed, write "
        f"{word} into these cells"
    )


def _in_file(reason: str, quality: QualityReport) -> str:
    """Reason with the place that its column has in the file."""
    column, why = reason.split(" ", 1)
    source = quality.columns.get(column)
    return f"{column} ({source}) {why}" if source else reason


def _refuse_table(quality: QualityReport, n_pulsars: int) -> None:
    """Raise when sound rows make no table to learn from."""
    name, n_rows, source = quality.name, quality.rows["accepted"], quality.columns[LABEL]
    if n_pulsars in (0, n_rows):
        only = "pulsars" if n_pulsars else "non-pulsars"
        way_out = _of_one_class_written(quality) or "give a file with both"
        raise TableError(
            f"{name}: all {n_rows:,} accepted rows are {only} ({source} is the label); nothing "
            f"can be learnt from one class; {way_out}, or, if that column is no label, leave it "
            f"out with --drop {source.position}."
        )
    if n_rows < MIN_ROWS:
        raise TableError(
            f"{name}: accepted rows: {n_rows}, which are too few; at least {MIN_ROWS} are needed."
        )
    for label, count in (("pulsars", n_pulsars), ("non-pulsars", n_rows - n_pulsars)):
        if count < MIN_CLASS_ROWS:
            raise TableError(
                f"{name}: {count} {label} among the accepted rows are too few; at least "
                f"{MIN_CLASS_ROWS} are needed."
            )
