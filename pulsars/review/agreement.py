"""How far two people agree beyond chance: Cohen's κ.

References
----------
Cohen (1960), "A Coefficient of Agreement for Nominal Scales", Educational and Psychological
Measurement 20, 37: κ = (p_o - p_e) / (1 - p_e).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from pulsars.review.meaning import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping


def agreements(standing: Mapping[str, Standing]) -> list[dict[str, Any]]:
    """Compare every two people who have judged the same candidates.

    Parameters
    ----------
    standing : mapping
        As of `pulsars.review.meaning.current`. Each person's own word counts, also where another
        word has settled the question since; who is unsure is left out.

    Returns
    -------
    list of dict
        In alphabetical order, as plain JSON values: ``people``, the two, in that order, too;
        ``n_both``, the candidates, at least 1, that both called a pulsar or not one; ``n_alike``,
        on how many of these they say the same; ``kappa``, Cohen's κ, in [-1, 1], or None where
        chance alone agrees on all (0/0): each of them says one and the same of every candidate.
    """
    firm = [
        {who: word.value == "pulsar" for who, word in one.words.items() if word.value != "unsure"}
        for one in standing.values()
    ]
    pairs: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for words in firm:
        for a, b in combinations(sorted(words), 2):
            pairs.setdefault((a, b), []).append((words[a], words[b]))
    return [_agreement(people, pairs[people]) for people in sorted(pairs)]


def _agreement(people: tuple[str, str], said: list[tuple[bool, bool]]) -> dict[str, Any]:
    n, n_alike = len(said), sum(a == b for a, b in said)
    n_a, n_b = (sum(words) for words in zip(*said, strict=True))
    # Both sides of the fraction times n²: whole numbers, and 0/0 is met exactly.
    by_chance, all_alike = n_a * n_b + (n - n_a) * (n - n_b), n * n
    certain = by_chance == all_alike
    kappa = None if certain else (n_alike * n - by_chance) / (all_alike - by_chance)
    return {"people": list(people), "n_both": n, "n_alike": n_alike, "kappa": kappa}
