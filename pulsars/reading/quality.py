"""What a file of candidates is worth, in numbers that a report can show."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.reading.faults import count_reasons
from pulsars.reading.leakage import warn_of_leaks
from pulsars.reading.readings import ColumnSource
from pulsars.reading.rejected_rows import RejectedRow, first_rejected
from schemas import CURVES, FEATURE_NAMES, LABEL, for_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pulsars.reading.readings import Reading
    from schemas import Fault

N_PARTS = 10

CHI_SQUARE_LIMIT = 27.88
"""One randomly ordered file in a thousand has a larger chi-square over ten parts."""


@dataclass(frozen=True)
class QualityReport:
    """What was found in a file of candidates.

    Attributes
    ----------
    name : str
        How messages call the file.
    rows : dict of str to int
        Conservation: ``read`` = ``accepted`` + ``quarantined``.
    pulsars : int or None
        Among the rows read; None when unlabelled.
    prevalence : float or None
        Share of pulsars among the rows accepted; None when unlabelled.
    columns : dict of str to ColumnSource
    dialect : dict of str to object
        Fields of `pulsars.reading.cells.Dialect`.
    reasons : dict of str to int
        Rows rejected for each reason, most frequent first; a row can have several. A reason starts
        with the canonical column.
    samples : tuple of RejectedRow
        The first rejected rows.
    row_warnings : dict of str to int
        Accepted rows with a peculiarity, by its name.
    warnings : tuple of str
        What a person should know about the table as a whole.
    moments : dict of str to dict
        Fields of `pulsars.reading.moments.MomentEvidence` by curve.
    pulsars_per_tenth : tuple of int, or None
        Pulsars in each tenth of the accepted rows, in file order.
    summary : dict of str to dict of str to float
        ``min``, ``p05``, ``median``, ``p95``, ``max`` of each feature over the accepted rows.
    fingerprint : str
        sha256 over the accepted rows in file order: little-endian float64, C order, features in
        canonical order and then the label.
    carried : dict of str to ColumnSource
        What is carried along to say which candidate a row is, by the names that tables use.
    converted : tuple of str
        Kurtosis columns of which 3 was taken off.
    """

    name: str
    rows: dict[str, int]
    pulsars: int | None
    prevalence: float | None
    columns: dict[str, ColumnSource]
    dialect: dict[str, Any]
    reasons: dict[str, int]
    samples: tuple[RejectedRow, ...]
    row_warnings: dict[str, int]
    warnings: tuple[str, ...]
    moments: dict[str, dict[str, Any]]
    pulsars_per_tenth: tuple[int, ...] | None
    summary: dict[str, dict[str, float]]
    fingerprint: str
    carried: dict[str, ColumnSource] = field(default_factory=dict)
    converted: tuple[str, ...] = ()

    @property
    def n_pulsars(self) -> int | None:
        """Pulsars among the rows accepted; None when unlabelled."""
        return None if self.pulsars_per_tenth is None else sum(self.pulsars_per_tenth)

    def to_dict(self) -> dict[str, Any]:
        """Plain, finite values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> QualityReport:
        """Restore what `to_dict` gave."""
        columns, carried = (
            {name: ColumnSource(**source) for name, source in kept.get(key, {}).items()}
            for key in ("columns", "carried")
        )
        converted = tuple(kept.get("converted", ()))
        more = {"carried": carried, "converted": converted}
        samples = tuple(RejectedRow(**sample) for sample in kept["samples"])
        return cls(**{**kept, "columns": columns, "samples": samples, **more})


