"""ARFF files in every form that Weka knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.case import Case, told
from tests.chaos.cells import number_of
from tests.chaos.hazards import EXTRAS
from tests.chaos.sheet import Column, draw_sheet
from tests.chaos.truth import FEATURES, LABEL, Cell, Row, Truth
from tests.chaos.writing import ENCODINGS

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.sheet import Sheet

FORMS = ["plain"] * 6 + ["sparse", "weights", "escapes", "dates", "both quotes"]
NUMERIC = ["numeric", "NUMERIC", "real", "Real", "integer"]


def arff(rng: Random) -> Case:
    """Draw an ARFF file: plain ones are peculiar by their dialect alone."""
    form = rng.choice(FORMS)
    sheet = draw_sheet(rng, names="known")
    for name in rng.sample(["id", "beam", "period_ms"], rng.randint(0, 2)):
        texts = EXTRAS[name](rng, sheet.n_rows)
        sheet.columns.insert(rng.randint(0, len(sheet.columns)), Column("", name, texts))
    _add(sheet, form, rng)
    if form == "sparse":
        _spread_zeros(sheet, rng)
    lines, rows = _lines(sheet, form, rng)
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16-le"])
    end = rng.choice(["\n", "\r\n", "\r"])
    raw = ENCODINGS[encoding] + (end.join(lines) + end).encode(encoding)
    truth = Truth(tuple(rows), sheet.labelled, sheet.places)
    alone = form == "plain"
    more = {"dialect_only": alone, "said": form, "suffix": "arff", "lenient": not alone}
    return told("rubbish: ARFF", raw, truth, **more)


def _add(sheet: Sheet, form: str, rng: Random) -> None:
    """Add the column that a form is about."""
    n, place = sheet.n_rows, rng.randint(0, len(sheet.columns))
    texts = {
        "escapes": [rf"it\'s {i}" for i in range(n)],
        "dates": [f"2019-01-{i % 28 + 1:02d} 12:30:00" for i in range(n)],
        "both quotes": [f"a{i}, b" for i in range(n)],
    }.get(form)
    if texts:
        sheet.columns.insert(place, Column("", f"{form.replace(' ', '_')}_column", texts))


def _spread_zeros(sheet: Sheet, rng: Random) -> None:
    """Have zeros that a sparse row leaves out."""
    for column in sheet.columns:
        if column.role and column.role != LABEL and "skew" in column.role:
            for row in rng.sample(range(sheet.n_rows), max(sheet.n_rows // 20, 1)):
                column.texts[row], column.truth[row] = "0", Cell(0.0)


def _lines(sheet: Sheet, form: str, rng: Random) -> tuple[list[str], list[Row]]:
    """Write the header and the rows, and say what each row means."""
    quote = rng.choice(["'", '"'])
    nominal = _nominal(sheet, rng)
    word = rng.choice([str, str.upper, str.title])
    lines = ["% made by hand", "", f"{word('@relation')} {quote}some pulsars{quote}", ""]
    for column in sheet.columns:
        name = column.name.strip()
        bare = name.replace("_", "").replace("-", "").isalnum() and rng.random() < 0.7
        name = name if bare else f"{quote}{name}{quote}"
        lines.append(
            f"{word('@attribute')}{rng.choice([' ', chr(9), '  '])}{name} "
            f"{_kind(column, nominal, quote, rng)}"
        )
        if rng.random() < 0.1:
            lines.append("% a comment, with 1, 2, 3")
    lines += ["", word("@data")]
    features = [next(c for c in sheet.columns if c.role == name) for name in FEATURES]
    label = next((column for column in sheet.columns if column.role == LABEL), None)
    between = "," if form != "plain" else rng.choice([",", ", ", "\t"])
    rows = []
    for at in range(sheet.n_rows):
        if rng.random() < 0.02:
            lines.append(rng.choice(["", "% in between", "  % {1 2}"]))
        lines.append(_row(sheet, at, form, (between, quote), nominal))
        cells = tuple(column.truth[at] for column in features)
        rows.append(Row(len(lines), cells, label.truth[at] if label else None))
    return lines, rows


def _nominal(sheet: Sheet, rng: Random) -> list[str]:
    """Give the label's values in the order in which they are declared: any."""
    label = next((column for column in sheet.columns if column.role == LABEL), None)
    values = sorted(set(label.texts)) if label else []
    rng.shuffle(values)
    return values


def _kind(column: Column, nominal: list[str], quote: str, rng: Random) -> str:
    """Declare a type."""
    if column.role == LABEL:
        values = [f"{quote}{one}{quote}" if " " in one else one for one in nominal]
        return rng.choice(["{%s}", "{ %s }"]) % rng.choice([",", ", "]).join(values)
    if column.name.startswith("dates"):
        return rng.choice(["date 'yyyy-MM-dd HH:mm:ss'", 'DATE "yyyy-MM-dd HH:mm:ss"'])
    return rng.choice(NUMERIC) if number_of(column.texts[0]) is not None else "string"


def _row(sheet: Sheet, at: int, form: str, signs: tuple[str, str], nominal: list[str]) -> str:
    """Write one row."""
    between, quote = signs
    cells = []
    for place, column in enumerate(sheet.columns):
        text = column.texts[at]
        if form == "sparse":
            left_out = nominal[0] if column.role == LABEL else "0"
            if text == left_out:
                continue
        mark = "'" if form == "escapes" else quote
        if form == "both quotes" and not column.role:
            mark = "'\""[at % 2]
        if set(text) & set(" ,\\") or ("-" in text and not column.role):
            text = f"{mark}{text}{mark}"
        cells.append(f"{place} {text}" if form == "sparse" else text)
    line = between.join(cells)
    if form == "sparse":
        return "{" + line + "}"
    return f"{line}{between}{{{at % 3 + 1}}}" if form == "weights" else line
