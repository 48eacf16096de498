"""A scored candidate as a person is shown it, from the short list or from the scores themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pulsars.folds import FOLD_SHA256
from pulsars.report import mark_words
from pulsars.review.content import content_hash
from pulsars.store import ScoredFile, as_written
from schemas import FEATURE_NAMES, ShownIn, carried_texts, for_name, shared_source


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A row of scores.

    Attributes
    ----------
    id : str
        `content_hash` of its features.
    features, contributions : mapping of str to float
        By feature; contributions are parts of the logit, or of the sum of a companion.
    intercept : float or None
        What that sum begins with; None where a list does not say.
    carried : mapping of str to str
        What names it, by column, without what is empty.
    same_source : int or None
        Number of the source that it shares with another row.
    fold_sha256 : str or None
        Of the fold that it was measured on; None where there was none.
    known : str
        Which known pulsar it is, in words; empty where it is none, or nobody looked.
    outside : tuple of str
        Features that lie beyond the training rows.
    decision : str or None
        None where a companion ranked.
    shown : ShownIn
        Where it stands.
    """

    id: str
    features: Mapping[str, float]
    contributions: Mapping[str, float]
    intercept: float | None
    carried: Mapping[str, str]
    same_source: int | None
    fold_sha256: str | None
    known: str
    outside: tuple[str, ...]
    decision: str | None
    shown: ShownIn

    @property
    def name(self) -> str:
        """What its file calls it, harmless and bounded; empty where it does not."""
        return for_name(next(iter(self.carried.values()), ""))


MOST_LISTED = 10_000
"""Candidates of a short list that are shown, however long it is."""


def read_short_list(scores: ScoredFile) -> list[Candidate]:
    """Give the first `MOST_LISTED` candidates of the short list, the best first.

    Raises
    ------
    DamagedRecordError
        If a row has no number where one has to be.
    """
    with as_written(scores.path / "short_list.csv"):
        return candidates_of(scores.short_list[:MOST_LISTED], scores, carried=scores.carried)


def candidates_of(
    rows: Iterable[Mapping[str, Any]], scores: ScoredFile, *, carried: Sequence[str]
) -> list[Candidate]:
    """Read rows of a table of scores; of those with the same numbers the first.

    Parameters
    ----------
    rows : iterable of mapping
        By column; numbers may be texts.
    scores : ScoredFile
        Which they are of.
    carried : sequence of str
        Columns that name a candidate, as the table calls them.

    Raises
    ------
    LookupError, ValueError
        If a row lacks a column, or a number is none.
    """
    found: dict[str, Candidate] = {}
    for row in rows:
        one = _candidate(row, scores, carried)
        found.setdefault(one.id, one)
    return list(found.values())


def _candidate(row: Mapping[str, Any], scores: ScoredFile, carried: Sequence[str]) -> Candidate:
    features = _numbers(row, FEATURE_NAMES)
    decides = scores.ranked_by == "model"
    known, harmonic = scores.mark_of(row).values()
    fold = str(row.get(FOLD_SHA256))
    return Candidate(
        id=content_hash(list(features.values())),
        features=features,
        contributions=dict(
            zip(
                FEATURE_NAMES,
                _numbers(row, [f"contribution_{name}" for name in FEATURE_NAMES]).values(),
                strict=True,
            )
        ),
        intercept=_numbers(row, ["intercept"])["intercept"] if "intercept" in row else None,
        carried=carried_texts(row, carried),
        same_source=shared_source(row),
        # Any file may have a column of that name.
        fold_sha256=fold if re.fullmatch("[0-9a-f]{64}", fold) else None,
        known=mark_words(known, harmonic or "") if known else "",
        outside=tuple(str(row["outside"] or "").split()),
        decision=str(row["decision"]) if decides else None,
        shown=ShownIn(
            folder=scores.name,
            line=int(row["line"]),
            rank=int(row["rank"]),
            probability=float(row["probability"]) if decides else None,
            model_sha256=scores.manifest["model"]["sha256"],
            simulated=scores.simulated,
        ),
    )


def _numbers(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, float]:
    numbers = {name: float(row[name]) for name in names}
    if not np.isfinite(list(numbers.values())).all():
        raise ValueError(f"line {row['line']} has a number that is not finite")
    return numbers
