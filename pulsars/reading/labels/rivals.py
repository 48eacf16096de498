"""Two columns that may both be the label: no model learns from the one that happened to be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.labels.label import handle, two_values
from pulsars.reading.labels.label_encodings import KNOWN, meant, number_in
from pulsars.reading.labels.leakage import refuse_leakage
from pulsars.reading.meaning.slips import FEW_ROWS, n_filled, slips
from pulsars.reading.names import rank_of_label_name
from pulsars.reading.several import NOWHERE
from schemas import FEATURE_NAMES, ColumnsError, for_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column, Table
    from pulsars.reading.labels.label import Label

MAX_CLASSES = 10
"""A column of more different cells holds no classes, but names of candidates or numbers."""

_PULSAR = re.compile("pulsar|psr|cand|signal|detect|confirm|펄서")
_REST = re.compile(
    "rfi|noise|interfer|spurious|reject|art[ei]fact|junk|잡음|^no[ntps]"
    f"|^(no|un).*({_PULSAR.pattern})"
)
_SHORT = re.compile("[pnyt+-]|yes|no|true|false|pos(itive)?|neg(ative)?|good|bad|real|fake|maybe")
"""What a label may say of pulsars and of the rest in words of its own: within a word, and alone."""

_LEANING, _LUCK = 0.2, 10
"""Cramer's V from which on kinds tell much of the label, and chi-square a kind that luck gives."""


def refuse_two(read: Sequence[Label], *, file: str) -> None:
    """Raise for two columns that both can be the label."""
    if len(read) < 2:  # noqa: PLR2004
        return
    first, second = read[0], read[1]
    refuse_leakage(first, [second.column], file=file)
    raise ColumnsError(
        f"{file}: {first.column} and {second.column} can both be the label and differ; leave out "
        f"the other one with --drop {handle(first.column, second.column)} or --drop "
        f"{handle(second.column, first.column)}, or name eight features and the label with "
        "--columns."
    )


def refuse_rival(label: Label, columns: Sequence[Column], *, file: str) -> None:
    """Raise where another column holds two words or whole numbers, which may be labels as well."""
    rivals = [column for column in columns if column is not label.column and two_values(column)]
    if not rivals:
        return
    refuse_leakage(label, rivals, file=file)
    both, (first, second) = (rivals[0], label.column), two_values(rivals[0]) or ("", "")
    drop = " or ".join(f"--drop {handle(column, *both)}" for column in both)
    enough = len(columns) >= len(FEATURE_NAMES) + len(both)  # else a feature would be left out
    leave = f"leave one out with {drop}, or " * enough
    raise ColumnsError(
        f"{file}: {label.column} can be the label by its values, and so can {rivals[0]}, in words "
        f"of its own ('{first}', '{second}'); no name says which; {leave}"
        "name eight features and the label with --columns."
    )


def refuse_unread(label: Label, named: Sequence[Column], table: Table) -> None:
    """Raise where another column that is called the label holds classes that nobody explained.

    What can be read is then not better than what cannot: ``class`` may be what people said, in
    words of their own, and ``target`` a flag. Unless its name is: the other is ignored then.
    """
    for column in named:
        kinds = _kinds(column)
        if column is label.column or not kinds:
            continue
        turned = _is_turned(label, column)  # to leave the column out would keep the label so
        if not turned:
            refuse_leakage(label, [column], file=table.name)
        if turned or not _is_surer(label, column, kinds, table):
            own, other = (handle(one, column, label.column) for one in (label.column, column))
            pulsars = f"{int((label.classes == 1).sum()):,} of {len(label.classes):,} rows"
            said = ", ".join(map(for_name, kinds))
            raise ColumnsError(
                f"{table.name}: {label.column} and {column} are both called the label. By "
                f"{label.column} ({label.encoding.name}) pulsars are {pulsars} looked at; what "
                f"{column} says ({said}) is none of {KNOWN}. If {column} is the label, say --drop "
                f"{own}, and which are pulsars and which not with --pulsar-is and --not-pulsar-is; "
                f"if {label.column} is, say --drop {other}, or --keep {other} if it names "
                "candidates."
            )


