"""How a cell may be written, and what it then says."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from tests.chaos.truth import Cell

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)

SPELLINGS: list[Callable[[float], str]] = [
    repr,
    "{:.17g}".format,
    "{:.6f}".format,
    "{:+.12e}".format,
    "{:.9E}".format,
    lambda value: (
        repr(value).replace("0.", ".", 1) if repr(value).lstrip("-")[:2] == "0." else repr(value)
    ),
    lambda value: f"{value:.4f}000",
    lambda value: f"{value:.0f}." if abs(value) > 30 else f"{value:.5f}",
    lambda value: f"{'-' if value < 0 else ''}00{abs(value):.7f}",
]
SPELT_LABELS = [
    ("0", "1"),
    ("0.0", "1.0"),
    ("0", "1.00"),
    ("No", "Yes"),
    ("no", "YES"),
    ("false", "true"),
    ("FALSE", "True"),
    ("not_pulsar", "pulsar"),
    ("non-pulsar", "Pulsar"),
    ("Non Pulsar", "PULSAR"),
    ("nonpulsar", "pulsar"),
    ("NOT-PULSAR", "pulsar"),
]
MISSING = ["", "?", "NA", "n/a", "NaN", "nan", "-nan", "NULL", "None"]
UNSURE = ["--", "-", "N.A.", "missing", "<NA>", "#N/A", "nil", "."]
TEXTS = [
    "abc",
    "0x1A",
    "1_000",
    "1.2.3",
    "1e",
    "e5",
    "+-1",
    "１２",
    "1 2",
    "5%",
    "1.5d0",
    "−5",
    "²",
]
TEXTS += ["1;2;3;4;5;6;7;8;9;10", "1|2|3|4|5|6|7|8|9", "1,2,3,4,5,6,7,8,9", '5"', "'5'", "\x1b[2J"]
INFINITE = ["inf", "-Infinity", "1e400", "-1E+999", "INF", "1" + "0" * 400]
EDGES = ["-0", "-0.0", "1e-400", "5e-324", "1.7976931348623157e308", "+7", ".5", "5.", "1E1", "0e9"]
EDGES += ["0.1" + "0" * 300, "2.2250738585072011e-308", "9007199254740993", "0" * 50 + "3.25"]
LONG = ["9" * 5000, "0." + "1" * 5000, "1" * 5000 + "x", "z" * 5000, "1e" + "0" * 4000 + "1"]


def number_of(text: str, *, comma: bool = False) -> float | None:
    """Read a number as a file means it; None for what is none."""
    plain = text.strip()
    if comma:
        if "." in plain:
            return None
        plain = plain.replace(",", ".", 1)
    return float(plain) if _NUMBER.fullmatch(plain) else None


def label_of(text: str) -> float | None:
    """Read a label by the words that are known; blanks, dashes and underscores do not count."""
    word = re.sub(r"[\s_-]", "", text.lower())
    known = {"no": 0.0, "yes": 1.0, "false": 0.0, "true": 1.0, "pulsar": 1.0}
    known |= {"notpulsar": 0.0, "nonpulsar": 0.0}
    number = number_of(text)
    return known.get(word, number if number in (0.0, 1.0) else None)


def draw_odd_cell(rng: Random, *, blank: bool) -> tuple[str, Cell]:
    """Draw a cell that is no plain number, and what it says; `blank` for files without quotes."""
    kind = rng.choice(["missing", "missing", "unsure", "text", "infinite", "edge", "edge", "long"])
    if kind == "missing":
        text = rng.choice(MISSING[blank:])
        return text, Cell(None, "missing")
    if kind == "unsure":
        return rng.choice(UNSURE), Cell(None)
    if kind == "text":
        text = rng.choice(TEXTS)
        return (text.replace(" ", "x") if blank else text), Cell(None, "text")
    if kind == "infinite":
        return rng.choice(INFINITE), Cell(None, "infinite")
    if kind == "edge":
        text = rng.choice(EDGES)
        return text, Cell(float(text))
    text = rng.choice(LONG)
    value = number_of(text)
    return text, Cell(value if value is not None and math.isfinite(value) else None, open=True)
