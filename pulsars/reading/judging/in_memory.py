"""Judge a reading that is in memory, and describe or refuse it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING

from pulsars.reading.judging.accepted_rows import HeldRows
from pulsars.reading.judging.parts import judge_part, put_together
from pulsars.reading.judging.unfit import refuse_unfit
from pulsars.reading.meaning.readings import Reading
from schemas import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from pulsars.reading.judging.quality import QualityReport


@dataclass(frozen=True, eq=False)
class Checked:
    """A reading, judged.

    Attributes
    ----------
    accepted : DataFrame
        The eight features (float64), ``label`` (int8) when labelled, and ``line`` (int64), in
        file order; then what is carried, and ``same_source`` (int64) where a source stands in
        more than one row.
    quarantined : DataFrame
        ``line`` (int64), ``reasons`` and ``text`` (the row as it stands in the file); then what
        is carried.
    quality : QualityReport
    """

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    quality: QualityReport


def check_candidates(
    reading: Reading, *, max_quarantine: float = 0.05, to_train: bool = True
) -> Checked:
    """Judge every row and then the table.

    Parameters
    ----------
    reading : Reading
        As of `pulsars.reading.reader.read_candidates`.
    max_quarantine : float
        Largest share of rows, from 0 to 1, that may be rejected.
    to_train : bool
        Whether labels, if there are any, have to be enough to learn from.

    Raises
    ------
    ParameterError
        `reading` is none, or `max_quarantine` is no number between 0 and 1.
    QuarantineRateError
        More rows were rejected.
    TableError
        No row was accepted; or, labelled and to train on, fewer than 100 rows, one class, or fewer
        than ten rows of a class.
    """
    if not isinstance(reading, Reading):
        kind = type(reading).__name__
        raise ParameterError(f"a {kind} is no Reading; judge what read_candidates gives, whole.")
    if not isinstance(max_quarantine, Real) or not 0 <= max_quarantine <= 1:
        raise ParameterError(f"max_quarantine is {max_quarantine}; it must be between 0 and 1.")
    checked = examine_candidates(reading, max_quarantine=max_quarantine)
    refuse_unfit(checked.quality, max_quarantine=max_quarantine, to_train=to_train)
    return replace(  # the caller's own, to be written to
        checked, accepted=checked.accepted.copy(), quarantined=checked.quarantined.copy()
    )


def examine_candidates(reading: Reading, *, max_quarantine: float = 1.0) -> Checked:
    """Judge every row and refuse nothing, so that a refused file can be described too.

    All rejected rows are counted. They are listed while they are no more than `max_quarantine`
    allows; of a table that is refused for them, the first thousand are.
    """
    part = partial(judge_part, [lambda: (reading, reading)], HeldRows.of)
    whole = put_together(
        [part(max_quarantine=max_quarantine)],
        again=lambda _number, torn: part(torn=torn),
        head=lambda _tally: reading,
        max_quarantine=max_quarantine,
    )
    (accepted,) = (part for part in whole.parts if isinstance(part, HeldRows))
    return Checked(accepted.whole(), whole.aside, whole.quality)
