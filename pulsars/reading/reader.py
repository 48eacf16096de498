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
from pulsars.reading.access.ranges import take_all, take_sample
from pulsars.reading.labels.label_encodings import asked_encoding
from pulsars.reading.labels.third_class import refuse_third_class
from pulsars.reading.layout import find_layout
from pulsars.reading.meaning.asked_columns import known_kurtosis, several
from pulsars.reading.meaning.moment_counts import count_broken
from pulsars.reading.meaning.moment_orders import OrderCounts, with_orders
from pulsars.reading.meaning.pearson import settle_kurtosis
from schemas import Limits, ParameterError, SourceNotFoundError, for_place, is_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.access.ranges import Ranges
    from pulsars.reading.meaning.readings import Reading


def read_candidates(  # noqa: PLR0913 - each is an option of its own
    path: str | Path | Mapping[str, Path],
    *,
    name: str | None = None,
    columns: str | None = None,
    drop: str | Sequence[str] = (),
    keep: str | Sequence[str] = (),
    pulsar_is: str | Sequence[str] = (),
    not_pulsar_is: str | Sequence[str] = (),
    kurtosis: str = "auto",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Reading:
    """Read labelled or unlabelled candidates from a CSV, ARFF or Parquet file.

    Parameters
    ----------
    path : str or Path, or mapping of str to Path
        A file; or several of one format with the same columns, by what a row calls its file, in
        the order in which they are read as one table.
    name : str, optional
        How messages call the file; by default its path.
    columns : str, optional
        Eight or nine source names or positions (from 1) in canonical order, separated by commas,
        or pairs ``canonical=source``. By default the columns are found.
    drop : str or sequence of str
        Source names or positions of columns to leave out.
    keep : str or sequence of str
        Source names or positions of columns to carry along beside those that look like identity;
        ``all`` or ``none``. They are neither feature nor label.
    pulsar_is, not_pulsar_is : str or sequence of str
        What the label's column says of pulsars, and of all else, where it is no known label; both
        or neither. Numbers count by value; in words case, blanks and dashes do not count.
    kurtosis : {"auto", "excess", "pearson"}
        Which the file has; of Pearson's 3 is taken off. ``auto`` notes what looks like Pearson's.
    limits : Limits
        What is refused as too large, from what the file says of itself, before it is read.

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
        are said by halves, or `kurtosis` is none of its words.
    """
    kurtosis = known_kurtosis(kurtosis)
    path = fspath(path) if isinstance(path, PathLike) else path
    name = for_place(name or (", ".join(path) if isinstance(path, Mapping) else str(path)))
    path = path if isinstance(path, Mapping) else _file_at(path, name=name)

    def read(ranges: Ranges) -> Reading:
        layout = find_layout(
            take_sample(ranges),
            ranges,
            columns=columns,
            drop=several(drop),
            keep=several(keep),
            asked_label=asked_encoding(several(pulsar_is), several(not_pulsar_is)),
        )
        reading = layout.read(take_all(ranges))
        head = with_orders(layout.head(count_broken(reading.frame)), OrderCounts.of(reading))
        refuse_third_class(reading.other_labels, len(reading.frame), head)
        return replace(reading, evidence=head.evidence, warnings=head.warnings)

    return settle_kurtosis(with_ranges(path, read, name=name, limits=limits), kurtosis)


def _file_at(path: Any, *, name: str) -> Path:
    """Give the path, or say what it is where it can be none; a file may be called anything."""
    if not isinstance(path, str) or not path:
        raise ParameterError(f"{path!r} is no path; name a file of candidates")
    if not exists(path) and (is_address(path) or has_magic(path) or path == "-"):  # noqa: PTH110 - pathlib raises at a long name
        raise SourceNotFoundError(
            f"{name}: there is no such file; addresses, patterns and - are for the command alone, "
            f"so name one file of this machine."
        )
    return Path(path)
