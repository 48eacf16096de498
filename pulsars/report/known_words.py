"""What is said of candidates that are known pulsars."""

from __future__ import annotations

from schemas import StoredKnown

_BY = {
    "position": "by position and period, and by DM where both have one",
    "dm": "by period and DM alone, for want of positions, so some are chance",
}


def known_sentence(known: StoredKnown, *, n_listed: int) -> str:
    """Say how many candidates of a short list are known pulsars.

    Parameters
    ----------
    known : mapping
        As of `schemas.stored_scores.StoredKnown`.
    n_listed : int
        Candidates of the short list.
    """
    if known["by"] is None:
        return f"No candidate is held against {known['name']}: {known['notes'][-1]}."
    n, verb = (
        known["n_listed"],
        "is a known pulsar" if known["n_listed"] == 1 else "are known pulsars",
    )
    of = "one" if n == 1 else "one of them"
    return (
        f"{n:,} of the {n_listed:,} {verb} or a harmonic of {of}, {_BY[known['by']]}, as "
        f"{known['name']} has them; of all candidates {known['n_marked']:,}."
    )


def mark_words(name: str, harmonic: str) -> str:
    """Say which known pulsar a candidate is, or of which it has a harmonic's period.

    Examples
    --------
    >>> mark_words("J0437-4715", "1"), mark_words("J0437-4715", "1/2")
    ('known: J0437-4715', 'known: J0437-4715, 1/2 of its period')
    """
    if harmonic == "1":
        return f"known: {name}"
    times = f"{harmonic} of its period" if "/" in harmonic else f"{harmonic} times its period"
    return f"known: {name}, {times}"
