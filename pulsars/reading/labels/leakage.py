"""A column or feature that holds the label, and rows that are there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.labels.label import BY_NAME, BY_VALUES, MAX_DISTINCT, handle, read_label
from pulsars.reading.meaning.curves import curve_doubt
from pulsars.reading.names import is_label_name
from schemas import FEATURE_NAMES, LeakageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulsars.reading.cells import Column
    from pulsars.reading.counts.looks import Looked
    from pulsars.reading.labels.label import Label


def refuse_leakage(label: Label, others: Sequence[Column], *, file: str) -> None:
    """Raise when another column tells the label of every row.

    Raises
    ------
    LeakageError
        A column corresponds to the label one to one: a copy, its inverse or its text.
    """
    if not label.both:
        return
    for column in others:
        if _repeats(label, column):
            _refuse_opposites(label, column, file=file)
            guessed = label.how == BY_VALUES
            then = (
                f"; pulsars are {_n_pulsars(label):,} of {len(label.classes):,} rows then" * guessed
            )
            raise LeakageError(
                f"{file}: {column} repeats {label.column}, the label, {_in_every_row(label)}; a "
                "model would learn nothing but that; leave it out with --drop "
                f"{handle(column, label.column)}{then}."
            )


def _refuse_opposites(label: Label, column: Column, *, file: str) -> None:
    """Raise with both ways out where a pulsar of one label is none of the other, and no name tells.

    So are the two columns of a class that was spread over them, its first value first.
    """
    asked = None if label.encoding.known else label.encoding
    other = read_label(column, label.how, asked=asked)
    named = label.how == BY_NAME and is_label_name(column.name)
    if other is None or not (label.how == BY_VALUES or named):
        return
    shared = label.known & other.known
    if (label.classes == other.classes)[shared].any():
        return
    few, many = sorted((label, other), key=_n_pulsars)
    ways = [handle(one.column, few.column, many.column) for one in (many, few)]
    raise LeakageError(
        f"{file}: {label.column} and {column} say the opposite of one another "
        f"{_in_every_row(label)}, and no name tells which is the label: pulsars are "
        f"{_n_pulsars(few):,} rows by {few.column} and "
        f"{_n_pulsars(many):,} by {many.column}; as a survey has few, leave the other out with "
        f"--drop {ways[0]}; if they are the many, with --drop {ways[1]}."
    )


def _in_every_row(label: Label) -> str:
    """Say in which rows something was found: a larger file has others, that no sample shows."""
    return f"in every row that has both, of {len(label.classes):,} looked at"


def _n_pulsars(label: Label) -> int:
    return int((label.classes == 1).sum())


def _repeats(label: Label, column: Column) -> bool:
    """Tell whether the cells of `column` correspond one to one to the labels."""
    key = column.numbers
    if not np.isfinite(key).any():
        coded = column.coded(limit=MAX_DISTINCT)
        if coded is None:
            return False
        key = np.where(column.status == Status.MISSING, np.nan, coded[1])
    shared = label.known & ~np.isnan(key)
    if 2 * shared.sum() < label.known.sum():
        return False
    pulsars = np.unique(key[shared & (label.classes == 1)])
    others = np.unique(key[shared & (label.classes == 0)])
    return len(pulsars) == len(others) == 1 and pulsars[0] != others[0]


def warn_of_leaks(rows: Looked, *, said: Sequence[str] = ()) -> Iterator[str]:
    """Say which features alone tell the label, whether it is turned, and how many rows repeat.

    `said` is what is said of the file already: of exchanged curves the flatter is no profile.
    """
    if rows.upside_down and not curve_doubt(said):
        yield (
            "what is labelled pulsar has the flatter profiles: nearly all others have a larger "
            "profile_skewness, as in no known survey; check which label means a pulsar, and turn "
            "it round with --pulsar-is and --not-pulsar-is if it is the other one"
        )
    if rows.telling:
        each = ", ".join(f"{FEATURE_NAMES[at]} {area:.4f}" for at, area in rows.telling.items())
        yield (
            f"one feature alone ranks pulsars almost perfectly (ROC AUC: {each}), as none of a "
            f"known survey does; it may have been made from the label"
        )
    if rows.n_near is None:
        yield (
            "so many rows share their leading digits with another that those were not counted "
            "which repeat one but for digits after the fifth"
        )
    elif rows.n_near > rows.n_repeats:
        yield (
            f"{rows.n_near - rows.n_repeats:,} rows repeat another one but for digits after the "
            f"fifth; a split keeps them on one side, yet each counts as a candidate of its own"
        )
