"""A labels file as a whole: how many say what, who differs, and the table that leaves the house.

How far two people agree beyond chance is Cohen's κ.

References
----------
Cohen (1960), "A Coefficient of Agreement for Nominal Scales", Educational and Psychological
Measurement 20, 37: κ = (p_o - p_e) / (1 - p_e).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pulsars.review.agreement import agreements
from pulsars.review.labels import Labels
from pulsars.review.meaning import Standing, current
from schemas import FEATURE_NAMES, LABEL

if TYPE_CHECKING:
    import pandas as pd


_VALUES = ("pulsar", "not", "unsure")
_IS_PULSAR = {"pulsar": 1, "not": 0}


def summarise(labels: Labels) -> dict[str, Any]:
    """Say of a labels file what a machine may ask, as plain JSON values.

    Parameters
    ----------
    labels : Labels

    Returns
    -------
    dict
        ``statements`` and ``candidates`` (how many); ``pulsar``, ``not``, ``unsure`` and
        ``conflict`` (candidates of each value); ``people`` (person → how often they say which
        word); ``conflicts`` (each with ``candidate``, ``name``, ``words`` and ``shown``: in which
        scores, at which line and rank, it was last looked at, None where no word tells);
        ``agreement`` (as of `agreements`); ``notes``.
    """
    standing = current(labels)
    values: Counter[str] = Counter(one.value or "conflict" for one in standing.values())
    said: Counter[tuple[str, str]] = Counter(
        (who, word.value) for one in standing.values() for who, word in one.words.items()
    )
    people = sorted({who for who, _ in said})
    return {
        "statements": len(labels.statements),
        "candidates": len(standing),
        **{value: values[value] for value in (*_VALUES, "conflict")},
        "people": {who: {value: said[who, value] for value in _VALUES} for who in people},
        "conflicts": [
            {
                "candidate": one.candidate,
                "name": one.name,
                "words": _words(one),
                "shown": _shown(one),
            }
            for one in standing.values()
            if one.conflict
        ],
        "agreement": agreements(standing),
        "notes": list(labels.notes),
    }


def as_table(labels: Labels) -> pd.DataFrame:
    """Give a row for each candidate that somebody has a word on.

    Returns
    -------
    DataFrame
        ``candidate``, ``name``, the eight features, ``label`` (1, 0, or missing where none is
        settled), ``said``, ``n_people`` and ``words``.
    """
    import pandas as pd

    rows = [
        {
            "candidate": one.candidate,
            "name": one.name,
            **dict(zip(FEATURE_NAMES, one.features, strict=True)),
            LABEL: _IS_PULSAR.get(one.value or ""),
            "said": one.value or "conflict",
            "n_people": one.n_people,
            "words": "; ".join(f"{who}: {value}" for who, value in _words(one).items()),
        }
        for one in current(labels).values()
    ]
    columns = ["candidate", "name", *FEATURE_NAMES, LABEL, "said", "n_people", "words"]
    return pd.DataFrame(rows, columns=columns).astype({LABEL: "Int8"})


def _words(standing: Standing) -> dict[str, str]:
    return {who: word.value for who, word in standing.words.items()}


def _shown(standing: Standing) -> dict[str, Any] | None:
    """Give where the candidate was when somebody last looked at it."""
    last = [word.scores for word in standing.words.values() if word.scores]
    return last[-1].model_dump(include={"folder", "line", "rank"}) if last else None
