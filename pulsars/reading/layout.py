"""What the columns of a file are, told once of a sample, and every range of its rows read by it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from pulsars.reading.cells import Column, Dialect, Table
from pulsars.reading.columns import Choice, choose_columns
from pulsars.reading.identity.carried import carried_cells
from pulsars.reading.judging.unreadable import ends_in_summaries, find_unreadable, summary_rows
from pulsars.reading.labels.label import read_as
from pulsars.reading.labels.label_encodings import Encoding
from pulsars.reading.labels.third_class import other_values
from pulsars.reading.meaning.moment_counts import MomentCounts, contradictions, recounted
from pulsars.reading.meaning.moments import MomentEvidence
from pulsars.reading.meaning.readings import ColumnSource, Reading
from schemas import LABEL, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.access.ranges import Ranges

_NO_ROWS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Layout:
    """How any range of a file's rows is read.

    Attributes
    ----------
    name : str
        How messages call the file.
    columns : dict of str to ColumnSource
        Features and label by canonical name.
    carried : dict of str to ColumnSource
        What is carried along, by the names that our tables use.
    roles : dict of str to str
        What each of them is.
    as_texts : tuple of str
        Those of them whose numbers are carried as texts, for some cells are missing.
    dialect : Dialect
    evidence : tuple of MomentEvidence
        What the sample said of skewness and kurtosis.
    before, after : tuple of str
        What is said of the file, before and after what the rows say of skewness and kurtosis.
    label_hint : str or None
    label_encoding : Encoding or None
        How the label is spelled.
    n_sampled : int
        Rows of the sample.
    summaries : bool
        Whether rows whose first cell names a statistic are summaries of others.
    """

    name: str
    columns: dict[str, ColumnSource]
    carried: dict[str, ColumnSource]
    roles: dict[str, str]
    as_texts: tuple[str, ...]
    dialect: Dialect
    evidence: tuple[MomentEvidence, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    label_hint: str | None
    label_encoding: Encoding | None
    n_sampled: int
    summaries: bool = False

    @property
    def labelled(self) -> bool:
        """Whether there is a label."""
        return LABEL in self.columns

    def head(self, counts: MomentCounts) -> Reading:
        """Say what is known of the whole file: a reading without its rows.

        Parameters
        ----------
        counts : dict of str to tuple of int
            Of all rows, see `pulsars.reading.meaning.moment_counts.count_broken`.
        """
        evidence = recounted(self.evidence, counts)
        said = (*self.before, *contradictions(evidence, self.columns), *self.after)
        return Reading(
            frame=pd.DataFrame(),
            lines=np.empty(0, dtype=np.int64),
            texts=(),
            faults=(),
            columns=self.columns,
            dialect=self.dialect,
            labelled=self.labelled,
            evidence=evidence,
            warnings=said,
            name=self.name,
            label_hint=self.label_hint,
            carried_from=self.carried,
            roles=self.roles,
        )

    def read(self, table: Table) -> Reading:
        """Read a range of rows; what is said of it says nothing of the whole file."""
        there = {column.position: column for column in (*table.columns, *table.beside)}
        features = {
            name: _at(there, source, self.name)
            for name, source in self.columns.items()
            if name != LABEL
        }
        numbers = [column.numbers for column in features.values()]
        label, summaries = None, _NO_ROWS
        if self.summaries:
            summaries = summary_rows(table.columns[0])
        if self.label_encoding is not None:
            source = self.columns[LABEL]
            label = read_as(_at(there, source, self.name), self.label_encoding, source.how)
            label = label.without(summaries)
            numbers.append(label.classes)
        carried = {
            name: carried_cells(
                _at(there, source, self.name).data, self.roles[name], as_text=name in self.as_texts
            )
            for name, source in self.carried.items()
        }
        return replace(
            self.head(dict.fromkeys(("profile", "dm"), (0, 0, 0))),
            frame=pd.DataFrame(  # of the columns as they are, which nothing need copy
                dict(zip(self.columns, numbers, strict=True)),
                index=pd.RangeIndex(len(table.lines)),
                copy=False,
            ),
            lines=table.lines,
            texts=table.texts,
            faults=find_unreadable(table, features, label, summaries),
            carried=pd.DataFrame(carried, index=pd.RangeIndex(len(table.lines))),
            other_labels=other_values(label),
            warnings=(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` gave."""
        sources = {
            key: {name: ColumnSource(**source) for name, source in kept[key].items()}
            for key in ("columns", "carried")
        }
        tuples = {key: tuple(kept[key]) for key in ("as_texts", "before", "after")}
        evidence = tuple(MomentEvidence(**one) for one in kept["evidence"])
        made = {"dialect": Dialect(**kept["dialect"]), "evidence": evidence}
        if kept["label_encoding"] is not None:
            made["label_encoding"] = Encoding.from_dict(kept["label_encoding"])
        return cls(**{**kept, **sources, **tuples, **made})


def find_layout(
    sample: Table,
    ranges: Ranges,
    *,
    columns: str | None,
    drop: Sequence[str],
    keep: Sequence[str],
    asked_label: Encoding | None = None,
) -> Layout:
    """Tell what the columns of a file are: from all rows of a small one, else from a sample.

    Parameters
    ----------
    sample : Table
        Of its rows.
    ranges : Ranges
        The file.
    columns, drop, keep
        As of `pulsars.reading.reader.read_candidates`; raises what that does of columns.
    asked_label : Encoding, optional
        How the label is spelled, on the user's word.
    """
    with_gaps = ranges.with_gaps()
    choice = choose_columns(sample, columns=columns, drop=drop, keep=keep, asked_label=asked_label)
    sources = dict(choice.features)
    if choice.label is not None:
        sources[LABEL] = choice.label.column
    encoding = choice.label.encoding if choice.label else None
    return Layout(
        name=sample.name,
        columns={key: ColumnSource.of(column, choice.how[key]) for key, column in sources.items()},
        carried={one.name: ColumnSource.of(one.column, one.how) for one in choice.carried},
        roles={one.name: one.role for one in choice.carried},
        as_texts=tuple(one.name for one in choice.carried if one.column.position in with_gaps),
        dialect=replace(sample.dialect, label_encoding=encoding.name if encoding else None),
        evidence=choice.evidence,
        before=(*_simulated(sample.dialect), *sample.notes),
        after=choice.warnings,
        label_hint=choice.label_hint,
        label_encoding=encoding,
        n_sampled=len(sample.lines),
        summaries=_may_name(sample.columns[0], choice)
        and ends_in_summaries(sample, [*choice.features.values()], choice.label),
    )


def _may_name(column: Column, choice: Choice) -> bool:
    """Tell whether a column may say what its rows are: the user did not, and it is none of ours."""
    ours = [*choice.features.values(), *choice.told]
    return column not in ours and (choice.label is None or column is not choice.label.column)


def _simulated(dialect: Dialect) -> tuple[str, ...]:
    """Say that the candidates are simulated; where only a part is, that all count as such."""
    if isinstance(part := dialect.simulated, str):
        whole = "what comes of it counts as simulated as a whole; for the others, leave them out"
        return (f"the file says that {part} of its candidates are simulated; {whole}",)
    return ("the file says that its candidates are simulated",) if part else ()


def _at(there: Mapping[int, Column], source: ColumnSource, name: str) -> Column:
    """Find a column of a range of rows."""
    if source.position not in there:
        raise ColumnsError(
            f"{name}: {source} holds bytes that are no text in some rows; leave it out with "
            f"--drop {source.position}."
        )
    return there[source.position]
