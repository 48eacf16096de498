"""What is said of columns: how each was found, what is odd about them, and which play no part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.reading.identity.carried import renamed
from pulsars.reading.identity.roles import half_a_position
from pulsars.reading.meaning.bounds import note_off_scale
from pulsars.reading.meaning.fills import note_fills, note_sameness
from pulsars.reading.meaning.slips import is_empty, n_filled
from pulsars.reading.names import is_label_name
from schemas import FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.cells import Column
    from pulsars.reading.identity.carried import Carried
    from pulsars.reading.labels.label import Label


def ways_found(
    found: Mapping[str, Column],
    settled: Mapping[str, Column],
    given: Mapping[str, Column],
    named: Mapping[str, Column],
) -> dict[str, str]:
    """Say of each feature how it was found."""
    said = {}
    for name in FEATURE_NAMES:
        called = next(key for key, column in found.items() if column is settled[name])
        way = "by its values and place"
        if called in given:
            way = "given by --columns"
        elif called in named:
            way = "by its name"
        turned = f"{way} {called}, read as {name} by the moment inequality"
        said[name] = way if called == name else turned
    return said


def note_numbers(settled: Mapping[str, Column], carried: Sequence[Carried]) -> tuple[str, ...]:
    """Say what is odd about the numbers of the eight."""
    chi2 = any(one.role == "fold" for one in carried)
    return (*note_off_scale(settled, chi2=chi2), *note_fills(settled), *note_sameness(settled))


def note_beside(
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
