"""Folds on a real server: scored, once each, with their faces; measured; not learnt from."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from command.running import run_features
from flows.features import features
from flows.inbox import score_inbox
from flows.scoring import score
from flows.training import train
from pulsars.folds.face import face_of
from pulsars.folds.face_file import read_faces
from pulsars.folds.opening import read_fold
from pulsars.folds.prepfold import write_pfd
from pulsars.review.candidates import read_short_list
from pulsars.review.page import Looks, find_looks, render_candidate
from pulsars.simulation.folds import simulate_folds
from pulsars.store.scores import load_scores
from schemas import (
    FeatureParameters,
    FileRef,
    FoldError,
    InboxParameters,
    LabelError,
    ParameterError,
    ScoreParameters,
    TrainingParameters,
)
from tasks import drifting
from tests.phcx import pack_phcx
from tests.pulsars.folds.test_phcx import section

pytestmark = pytest.mark.usefixtures("prefect_server", "undrawn")

Root = Callable[[], Path]

_PICTURE = r"data:image/png;base64,[^\"']+"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty folds, one of them cut short, and their truth."""
    folder = tmp_path_factory.mktemp("night")
    drawn = simulate_folds(20, prevalence=0.3, rng=np.random.default_rng(2))
    lines = ["file,label"]
    for number, (fold, label) in enumerate(drawn):
        write_pfd(folder / f"{number:02}.pfd", fold)
        lines.append(f"{number:02}.pfd,{label}")
    cut = (folder / "05.pfd").read_bytes()[:5000]
    (folder / "05.pfd").write_bytes(cut)
    (folder / "truth.csv").write_text("\n".join(lines) + "\n")
    return folder


def scored(data: Path, out: Path, **more: Any) -> Path:
    asked = {"data": str(data), "out": str(out), "max_quarantine": 0.0, **more}
    asked |= {"despite_drift": True}  # the champion learnt from other curves
    return Path(score(ScoreParameters.model_validate(asked)).path)


def test_a_folder_of_folds_is_scored_and_the_broken_one_set_aside_with_its_reason(
    championed: Root, night: Path
) -> None:
    out = championed()
    folder = scored(night, out)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["rows"] == {"read": 20, "accepted": 19, "quarantined": 1}
    assert manifest["data"]["simulated"] is True
    aside = pd.read_csv(folder / "quarantine.csv")
    assert aside["reasons"][0].startswith("fold cannot be measured: ")
    assert aside["refused"][0] in aside["reasons"][0]
    short = pd.read_csv(folder / "short_list.csv", dtype={"name": "str"})
    assert set(short["name"]) == {f"{n:02}" for n in range(20) if n != 5}
    faces = read_faces(folder / "faces.parquet")
    assert set(faces) == set(short["rank"])
    assert faces[1].sub_bands is not None
    assert "faces.parquet" in manifest["files"]


def test_the_same_folds_are_scored_once_wherever_they_are(
    championed: Root, night: Path, tmp_path: Path
) -> None:
    out = championed()
    copied = Path(shutil.copytree(night, tmp_path / "copied"))
    assert scored(copied, out) == scored(night, out)


