"""A table as somebody means it, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.chaos.cells import SPELLINGS, SPELT_LABELS, draw_odd_cell
from tests.chaos.rows import FOREIGN, draw_names, draw_rows
from tests.chaos.truth import FEATURES, LABEL, Cell

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.rows import Candidate


@dataclass
class Column:
    """One column: what it is (a canonical name, or empty), its header, its cells as written."""

    role: str
    name: str
    texts: list[str]
    truth: list[Cell] = field(default_factory=list)


@dataclass
class Sheet:
    """Columns of equal length.

    Attributes
    ----------
    names : str
        ``known``, ``foreign`` or ``none``.
    columns : list of Column
    labelled : bool or None
        None when it may be read either way.
    refused : bool
        Whether it has to be refused.
    open : bool
        Whether it may be refused for more than its dialect.
    excused : bool
        Whether a warning makes up for a difference.
    said : list of str
        What is peculiar, for whoever looks at what failed.
    """

    names: str
    columns: list[Column]
    labelled: bool | None
    refused: bool = False
    open: bool = False
    excused: bool = False
    said: list[str] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """Give the number of candidates."""
        return len(self.columns[0].texts)

    @property
    def places(self) -> dict[str, int]:
        """Give the place of each canonical column, from 1."""
        return {one.role: place for place, one in enumerate(self.columns, 1) if one.role}


def draw_sheet(
    rng: Random, *, names: str | None = None, rows: list[Candidate] | None = None
) -> Sheet:
    """Draw a table whose only peculiarities are names, order and the label's spelling."""
    rows = rows or draw_rows(rng)
    names = names or rng.choice(["known", "known", "known", "foreign", "none"])
    spell = rng.choice(SPELLINGS) if names == "known" else rng.choice(SPELLINGS[:5])
    headers, label_name = draw_names(rng)
    if names == "foreign":
        pattern = rng.choice(FOREIGN)
        headers, label_name = [pattern.format(i) for i in range(1, 9)], rng.choice(["l", "kind"])
    columns = []
    for at, (role, header) in enumerate(zip(FEATURES, headers, strict=True)):
        texts = [spell(row[0][at]) for row in rows]
        columns.append(Column(role, header, texts, [Cell(float(text)) for text in texts]))
    sheet = Sheet(names, columns, labelled=False)
    both = len({row[1] for row in rows}) > 1
    if rng.random() < 0.8 and (both or names == "known"):
        add_label(sheet, rng, label_name, rows)
    if names == "known":
        rng.shuffle(sheet.columns)
    elif rng.random() < 0.4:
        swap_moments(sheet)
    return sheet


def add_label(sheet: Sheet, rng: Random, name: str, rows: list[Candidate]) -> None:
    """Put the label anywhere, in any spelling that is known."""
    spelt = rng.choice(SPELT_LABELS)
    texts = [spelt[row[1]] for row in rows]
    column = Column(LABEL, name, texts, [Cell(float(row[1])) for row in rows])
    place = rng.choice([len(sheet.columns), rng.randint(0, len(sheet.columns))])
    sheet.columns.insert(place, column)
    sheet.labelled = True


def swap_moments(sheet: Sheet) -> None:
    """Put kurtosis before skewness, as HTRU2's Readme has them; foreign names stay in place."""
    for curve in ("profile", "dm"):
        roles = [column.role for column in sheet.columns]
        one, other = roles.index(f"{curve}_skewness"), roles.index(f"{curve}_kurtosis")
        columns = sheet.columns
        columns[one], columns[other] = columns[other], columns[one]
        columns[one].name, columns[other].name = columns[other].name, columns[one].name


def spoil_cells(sheet: Sheet, rng: Random, *, blank: bool) -> None:
    """Write something odd into a few cells."""
    features = [column for column in sheet.columns if column.role and column.role != LABEL]
    most = 6 if sheet.names == "known" else max(sheet.n_rows // 40, 1)
    for _ in range(rng.randint(1, most)):
        column, row = rng.choice(features), rng.randrange(sheet.n_rows)
        text, truth = draw_odd_cell(rng, blank=blank)
        if text.startswith("#") and column is sheet.columns[0]:
            continue  # a spreadsheet's #N/A, or a comment: nobody can know
        column.texts[row], column.truth[row] = text, truth
        sheet.said.append(f"{column.role}[{row}] = {column.texts[row][:30]!r}")
    label = next((column for column in sheet.columns if column.role == LABEL), None)
    if label is not None and sheet.names == "known" and rng.random() < 0.3:
        row = rng.randrange(sheet.n_rows)
        odd = ["?"] if blank else ["", "NA", "?"]
        unknown = ["0.5", "2", "!pulsar", "pulsar?", "~yes", "maybe", "-1", "pulsar!"]
        label.texts[row] = rng.choice(odd + unknown)
        why = "missing" if label.texts[row] in odd else "label"
        label.truth[row] = Cell(None, why)
        sheet.said.append(f"label[{row}] = {label.texts[row]!r}")
    sheet.open = True
