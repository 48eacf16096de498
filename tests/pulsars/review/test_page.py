"""What a reviewer sees of a candidate, whatever its file says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pulsars.folds.face import Face
from pulsars.folds.face_file import write_faces
from pulsars.folds.prepfold import write_pfd
from pulsars.review.candidates import read_short_list
from pulsars.review.page import (
    Looks,
    find_looks,
    render_candidate,
    render_review,
    script,
    style,
)
from pulsars.simulation.folds import simulate_folds
from pulsars.store.files import write_json
from pulsars.store.scores import load_scores
from pulsars.store.stored import read_record
from schemas import sha256_of
from schemas.errors import FingerprintError
from schemas.stored_scores import ScoresManifest
from tests.published import trained
from tests.reviewed import publish_scores, scored_rows

EVIL = '<script>alert("x")</script>\u202e'


def test_what_a_file_says_of_itself_is_text_and_no_page(tmp_path: Path) -> None:
    rows = scored_rows().assign(name=EVIL, path=EVIL)
    data = {"origin": EVIL, "name": EVIL, "simulated": False}
    scores = publish_scores(tmp_path, rows, data=data, carried=["name", "path"])
    texts = [render_review(scores)]
    texts += [render_candidate(read_short_list(scores)[0], find_looks(scores), scores)]
    for text in texts:
        assert EVIL[:8] not in text.replace('<script src="review.js"', "")
        assert "\u202e" not in text
        assert "&lt;script&gt;" in text


def test_without_the_run_all_is_shown_but_the_training_rows(tmp_path: Path) -> None:
    scores = publish_scores(tmp_path)
    one = read_short_list(scores)[0]
    curve = np.arange(64, dtype=np.uint8)
    looks = Looks(None, {one.shown.rank: Face(kind="pfd", profile=curve, dm_curve=curve)})
    text = render_candidate(one, looks, scores)
    assert text.count("<tr>") == 10  # a head, the eight, and the intercept
    assert text.count("<figure") == 2
    assert "is gone" in text
    assert "Among training rows" not in text
    assert find_looks(scores).grounds is None


def test_with_the_run_they_are_shown_among_the_training_rows(tmp_path: Path) -> None:
    run = trained(11)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / run.name).symlink_to(run)
    model = {"run": run.name, "sha256": "d" * 64, "threshold": 0.5, "simulated": True}
    scores = publish_scores(tmp_path, model=model)
    text = render_candidate(read_short_list(scores)[0], find_looks(scores), scores)
    assert "Among training rows" in text
    assert text.count("<tr>") == 10  # a head, the eight, and the intercept


def test_a_fold_is_shown_where_there_is_one(tmp_path: Path) -> None:
    scores = publish_scores(tmp_path)
    one = read_short_list(scores)[0]
    curve = np.arange(64, dtype=np.uint8)
    face = Face(kind="pfd", profile=curve, dm_curve=curve)
    file = write_faces(scores.path / "faces.parquet", {one.shown.rank: face})
    manifest = read_record(scores.path / "manifest.json", ScoresManifest)
    manifest["files"]["faces.parquet"] = file.sha256
    write_json(scores.path / "manifest.json", manifest)
    looks = find_looks(load_scores(scores.path))
    assert list(looks.faces) == [one.shown.rank]
    (scores.path / "faces.parquet").write_bytes(b"PAR1")
    with pytest.raises(FingerprintError):
        find_looks(load_scores(scores.path, whole=False))


def test_farther_down_the_list_the_fold_is_drawn_of_the_file_that_the_row_names(
    tmp_path: Path,
) -> None:
    run = trained(11)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / run.name).symlink_to(run)
    ((fold, _label),) = simulate_folds(1, prevalence=1.0, rng=np.random.default_rng(3))
    write_pfd(tmp_path / "c.pfd", fold)
    rows = scored_rows().assign(
        fold=str(tmp_path / "c.pfd"), fold_sha256=sha256_of(tmp_path / "c.pfd"), section=""
    )
    model = {"run": run.name, "sha256": "d" * 64, "threshold": 0.5, "simulated": True}
    carried = ["fold", "fold_sha256", "section"]
    scores = publish_scores(tmp_path, rows, model=model, carried=carried)
    one, looks = read_short_list(scores)[0], find_looks(scores)
    assert looks.faces == {}
    assert 'class="fold"' in render_candidate(one, looks, scores)
    (tmp_path / "c.pfd").write_bytes(b"another")
    assert 'class="fold"' not in render_candidate(one, looks, scores)


def test_nothing_on_the_page_comes_from_elsewhere(tmp_path: Path) -> None:
    text = render_review(publish_scores(tmp_path)) + script() + style()
    assert "http" not in text
    assert "SIMULATED" in text
