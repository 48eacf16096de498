"""What the lines of a labels file mean: who says what of a candidate, and what is settled.

A person's word on a candidate is the last one that they have not taken back. A word that resolves
settles what was said before it; who says otherwise afterwards opens the question again, and who
says the same again does not. Before and after are by the moment of each word, for two files may be
joined in either order; of the same moment, by their place in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from pulsars.review.labels import Labels, moment_of
from schemas import Statement

Value = Literal["pulsar", "not", "unsure"]


@dataclass(frozen=True)
class Standing:
    """What people say of a candidate.

    Attributes
    ----------
    candidate : str
        Its `content_hash`.
    features : tuple of 8 floats
        In canonical order.
    name : str
        As it was last shown; may be empty.
    words : mapping
        By person, the word that stands, in the order in which they were said.
    counted : tuple of Statement
        Of these, those that stand since one last resolved; all where none does.
    """

    candidate: str
    features: tuple[float, ...]
    name: str
    words: Mapping[str, Statement]
    counted: tuple[Statement, ...]

    @property
    def n_people(self) -> int:
        """How many people have a word on it."""
        return len(self.words)

    @property
    def conflict(self) -> bool:
        """Whether one counted word is pulsar and another is not."""
        return len(self._firm()) > 1

    @property
    def value(self) -> Value | None:
        """What those agree on who are sure, "unsure" where none is; None in a conflict."""
        firm = self._firm()
        if not firm:
            return "unsure"
        return None if self.conflict else ("pulsar" if "pulsar" in firm else "not")

    def _firm(self) -> set[str]:
        return {str(word.value) for word in self.counted if word.value != "unsure"}


@dataclass(frozen=True)
class Agreed:
    """A candidate of which people agree what it is.

    Attributes
    ----------
    candidate : str
        Its `content_hash`.
    features : tuple of 8 floats
        In canonical order.
    is_pulsar : bool
    n_said : int
        People who say so, at least 1; who is unsure is not among them.
    when : str
        ISO 8601: the last of their words.
    simulated : bool
        Whether it was shown to somebody among scores of simulated candidates.
    drifted : bool
        Whether it was shown among scores by a companion, which ranks where drift says stop.
    of_fold : bool
        Whether its numbers are those of a fold that was shown to somebody.
    """

    candidate: str
    features: tuple[float, ...]
    is_pulsar: bool
    n_said: int
    when: str
    simulated: bool
    drifted: bool
    of_fold: bool


def current(labels: Labels) -> dict[str, Standing]:
    """Give what people say of each candidate that somebody has a word on.

    Parameters
    ----------
    labels : Labels

    Returns
    -------
    dict
        By `content_hash`, in the order in which candidates were first spoken of.
    """
    standing: dict[str, list[list[tuple[int, Statement]]]] = {}
    for (candidate, _), words in _not_taken_back(labels).items():
        standing.setdefault(candidate, []).extend([words] if words else [])
    return {name: _standing(people) for name, people in standing.items() if people}


def withdrawable(labels: Labels, who: str) -> Statement | None:
    """Give the last word of a person that they have not taken back; None where there is none."""
    last = [
        words[-1] for (_, one), words in _not_taken_back(labels).items() if one == who and words
    ]
    return max(last)[1] if last else None


def _not_taken_back(labels: Labels) -> dict[tuple[str, str], list[tuple[int, Statement]]]:
    """Give by candidate and person the words that are left, each with its place among all."""
    said: dict[tuple[str, str], list[tuple[int, Statement]]] = {}
    for place, statement in enumerate(sorted(labels.statements, key=moment_of)):
        words = said.setdefault((statement.candidate, statement.who), [])
        if statement.value != "withdrawn":
            words.append((place, statement))
        elif words:
            words.pop()
    return said


def _standing(people: list[list[tuple[int, Statement]]]) -> Standing:
    """Give what words come to, those of each person in the order in which they said them."""
    standing = sorted(words[-1] for words in people)
    since = max(map(_resolved_at, people))
    last = standing[-1][1]
    return Standing(
        candidate=last.candidate,
        features=last.features,
        name=last.name,
        words={word.who: word for _, word in standing},
        counted=tuple(word for place, word in standing if place >= since),
    )


def _resolved_at(words: list[tuple[int, Statement]]) -> int:
    """Give where a person resolved what people differed about and has said the same since."""
    alike = takewhile(lambda word: word[1].value == words[-1][1].value, reversed(words))
    return max((place for place, word in alike if word.resolves), default=0)


def settled(labels: Labels) -> list[Agreed]:
    """Give the candidates that are a pulsar, or not, by the word of all who are sure.

    Parameters
    ----------
    labels : Labels

    Returns
    -------
    list of Agreed
        In the order in which candidates were first spoken of.
    """
    return [
        _agreed(one, [word for word in one.counted if word.value == one.value])
        for one in current(labels).values()
        if one.value in ("pulsar", "not")
    ]


def _agreed(standing: Standing, alike: list[Statement]) -> Agreed:
    shown = [word.scores for word in standing.words.values() if word.scores]
    return Agreed(
        candidate=standing.candidate,
        features=standing.features,
        is_pulsar=standing.value == "pulsar",
        n_said=len(alike),
        when=alike[-1].when,
        simulated=any(scores.simulated for scores in shown),
        drifted=any(scores.probability is None for scores in shown),
        of_fold=any(word.fold_sha256 for word in standing.words.values()),
    )
