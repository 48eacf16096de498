"""Describe a candidate file without training on it; needs no Prefect server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pulsars.reading.access.opening import with_ranges
from pulsars.reading.in_turn import read_all
from pulsars.reading.judging.unfit import refuse_unfit
from pulsars.reading.meaning.asked_columns import Said, known_kurtosis, several
from pulsars.reading.partitions import plan_reading
from pulsars.reading.sources.members import find_members, folders_passed_over
from schemas import (
    DataError,
    ExitCode,
    Limits,
    ParameterError,
    as_called,
    at_home,
    for_place,
    is_address,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.access.ranges import Ranges
    from pulsars.reading.judging.quality import QualityReport

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class CheckedFile:
    """What a file is, and whether a run would take it.

    Attributes
    ----------
    quality : QualityReport
        What was found.
    refusal : DataError or None
        Why a run would stop.
    """

    quality: QualityReport
    refusal: DataError | None

    @property
    def exit_code(self) -> ExitCode:
        """What the command returns."""
        return self.refusal.exit_code if self.refusal else ExitCode.OK

    def summary(self) -> dict[str, Any]:
        """Say all of it as one JSON object."""
        found = self.quality.to_dict()
        names = ("rows", "pulsars", "prevalence", "columns", "dialect", "reasons", "samples")
        return {
            **{name: found[name] for name in names},
            "row_warnings": found["row_warnings"],
            "warnings": found["warnings"],
            "moments": found["moments"],
            "carried": found["carried"],
            "converted": found["converted"],
            "fingerprint": found["fingerprint"],
            "verdict": "refused" if self.refusal else "accepted",
            "trainable": self.refusal is None and found["pulsars"] is not None,
            "why": str(self.refusal) if self.refusal else None,
        }


def check_file(  # noqa: PLR0913 - each is an option of its own
    data: str,
    *,
    more: Sequence[str] = (),
    max_quarantine: float,
    columns: str | None,
    drop: Said,
    keep: Said = (),
    pulsar_is: Said = (),
    not_pulsar_is: Said = (),
    kurtosis: str = "auto",
    section: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> CheckedFile:
    """Read a file and judge it as a run would.

    Parameters
    ----------
    data : str
        Path or URL, folder or pattern.
    more : sequence of str
        Further ones, read as one table with the first.
    max_quarantine : float
        Largest share of rows that may be rejected, in [0, 1).
    columns, drop, keep, pulsar_is, not_pulsar_is, kurtosis, limits
        As in `pulsars.reading.reader.read_candidates`.
    section : str, optional
        Of folds, as in `pulsars.folds.opening.read_fold`.

    Raises
    ------
    DataError
        If the file cannot be read as candidates at all.
    ParameterError
        If `max_quarantine` is out of bounds, or `kurtosis` none of its words.
    """
    if not 0 <= max_quarantine < 1:
        raise ParameterError(
            f"--max-quarantine {max_quarantine:g} is outside [0, 1); it is a share of the rows"
        )
    with TemporaryDirectory() as scratch:
        path, name, note = _local(data, more, Path(scratch), limits, section)

        def look(ranges: Ranges) -> QualityReport:
            plan = plan_reading(
                ranges,
                columns=columns,
                drop=several("drop", drop),
                keep=several("keep", keep),
                pulsar_is=several("pulsar_is", pulsar_is),
                not_pulsar_is=several("not_pulsar_is", not_pulsar_is),
                kurtosis=known_kurtosis(kurtosis),
                max_quarantine=max_quarantine,
            )
            accepted = Path(scratch) / "accepted.parquet"
            return read_all(plan, ranges, path=accepted, wanted=False).quality

        quality = with_ranges(path, look, name=for_place(name), limits=limits)
    beside = [said for said in (folders_passed_over([data, *more]), note) if said]
    quality = replace(quality, warnings=(*quality.warnings, *beside))
    try:
        refuse_unfit(quality, max_quarantine=max_quarantine)
    except DataError as refusal:
        return CheckedFile(quality, refusal)
    return CheckedFile(quality, None)


def _local(
    data: str, more: Sequence[str], scratch: Path, limits: Limits, section: str | None
) -> tuple[Path | dict[str, Path], str, str]:
    """Have the file, or all of several, and say how messages call it; of folds, their table.

    And what of several files is passed over, in a sentence, or nothing.
    """
    found = find_members([data, *more])
    alone = len(found) == 1 and not is_address(found[0])
    if alone and not _is_fold(at_home(found[0])):
        return at_home(found[0]), as_called(found[0]), ""
    from pulsars.folds import find_folds, keep_table, put_folds_together, tabulate
    from pulsars.reading.fetching import obtain

    source = obtain(data, scratch, more=more, patience=_PATIENCE_SECONDS, limits=limits)
    folds = find_folds(source, [data, *more])
    if folds is not None:
        batches = folds.batches(scratch, section)
        parts = [keep_table(scratch, tabulate(one.folds, section=section)) for one in batches]
        table = put_folds_together(scratch, source, parts).file
        return Path(table.path), source.origin, folds.note()
    several = {member.name: Path(member.file.path) for member in source.members}
    return several or Path(source.file.path), source.origin if several else data, ""


def _is_fold(path: Path) -> bool:
    from pulsars.folds import is_fold

    try:
        return is_fold(path)
    except OSError:  # which whoever reads it says
        return False
