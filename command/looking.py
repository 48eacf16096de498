"""A review in this process: the page is served and opened, until Ctrl-C.

The browser is told of it without telling others on the machine its key.
"""

from __future__ import annotations

from pathlib import Path

from command.demonstration import write_folds
from command.launching import require_writable
from command.opening import page_opener
from command.running import run_features, run_scoring, run_training
from command.show_files import print_scored
from command.show_review import print_review, print_review_ended
from command.show_runs import print_learnt
from pulsars.review import LABELS_NAME, Session
from pulsars.store import ScoredFile, champion_name
from schemas import (
    FeatureParameters,
    ParameterError,
    ScoreParameters,
    SimulationParameters,
    TrainingParameters,
)
from service import prefect_server, review_here

_LABELLED = SimulationParameters(rows=1000, prevalence=0.2)
_FOLDS = SimulationParameters(rows=100, prevalence=0.2, seed=1)


def look_at(
    scores: ScoredFile,
    out: Path,
    *,
    labels: Path | None = None,
    port: int = 0,
    browser: bool = True,
    as_json: bool = False,
) -> None:
    """Serve the page of some scores.

    Parameters
    ----------
    scores : ScoredFile
        What is looked at.
    out : Path
        Artifact root, where the labels file is unless it is named.
    labels : Path, optional
        The labels file.
    port : int, optional
        On loopback; 0 finds a free one.
    browser : bool, optional
        Whether to open the page.
    as_json : bool, optional
        Whether to print the address as one JSON object, and at the end how much was said.
    """
    kept = labels or out / LABELS_NAME
    _require_kept(kept)
    session = Session(scores, kept)
    n_before = len(session.labels().statements)
    with page_opener(asked=browser) as opened:

        def tell(url: str) -> None:
            print_review(session, url, as_json=as_json)
            opened(url)

        review_here(session, port=port, tell=tell)
    print_review_ended(session, n_before, as_json=as_json)


def _require_kept(labels: Path) -> None:
    """Refuse a file to which no word can be added, before a person says any."""
    if not labels.exists():
        remedy = "name a file elsewhere with --labels"
        require_writable(labels.parent, option="--labels", what=labels.name, remedy=remedy)
        return
    try:
        labels.open("ab").close()
    except OSError as error:
        raise ParameterError(
            f"--labels {labels}: nothing can be added there ({error.strerror}); name another file"
        ) from None


def look_at_a_night(asked: TrainingParameters, folder: Path, *, as_json: bool) -> None:
    """Simulate two nights of folds, learn from the first, score the second, and serve the page.

    All of it stands apart, below `demo` of the artifact root: a word on a simulated candidate is
    nothing that a real model should learn from.

    Parameters
    ----------
    asked : TrainingParameters
        What a training takes, but for the data, which are simulated.
    folder : Path
        Where data are kept.
    as_json : bool
        Whether to print the address as one JSON object, and nothing else.
    """
    out = Path(asked.out) / "demo"
    with prefect_server() as server:  # one for all: Prefect reads once which it is
        server.wait()
        if champion_name(out) is None:
            night = str(_labelled_night(folder / "demo-labelled", out))
            run = run_training(asked.model_copy(update={"data": night, "out": str(out)}))
            if not as_json:
                print_learnt(run, as_json=False)
        night = str(_night(folder / "demo-night", _FOLDS))
        scored, anew = run_scoring(ScoreParameters(data=night, out=str(out)))
    if not as_json:
        print_scored(scored, anew=anew, as_json=False)
    look_at(scored, out, as_json=as_json)


def _night(folder: Path, drawn: SimulationParameters) -> Path:
    if not (folder / "truth.csv").is_file():
        write_folds(folder, **drawn.model_dump())
    return folder


def _labelled_night(folder: Path, out: Path) -> Path:
    """Simulate folds of which it is known what they are; give the table of their statistics."""
    truth = str(_night(folder, _LABELLED) / "truth.csv")
    table = folder.with_suffix(".parquet")
    told = {"data": str(folder), "labels": truth, "target": str(table), "out": str(out)}
    run_features(FeatureParameters.model_validate(told))
    return table
