"""The page on which candidates are looked at one by one, and what it shows of each."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pulsars.folds import Face, faces_of, read_faces
from pulsars.report import Ground, draw_face, grounds_of, render_html
from pulsars.review.candidates import Candidate
from pulsars.store import ScoredFile, find_run, load_reference
from schemas import FileRef, PulsarError

_FACES = "faces.parquet"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, eq=False)
class Looks:
    """What candidates of some scores are shown on and with.

    Attributes
    ----------
    grounds : mapping of str to Ground, or None
        The training rows of the model; None where its run is gone or damaged.
    faces : mapping of int to Face
        Folds, by the rank of the candidate.
    """

    grounds: Mapping[str, Ground] | None
    faces: Mapping[int, Face]


def find_looks(scores: ScoredFile) -> Looks:
    """Find what there is to show beside the numbers; what is gone is left out.

    Raises
    ------
    DamagedRecordError, FingerprintError
        If the folds are not what was written.
    """
    folds = scores.manifest["files"].get(_FACES)
    faces: Mapping[int, Face] = {}
    if folds is not None:
        faces = read_faces(FileRef(path=str(scores.path / _FACES), sha256=folds).verified())
    with suppress(PulsarError):
        run = find_run(scores.path.parent.parent, scores.manifest["model"]["run"])
        sha256 = run.manifest["files"]["reference.json"]
        file = FileRef(path=str(run.path / "reference.json"), sha256=sha256)
        return Looks(grounds_of(load_reference(file)), faces)
    return Looks(None, faces)


def render_review(scores: ScoredFile) -> str:
    """Write the page; its script asks for candidates and sends what is said."""
    return render_html("review.html.j2", folder=TEMPLATES, scores=scores)


def render_candidate(candidate: Candidate, looks: Looks, scores: ScoredFile) -> str:
    """Write what the page shows of a candidate: a fragment of HTML.

    Parameters
    ----------
    candidate : Candidate
    looks : Looks
    scores : ScoredFile
        Which it is of.
    """
    fold = _fold_of(candidate, looks, scores)
    drawn = draw_face(
        face=fold,
        features=candidate.features,
        contributions=candidate.contributions,
        grounds=looks.grounds,
        ranked_by=scores.ranked_by,
        intercept=candidate.intercept,
    )
    return render_html(
        "candidate.html.j2",
        folder=TEMPLATES,
        one=candidate,
        fold=fold,
        drawn=drawn,
        among=looks.grounds is not None,
    )


def _fold_of(candidate: Candidate, looks: Looks, scores: ScoredFile) -> Face | None:
    """Give the fold that was published, or farther down the list the one that the row names."""
    rank = candidate.shown.rank
    if rank not in looks.faces:
        named = [{**candidate.carried, "rank": rank}]
        return faces_of(named, downloads=scores.path.parent.parent / "downloads")[0].get(rank)
    return looks.faces[rank]


def style() -> str:
    """Give the style of the page: that of a report, and its own."""
    return render_html("review.css.j2", folder=TEMPLATES)


def script() -> str:
    """Give the script of the page."""
    return (TEMPLATES / "review.js").read_text(encoding="utf-8")
