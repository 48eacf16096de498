"""Numbers in another spelling than is read here, and what to do of them."""

from __future__ import annotations

import re

_LONGEST = 64
"""Characters of a number in any spelling: what a longer cell takes grows with its square."""

_SPELLINGS = {
    re.compile(r"[+-]?[0-9]*\.?[0-9]*[dD][+-]?[0-9]+"): "write E for D in Fortran's exponents",
    re.compile(r"[1-9]:[+-]?[0-9]*\.[0-9]{3,}([eE][+-]?[0-9]+)?"): (  # fewer: minutes and seconds
        "this is libsvm's form: write the numbers alone, one column a statistic"
    ),
    re.compile(r"[+-]?0[xX][0-9a-fA-F.]+([pP][+-]?[0-9]+)?"): "write decimals for hexadecimals",
    re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?"): (
        "numbers are read with decimal points here: write one for the decimal comma"
    ),
    re.compile(r"[+-]?[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?"): (
        "most numbers have a decimal comma: write one for the decimal point"
    ),
}


def how_written(cell: str) -> str | None:
    """Say what to do of a number that was read as none; None where the cell seems to be none."""
    if len(cell) > _LONGEST:
        return None
    return next((said for spelling, said in _SPELLINGS.items() if spelling.fullmatch(cell)), None)
