"""The page of the short list's faces: an article a candidate, the best first.

A page a candidate would be two hundred files in a folder, each with the same style; an article has
an address of its own just as well (`faces.html#line-725`), and leads to the ones beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pulsars.folds import Face
from pulsars.report.candidate_words import mark_words
from pulsars.report.faces import draw_face, grounds_of
from pulsars.report.rendering import render_html
from pulsars.report.scores_page import ScoreFacts, anchors
from slp import Reference


def render_faces(facts: ScoreFacts, *, reference: Reference, faces: Mapping[int, Face]) -> str:
    """Write the page: one self-contained HTML document without a script.

    Parameters
    ----------
    facts : ScoreFacts
        Of the page that lists them.
    reference : Reference
        Of the rows that the model learnt from.
    faces : mapping of int to Face
        The folds of the candidates that have one, by the rank of the candidate.
    """
    grounds = grounds_of(reference)
    folds = [faces.get(one["rank"]) for one in facts.best]
    drawn = [
        draw_face(
            face=fold,
            features=one["values"],
            contributions=one["contributions"],
            grounds=grounds,
            ranked_by=facts.ranked_by,
            intercept=one.get("intercept"),
        )
        for one, fold in zip(facts.best, folds, strict=True)
    ]
    return render_html(
        "faces.html.j2",
        facts=facts,
        shown=list(zip(facts.best, anchors(facts.best), folds, drawn, strict=True)),
        n_folds=sum(fold is not None for fold in folds),
        n_learnt_from=reference.n_rows,
        companion=facts.ranked_by == "companion",
        mark_words=mark_words,
    )
