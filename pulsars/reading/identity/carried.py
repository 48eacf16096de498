"""Columns that say which candidate a row is: carried along, and never learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pulsars.folds import FOLD_SHA256, REFUSED, SECTION
from pulsars.reading.identity.roles import ROLES, Role, role_by_name, role_by_values
from pulsars.reading.meaning.asked_columns import resolve
from pulsars.reading.meaning.slips import n_filled
from pulsars.reading.names import fold_roles
from pulsars.reading.several import FILE, NOWHERE
from schemas import PATH_LIMIT, PLACE_LIMIT, ParameterError, for_name, is_ours, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column, Table

ALL, NONE = "all", "none"


@dataclass(frozen=True, eq=False)
class Carried:
    """A column that is carried along.

    Attributes
    ----------
    name : str
        What our tables call it.
    role : str
        One of `pulsars.reading.identity.roles.ROLES`.
    column : Column
    how : str
        Why it is carried.
    """

    name: str
    role: Role
    column: Column
    how: str


def asked_for(keep: Sequence[str], table: Table) -> tuple[list[Column], str | None]:
    """Read the value of ``--keep``: columns that it names, and ``all`` or ``none``.

    Raises
    ------
    ColumnsError
        There is no such column.
    ParameterError
        ``none`` stands beside a column.
    """
    columns = [one for one in (*table.columns, *table.beside) if one.position != NOWHERE]
    known = {column.name for column in columns}
    words = [token for token in keep if token in (ALL, NONE) and token not in known]
    named = [token for token in keep if token not in words]
    if NONE in words and len(keep) > 1:
        raise ParameterError("--keep none stands alone; leave it out, or the others")
    return [resolve(token, columns, file=table.name) for token in named], next(iter(words), None)


def choose_carried(
    extra: Sequence[Column],
    beside: Sequence[Column],
    asked: Sequence[Column],
    word: str | None,
) -> tuple[Carried, ...]:
    """Choose what is carried along, and call it so that it can stand in our tables.

    Parameters
    ----------
    extra : sequence of Column
        Columns of the table that are neither feature nor label.
    beside : sequence of Column
        What stands beside the table: comments behind its rows.
    asked : sequence of Column
        Named by ``--keep``.
    word : str or None
        ``all``, ``none``, or neither: then what looks like identity is carried.

    Returns
    -------
    tuple of Carried
        In the order of `pulsars.reading.identity.roles.ROLES`, then of the file: the first
        filled cell names a candidate. Before them stands which of several files a row
        is of; it names none.
    """
    own = fold_roles([*extra, *asked])
    chosen = [
        (column, own.get(column.name or "") or _role(column, beside), "asked for by --keep")
        for column in asked
    ]
    if word == NONE:  # but what judging a fold takes: why it has no numbers, and of what they are
        judged_by = {REFUSED, FOLD_SHA256, SECTION}
        extra, beside = [one for one in extra if own and one.name in judged_by], ()
    for column in (*extra, *beside):
        role = own.get(column.name or "") or _role(column, beside)
        if column.position == NOWHERE:
            continue
        if n_filled(column) and column not in asked and (word == ALL or role != "other"):
            how = "of a fold" if column.name in own else _how(column, beside, role)
            chosen.append((column, role, how))
    chosen.sort(key=lambda one: (ROLES.index(one[1]), one[0].position))
    files = tuple(
        Carried(FILE, "other", column, "which of several files")
        for column in beside
        if column.position == NOWHERE
    )
    taken = {one.name for one in files}
    return files + tuple(
        Carried(_called(column, taken), role, column, how) for column, role, how in chosen
    )


def renamed(carried: Sequence[Carried]) -> tuple[str, ...]:
    """Say which columns had to be called otherwise than in the file."""
    return tuple(
        f"{one.column} is carried as '{one.name}', for its own name stands for something else in "
        "our tables"
        for one in carried
        if one.column.name and one.name != for_name(one.column.name)
    )


def _role(column: Column, beside: Sequence[Column]) -> Role:
    by_values = role_by_values(column)
    if column in beside:
        return by_values or "comment"
    return role_by_name(column.name) or by_values or "other"


def _how(column: Column, beside: Sequence[Column], role: Role) -> str:
    if column in beside:
        return "comment behind the row"
    if role_by_name(column.name) == role:
        return "by its name"
    return "asked for by --keep" if role == "other" else "by its values"


def _called(column: Column, taken: set[str]) -> str:
    """Give a name that is neither ours nor another column's, and add it to `taken`."""
    name = for_name(column.name) if column.name else f"column_{column.position}"
    name = f"file_{name}" if is_ours(name) else name
    if name.lower() in taken:
        name = f"{name}_{column.position}"
    while name.lower() in taken:
        name += "_"
    taken.add(name.lower())
    return name


def carried_cells(data: Any, role: str, *, as_text: bool) -> Any:
    """Cells of a carried column for a table of ours: numbers where the file is typed, else texts.

    A text of more than 500 characters, a path of more than 4,096, is cut, and says how long it was.

    Parameters
    ----------
    data : pyarrow.ChunkedArray
        Cells as they stand in the file.
    role : str
        One of `pulsars.reading.identity.roles.ROLES`.
    as_text : bool
        Whether whole numbers become texts, for some of their column are missing: as floats, which
        can be missing, they would lose digits.
    """
    if as_text and pa.types.is_integer(data.type):
        data = data.cast(pa.string()).fill_null("")
    if not pa.types.is_string(data.type):
        return data.to_numpy()
    cells = pd.Series(data.to_pandas(), dtype="str")
    limit = PATH_LIMIT if role == "path" else PLACE_LIMIT
    long = pc.greater(pc.utf8_length(data), limit).to_numpy()
    if long.any():
        cells[long] = [shortened(text, limit) for text in cells[long]]
    return cells.array
