"""Whether a published run may take the champion's place."""

from __future__ import annotations

from pathlib import Path

from pulsars.gate.comparing import MEASURE, Duel, duel
from pulsars.gate.rescoring import repeats_its_scores
from pulsars.gate.weighing import is_proven, is_worse, weigh
from pulsars.store import (
    PublishedRun,
    Reign,
    Verdict,
    find_anchor,
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
from slp import intervals

CHANCE = 0.5
"""The ROC AUC of a guess, however common pulsars are."""

_ENOUGH = 100  # pulsars, of which a faultless ranking is surely above that


def decide(out: Path, run: PublishedRun, parameters: TrainingParameters) -> Verdict:
    """Judge a run against who reigns below an artifact root, and against its history."""
    reigns = read_reigns(out)
    if reigns and reigns[-1].run == run.name:  # crowned by a try of this task that failed after it
        return Verdict("promoted", reigns[-1].because)
    refused = refused_by_a_person(out, run, reigns)
    if refused:
        return Verdict("kept", f"{refused}; `pulsar promote` forgives it", reigns[-1].run)
    try:
        champion, anchor = find_champion(out), find_anchor(out)
        return judge(champion, require_unchanged(run), parameters, anchor=anchor)
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
    champion: PublishedRun | None,
    challenger: PublishedRun,
    parameters: TrainingParameters,
    *,
    anchor: PublishedRun | None = None,
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
    anchor : PublishedRun or None
        The best that ever held the place, as far as that is proven; None when it is the champion.

    Returns
    -------
    Verdict
        By `pulsars.gate.weighing.weigh`, on what each two have not learnt from; kept also when the
        challenger cannot be champion.
    """
    against = champion.name if champion else None
    refusal = _cannot_succeed(champion, challenger) or _unfit(challenger, floor=parameters.floor)
    if refusal:
        return Verdict("kept", refusal, against)
    if champion is None:
        return Verdict("promoted", f"the first run that clears the floor of {parameters.floor:g}")
    if champion.simulated and not challenger.simulated:
        return Verdict("promoted", "the first run that learnt from real candidates", against)
    rivals = {"the champion": champion}
    if anchor and not same_model(anchor, champion):
        rivals[f"the anchor {anchor.name}"] = anchor
    try:
        duels = {words: duel(rival, challenger) for words, rival in rivals.items()}
    except RunNotFoundError as error:
        return Verdict("undecided", str(error), against)
    decision, word, moves_anchor = _weigh(duels, margin=parameters.margin)
    measured = "; ".join(_measured(rival, one) for rival, one in duels.items())
    first, *second = (one.to_dict() for one in duels.values())
    return Verdict(
        decision,
        f"{word}: {measured}",
        against,
        first,
        anchor=(anchor or champion).name,
        anchor_duel=second[0] if second else None,
        moves_anchor=moves_anchor,
    )


def _weigh(duels: dict[str, Duel], *, margin: float) -> tuple[Decision, str, bool]:
    """Give the decision, its word, and whether it moves the anchor; the last duel is with that."""
    leads = {rival: one.lead for rival, one in duels.items() if one.lead}
    if len(leads) < len(duels):
        return "undecided", "nobody can tell", False
    if any(one.rows.contradictory for one in duels.values()):
        return "undecided", "a person has to say whose labels are right", False
    over_champion, *over_anchor = leads.values()
    decision = weigh(over_champion, over_anchor[0] if over_anchor else None, margin=margin)
    if decision == "kept":
        lost = next(rival for rival, lead in leads.items() if is_worse(lead))
        return decision, f"worse than {lost}", False
    if decision == "undecided":
        return decision, "nobody can tell yet", False
    anchor, lead = [*leads.items()][-1]
    if is_proven(lead):
        return decision, f"better than {anchor}, and the anchor from now on", True
    return decision, f"not worse by more than {margin:g} than the champion", False


def _measured(rival: str, found: Duel) -> str:
    rows = f"{len(found.rows.y):,} candidates that neither has learnt from"
    n_pulsars = f"{found.rows.n_pulsars:,} of them pulsars"
    if found.rows.n_contradicted:
        n_pulsars += f", without {found.rows.n_contradicted:,} that the files label differently"
    if found.lead is None:
        return f"{rows}, {n_pulsars}, are too few to tell it from {rival}"
    sure = found.lead.sure
    return (
        f"average precision {sure.value:+.4f} against {rival} (standard error {sure.error:.4f}) "
        f"on {rows}, {n_pulsars}"
    )


def _cannot_succeed(champion: PublishedRun | None, challenger: PublishedRun) -> str | None:
    """Say why a run can be no champion after this one; None when it can."""
    if champion and challenger.simulated and not champion.simulated:
        return "it learnt from simulated candidates, and the champion from real ones"
    if champion and same_model(champion, challenger):
        return "its model is the champion's, byte for byte"
    return None


def _unfit(challenger: PublishedRun, *, floor: float) -> str | None:
    """Say why a run can be no champion, whoever reigns; None when it can."""
    value, _, _ = challenger.interval(MEASURE)
    if challenger.manifest["parameters"]["preset"]:
        return "a replay of the book is no candidate for the telescope"
    if challenger.failing:
        return f"{challenger.failing}, so that its numbers say nothing"
    if not value >= floor:
        return f"its average precision {value:.3f} is below the floor {floor:g}"
    useless = _tells_nothing(challenger)
    if useless:
        return useless
    if not repeats_its_scores(challenger.path):
        return "a fresh process does not repeat the scores that were measured from its model"
    return None


def _tells_nothing(challenger: PublishedRun) -> str | None:
    """Say why a run is of no use though it clears a floor, as a guess does of common pulsars."""
    area, low, high = challenger.interval("roc_auc")
    found = {cell: challenger.count(cell) for cell in ("tp", "fp", "fn", "tn")}
    n_pulsars = found["tp"] + found["fn"]
    if not low > CHANCE and not _best_low(n_pulsars) > CHANCE:
        return (
            f"of pulsars its test part has {n_pulsars:,}, and so few tell no model from a guess, "
            f"however well it ranks them; label more, train with a larger --test-size, or "
            f"`pulsar promote {challenger.name} --because WHY`"
        )
    if not low > CHANCE:
        return (
            f"its ROC AUC {area:.3f} ({low:.3f} to {high:.3f}) is not surely above {CHANCE:g}, "
            "that of a guess; where pulsars are common a guess has a high average precision too"
        )
    called, n_rows = found["tp"] + found["fp"], sum(found.values())
    if called in (0, n_rows):
        return (
            f"its threshold calls {called:,} of the {n_rows:,} candidates of its test part "
            f"pulsars; train with another --threshold"
        )
    return None


def _best_low(n_pulsars: int) -> float:
    """Give the lower end of a faultless ranking's ROC AUC: however many others there are."""
    y = [0, *[1] * min(n_pulsars, _ENOUGH)]
    return intervals(y, y, threshold=CHANCE)["roc_auc"].low


def same_model(one: PublishedRun, other: PublishedRun) -> bool:
    """Whether two runs ended with the same bytes."""
    return one.model_sha256 == other.model_sha256
