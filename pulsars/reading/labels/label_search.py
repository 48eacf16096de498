"""Which column holds the label, on what evidence, and what is said about the others.

A label changes what a model learns without a trace in any number, so two values alone make no
label where names are there to say what a column is: a flag has two values too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulsars.reading.cells import Status
from pulsars.reading.labels.label import (
    BY_NAME,
    BY_VALUES,
    Label,
    handle,
    not_a_label,
    read_label,
    two_values,
)
from pulsars.reading.labels.label_encodings import WORDS
from pulsars.reading.labels.rivals import refuse_rival, refuse_two, refuse_unread
from pulsars.reading.meaning.slips import is_empty, slips, well_filled
from pulsars.reading.names import curve_words, fold_roles, is_label_name, names_a_statistic
from schemas import CURVES, FEATURE_NAMES, LABEL, for_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column, Table
    from pulsars.reading.labels.label_encodings import Encoding


@dataclass(frozen=True, eq=False)
class Found:
    """What was found out about the label.

    Attributes
    ----------
    label : Label or None
        None for an unlabelled table.
    said : str or None
        A sentence where that is less than certain.
    """

    label: Label | None
    said: str | None = None


def choose_label(
    given: Mapping[str, Column],
    others: Sequence[Column],
    known: Mapping[str, Column],
    table: Table,
    asked: Encoding | None,
) -> Found:
    """Take the label that the user names, or find it."""
    if LABEL not in given:
        speaking = any(names_a_statistic(column.name) for column in known.values())
        speaking = speaking or _speak_of_curves([*known.values(), *others])
        return _find_label(others, table, speaking=speaking, asked=asked)
    column = given[LABEL]
    if (column.status == Status.MISSING).all():
        return Found(None)
    label = read_label(column, "given by --columns", asked=asked)
    if label is None:
        raise not_a_label(column, file=table.name, asked=asked)
    return Found(label)


def _speak_of_curves(columns: Sequence[Column]) -> bool:
    """Tell whether a word of a curve stands in the names of four columns of each."""
    words = [curve_words(column.name or "") for column in columns]
    return min(words.count({curve}) for curve in CURVES) >= len(FEATURE_NAMES) / len(CURVES)


def _find_label(
    columns: Sequence[Column],
    table: Table,
    *,
    speaking: bool,
    asked: Encoding | None = None,
) -> Found:
    """Find the label among columns that are no features.

    Parameters
    ----------
    columns : sequence of Column
    table : Table
        Of which they are; without names in it a constant column of label values counts as a label
        too, so that a table of one class is not mistaken for an unlabelled one.
    speaking : bool
        Whether the names say which columns are the features. If so, a column that has another
        name than a label's is the label only if its words say pulsar and not pulsar.
    asked : Encoding, optional
        How it is spelled, on the user's word.

    Raises
    ------
    LabelError
        A column says that it is the label and its values fit no encoding.
    ColumnsError
        Two different columns can be the label, or are called so and one cannot be read.
    LeakageError
        Two columns can be the label and repeat one another.
    """
    file, of_folds = table.name, fold_roles(columns)
    columns = [column for column in columns if column.name not in of_folds]
    by_name = [column for column in columns if is_label_name(column.name)]
    filled = well_filled([column for column in by_name if not is_empty(column)])
    read = [it for column in filled if (it := read_label(column, BY_NAME, asked=asked))]
    if filled and not read:
        raise not_a_label(filled[0], file=file, asked=asked)
    if by_name and not filled:
        return Found(None)
    if read:
        refuse_two(read, file=file)
        if not asked:
            refuse_unread(read[0], filled, table)
        return Found(read[0])
    columns = well_filled(columns)
    if speaking and not table.dialect.header and (last := _nameless_last(columns, table)):
        columns, speaking = last, False
    guesses = [it for column in columns if (it := read_label(column, BY_VALUES, asked=asked))]
    labels = [label for label in guesses if label.nearly_all]
    if asked and not any(label.both for label in labels):
        labels = guesses  # what neither option names is set aside, however much that is
    if speaking:
        found = _by_words(labels, columns, file=file, asked=asked)
    else:
        found = _by_values(labels, columns, file=file, header=table.dialect.header)
    return found if found.label or found.said or not asked else Found(None, _not_found(asked))


def _nameless_last(columns: Sequence[Column], table: Table) -> list[Column]:
    """Give the column behind those that a comment names, if it is one of these."""
    last = table.columns[-1]
    return [column for column in columns if column.position == last.position and not last.name]


def _not_found(asked: Encoding) -> str:
    """Say that nothing holds what the user named."""
    return (
        f"no column holds what --pulsar-is and --not-pulsar-is name ({for_name(asked.name)}) in at "
        "least half of its cells, and both of it; name the label with --columns label=…"
    )


def _by_words(
    labels: Sequence[Label], columns: Sequence[Column], *, file: str, asked: Encoding | None
) -> Found:
    """Take the column whose words say pulsar and not pulsar, and name those not taken."""
    read = [
        Label(label.column, label.classes, label.encoding, "by its words")
        for label in labels
        if label.both and label.encoding.in_words and label.encoding in (WORDS, asked)
    ]
    refuse_two(read, file=file)
    if read:
        label = read[0]
        return Found(label, f"{label.column} is taken for the label, because its words say so")
    could = {label.column.position for label in labels if label.both}
    flags = [column for column in columns if column.position in could]
    said = []
    if flags:
        meaning = "" if asked else " and 1 or yes is a pulsar there,"
        said.append(
            f"{', '.join(map(str, flags))} could be the label by its values and is not taken for "
            f"it, because its name does not say so; if it is,{meaning} say {_ways(flags)}"
        )
    others = [column for column in columns if column.position not in could]
    said += [*_of_unknown(others, ways=True), *_of_one_side(labels)]
    return Found(None, "; ".join(said) or None)


def _ways(columns: Sequence[Column]) -> str:
    """Give what a user says to have one of the columns for the label."""
    return " or ".join(f'--columns "label={_pair_handle(column)}"' for column in columns)


def _of_unknown(columns: Sequence[Column], *, ways: bool) -> list[str]:
    """Name the columns that hold two values which are no label that is known."""
    others = [(column, pair) for column in columns if (pair := two_values(column))]
    if not others:
        return []
    named = ", ".join(f"{column} ({for_name(a)}, {for_name(b)})" for column, (a, b) in others)
    options = f", and {_ways([column for column, _ in others])}" if ways else ""
    options = f"--pulsar-is and --not-pulsar-is{options}"
    said = "are no label that is known; if they are one, say which is a pulsar with"
    return [f"the two values of {named} {said} {options}"]


def _of_one_side(labels: Sequence[Label]) -> list[str]:
    """Name the columns whose words say of all rows that were looked at that they are of one class.

    Of a large file a sample is looked at, and the other class may stand where none was taken.
    """
    sides = [label for label in labels if label.encoding == WORDS and not label.both]
    classes = [[label.column for label in sides if (label.classes == one).any()] for one in (0, 1)]
    return [
        f"{' and '.join(map(str, found))} {said} in all rows that were looked at, and is not taken "
        f"for the label; if it is, say {_ways(found)}"
        for said, found in zip(("says not pulsar", "says pulsar"), classes, strict=True)
        if found
    ]


def _by_values(
    labels: Sequence[Label], columns: Sequence[Column], *, file: str, header: bool
) -> Found:
    """Take the only column whose values can be labels, where no name says more."""
    read = [label for label in labels if label.both]
    if len(read) > 1:  # a class that stands in one row may be a slip in a constant column
        firm = [label for label in read if _rarer(label) > slips(len(label.classes))]
        read = firm or read
    refuse_two(read, file=file)
    if read:
        refuse_rival(read[0], columns, file=file)
    if not read and not header:
        read = list(labels[-1:])
    if not read:
        said = [*_of_unknown(columns, ways=False), *_of_one_side(labels)]
        return Found(None, next(iter(said), None))
    label, without = read[0], f"leave it out with --drop {handle(read[0].column)}"
    return Found(
        label,
        f"{label.column} is taken for the label, because no name says what it is and its values "
        f"can be ({label.encoding.name}); if it is not, {without}",
    )


def _rarer(label: Label) -> int:
    """Rows of the rarer class."""
    return int(min((label.classes == 0).sum(), (label.classes == 1).sum()))


def _pair_handle(column: Column) -> str:
    """How a user calls the column in a pair of ``--columns``."""
    name = column.name or ""
    plain = name and for_name(name) == name and not set(name) & set(",='\"")
    return name if plain else str(column.position)
