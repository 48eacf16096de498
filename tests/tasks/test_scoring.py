"""What is said of each candidate, and of all of them, without a server."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.metrics import roc_auc_score

from command.show_files import print_pass, print_scored
from pulsars.inbox.passing import Pass
from pulsars.inbox.rejected import Fates, is_rejection
from pulsars.report.drift_words import describe_drift
from pulsars.report.scores_page import reason_words
from pulsars.simulation.populations import simulate
from pulsars.store.arrays import load_model, row_hashes
from pulsars.store.chosen import find_model
from pulsars.store.files import write_arrays
from pulsars.store.learnt import Learnt
from pulsars.store.scores import load_scores
from schemas.errors import (
    ChampionError,
    DriftError,
    FingerprintError,
    ParameterError,
    QuarantineRateError,
    RunNotFoundError,
    TableError,
)
from schemas.features import FEATURE_NAMES
from schemas.handles import FileRef
from schemas.score_parameters import InboxParameters, ScoreParameters, require_apart
from schemas.score_records import Arrival, ScoreJob, ScoresPublished
from slp.watching.drift import measure_drift
from slp.watching.reference import Reference
from tasks.drifting import check_drift
from tasks.preparing import fetch, prepare_scoring
from tasks.reading import read, validate
from tasks.reporting import report_scores
from tasks.score_publishing import publish_scores
from tasks.scoring import score_candidates
from tests.published import published_as

Root = Callable[[], Path]

N_ROWS = 60


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unlabelled candidates; a profile of one bin far outside, and a row that cannot be true."""
    X, _ = simulate(N_ROWS, prevalence=0.2, rng=np.random.default_rng(3))
    bins = np.eye(1, 1024)[0] * 255
    z = (bins - bins.mean()) / bins.std()
    X[7, :4] = bins.mean(), bins.std(), (z**3).mean(), (z**4).mean() - 3
    X[9, 0] = -1
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    pd.DataFrame(X, columns=list(FEATURE_NAMES)).to_csv(path, index=False)
    return path


def job_for(path: Path, out: Path, **more: object) -> ScoreJob:
    given = {"data": str(path), "out": str(out), "run": "champion", "budget": 5, **more}
    asked = ScoreParameters.model_validate(given)
    return prepare_scoring.fn(fetch.fn(asked), asked, find_model(out, asked.run))


def published_by(job: ScoreJob) -> ScoresPublished:
    accepted = validate.fn(job, read.fn(job))
    compared = check_drift.fn(job, accepted)
    scored = score_candidates.fn(job, accepted, compared)
    reported = report_scores.fn(job, accepted, compared, scored)
    return publish_scores.fn(job, accepted, compared, scored, reported)


@pytest.fixture(scope="module")
def folder(championed: Root, sky: Path) -> Path:
    return Path(published_by(job_for(sky, championed(), max_quarantine=0.1)).path)


def test_scores_stand_in_the_order_of_the_file_and_add_up(folder: Path, sky: Path) -> None:
    table, source = pd.read_csv(folder / "scores.csv"), pd.read_csv(sky)
    assert table["line"].tolist() == [n + 2 for n in range(N_ROWS) if n != 9]
    kept = source.drop(index=9).reset_index(drop=True)
    pd.testing.assert_frame_equal(table[list(FEATURE_NAMES)], kept, check_exact=True)
    parts = [name for name in table if name.startswith("contribution_")]
    np.testing.assert_allclose(table[[*parts, "intercept"]].sum(axis=1), table["logit"], rtol=1e-9)
    for logit, probability in zip(table["logit"], table["probability"], strict=True):
        by_hand = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
        assert math.isclose(probability, by_hand, rel_tol=1e-9, abs_tol=1e-300)
    assert ((table["probability"] >= 0.5) == (table["decision"] == "pulsar")).all()
    assert 0 < (table["decision"] == "pulsar").sum() < len(table)


