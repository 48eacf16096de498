"""Facts of the page of a scoring, from the files beside it, and the folds that it shows."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulsars.folds import FOLD_SHA256, Face, faces_of
from pulsars.learning import name_candidate
from pulsars.report.candidate_words import known_sentence
from pulsars.report.gathering import facts_of_any
from pulsars.report.scores_page import MOST_FACES, ScoreFacts
from pulsars.report.trust_plots import draw_counts
from pulsars.store import read_columns, read_json
from schemas import FEATURE_NAMES, HARMONIC, KNOWN, LABEL, Accepted, Compared, Scored, ScoreJob

_log = logging.getLogger(__name__)


def gather_score_facts(
    job: ScoreJob,
    accepted: Accepted,
    compared: Compared,
    scored: Scored,
) -> ScoreFacts:
    """Collect what the page of a scoring says, from the files that will be published beside it.

    Parameters
    ----------
    job : ScoreJob
    accepted : Accepted
    compared : Compared
    scored : Scored
        Handles of a scoring, whose files are opened here, after their hashes.

    Returns
    -------
    ScoreFacts
        With the histogram drawn, where there are probabilities.
    """
    chosen, quality = job.chosen, read_json(accepted.quality)
    listed = read_columns(scored.best)
    return ScoreFacts(
        **facts_of_any(job, accepted),
        model={
            "run": chosen.run,
            "sha256": chosen.model.sha256,
            "threshold": chosen.threshold,
            "simulated": chosen.simulated,
        },
        rows=accepted.row_counts,
        reasons=quality["reasons"],
        notes=[*quality["warnings"], *(scored.known["notes"] if scored.known else [])],
        known=known_sentence(scored.known, n_listed=len(listed)) if scored.known else "",
        converted=list(accepted.converted),
        ranked_by=scored.ranked_by,
        n_called=scored.n_called,
        n_learnt=scored.n_learnt,
        drift=read_json(compared.drift),
        best=[
            _candidate(row, accepted.carried, decides=scored.ranked_by == "model")
            for row in listed[:MOST_FACES].to_pandas().to_dict("records")
        ],
        metrics=read_json(scored.metrics) if scored.metrics else None,
        histogram=draw_counts(scored.histogram, chosen.threshold) if scored.histogram else "",
    )


def _candidate(row: Mapping[Any, Any], carried: Sequence[str], *, decides: bool) -> dict[str, Any]:
    return {
        "rank": int(row["rank"]),
        "line": int(row["line"]),
        **name_candidate(row, carried),
        **{name: row.get(name) or None for name in (KNOWN, HARMONIC) if name not in carried},
        "probability": float(row["probability"]) if decides else None,
        "decision": row["decision"] if decides else None,
        "outside": row["outside"].split(),
        "label": None if row.get(LABEL) is None else int(row[LABEL]),
        "values": {name: float(row[name]) for name in FEATURE_NAMES},
        "contributions": {n: float(row[f"contribution_{n}"]) for n in FEATURE_NAMES},
        "intercept": float(row["intercept"]),
    }


def faces_of_best(job: ScoreJob, scored: Scored) -> dict[int, Face]:
    """Find the folds of the first candidates of the list, where these are folds.

    Parameters
    ----------
    job : ScoreJob
        Below whose artifact root downloads are looked for.
    scored : Scored

    Returns
    -------
    dict of int to Face
        By rank; of a fold that is not where it was, or is another one, there is none.
    """
    best = read_columns(scored.best)[:MOST_FACES].to_pandas()
    if FOLD_SHA256 not in best:
        return {}
    downloads = Path(job.parameters.out) / "downloads"
    drawn, n_gone = faces_of(best.to_dict("records"), downloads=downloads)
    if n_gone:
        _log.info("%d folds are not where they were, or are others: not drawn", n_gone)
    return drawn
