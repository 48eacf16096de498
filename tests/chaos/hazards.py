"""What stands in a table beside features and label, and what a reader must not take for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.cells import label_of
from tests.chaos.rows import LABELS
from tests.chaos.sheet import Column, draw_sheet
from tests.chaos.truth import LABEL, Cell

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.chaos.sheet import Sheet

NOTES = [
    'O"Neill',
    "a,b;c|d",
    "J0437-4715",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "café",
    "\x1b[2J",
    "\u202eabc",
    "it's",
    "  spaced  ",
    "hash # inside",
    '"',
    '""',
    "line\u2028separator\x85here\x0b\x0c",
    "1,5",
    "",
]
BARE = ("mean", "sd", "skewness", "kurtosis", "ek")
FLAGS = [("0", "1"), ("no", "yes"), ("False", "True"), ("0.0", "1.0"), ("1", "2"), ("a", "b")]
FLAG_NAMES = ["is_rfi", "rfi", "flag", "detected_before", "known", "seen", "beam_ok", "visible"]
EXTRAS: dict[str, Callable[[Random, int], list[str]]] = {
    "id": lambda _, n: [f"c{i}" for i in range(n)],
    "index": lambda _, n: [str(i) for i in range(n)],
    "Unnamed: 0": lambda _, n: [str(i) for i in range(n)],
    "name": lambda _, n: [f"J{i:04d}-{i % 90:02d}15" for i in range(n)],
    "ra": lambda _, n: [f"{i % 24:02d}:37:15.8" for i in range(n)],
    "dec": lambda _, n: [f"-{i % 90:02d}:10:34" for i in range(n)],
    "period_ms": lambda _, n: [f"{1.5 + i * 0.37:.6f}" for i in range(n)],
    "beam": lambda _, n: [str(i % 13 + 1) for i in range(n)],
    "mjd": lambda _, n: [f"{58849.5 + i / 7:.5f}" for i in range(n)],
    "date": lambda _, n: [f"2019-01-{i % 28 + 1:02d}" for i in range(n)],
    "empty": lambda _, n: [""] * n,
    "constant": lambda _, n: ["7.5"] * n,
    "note": lambda rng, n: [rng.choice(NOTES)] * (n // 2) + [rng.choice(NOTES)] * (n - n // 2),
}


def add_extras(sheet: Sheet, rng: Random) -> None:
    """Put columns that are no feature and no label anywhere."""
    for name in rng.sample(sorted(EXTRAS), rng.randint(1, 4)):
        texts = EXTRAS[name](rng, sheet.n_rows)
        sheet.columns.insert(rng.randint(0, len(sheet.columns)), Column("", name, texts))
        sheet.said.append(f"extra {name}")
    sheet.open = sheet.open or sheet.names != "known"


def add_flag(sheet: Sheet, rng: Random) -> None:
    """Put a column of two values beside features whose names are known: it is no label."""
    pair, step = rng.choice(FLAGS), rng.randint(2, 5)
    texts = [pair[(i * i // step) % 2] for i in range(sheet.n_rows)]
    name = rng.choice(FLAG_NAMES)
    sheet.columns.insert(rng.randint(0, len(sheet.columns)), Column("", name, texts))
    sheet.said.append(f"flag {name} {pair}")


def add_side_table(sheet: Sheet, rng: Random) -> None:
    """Paste a small table of numbers beside the candidates; most of its cells are empty."""
    filled = max(sheet.n_rows // rng.randint(5, 12), 1)
    for i in range(rng.randint(1, 3)):
        texts = [f"{17.25 + row * 1.5 + i}" for row in range(filled)]
        texts += [""] * (sheet.n_rows - filled)
        sheet.columns.append(Column("", f"side{i}" if i else "summary", texts))
    sheet.said.append("side table")
    sheet.open = True


def _flagged(rng: Random) -> Sheet:
    """Known names, flags, a label or none: flags are never one."""
    sheet = _sheet(rng)
    for _ in range(rng.randint(1, 2)):
        add_flag(sheet, rng)
    return sheet


def _unknown_label(rng: Random) -> Sheet:
    """A column says another pair of words than pulsar and not, perhaps beside a flag."""
    sheet = _sheet(rng, labelled=True)
    label = _label(sheet)
    no, yes = rng.choice([("noise", "signal"), ("n", "y"), ("0", "1"), ("no", "yes"), ("a", "b")])
    label.name = rng.choice(["kind", "type", "verdict", "outcome", "quality", "remark"])
    label.texts = [yes if cell.value else no for cell in label.truth]
    label.role, sheet.labelled = "", False
    sheet.said.append(f"{label.name} = {no}/{yes}")
    if rng.random() < 0.5:
        add_flag(sheet, rng)
    return sheet


def _words(rng: Random) -> Sheet:
    """The label has a name that nobody knows, and its words say pulsar and not pulsar."""
    sheet = _sheet(rng, labelled=True)
    label = _label(sheet)
    no, yes = rng.choice([("not_pulsar", "pulsar"), ("non-pulsar", "Pulsar")])
    label.name = rng.choice(["kind", "type", "verdict"])
    label.texts = [yes if cell.value else no for cell in label.truth]
    sheet.said.append(f"{label.name} = {no}/{yes}")
    if rng.random() < 0.5:
        add_flag(sheet, rng)
        sheet.open = True
    return sheet


def _marked(rng: Random) -> Sheet:
    """Words that only look like labels are none: not one row may become a pulsar by them."""
    sheet = _sheet(rng, labelled=True)
    label = _label(sheet)
    no, yes = rng.choice(
        [
            ("!pulsar", "pulsar"),
            ("~yes", "yes"),
            ("pulsar?", "Pulsar"),
            ("#pulsar", "pulsar"),
            ("pulsar (not)", "pulsar"),
            ("star", "pulsar"),
            ("+no", "no"),
            ("1?", "1"),
        ]
    )
    label.texts = [yes if cell.value else no for cell in label.truth]
    label.truth = [_as_label(text) for text in label.texts]
    sheet.columns.remove(label)
    sheet.columns.append(label)
    sheet.open = True
    sheet.said.append(f"label = {no}/{yes}")
    return sheet


def _leak(rng: Random) -> Sheet:
    """Another column says the same as the label."""
    sheet = _sheet(rng, labelled=True)
    label = _label(sheet)
    no, yes = rng.choice([("0", "1"), ("1", "0"), ("no", "yes"), ("x", "y"), ("3.5", "-1")])
    texts = [yes if cell.value else no for cell in label.truth]
    sheet.columns.insert(rng.randint(0, len(sheet.columns)), Column("", "answer", texts))
    sheet.refused = True
    sheet.said.append(f"leak {no}/{yes}")
    return sheet


def _twin(rng: Random) -> Sheet:
    """Two columns say that they are the same feature, and differ; or there are two labels."""
    sheet = _sheet(rng, labelled=True)
    # Of two that say SD alone the values choose, in words: that is no twin.
    said = [column for column in sheet.columns if column.role and column.name.lower() not in BARE]
    of = rng.choice(said)
    texts = of.texts[1:] + of.texts[:1]
    name = of.name if of.role != LABEL else rng.choice([one for one in LABELS if one != of.name])
    sheet.columns.insert(rng.randint(0, len(sheet.columns)), Column("", name, texts))
    sheet.refused = len(set(of.texts)) > 1 and texts != of.texts
    sheet.open = True
    sheet.said.append(f"twin of {of.role}")
    return sheet


def _dm_first(rng: Random) -> Sheet:
    """No names, and the DM curve's columns come first: said, recognised or refused."""
    sheet = draw_sheet(rng, names=rng.choice(["none", "foreign"]))
    label = [column for column in sheet.columns if column.role == LABEL]
    features = [column for column in sheet.columns if column.role != LABEL]
    names = [column.name for column in features]
    features = features[4:] + features[:4]
    for column, name in zip(features, names, strict=True):
        column.name = name
    sheet.columns = features + label
    sheet.open = sheet.excused = True
    sheet.said.append("DM curve first")
    return sheet


