"""Which column is what: by the user's word, by name, by the structure of the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulsars.reading.identity.carried import Carried, asked_for, choose_carried, renamed
from pulsars.reading.identity.roles import half_a_position
from pulsars.reading.labels.label_search import choose_label
from pulsars.reading.labels.leakage import refuse_leakage
from pulsars.reading.meaning.amiss import refuse_centred
from pulsars.reading.meaning.asked_columns import parse_columns, resolve
from pulsars.reading.meaning.bounds import note_off_scale
from pulsars.reading.meaning.by_name import find_by_name
from pulsars.reading.meaning.curves import settle_curves
from pulsars.reading.meaning.fills import note_fills
from pulsars.reading.meaning.moments import MomentEvidence, settle_moments
from pulsars.reading.meaning.sameness import note_sameness
from pulsars.reading.meaning.slips import is_empty, n_filled, well_filled
from pulsars.reading.meaning.structure import find_by_structure
from pulsars.reading.names import fold_roles, is_label_name
from schemas import FEATURE_NAMES, LABEL, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulsars.reading.cells import Column, Table
    from pulsars.reading.labels.label import Label
    from pulsars.reading.labels.label_encodings import Encoding
    from pulsars.reading.labels.label_search import Found


@dataclass(frozen=True, eq=False)
class Choice:
    """What the columns of a table are.

    Attributes
    ----------
    features : dict of str to Column
        By canonical name, in canonical order.
    how : dict of str to str
        How each was found, by canonical name; includes ``label``.
    label : Label or None
    label_hint : str or None
        What is said of columns that may be the label, or of one that was taken for it.
    evidence : tuple of MomentEvidence
    warnings : tuple of str
    carried : tuple of Carried
        Columns that say which candidate a row is.
    told : tuple of Column
        Columns of which the user said what they are, or that they are nothing.
    """

    features: dict[str, Column]
    how: dict[str, str]
    label: Label | None
    label_hint: str | None
    evidence: tuple[MomentEvidence, ...]
    warnings: tuple[str, ...]
    carried: tuple[Carried, ...]
    told: tuple[Column, ...] = ()


def choose_columns(
    table: Table,
    *,
    columns: str | None,
    drop: Sequence[str],
    keep: Sequence[str] = (),
    asked_label: Encoding | None = None,
) -> Choice:
    """Find the eight features and the label, and what else is carried along.

    Raises
    ------
    ParameterError
        `columns` is not written as it should be.
    ColumnsError, LabelError, LeakageError
        The columns cannot be found, or not without doubt.
    """
    file, whole = table.name, (*table.columns, *table.beside)
    dropped = [resolve(token, whole, file=file) for token in drop]
    asked, word = asked_for(keep, table)
    asked = [column for column in asked if column not in dropped]
    present = [column for column in table.columns if column not in (*dropped, *asked)]
    given = parse_columns(columns, present, file=file)
    others = [column for column in present if column not in given.values()]
    named = _find_named(others, given, file=file)
    known = {**named, **{name: given[name] for name in given if name != LABEL}}
    free = [column for column in others if column not in known.values()]
    label_found = choose_label(given, free, known, table, asked_label)
    label, hint = label_found.label, label_found.said
    extra = [c for c in free if label is None or c is not label.column]
    taken = _taken(dropped, asked)
    found = _find_unnamed(extra, known, table, taken)
    extra = [c for c in extra if c not in found.values()]
    if label is not None:
        refuse_leakage(label, extra, file=file)
    ours = bool(fold_roles([column for column in (*extra, *asked) if n_filled(column)]))
    placed, settled, evidence, said = _settled(found, named, given, file=file, ours=ours)
    beside = [column for column in table.beside if column not in (*dropped, *asked)]
    carried = choose_carried(extra, beside, asked, word)
    notes = _notes(table, settled, carried, label_found, [*extra, *beside])
    return Choice(
        features={name: settled[name] for name in FEATURE_NAMES},
        how=_ways_found(placed, settled, given, named) | ({LABEL: label.how} if label else {}),
        label=label,
        label_hint=hint or next((said for said, c in taken if is_label_name(c.name)), None),
        evidence=evidence,
        warnings=(*said, *notes),
        carried=carried,
        told=(*dropped, *asked, *given.values()),
    )


def _notes(
    table: Table,
    settled: Mapping[str, Column],
    carried: Sequence[Carried],
    found: Found,
    rest: Sequence[Column],
) -> Iterator[str]:
    """Say what people may want to know of the columns, of the label, and of what is left."""
    yield from _note_numbers(settled, carried)
    if found.said:
        yield found.said
    yield from _note_beside(rest, carried, found.label)
    if table.unread:  # of a typed file: one may be the label
        unread = ", ".join(table.unread)
        yield f"columns that hold neither numbers nor texts are ignored: {unread}"


def _settled(
    found: Mapping[str, Column],
    named: Mapping[str, Column],
    given: Mapping[str, Column],
    *,
    file: str,
    ours: bool,
) -> tuple[dict[str, Column], dict[str, Column], tuple[MomentEvidence, ...], tuple[str, ...]]:
    """Put the curves in their places, then skewness and kurtosis; give both, and what is said."""
    refuse_centred(found, file=file)
    who = _who_said(given, {**named, **given})
    try:
        placed, said = settle_curves(found, named, given, file=file)
    except ColumnsError:
        settle_moments(found, said=who, file=file)  # what is no moment at all has no order
        raise
    settled, evidence, warnings = settle_moments(placed, said=who, file=file, ours=ours)
    return placed, settled, evidence, (*warnings, *said)


def _find_named(
    others: Sequence[Column], given: Mapping[str, Column], *, file: str
) -> dict[str, Column]:
    """Features whose names say what they are; mostly empty ones only where they are needed."""
    n_open = len(FEATURE_NAMES) - sum(name != LABEL for name in given)
    if not n_open:
        return {}
    named = find_by_name(well_filled(others), file=file)
    if len({*named, *given} - {LABEL}) == len(FEATURE_NAMES):
        return named
    every = find_by_name(others, file=file)
    return every if len({*every, *given} - {LABEL}) == len(FEATURE_NAMES) else named


def _find_unnamed(
    extra: Sequence[Column],
    known: Mapping[str, Column],
    table: Table,
    taken: Sequence[tuple[str, Column]],
) -> Mapping[str, Column]:
    """Find by their values the features that no name tells."""
    if len(known) == len(FEATURE_NAMES):
        return known
    unnamed = well_filled([column for column in extra if not is_label_name(column.name)])
    # What may be none of them: what the user took, and what is of no type that is read.
    apart = [*(said for said, _ in taken), *table.unread]
    return find_by_structure(unnamed, known, file=table.name, apart=apart)


def _taken(drop: Sequence[Column], keep: Sequence[Column]) -> list[tuple[str, Column]]:
    """Say of each column that the user took for something else what took it."""
    by = [("--drop", column) for column in drop] + [("--keep", column) for column in keep]
    return [(f"{option} took {column}", column) for option, column in by]


def _who_said(given: Mapping[str, Column], known: Mapping[str, Column]) -> str:
    """Tell on whose word skewness and kurtosis are called so."""
    moments = [name for name in FEATURE_NAMES if name.endswith(("skewness", "kurtosis"))]
    if any(name in given for name in moments):
        return "--columns"
    return "header" if any(name in known for name in moments) else "order"


def _ways_found(
    found: Mapping[str, Column],
    settled: Mapping[str, Column],
    given: Mapping[str, Column],
    named: Mapping[str, Column],
) -> dict[str, str]:
    """Say of each feature how it was found."""
    said = {}
    ways = dict.fromkeys(named, "by its name") | dict.fromkeys(given, "given by --columns")
    for name in FEATURE_NAMES:
        called = next(key for key, column in found.items() if column is settled[name])
        way = ways.get(called, "by its values and place")
        turned = f"{way} {called}, read as {name} by the moment inequality"
        said[name] = way if called == name else turned
    return said


def _note_numbers(settled: Mapping[str, Column], carried: Sequence[Carried]) -> tuple[str, ...]:
    """Say what is odd about the numbers of the eight."""
    chi2 = any(one.role == "fold" for one in carried)
    return (*note_off_scale(settled, chi2=chi2), *note_fills(settled), *note_sameness(settled))


def _note_beside(
    columns: Sequence[Column], carried: Sequence[Carried], taken: Label | None
) -> tuple[str, ...]:
    """Name the columns that play no part, and those that are carried by another name."""
    extra = [column for column in columns if all(column is not one.column for one in carried)]
    blank = [c for c in extra if not taken and is_label_name(c.name) and is_empty(c)]
    but = " in all rows but one"
    label = [f"{c} is empty{but * n_filled(c)}: the candidates are unlabelled" for c in blank]
    named = ", ".join(str(c) for c in extra if n_filled(c) and c not in blank)
    rest = [f"columns that are no feature and no label are ignored: {named}"] if named else []
    half = half_a_position((one.role for one in carried), of="the file")
    return (*label, *rest, *renamed(carried), *half)
