"""Whether a published run may take the champion's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.gate.comparing import MEASURE, Duel, duel
from pulsars.gate.rescoring import repeats_its_scores
from pulsars.store import (
    Reign,
    Verdict,
    find_champion,
    left_by_a_person,
    read_reigns,
    require_unchanged,
    rolled_back,
)
from schemas import (
    ChampionError,
    Decision,
    FingerprintError,
    GateError,
    RunNotFoundError,
    TrainingParameters,
)

if TYPE_CHECKING:
    from pulsars.store import PublishedRun


def decide(out: Path, run: PublishedRun, parameters: TrainingParameters) -> Verdict:
    """Judge a run against who reigns below an artifact root, and against its history."""
    reigns = read_reigns(out)
    if reigns and reigns[-1].run == run.name:  # crowned by a try of this task that failed after it
        return Verdict("promoted", reigns[-1].because)
    refused = refused_by_a_person(out, run, reigns)
    if refused:
        return Verdict("kept", f"{refused}; `pulsar promote` forgives it", reigns[-1].run)
    try:
        return judge(find_champion(out), require_unchanged(run), parameters)
    except (ChampionError, FingerprintError, GateError) as error:  # a person has to mend that
        return Verdict("undecided", str(error), reigns[-1].run if reigns else None)


def refused_by_a_person(out: Path, run: PublishedRun, reigns: list[Reign]) -> str | None:
    """Say which person did not want this very model, and why; None when nobody was against it."""
    rolled = rolled_back(reigns).get(run.model_sha256)
    if rolled is not None:
        return f"a person rolled this very model back: {rolled}"
    left = left_by_a_person(out, run, against=reigns[-1].run) if reigns else None
    if left is not None:
        return f"a person was asked about this very model, and said no: {left}"
    return None


def judge(
    champion: PublishedRun | None, challenger: PublishedRun, parameters: TrainingParameters
) -> Verdict:
    """Decide on a challenger.

    Parameters
    ----------
    champion : PublishedRun or None
        None when there is none yet: then the floor alone decides.
    challenger : PublishedRun
        Just published.
    parameters : TrainingParameters
        `floor` and `margin`.

    Returns
    -------
    Verdict
        Promoted when the whole interval of the difference in average precision lies above
        -margin: surely not worse by more than that. Kept when it lies below 0, or the challenger
        cannot be one. Undecided otherwise.
    """
    against = champion.name if champion else None
    refusal = _cannot_be_champion(champion, challenger, floor=parameters.floor)
    if refusal:
        return Verdict("kept", refusal, against)
    if champion is None:
        return Verdict("promoted", f"the first run that clears the floor of {parameters.floor:g}")
    if champion.simulated and not challenger.simulated:
        return Verdict("promoted", "the first run that learnt from real candidates", against)
    try:
        found = duel(champion, challenger, n_resamples=parameters.n_resamples)
    except RunNotFoundError as error:
        return Verdict("undecided", str(error), against)
    decision, because = _weigh(found, margin=parameters.margin)
    return Verdict(decision, because, against, found.to_dict())


def _cannot_be_champion(
    champion: PublishedRun | None, challenger: PublishedRun, *, floor: float
) -> str | None:
    """Say why a run can be no champion, whoever reigns; None when it can."""
    value, _, _ = challenger.interval(MEASURE)
    if challenger.manifest["parameters"]["preset"]:
        return "a replay of the book is no candidate for the telescope"
    if challenger.simulated and champion and not champion.simulated:
        return "it learnt from simulated candidates, and the champion from real ones"
    if not value >= floor:
        return f"its average precision {value:.3f} is below the floor {floor:g}"
    if not repeats_its_scores(challenger.path):
        return "a fresh process does not repeat the scores that were measured from its model"
    if champion and same_model(champion, challenger):
        return "its model is the champion's, byte for byte"
    return None


def same_model(one: PublishedRun, other: PublishedRun) -> bool:
    """Whether two runs ended with the same bytes."""
    return one.model_sha256 == other.model_sha256


def _weigh(found: Duel, *, margin: float) -> tuple[Decision, str]:
    rows = f"{len(found.rows.y):,} candidates that neither has learnt from"
    if found.comparison is None:
        return "undecided", f"{rows}, {found.rows.n_pulsars} of them pulsars, are too few to tell"
    d = found.comparison.differences[MEASURE]
    measured = f"average precision {d.value:+.4f} (95 % {d.low:+.4f} to {d.high:+.4f}) on {rows}"
    if d.high < 0:
        return "kept", f"worse than the champion: {measured}"
    if d.low >= -margin:
        word = "better than" if d.low > 0 else f"not worse by more than {margin:g} than"
        return "promoted", f"{word} the champion: {measured}"
    return "undecided", f"nobody can tell yet: {measured}"
