"""A part of a file as it rests between those who read parts and those who put them together."""

from __future__ import annotations

from pathlib import Path

from pulsars.reading.counts.leading_counts import LeadingCounts
from pulsars.reading.counts.spilled import SpilledNames, write_names
from pulsars.reading.judging.accepted_rows import StoredRows
from pulsars.reading.judging.parts import Part
from pulsars.reading.judging.tallies import Tally
from pulsars.store import read_arrays, read_json, read_table, write_arrays, write_json, write_table
from schemas import PartRead


def keep_part(part: Part, folder: Path, number: int) -> PartRead:
    """Write a part whose accepted rows are written; large things into files, of which handles go.

    Parameters
    ----------
    part : Part
    folder : Path
        For all parts of the file.
    number : int
        Of the part, from 0.
    """
    if not isinstance(part.accepted, StoredRows):
        raise TypeError("accepted rows that are held in memory cannot be handed on")
    at = f"{number:05d}"
    return PartRead(
        accepted=part.accepted.file,
        n_rows=part.accepted.n_rows,
        names=write_names(folder / f"names-{at}.bin", part.names[:]),
        near=write_names(folder / f"near-{at}.bin", part.near[:]),
        tally=write_json(folder / f"tally-{at}.json", part.tally.to_dict()),
        leading=write_arrays(
            folder / f"leading-{at}.npz",
            {"places": part.tally.leading.places, "found": part.tally.leading.found},
        ),
        aside=write_table(folder / f"aside-{at}.parquet", part.aside),
    )


def load_part(kept: PartRead) -> Part:
    """Load a part, after checking the content of its files."""
    kept.accepted.verified()
    leading = LeadingCounts(**read_arrays(kept.leading))
    return Part(
        tally=Tally.from_dict(read_json(kept.tally), leading),
        names=SpilledNames(kept.names.verified()),
        near=SpilledNames(kept.near.verified()),
        accepted=StoredRows(kept.accepted, kept.n_rows),
        aside=read_table(kept.aside),
    )