def _is_surer(label: Label, column: Column, kinds: Sequence[str], table: Table) -> bool:
    """Tell whether names, or files, say that what can be read is the label, and not the other.

    Not where the other tells much of it: then it may be the truth, and what can be read a guess.
    """
    rank, other = (rank_of_label_name(one.name) for one in (label.column, column))
    weak = other == 0 < rank and all(_side(kind) is None for kind in kinds)
    apart = rank == 2 > other or _is_of_a_file(column, table)  # noqa: PLR2004
    plainly = weak or (apart and not _may_be_label(column, kinds))
    return label.nearly_all and plainly and not _leans(label, column)


def _leans(label: Label, column: Column) -> bool:
    """Tell whether pulsars are more of one kind than of another, by Cramer's V."""
    texts, codes = column.coded(limit=MAX_CLASSES) or ([], np.zeros(0, dtype=np.int64))
    both = label.known & (column.status != Status.MISSING)
    cells = 2 * codes[both] + label.classes[both].astype(np.int64)
    found = np.bincount(cells, minlength=2 * len(texts)).reshape(-1, 2)
    found = found[found.any(axis=1)]
    meant = found.sum(axis=1, keepdims=True) * found.sum(axis=0) / max(int(found.sum()), 1)
    chi2 = ((found - meant) ** 2 / np.where(meant > 0, meant, 1)).sum()
    return bool(chi2 > max(_LEANING**2 * found.sum(), _LUCK * len(found)))


def _is_of_a_file(column: Column, table: Table) -> bool:
    """Tell whether a column says one thing in each of several files, of rows enough to say more."""
    files = [one for one in table.beside if one.position == NOWHERE]
    said = [one.coded(limit=len(one.status)) for one in (*files, column)]
    codes = np.array([one[1] for one in said if one])[:, column.status != Status.MISSING]
    n_files = len(np.unique(codes[0]))
    return bool(files) and len(np.unique(codes.T, axis=0)) == n_files <= codes.shape[1] / FEW_ROWS


def _may_be_label(column: Column, kinds: Sequence[str]) -> bool:
    """Tell whether classes may be pulsar against the rest, as ``A``, ``B``, ``C`` are not."""
    numbers = {number_in(kind) for kind in kinds} - {None}
    if numbers and (two_values(column) or numbers >= {0, 1}):
        return True
    short = any(_SHORT.fullmatch(str(meant(kind))) for kind in kinds)
    return short or any(_side(kind) is not None for kind in kinds)


def _side(kind: str) -> int | None:
    """Give what a label's word says: 1 of pulsars, 0 of the rest; None for any other word."""
    word = str(meant(kind))
    return 0 if _REST.search(word) else 1 if _PULSAR.search(word) else None


def _is_turned(label: Label, column: Column) -> bool:
    """Tell whether a label means the rest, by a column's words for these and for pulsars."""
    texts, codes = column.coded(limit=MAX_CLASSES) or ([], np.zeros(0, dtype=np.int64))
    sides = {
        (one, _side(texts[at])) for one in (0, 1) for at in np.unique(codes[label.classes == one])
    }
    return sides - {(0, None), (1, None)} == {(0, 1), (1, 0)}


def _kinds(column: Column) -> list[str]:
    """Give the few different cells of a column that can be classes; none of any other column.

    Nor of numbers that are not whole, such as half a beam: those are measured, not said.
    """
    coded = column.coded(limit=MAX_CLASSES)
    if coded is None or _has_fractions(column):
        return []
    texts, codes = coded
    kinds = np.unique(codes[column.status != Status.MISSING])
    return [texts[at] for at in kinds] if 1 < len(kinds) <= n_filled(column) / 2 else []


def _has_fractions(column: Column) -> bool:
    """Tell whether a column holds numbers alone, of which more than a slip are not whole."""
    numbers = column.numbers[column.status == Status.OK]
    odd = int((numbers != np.round(numbers)).sum())
    return len(numbers) == n_filled(column) and odd > slips(len(numbers))
