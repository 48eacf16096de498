"""What a file of candidates is worth, in numbers that a report can show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pulsars.reading.judging.pulsar_shares import note_pulsars
from pulsars.reading.labels.leakage import warn_of_leaks
from pulsars.reading.meaning.readings import ColumnSource, Reading
from pulsars.reading.meaning.scale_counts import note_blocks
from schemas import CURVES, MESSAGE_LIMIT, PLACE_LIMIT, carried_texts, for_log, for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pulsars.reading.counts.looks import Looked
    from pulsars.reading.judging.tallies import Tally

N_SAMPLES = 5


@dataclass(frozen=True)
class RejectedRow:
    """One quarantined row, for people to look at; `named` by the first filled cell it carries."""

    line: int
    reasons: str
    text: str
    named: str = ""


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
        Fields of `pulsars.reading.meaning.moments.MomentEvidence` by curve.
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


def first_rejected(quarantined: pd.DataFrame, carried: Sequence[str]) -> tuple[RejectedRow, ...]:
    """Show the first rejected rows."""
    return tuple(
        RejectedRow(
            int(row["line"]),
            shortened(row["reasons"], MESSAGE_LIMIT),
            shortened(row["text"], PLACE_LIMIT),
            for_name(next(iter(carried_texts(row, carried).values()), "")),
        )
        for row in quarantined.head(N_SAMPLES).to_dict("records")
    )


def describe(
    head: Reading,
    tally: Tally,
    rows: Looked,
    *,
    samples: Sequence[RejectedRow],
    notes: Sequence[str] = (),
) -> QualityReport:
    """Write the quality report of a file that has been checked.

    Parameters
    ----------
    head : Reading
        What is said of the file; its rows do not matter.
    tally : Tally
        Of all rows.
    rows : Looked
        What looking at those accepted came to.
    samples : sequence of RejectedRow
    notes : sequence of str
        What else is said of the rows accepted.
    """
    tenths = rows.tenths if head.labelled else None
    peculiar = {f"{curve} is flat (stdev 0)": tally.flat[curve] for curve in CURVES}
    peculiar["repeats an earlier row"] = rows.n_repeats
    repeats = (
        f"{rows.n_repeats:,} rows repeat an earlier row; a split has to keep repeats on one side",
    )
    pulsars = note_pulsars(rows.shares, tally)
    of_table = (*repeats * bool(rows.n_repeats), *pulsars * head.labelled)
    chi2 = "fold" in head.roles.values()
    blocks = note_blocks(tally.scale, head.columns, said=head.warnings, chi2=chi2)
    said = (*head.warnings, *blocks, *of_table, *warn_of_leaks(rows, said=head.warnings), *notes)
    return QualityReport(
        name=head.name,
        rows={"read": tally.rows, "accepted": tally.accepted, "quarantined": tally.rejected},
        pulsars=tally.pulsars if head.labelled else None,
        prevalence=sum(tenths) / tally.accepted if tenths and tally.accepted else None,
        columns=head.columns,
        dialect=asdict(head.dialect),
        reasons=dict(sorted(tally.reasons.items(), key=lambda reason: (-reason[1], reason[0]))),
        samples=tuple(samples),
        row_warnings={name: n_rows for name, n_rows in peculiar.items() if n_rows},
        warnings=tuple(map(for_log, said)),
        moments={evidence.curve: evidence.to_dict() for evidence in head.evidence},
        pulsars_per_tenth=tenths,
        summary=rows.summary,
        fingerprint=rows.fingerprint,
        carried=head.carried_from,
        converted=head.converted,
    )


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