def test_both_formats_hold_the_same(folder: Path) -> None:
    parquet = pd.read_parquet(folder / "scores.parquet")
    csv = pd.read_csv(folder / "scores.csv", keep_default_na=False)
    assert parquet.columns.tolist() == csv.columns.tolist()
    for name in parquet:
        assert parquet[name].tolist() == csv[name].tolist(), name


def test_the_short_list_is_the_best_by_logit(folder: Path) -> None:
    table = pd.read_csv(folder / "scores.csv")
    best = pd.read_csv(folder / "short_list.csv")
    assert best["logit"].tolist() == sorted(table["logit"], reverse=True)[:5]
    assert best["rank"].tolist() == [1, 2, 3, 4, 5]
    assert best.columns.tolist() == table.columns.tolist()


def test_what_the_model_has_not_seen_is_named(folder: Path) -> None:
    table = pd.read_csv(folder / "scores.csv", keep_default_na=False)
    assert table["outside"][7] == " ".join(FEATURE_NAMES[:4])
    assert (table["outside"] == "").sum() > N_ROWS / 2


def test_the_manifest_vouches_for_every_file_and_names_the_model(folder: Path) -> None:
    scored = load_scores(folder)
    files = {p.name for p in folder.iterdir()} - {"manifest.json"}
    assert set(scored.manifest["files"]) == files
    for name, sha256 in scored.manifest["files"].items():
        assert FileRef(path=str(folder / name), sha256=sha256).matches()
    assert scored.manifest["rows"] == {"read": 60, "accepted": 59, "quarantined": 1}
    assert folder.name == (
        f"{scored.manifest['data']['sha256'][:16]}-{scored.manifest['model']['sha256'][:8]}"
    )


def test_every_rank_leads_to_the_face_of_its_candidate(folder: Path) -> None:
    listed, faces = (folder / "report.html").read_text(), (folder / "faces.html").read_text()
    anchors = re.findall(r'href="faces.html#([^"]+)"', listed)
    best = pd.read_csv(folder / "short_list.csv")
    assert anchors == [f"line-{line}" for line in best["line"]]
    assert re.findall(r'<article id="([^"]+)"', faces) == anchors
    assert faces.count('class="eight"') == len(best)
    assert "SIMULATED" in faces


