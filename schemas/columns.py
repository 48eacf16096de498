"""Which column is what: by the user's word, by name, by the structure of the values."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.cells import Status
from schemas.errors import ColumnsError, ParameterError
from schemas.features import FEATURE_NAMES, LABEL
from schemas.labels import Label, find_label, not_a_label, read_label, refuse_leakage
from schemas.moments import MomentEvidence, settle_moments
from schemas.names import find_by_name, is_label_name
from schemas.structure import find_by_structure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schemas.cells import Column, Table


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
    evidence : tuple of MomentEvidence
    warnings : tuple of str
    """

    features: dict[str, Column]
    how: dict[str, str]
    label: Label | None
    evidence: tuple[MomentEvidence, ...]
    warnings: tuple[str, ...]


def choose_columns(table: Table, *, columns: str | None, drop: Sequence[str]) -> Choice:
    """Find the eight features and the label.

    Raises
    ------
    ParameterError
        `columns` is not written as it should be.
    ColumnsError, LabelError, LeakageError
        The columns cannot be found, or not without doubt.
    """
    file = table.name
    dropped = [resolve(token, table.columns, file=file) for token in drop]
    present = [column for column in table.columns if column not in dropped]
    given = parse_columns(columns, present, file=file)
    features = {name: column for name, column in given.items() if name != LABEL}
    others = [column for column in present if column not in given.values()]
    named = find_by_name(others, file=file) if len(features) < len(FEATURE_NAMES) else {}
    known = {**named, **features}
    label = _choose_label(given, [c for c in others if c not in known.values()], table)
    if len(known) < len(FEATURE_NAMES):
        rest = [c for c in others if label is None or c is not label.column]
        rest = [c for c in rest if not is_label_name(c.name)]
        found = find_by_structure(rest, known, file=file)
    else:
        found = known
    extra = [c for c in present if c not in found.values()]
    if label is not None:
        extra = [c for c in extra if c is not label.column]
        refuse_leakage(label, extra, file=file)
    said = _who_said(features, known)
    settled, evidence, warnings = settle_moments(found, said=said, file=file)
    how = {name: _how(name, found, settled, given, named) for name in FEATURE_NAMES}
    if label is not None:
        how[LABEL] = label.how
    ignored = _ignored(extra)
    return Choice(
        {name: settled[name] for name in FEATURE_NAMES}, how, label, evidence, warnings + ignored
    )


def resolve(token: str, columns: Sequence[Column], *, file: str) -> Column:
    """Find the column that a user calls by its name or its position from 1.

    Raises
    ------
    ColumnsError
        No column, or more than one, is called so.
    """
    token = token.strip().strip("'\"").strip()
    exact = [c for c in columns if c.name is not None and c.name == token]
    loose = [c for c in columns if c.name is not None and c.name.lower() == token.lower()]
    placed = [c for c in columns if token == str(c.position)]
    found = exact or loose or placed
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{c.position} '{c.name}'" if c.name else str(c.position) for c in columns)
    if found:
        raise ColumnsError(
            f"{file}: {len(found)} columns are called '{token}'; use a position: {there}."
        )
    close = difflib.get_close_matches(token, [c.name for c in columns if c.name], n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    raise ColumnsError(f"{file}: there is no column '{token}'{hint}; there are: {there}.")


def parse_columns(text: str | None, columns: Sequence[Column], *, file: str) -> dict[str, Column]:
    """Read the value of ``--columns``: eight or nine sources in canonical order, or pairs.

    Raises
    ------
    ParameterError
        Neither form, an unknown canonical name, or one column used twice.
    ColumnsError
        A source that is not there.
    """
    if text is None:
        return {}
    canonical = (*FEATURE_NAMES, LABEL)
    items = [item.strip() for item in text.split(",")]
    if all("=" in item for item in items):
        pairs = [tuple(part.strip() for part in item.split("=", 1)) for item in items]
    elif len(items) in (len(FEATURE_NAMES), len(canonical)):
        pairs = list(zip(canonical, items, strict=False))
    else:
        raise ParameterError(
            f"--columns '{text}' has {len(items)} entries; give eight or nine column names or "
            f"positions in the order {', '.join(canonical)}, or pairs such as profile_mean=3."
        )
    given: dict[str, Column] = {}
    for name, source in pairs:
        if name not in canonical:
            raise ParameterError(
                f"--columns: '{name}' is no canonical column; they are {', '.join(canonical)}."
            )
        column = resolve(source, columns, file=file)
        if name in given or column in given.values():
            raise ParameterError(f"--columns '{text}' uses '{name}' or {column} twice.")
        given[name] = column
    return given


def _choose_label(
    given: Mapping[str, Column], others: Sequence[Column], table: Table
) -> Label | None:
    """Take the label that the user names, or find it."""
    if LABEL not in given:
        return find_label(others, file=table.name, named=table.dialect.header)
    column = given[LABEL]
    if (column.status == Status.MISSING).all():
        return None
    label = read_label(column, "given by --columns")
    if label is None:
        raise not_a_label(column, file=table.name)
    return label


def _who_said(given: Mapping[str, Column], known: Mapping[str, Column]) -> str:
    """Tell on whose word skewness and kurtosis are called so."""
    moments = [name for name in FEATURE_NAMES if name.endswith(("skewness", "kurtosis"))]
    if any(name in given for name in moments):
        return "--columns"
    return "header" if any(name in known for name in moments) else "order"


def _how(
    name: str,
    found: Mapping[str, Column],
    settled: Mapping[str, Column],
    given: Mapping[str, Column],
    named: Mapping[str, Column],
) -> str:
    """Say how a feature was found."""
    called = next(key for key, column in found.items() if column is settled[name])
    if called in given:
        way = "given by --columns"
    elif called in named:
        way = "by its name"
    else:
        way = "by its values and place"
    return way if called == name else f"{way} {called}, read as {name} by the moment inequality"


def _ignored(extra: Sequence[Column]) -> tuple[str, ...]:
    """Name the columns that play no part."""
    empty = [c for c in extra if (c.status == Status.MISSING).all()]
    label = [f"{c} is empty: the candidates are unlabelled" for c in empty if is_label_name(c.name)]
    named = ", ".join(str(column) for column in extra if column not in empty)
    rest = [f"columns that are no feature and no label are ignored: {named}"] if named else []
    return (*label, *rest)