def _nameless_extras(rng: Random) -> Sheet:
    """No names, and more columns than features and label."""
    sheet = draw_sheet(rng, names=rng.choice(["none", "foreign"]))
    add_extras(sheet, rng)
    return sheet


def _side(rng: Random) -> Sheet:
    """Columns that are empty in most rows are no candidates for a feature."""
    sheet = draw_sheet(rng)
    add_side_table(sheet, rng)
    return sheet


def _extras(rng: Random) -> Sheet:
    """Known names among columns of all kinds."""
    sheet = _sheet(rng)
    add_extras(sheet, rng)
    return sheet


HAZARDS = (_flagged, _unknown_label, _words, _marked, _leak, _twin, _dm_first, _nameless_extras)
HAZARDS += (_side, _extras, _extras, _extras)


def draw_hazard(rng: Random) -> Sheet:
    """Draw a table with something in it that is easily misread."""
    return rng.choice(HAZARDS)(rng)


def _sheet(rng: Random, *, labelled: bool = False) -> Sheet:
    """Known names; with a label of both classes when one is needed."""
    while True:
        sheet = draw_sheet(rng, names="known")
        label = next((column for column in sheet.columns if column.role == LABEL), None)
        if not labelled or (label and len(set(label.texts)) > 1):
            return sheet


def _as_label(text: str) -> Cell:
    value = label_of(text)
    return Cell(value, None if value is not None else "label")


def _label(sheet: Sheet) -> Column:
    return next(column for column in sheet.columns if column.role == LABEL)
