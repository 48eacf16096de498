"""Read a candidate file of any dialect into canonical columns, by evidence and not by file name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from glob import has_magic
from os import PathLike, fspath
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulsars.reading.access.opening import with_ranges
from pulsars.reading.access.ranges import Ranges, take_all, take_sample
from pulsars.reading.labels.label_encodings import asked_encoding
from pulsars.reading.labels.third_class import refuse_third_class
from pulsars.reading.layout import find_layout
from pulsars.reading.meaning.asked_columns import Said, known_kurtosis, several
from pulsars.reading.meaning.moment_counts import OrderCounts, count_broken, with_orders
from pulsars.reading.meaning.pearson import settle_kurtosis
from schemas import Limits, ParameterError, SourceNotFoundError, for_place, is_address

if TYPE_CHECKING:
    from pulsars.reading.meaning.readings import Reading


def read_candidates(  # noqa: PLR0913 - each is an option of its own
    path: str | Path | Mapping[str, str | Path],
    *,
    name: str | None = None,
    columns: str | None = None,
    drop: Said = (),
    keep: Said = (),
    pulsar_is: Said = (),
    not_pulsar_is: Said = (),
    kurtosis: str = "auto",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Reading:
    """Read labelled or unlabelled candidates from a CSV, ARFF or Parquet file.

    Parameters
    ----------
    path : str or Path, or mapping of str to str or Path
        A file; or several of one format with the same columns, by what a row calls its file, in
        the order in which they are read as one table.
    name : str, optional
        How messages call the file; by default its path.
    columns : str, optional
        Eight or nine source names or positions (from 1) in canonical order, separated by commas,
        or pairs ``canonical=source``. By default the columns are found.
    drop : str or int, or sequence of these
        Source names or positions of columns to leave out.
    keep : str or int, or sequence of these
        Source names or positions of columns to carry along beside those that look like identity;
        ``all`` or ``none``. They are neither feature nor label.
    pulsar_is, not_pulsar_is : str or number, or sequence of these
        What the label's column says of pulsars, and of all else, where it is no known label; both
        or neither. Numbers count by value; in words case, blanks and dashes do not count.
    kurtosis : {"auto", "excess", "pearson"}
        Which the file has; of Pearson's 3 is taken off. ``auto`` notes what looks like Pearson's.
    limits : Limits
        What is refused as too large, from what the file says of itself, before it is read.

    Returns
    -------
    Reading
        Its tables are the caller's own, to be written to.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError
        No such file, or not a candidate table. An address, a pattern and ``-`` name no file: what
        these lead to is for the command alone.
    ColumnsError, LabelError, LeakageError
        What the columns are cannot be told, tables of two orders of skewness and kurtosis were
        joined, or one column repeats the label.
    KurtosisError
        Some rows have excess kurtosis and others Pearson's, or other than was said.
    TableError
        No rows.
    SizeError
        More than `limits` allow, or than there is memory for.
    ParameterError
        `path` is empty or no path, `columns` is not written as it should be, the label's values
        are said by halves, `kurtosis` is none of its words, or any of these is of another type.
    """
    kurtosis = known_kurtosis(kurtosis)
    if not isinstance(limits, Limits):
        raise ParameterError(f"limits {limits!r} are no schemas.Limits; leave them out for its own")
    called = ", ".join(map(str, path)) if isinstance(path, Mapping) else str(path)
    name = for_place(str(name or called))
    files = _files_at(path) if isinstance(path, Mapping) else _file_at(path, name=name)
    dropped, kept = several("drop", drop), several("keep", keep)
    sides = several("pulsar_is", pulsar_is), several("not_pulsar_is", not_pulsar_is)

    def read(ranges: Ranges) -> Reading:
        layout = find_layout(
            take_sample(ranges),
            ranges,
            columns=columns,
            drop=dropped,
            keep=kept,
            asked_label=asked_encoding(*sides),
        )
        reading = layout.read(take_all(ranges))
        head = with_orders(layout.head(count_broken(reading.frame)), OrderCounts.of(reading))
        n_rows, n_pulsars = len(reading.frame), reading.n_pulsars
        refuse_third_class(reading.other_labels, n_rows, head, n_pulsars=n_pulsars)
        return replace(reading, evidence=head.evidence, warnings=head.warnings)

    found = settle_kurtosis(with_ranges(files, read, name=name, limits=limits), kurtosis)
    # Of Arrow's cells nothing can be written to; what never leaves this house is not copied.
    return replace(found, frame=found.frame.copy(), carried=found.carried.copy())


def _files_at(files: Mapping[Any, Any]) -> dict[str, Path]:
    """Give the path of each file by what its rows call it."""
    if not files or not all(isinstance(called, str) for called in files):
        raise ParameterError(f"{dict(files)!r} is no mapping of names to the files of a table")
    return {called: _file_at(path, name=for_place(str(path))) for called, path in files.items()}


def _file_at(path: Any, *, name: str) -> Path:
    """Give the path, or say what it is where it can be none; a file may be called anything."""
    path = fspath(path) if isinstance(path, PathLike) else path
    if not isinstance(path, str) or not path:
        raise ParameterError(f"{path!r} is no path; name a file of candidates")
    if not exists(path) and (is_address(path) or has_magic(path) or path == "-"):  # noqa: PTH110 - pathlib raises at a long name
        raise SourceNotFoundError(
            f"{name}: there is no such file; addresses, patterns and - are for the command alone, "
            f"so name one file of this machine."
        )
    return Path(path)
