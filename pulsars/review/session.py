"""Scores that people look at: which candidates, who said what of them, and what they say now."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pulsars.review.asked import Asked
from pulsars.review.candidates import Candidate, read_short_list
from pulsars.review.content import short_name
from pulsars.review.following import Followed
from pulsars.review.labels import Labels, append_statement, moment_of
from pulsars.review.meaning import Standing, current, withdrawable
from pulsars.review.teaching import Nearest, all_nearest, choose_to_teach, find_nearest
from pulsars.store import ScoredFile
from schemas import Statement, for_name

SortedBy = Literal["probability", "teaching"]


class Session:
    """The scores that are looked at, and the labels file that is written to.

    Parameters
    ----------
    scores : ScoredFile
        Which are shown.
    labels : Path
        The labels file; others may write to it meanwhile.

    Raises
    ------
    DamagedRecordError, LabelsError
        If the scores or the labels are not what was written.
    """

    def __init__(self, scores: ScoredFile, labels: Path) -> None:
        self.scores = scores
        self.path = labels
        self._best = read_short_list(scores)
        self._known = {one.id: one for one in self._best}
        self._followed = Followed(labels)
        self._saying, self._choosing = threading.Lock(), threading.Lock()
        self.labels()

    def labels(self) -> Labels:
        """Give what has been said, by whomever."""
        return self._followed.read()

    def find(self, candidate: str) -> Candidate | None:
        """Give a candidate that has been listed."""
        return self._known.get(candidate)

    def listed(self, sorted_by: SortedBy) -> dict[str, Any]:
        """List the short list, or what would teach the model most.

        Returns
        -------
        dict
            ``candidates``, in the order in which they are to be looked at, each with ``id``,
            ``title``, ``rank``, ``words`` (person → value) and ``conflict``; ``note``, which
            candidates these are, in a sentence.

        Raises
        ------
        DamagedRecordError, FingerprintError, LabelsError
            If a file is not what was written.
        """
        standing = current(self.labels())
        if sorted_by == "probability" or self.scores.ranked_by == "companion":
            shown, note = self._best, self._note_of_best(sorted_by)
        else:
            known = [one.features for one in standing.values()]
            with self._choosing:  # two who ask at once read the scores once
                shown = choose_to_teach(self._nearest, self.scores, known=known)
            self._known |= {one.id: one for one in shown}
            note = (
                f"The {len(shown):,} that would teach the model most, of the "
                f"{len(self._nearest.rows):,} nearest to its threshold among "
                f"{self._nearest.n_looked_at:,} of {self.scores.manifest['rows']['accepted']:,}."
            )
        items = [_item(one.id, _title(one), one.shown.rank, standing.get(one.id)) for one in shown]
        return {"candidates": items, "note": note}

    @cached_property
    def _nearest(self) -> Nearest:
        return find_nearest(self.scores)

    @cached_property
    def _may_be_listed(self) -> dict[str, Candidate]:
        """Candidates that a page may have from a server before this one."""
        if self.scores.ranked_by == "companion":
            return {}
        return {one.id: one for one in all_nearest(self._nearest, self.scores)}

    def _note_of_best(self, sorted_by: SortedBy) -> str:
        n = f"The {len(self._best):,} best of {self.scores.manifest['rows']['accepted']:,}."
        if sorted_by == "teaching":
            return f"{n} A companion ranked them and gives no probability: no doubt can be told."
        return n

    def item(self, candidate: str) -> dict[str, Any]:
        """Give a candidate as it stands in a list; of one that is not listed here what is known."""
        said = [one for one in self.labels().statements if one.candidate == candidate]
        standing = current(Labels(tuple(said))).get(candidate)
        one = self.find(candidate)
        named = standing.name if standing else ""
        title = _title(one) if one else short_name(for_name(named), candidate)
        return _item(candidate, title, one.shown.rank if one else None, standing)

    def say(self, asked: Asked) -> Statement | None:
        """Put what somebody says on disk, once, however often it is sent.

        Parameters
        ----------
        asked : Asked
            What is said; with "withdrawn", of whichever candidate that person spoke of last.

        Returns
        -------
        Statement or None
            What is on disk now; None where there is no such candidate, or nothing to withdraw.

        Raises
        ------
        LabelsError
            If what was said before cannot be read.
        OSError, ParameterError
            If it could not be written; it may be sent again.
        """
        with self._saying:
            # What has that id is written again, for it may be in the file and on no disk.
            said = (one for one in self.labels().statements if one.id == asked.id)
            say = self._withdrawal if asked.value == "withdrawn" else self._word
            statement = next(said, None) or say(asked)
            if statement:
                append_statement(self.path, statement)
            return statement

    def _word(self, asked: Asked) -> Statement | None:
        asked_of = asked.candidate or ""
        candidate = self.find(asked_of) or self._may_be_listed.get(asked_of)
        if candidate is None:
            return None
        return Statement(
            id=asked.id,
            when=self._now(asked.who, candidate.id),
            who=asked.who,
            candidate=candidate.id,
            value=asked.value,
            features=tuple(candidate.features.values()),
            name=candidate.name,
            fold_sha256=candidate.fold_sha256,
            scores=candidate.shown,
            resolves=asked.resolves,
        )

    def _withdrawal(self, asked: Asked) -> Statement | None:
        last = withdrawable(self.labels(), asked.who)
        if last is None:
            return None
        when = self._now(asked.who, last.candidate)
        changed = {"id": asked.id, "when": when, "value": "withdrawn", "resolves": False}
        return last.model_copy(update=changed)

    def _now(self, who: str, candidate: str) -> str:
        """Give the time, but none before what this word comes after: a clock may go back."""
        said = self.labels().statements
        before = (one for one in said if one.who == who or one.candidate == candidate)
        latest = max(before, key=moment_of, default=None)
        now = datetime.now(UTC)
        if latest and moment_of(latest) > now:
            return latest.when
        return now.isoformat(timespec="microseconds")


def _title(one: Candidate) -> str:
    return one.name or f"Line {one.shown.line}"


def _item(
    candidate: str, title: str, rank: int | None, standing: Standing | None
) -> dict[str, Any]:
    return {
        "id": candidate,
        "title": title,
        "rank": rank,
        "words": {for_name(w): said.value for w, said in standing.words.items()}
        if standing
        else {},
        "conflict": bool(standing and standing.conflict),
    }