def describe(
    reading: Reading,
    accepted: pd.DataFrame,
    quarantined: pd.DataFrame,
    faults: Sequence[Fault],
    *,
    notes: Sequence[str] = (),
) -> QualityReport:
    """Write the quality report of a file that has been checked.

    Parameters
    ----------
    reading : Reading
    accepted, quarantined : DataFrame
        As in `pulsars.reading.judging.Checked`.
    faults : sequence of Fault
        Everything that led to quarantine.
    notes : sequence of str
        What else is said of the rows accepted.
    """
    labels = accepted[LABEL].to_numpy() if reading.labelled else None
    row_warnings = _row_warnings(accepted)
    tenths = _count_tenths(labels) if labels is not None else None
    of_table = _table_warnings(row_warnings, tenths, len(accepted))
    said = (*reading.warnings, *of_table, *warn_of_leaks(accepted), *notes)
    return QualityReport(
        name=reading.name,
        rows={
            "read": len(reading.frame),
            "accepted": len(accepted),
            "quarantined": len(reading.frame) - len(accepted),
        },
        pulsars=int((reading.frame[LABEL] == 1).sum()) if reading.labelled else None,
        prevalence=float(labels.mean()) if labels is not None and len(labels) else None,
        columns=reading.columns,
        dialect=asdict(reading.dialect),
        reasons=count_reasons(faults),
        samples=first_rejected(quarantined, tuple(reading.carried_from)),
        row_warnings=row_warnings,
        warnings=tuple(map(for_log, said)),
        moments={evidence.curve: evidence.to_dict() for evidence in reading.evidence},
        pulsars_per_tenth=tenths,
        summary=_summarise(accepted),
        fingerprint=fingerprint(accepted),
        carried=reading.carried_from,
        converted=reading.converted,
    )


def fingerprint(accepted: pd.DataFrame) -> str:
    """Hash the content of accepted rows, whatever file and dialect they come from."""
    content = np.ascontiguousarray(accepted[_content(accepted)].to_numpy(dtype="<f8"))
    return hashlib.sha256(content.data).hexdigest()


def _content(accepted: pd.DataFrame) -> list[str]:
    """Name the columns that are learnt from: features and label."""
    return [*FEATURE_NAMES, LABEL] if LABEL in accepted else list(FEATURE_NAMES)


def _row_warnings(accepted: pd.DataFrame) -> dict[str, int]:
    """Count accepted rows that are peculiar."""
    content = accepted[_content(accepted)]
    counts = {f"{curve} is flat (stdev 0)": accepted[f"{curve}_stdev"] == 0 for curve in CURVES}
    counts["repeats an earlier row"] = content.duplicated()
    return {name: int(rows.sum()) for name, rows in counts.items() if rows.any()}


def _count_tenths(labels: NDArray[np.int8]) -> tuple[int, ...]:
    """Pulsars in each tenth of the rows."""
    return tuple(int(part.sum()) for part in np.array_split(labels, N_PARTS))


def _table_warnings(
    row_warnings: dict[str, int], tenths: tuple[int, ...] | None, n_rows: int
) -> tuple[str, ...]:
    """Say what a person should know about the table as a whole."""
    warnings = []
    n_repeats = row_warnings.get("repeats an earlier row", 0)
    if n_repeats:
        warnings.append(
            f"{n_repeats:,} rows repeat an earlier row; a split has to keep repeats on one side"
        )
    if tenths is not None and 0 < sum(tenths) < n_rows:
        prevalence = sum(tenths) / n_rows
        expected = n_rows / N_PARTS * prevalence
        spread = sum((n - expected) ** 2 for n in tenths) / (expected * (1 - prevalence))
        if spread > CHI_SQUARE_LIMIT:
            warnings.append(
                f"pulsars are not spread over the file (by tenths: {', '.join(map(str, tenths))}); "
                "a split by position would test on another mix than it trains on, so split by class"
            )
    return tuple(warnings)


def _summarise(accepted: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Five numbers a feature."""
    if accepted.empty:
        return {}
    points = {"min": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}
    quantiles = accepted[list(FEATURE_NAMES)].quantile(list(points.values()))
    return {
        name: dict(zip(points, map(float, quantiles[name]), strict=True)) for name in FEATURE_NAMES
    }


def quality_table(quality: QualityReport) -> list[dict[str, Any]]:
    """Lay the quality report out for a table in the Prefect UI."""
    rows: list[dict[str, Any]] = [
        {"what": f"rows {name}", "found": f"{count:,}"} for name, count in quality.rows.items()
    ]
    rows += [
        {"what": f"quarantined: {reason}", "found": f"{count:,}"}
        for reason, count in quality.reasons.items()
    ]
    return rows + [{"what": "note", "found": warning} for warning in quality.warnings]