@pytest.mark.slow
def test_a_fold_in_an_inbox_is_a_candidate_of_its_own_and_scored_once(
    championed: Root, night: Path, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "box"
    inbox.mkdir()
    for name in ("00.pfd", "01.pfd", "05.pfd"):
        shutil.copy(night / name, inbox / name)
    asked = InboxParameters(inbox=str(inbox), out=str(out), settle_seconds=0)
    first, again = score_inbox(asked), score_inbox(asked)
    assert [one["name"] for one in first["scored"]] == ["00.pfd", "01.pfd"]
    assert [one["name"] for one in first["rejected"]] == ["05.pfd"]
    assert "cut short" in first["rejected"][0]["message"]
    assert (again["scored"], again["known"]) == ([], 2)
    folder = Path(first["scored"][0]["path"])
    assert len(read_faces(folder / "faces.parquet")) == 1
    assert pd.read_csv(folder / "short_list.csv")["fold"][0] == str(inbox / "00.pfd")


def test_an_inbox_says_that_a_fold_is_of_another_kind_than_those_learnt_from(
    championed: Root, night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, inbox = championed(), tmp_path / "box"
    inbox.mkdir()
    shutil.copy(night / "00.pfd", inbox / "00.pfd")
    monkeypatch.setattr(drifting, "convention_sentence", lambda *_kinds, run: f"Not as of {run}.")
    found = score_inbox(InboxParameters(inbox=str(inbox), out=str(out), settle_seconds=0))
    (one,) = found["scored"]
    assert one["another_kind"] == f"Not as of {one['run']}."
    drift = load_scores(Path(one["path"])).drift
    assert (drift["verdict"], drift["another_kind"]) == ("too few", one["another_kind"])


def test_folds_are_measured_into_a_table_and_all_are_accounted_for(
    night: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    night = Path(shutil.copytree(night, tmp_path / "night"))
    (night / "deeper").mkdir()
    caplog.set_level("INFO")
    asked = {"data": str(night), "out": str(tmp_path), "labels": str(night / "truth.csv")}
    target = str(tmp_path / "made.parquet")
    made = features(FeatureParameters.model_validate({**asked, "target": target}))
    assert (made.n_found, made.n_measured, made.n_aside, made.n_passed_over) == (20, 19, 1, 1)
    notes = [one.getMessage() for one in caplog.records if "passed over" in one.getMessage()]
    assert any("deeper" in note for note in notes)
    assert any("truth.csv" in note for note in notes)
    table = pd.read_parquet(target)
    assert len(table) == 19
    assert set(table["label"]) == {0, 1}


def test_of_each_batch_it_is_said_how_many_were_measured_and_how_many_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    folder = tmp_path / "three"  # that nobody measured before, or the step is not run
    for number, (fold, _) in enumerate(simulate_folds(3, rng=np.random.default_rng(77))):
        write_pfd(folder / f"{number}.pfd", fold)
    (folder / "0.pfd").write_bytes((folder / "0.pfd").read_bytes()[:5000])
    asked = FeatureParameters(
        data=str(folder), out=str(tmp_path), target=str(tmp_path / "made.csv")
    )
    features(asked)
    with pytest.raises(FoldError, match=r"none of 3 folds .*no named sections.* leave --section"):
        features(asked.model_copy(update={"section": "FFT"}))
    said = [one.getMessage() for one in caplog.records]
    assert [one for one in dict.fromkeys(said) if one.startswith("batch")] == [
        "batch 0: 3 folds = 2 measured + 1 set aside",
        "batch 0: 3 folds = 0 measured + 3 set aside",
    ]


def test_labels_that_say_nothing_are_refused_before_anything_is_measured(
    night: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    labels = tmp_path / "lab_bad.csv"
    labels.write_text("file,label\n00.pfd,2\n")
    asked = FeatureParameters(data=str(night), out=str(tmp_path / "out"), labels=str(labels))
    with pytest.raises(LabelError, match=r"lab_bad\.csv, line 2: the label '2'"):
        features(asked)
    with pytest.raises(LabelError, match=r"lab_bad\.csv, line 2: the label '2'"):
        run_features(asked.model_copy(update={"target": str(tmp_path / "made.csv")}))
    assert not [one for one in caplog.records if one.getMessage().startswith("batch")]
    assert not (tmp_path / "out").exists()


def test_a_table_that_would_be_lost_is_refused_before_anything_is_measured(
    night: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.csv"
    target.write_text("fold,fold_sha256,label\n/n/a.pfd,x,1\n")
    asked = FeatureParameters(data=str(night), out=str(tmp_path / "out"), target=str(target))
    with pytest.raises(ParameterError, match=r"made\.csv.*'label'"):
        features(asked)
    assert not (tmp_path / "out").exists()
    assert target.read_text() == "fold,fold_sha256,label\n/n/a.pfd,x,1\n"


def test_a_table_whose_folds_are_still_there_is_scored_with_their_faces(
    championed: Root, night: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.parquet"
    features(FeatureParameters(data=str(night), out=str(tmp_path), target=str(target)))
    folder = scored(target, championed())
    assert len(read_faces(folder / "faces.parquet")) == 19


@pytest.mark.slow
def test_rows_of_two_tables_on_one_line_have_each_its_own_fold(
    championed: Root, night: Path, tmp_path: Path
) -> None:
    tables = tmp_path / "tables"
    for first in ("0", "1"):
        (tmp_path / first).mkdir()
        for path in night.glob(f"{first}[0-4].pfd"):
            shutil.copy(path, tmp_path / first / path.name)
        target = str(tables / f"{first}.parquet")
        features(
            FeatureParameters(data=str(tmp_path / first), out=str(tmp_path / "out"), target=target)
        )
    folder = scored(tables, championed())
    short = pd.read_csv(folder / "short_list.csv")
    assert len(short) == 2 * short["line"].nunique() == 10
    scores = load_scores(folder)
    looks = find_looks(scores)
    for one, place in zip(read_short_list(scores), short["fold"], strict=True):
        own = face_of(read_fold(Path(place).read_bytes(), name=place))
        assert np.array_equal(looks.faces[one.shown.rank].profile, own.profile)
        drawn = "".join(
            re.findall(
                _PICTURE, render_candidate(one, Looks(looks.grounds, {one.shown.rank: own}), scores)
            )
        )
        assert drawn
        assert "".join(re.findall(_PICTURE, render_candidate(one, looks, scores))) == drawn
    articles = (folder / "faces.html").read_text().split("<article ")[1:]
    assert len({"".join(re.findall(_PICTURE, article)) for article in articles}) == 10


@pytest.mark.slow
def test_another_section_of_the_same_fold_is_other_data(championed: Root, tmp_path: Path) -> None:
    out, fold = championed(), tmp_path / "two.phcx"
    fold.write_bytes(pack_phcx([section(1), section(2, section="pdmp")]))
    asked = {name: scored(fold, out, section=name) for name in (None, "1", "0")}
    assert len({*asked.values()}) == 3
    assert scored(fold, out, section="1") == asked["1"]
    found = {name: pd.read_csv(folder / "short_list.csv") for name, folder in asked.items()}
    assert [found[name]["section"][0] for name in asked] == ["FFT", "pdmp", "FFT"]
    assert {folder.name[:16] for folder in asked.values()} == {FileRef.of(fold).sha256[:16]}


def test_what_is_no_fold_is_not_measured_and_what_an_archive_needs_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.pfd").write_text("1,2,3\n")
    with tarfile.open(tmp_path / "n.tgz", "w:gz") as archive:
        archive.add(tmp_path / "a.pfd")
    with pytest.raises(FoldError, match=r"n\.tgz: no fold.*unpack.*folder"):
        features(FeatureParameters(data=str(tmp_path / "n.tgz"), out=str(tmp_path)))


def test_folds_are_not_learnt_from_and_how_labels_get_in_is_said(
    night: Path, tmp_path: Path
) -> None:
    with pytest.raises(LabelError, match=r"pulsar features .* --labels truth\.csv"):
        train(TrainingParameters(data=str(night), out=str(tmp_path)))