def test_the_page_says_the_level_of_drift_and_asks_no_other_host(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    level = json.loads((folder / "drift.json").read_text())["verdict"]
    assert f"Drift: {level}." in page
    assert "The model learnt from SIMULATED candidates" in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert "profile skewness, profile kurtosis" in page  # outside
    assert load_scores(folder).manifest["data"]["sha256"] in page


def test_the_champion_decides_the_request_as_much_as_the_file(championed: Root, sky: Path) -> None:
    out = championed()
    one, same = job_for(sky, out), job_for(sky, out)
    other = job_for(sky, out, run="another0")
    assert one.request == same.request != other.request
    asked = one.parameters
    swapped = one.chosen.model_copy(update={"reference": other.chosen.reference})
    assert prepare_scoring.fn(one.source, asked, swapped).request != one.request


def test_a_copy_is_called_by_what_it_is_a_copy_of(championed: Root, sky: Path) -> None:
    job = job_for(sky, championed(), origin="s3://survey/night.csv")
    assert (job.source.name, job.source.origin) == ("night.csv", "s3://survey/night.csv")
    assert job.parameters.data_name == "night.csv"


def test_a_model_that_was_changed_on_disk_scores_nothing(championed: Root) -> None:
    out = championed()
    chosen = find_model(out, None)
    assert load_model(chosen.model).threshold == chosen.threshold
    model = Path(chosen.model.path)
    model.write_text(model.read_text().replace(str(chosen.threshold), "0.4"))
    with pytest.raises(RunNotFoundError, match=r"model\.json .* was changed since"):
        find_model(out, None)
    with pytest.raises(ChampionError, match="no champion yet"):
        find_model(out / "nothing", None)


@pytest.fixture(scope="module")
def ranked(championed: Root, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled candidates of a survey on another scale, ranked as asked despite the drift."""
    X, y = simulate(600, prevalence=0.1, rng=np.random.default_rng(3))
    X[:, [4, 5]] /= 10
    path = tmp_path_factory.mktemp("far") / "far.csv"
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES)).assign(label=y)
    table.to_csv(path, index=False)
    return Path(published_by(job_for(path, championed(), despite_drift=True)).path)


def test_what_the_model_does_not_know_is_ranked_and_not_decided(ranked: Path) -> None:
    for table in (
        pd.read_parquet(ranked / "scores.parquet"),
        pd.read_csv(ranked / "scores.csv", keep_default_na=False, na_values={"probability": ""}),
    ):
        assert table["probability"].isna().all()
        assert (table["decision"] == "").all()
        assert (table["ranked_by"] == "companion").all()
        assert sorted(table["rank"]) == list(range(1, len(table) + 1))
        assert (table.sort_values("rank")["logit"].diff().dropna() <= 0).all()
        assert roc_auc_score(table["label"], -table["rank"]) > 0.9
        parts = [name for name in table if name.startswith("contribution_")]
        sums = table[[*parts, "intercept"]].sum(axis=1)
        np.testing.assert_allclose(sums, table["logit"], rtol=1e-9)
        assert not table[["contribution_profile_kurtosis", "contribution_dm_kurtosis"]].any(
            axis=None
        )


def test_every_output_says_that_a_companion_ranked(ranked: Path) -> None:
    scored = load_scores(ranked)
    said = scored.summary()
    assert (scored.drift["verdict"], said["ranked_by"], said["n_called"]) == (
        "stop", "companion", None,
    )  # fmt: skip
    assert {one["probability"] for one in said["short_list"]} == {None}
    assert [one["rank"] for one in said["short_list"]] == [1, 2, 3, 4, 5]
    assert scored.manifest["ranked_by"] == "companion"
    assert scored.metrics is not None
    assert set(scored.metrics) == {"roc_auc", "average_precision"}
    assert scored.metrics["roc_auc"]["value"] == pytest.approx(
        roc_auc_score(*pd.read_csv(ranked / "scores.csv")[["label", "logit"]].to_numpy().T)
    )
    page = (ranked / "report.html").read_text()
    assert "none is called a pulsar" in page
    assert "without probabilities and without decisions" in page
    for word in ("Probability</th>", "Called</th>", "Scores</h2>", "F1"):
        assert word not in page
    assert "Average precision" in page


def test_scores_that_an_earlier_version_made_despite_drift_say_whose_they_are(
    ranked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored = load_scores(ranked)
    manifest = {name: of for name, of in scored.manifest.items() if name != "ranked_by"}
    older = replace(scored, manifest=manifest | {"n_called": 590}, short_list=[])
    assert older.summary()["ranked_by"] == "model"
    print_scored(older, anew=False, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "an earlier version of pulsar scored these" in said
    assert "remove the folder to have the companion rank them" in said
    assert "590 of 600 candidates called pulsars" in said


@pytest.mark.parametrize(
    ("data", "model", "said"),
    [
        (True, True, "SIMULATED candidates:"),
        (True, False, "SIMULATED candidates:"),
        (False, True, "The model learnt from SIMULATED candidates:"),
        (False, False, None),
    ],
)
def test_of_what_is_simulated_the_terminal_says_so_and_of_nothing_else(
    data: bool,  # noqa: FBT001
    model: bool,  # noqa: FBT001
    said: str | None,
    ranked: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scored = load_scores(ranked)
    told = {"data": data, "model": model}
    changed = {name: scored.manifest[name] | {"simulated": one} for name, one in told.items()}
    print_scored(replace(scored, manifest=scored.manifest | changed), anew=True, as_json=False)
    found = [line for line in capsys.readouterr().out.splitlines() if "SIMULATED" in line]
    assert [line.startswith(said or "") for line in found] == ([True] if said else [])


def test_a_run_without_a_companion_ranks_nothing_that_it_does_not_know(
    tmp_path: Path, ranked: Path
) -> None:
    published_as(tmp_path, "20260101-000000-000-older000", {"model.json": {"companion": None}})
    path = tmp_path / "far.csv"
    pd.read_csv(ranked / "scores.csv")[list(FEATURE_NAMES)].to_csv(path, index=False)
    job = job_for(path, tmp_path, run="older000", despite_drift=True)
    accepted = validate.fn(job, read.fn(job))
    with pytest.raises(DriftError, match=r"older000 has no companion.*[Tt]rain again.*--run"):
        check_drift.fn(job, accepted)


def test_no_sound_row_is_a_sentence(championed: Root, tmp_path: Path) -> None:
    rows = "\n".join(["-1,1,1,1,1,1,1,1"] * 5)
    path = tmp_path / "bad.csv"
    path.write_text(",".join(FEATURE_NAMES) + "\n" + rows + "\n")
    job = job_for(path, championed(), max_quarantine=0.99)
    with pytest.raises(QuarantineRateError, match="5 of 5 rows"):
        validate.fn(job, read.fn(job))


def changed(column: int, factor: float) -> tuple[Reference, np.ndarray]:
    rng = np.random.default_rng(8)
    X, _ = simulate(3000, prevalence=0.1, rng=rng)
    moved = X[2000:].copy()
    moved[:, column] *= factor
    return Reference.of(X[:2000]), moved


def test_drift_names_the_feature_that_moved_its_value_and_the_limit() -> None:
    reference, moved = changed(4, 30.0)
    drift = measure_drift(reference, moved)
    said = describe_drift(drift, run="r1")
    assert said["verdict"] == "stop"
    assert "dm_mean" in said["sentence"]
    assert "above the limit of" in said["sentence"]
    json.dumps(said, allow_nan=False)
    assert list(said["features"]) == list(FEATURE_NAMES)
    reference, same = changed(4, 1.0)
    calm = describe_drift(measure_drift(reference, same), run="r1")
    assert (calm["verdict"], "limit" in calm["sentence"]) == ("ok", False)
    few = describe_drift(measure_drift(reference, same[:20]), run="r1")
    assert "20 rows are fewer than the 30" in few["sentence"]


def test_reasons_say_which_side_they_speak_for() -> None:
    parts = {"dm_mean": -0.8, "dm_stdev": 0.1, "profile_kurtosis": 4.2}
    said = reason_words({"contributions": parts})
    assert said == "for profile kurtosis\u00a0+4.20; against DM mean\u00a0−0.80"


def test_a_pass_says_which_folds_are_of_another_kind_than_those_learnt_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, said = Pass(), "They are folds (.pfd of LOFAR) of another kind than those (.pfd) of r."
    for name, note in (("a.pfd", said), ("b.pfd", "")):
        arrival = Arrival(path=f"/in/{name}", name=name, stamp="1", sha256="0" * 64)
        done = {"run": "r", "model_sha256": "0", "path": "p", "anew": True, "ranked_by": "model"}
        found.score(arrival, ScoresPublished.model_validate({**done, "another_kind": note}))
    print_pass(found.summary(), as_json=False)
    first, of_first, second, known = capsys.readouterr().out.splitlines()
    assert (first, of_first.strip()) == ("scored    a.pfd: p", said)
    assert (second, known) == ("scored    b.pfd: p", "0 known already")
    assert [row["what"] for row in found.table()] == [f"p {said}", "p"]


def test_only_what_is_the_files_own_fault_rejects_it() -> None:
    assert is_rejection(DriftError("far"))
    assert is_rejection(TableError("empty"))
    for passing in (FingerprintError("changed"), OSError("disk"), ChampionError("none")):
        assert not is_rejection(passing)


def test_a_passes_table_holds_texts_only(tmp_path: Path) -> None:
    found, arrival = Pass(), Arrival(path="/in/a.csv", name="a.csv", stamp="1", sha256="0" * 64)
    found.reject(arrival, DriftError("far"))
    found.fail(arrival, OSError("disk"))
    found.wait({"b.csv": "it may still be written"})
    for ranked_by in ("model", "companion"):
        done = ScoresPublished.model_validate(
            {"run": "r", "model_sha256": "0", "path": "p", "anew": True, "ranked_by": ranked_by}
        )
        found.score(arrival, done)
    fates = [row["fate"] for row in found.table()[:2]]
    assert fates == ["scored", "ranked by the companion: no decisions"]
    assert all(isinstance(cell, str) for row in found.table() for cell in row.values())
    assert [one["exit_code"] for one in (*found.rejected, *found.failed)] == [4, 1]
    assert Fates(tmp_path).of(arrival.sha256) is None


def test_an_inbox_hands_down_all_that_a_scoring_can_be_told() -> None:
    shared = set(ScoreParameters.model_fields) - {"data", "more", "origin"}
    assert shared == set(InboxParameters.model_fields) - {"inbox", "settle_seconds"}
    inbox = InboxParameters(inbox="in", out="o", budget=7, drop=("1",), max_quarantine=0.3)
    asked = inbox.for_file("copy", origin="in/a.csv")
    assert (asked.data, asked.budget, asked.drop, asked.origin) == ("copy", 7, ("1",), "in/a.csv")


@pytest.mark.parametrize(
    "inbox",
    ["art", "./art/", "art/in", "art/../art/runs", "other/../art", "link", "link/in", "{here}/art",
     "file://{here}/art", "file://art/in", "file:{here}/art", "local://{here}/art", "~/art",
     "simplecache::file://{here}/art", "dir::file://{here}/art/in"],
)  # fmt: skip
def test_an_inbox_in_the_artifact_root_is_refused_however_it_is_spelt(
    inbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "art").mkdir()
    (tmp_path / "link").symlink_to("art")
    spelt = inbox.format(here=tmp_path)
    with pytest.raises(ParameterError, match=r"lies in the artifact root art.*name another folder"):
        require_apart(spelt, "art")
    for out in ("art", str(tmp_path / "art"), "link"):
        with pytest.raises(ValidationError, match="lies in the artifact root"):
            InboxParameters(inbox=spelt, out=out)


@pytest.mark.parametrize("empty", ["", " ", "file://"])
def test_an_inbox_without_a_name_is_refused(empty: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="empty"):
        require_apart(empty, str(tmp_path))


@pytest.mark.parametrize("inbox", [".", "in", "artifacts", "art.in", "s3://art", "memory://art"])
def test_an_inbox_beside_around_or_far_from_the_artifact_root_is_taken(
    inbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert InboxParameters(inbox=inbox, out="art").inbox == inbox


def test_candidates_that_had_a_say_in_the_model_are_counted_wherever_they_stand() -> None:
    X, _ = simulate(N_ROWS, prevalence=0.2, rng=np.random.default_rng(3))
    learnt = Learnt.of(X[10:30])
    assert learnt.holds(X[::-1]).tolist() == [10 <= n < 30 for n in reversed(range(N_ROWS))]
    assert not learnt.holds(X * 1.001).any()


def test_candidates_printed_with_fewer_digits_are_known_again(tmp_path: Path) -> None:
    X, _ = simulate(300, prevalence=0.2, rng=np.random.default_rng(3))
    shorter = np.vectorize(lambda value: float(f"{value:.6g}"))(X)
    kept = write_arrays(tmp_path / "seen.npz", Learnt.of(X).to_arrays())
    assert 290 <= Learnt.load(kept).holds(shorter).sum() <= 300
    earlier = write_arrays(tmp_path / "earlier.npz", {"hashes": np.sort(row_hashes(X))})
    assert Learnt.load(earlier).holds(X).all(), "an earlier version kept hashes alone"
    assert not Learnt.load(earlier).holds(X * 1.001).any()
