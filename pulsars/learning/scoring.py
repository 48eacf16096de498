"""What a model says of candidates, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.store import Learnt, load_companion, load_model, load_reference
from schemas import (
    FEATURE_NAMES,
    HARMONIC,
    KNOWN,
    LABEL,
    SAME_SOURCE,
    Accepted,
    DriftError,
    RankedBy,
    ScoreJob,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from pulsars.learning.predicting import Predicted
    from slp import Perceptron, Reference


PULSAR, NON_PULSAR = "pulsar", "non-pulsar"

Mark = Callable[["pa.Table"], tuple["NDArray[np.object_]", "NDArray[np.object_]"]]
"""Gives the name of each row in a catalogue of known pulsars, and its harmonic, or empty texts."""

CONTRIBUTIONS = tuple(f"contribution_{name}" for name in FEATURE_NAMES)


def features_of(rows: pa.Table) -> NDArray[np.float64]:
    """Give the eight features of a table, shape (n_rows, 8), each of them in one piece."""
    return np.stack([rows[name].to_numpy() for name in FEATURE_NAMES]).T


@dataclass(frozen=True, eq=False)
class Explained:
    """What there is to say of rows without the others.

    Attributes
    ----------
    logit : ndarray of shape (n_rows,), float64
    contributions : ndarray of shape (8, n_rows), float64
        Of each feature: their sum and the layer's intercept are the logit, but for the last digits.
    outside : ndarray of shape (n_rows,), uint8
        A bit a feature, the first the highest: beyond the training range.
    """

    logit: NDArray[np.float64]
    contributions: NDArray[np.float64]
    outside: NDArray[np.uint8]

    @classmethod
    def joined(cls, parts: Sequence[Explained]) -> Explained:
        """Put what is said of blocks of rows end to end."""
        return cls(
            np.concatenate([part.logit for part in parts]),
            np.concatenate([part.contributions for part in parts], axis=1),
            np.concatenate([part.outside for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Scorer:
    """Whoever ranks candidates, and what their table says beside its numbers.

    Attributes
    ----------
    model : Perceptron
        Scores, or a companion, which only ranks.
    reference : Reference
        Of the rows that the model learnt from.
    learnt : Learnt
        Names those that had a say in it: what is measured on them flatters it.
    ranked_by : {"model", "companion"}
        Which of the two it is. A companion gives no probability (null) and no decision (empty).
    carried : sequence of str
        Columns that say which candidate a row is.
    converted : sequence of str
        Features that are not as the file has them.
    mark : callable or None
        Gives ``known`` and ``harmonic`` of rows, where there is a catalogue.
    """

    model: Perceptron
    reference: Reference
    learnt: Learnt
    ranked_by: RankedBy
    carried: Sequence[str] = ()
    converted: Sequence[str] = ()
    mark: Mark | None = None

    @property
    def decides(self) -> bool:
        """Whether there are probabilities and decisions."""
        return self.ranked_by == "model"

    def explain(self, rows: pa.Table) -> Explained:
        """Say what there is to say of rows without their ranks."""
        X = features_of(rows)
        logit, contributions = self.model.explain(X)
        outside = np.packbits(self.reference.outside(X), axis=1)[:, 0]
        return Explained(logit, contributions.T, outside)

    def table(
        self, rows: pa.Table, found: Explained, said: Predicted, rank: NDArray[np.int64]
    ) -> pa.Table:
        """Give every candidate its score and the reasons for it.

        Parameters
        ----------
        rows : Table
            The eight features, ``line``, what is carried, ``same_source`` and ``label`` where there
            are such.
        found : Explained
            By `explain` of these rows.
        said : Predicted
            By the logits in it.
        rank : ndarray of shape (n_rows,), int64
            1 is best, among the rows of all the table that these are of.

        Returns
        -------
        Table
            In the order of `rows`: ``line``, what is carried, ``same_source`` if there is one,
            ``known`` and ``harmonic`` where there is a catalogue, the features, ``label`` if there
            is one, ``logit``, ``probability``, ``decision`` by the model's threshold, ``rank``,
            ``ranked_by``, ``outside`` (names of features beyond the training range, with blanks
            between them), ``converted`` (names of features that are not as the file has them) if
            there are any, and the parts of the logit: ``intercept`` and
            ``contribution_<feature>``. The logit of a companion is the sum that ranks, and no
            log-odds. Texts that repeat are dictionaries.
        """
        import pyarrow as pa

        n = len(rows)
        there = set(rows.column_names)
        named = ["line", *self.carried, *({SAME_SOURCE} & there)]
        learnt = [*FEATURE_NAMES, *({LABEL} & there)]
        taken = {name: rows[name] for name in named}
        taken |= self._marks(rows) | {name: rows[name] for name in learnt}
        scored: dict[str, Any] = {
            "logit": found.logit,
            "probability": said.probability if self.decides else pa.nulls(n, pa.float64()),
            "decision": _decided(said.called) if self.decides else _all("", n),
            "rank": rank,
            "ranked_by": _all(self.ranked_by, n),
            "outside": _named(found.outside),
            **({"converted": _all(" ".join(self.converted), n)} if self.converted else {}),
            "intercept": np.full(n, self.model.intercept),
            **dict(zip(CONTRIBUTIONS, found.contributions, strict=True)),
        }
        return pa.table(taken | scored)

    def _marks(self, rows: pa.Table) -> dict[str, pa.DictionaryArray]:
        if self.mark is None:
            return {}
        return dict(zip((KNOWN, HARMONIC), map(_distinct, self.mark(rows)), strict=True))


def scorer_of(
    job: ScoreJob, accepted: Accepted, ranked_by: RankedBy, *, mark: Mark | None = None
) -> Scorer:
    """Load whoever ranks the candidates of a job; `ranked_by` and `mark` as of `Scorer`.

    Raises
    ------
    DriftError
        If a companion is to rank, and the run has none.
    """
    layer = (load_model if ranked_by == "model" else load_companion)(job.chosen.model)
    if layer is None:
        raise DriftError(f"run {job.chosen.run} has no companion to rank with; train again")
    return Scorer(
        model=layer,
        reference=load_reference(job.chosen.reference),
        learnt=Learnt.load(job.chosen.seen),
        ranked_by=ranked_by,
        carried=accepted.carried,
        converted=accepted.converted,
        mark=mark,
    )


def as_texts(table: pa.Table) -> pa.Table:
    """Give a table of scores with texts for dictionaries, as a reader of its file sees it."""
    import pyarrow as pa

    def is_text(kind: pa.DataType) -> bool:
        return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind))

    plain = [
        field.with_type(pa.large_string()) if is_text(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(plain))


def reader_schema(table: pa.Table) -> pa.Schema:
    """Say what a reader of a table of scores is to see: its types, and what pandas notes of them.

    The notes are those of a row; types are not, for pandas has others where a value is missing.
    """
    import pyarrow as pa

    row = as_texts(table[:1])
    noted = pa.Schema.from_pandas(row.to_pandas(), preserve_index=False)
    return row.schema.with_metadata(noted.metadata)


def _all(text: str, n: int) -> pa.DictionaryArray:
    return _texts(np.zeros(n, dtype=np.int8), [text])


def _decided(called: NDArray[np.bool_]) -> pa.DictionaryArray:
    return _texts(called.view(np.int8), [NON_PULSAR, PULSAR])


def _named(outside: NDArray[np.uint8]) -> pa.DictionaryArray:
    """Name the features of each row's bits; only what is there is in the dictionary."""
    there = np.flatnonzero(np.bincount(outside, minlength=256))
    place = np.zeros(256, dtype=np.int16)
    place[there] = np.arange(len(there))
    names = np.array(FEATURE_NAMES)
    bits = np.unpackbits(there.astype(np.uint8)[:, None], axis=1).astype(bool)
    return _texts(place[outside], [" ".join(names[each]) for each in bits])


def _distinct(texts: NDArray[np.object_]) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.array(texts.tolist(), pa.large_string()).dictionary_encode()


def _texts(places: NDArray[Any], texts: list[str]) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(texts, pa.large_string()))
