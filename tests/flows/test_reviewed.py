"""What people said of candidates is learnt from, and accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.training import train
from pulsars.review.content import content_hash
from pulsars.review.labels import append_statement
from pulsars.simulation import simulate
from pulsars.store.learnt import Learnt
from pulsars.store.workplace import can_go_on, open_job
from schemas.errors import LabelsError, TableError
from schemas.features import FEATURE_NAMES
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from schemas.records import TrainingJob
from schemas.review_records import ShownIn
from schemas.sources import Source
from slp.perceptron import Perceptron
from tasks.settling import collect_labels
from tests.pulsars.review.said import statement

pytestmark = pytest.mark.usefixtures("prefect_server", "undrawn")

N_ROWS, N_MORE = 900, 60
X, Y = simulate(N_ROWS + N_MORE, prevalence=0.2, rng=np.random.default_rng(7))
NEW = np.arange(N_ROWS, N_ROWS + N_MORE)


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.parquet"
    table = pd.DataFrame(X[:N_ROWS], columns=list(FEATURE_NAMES))
    table.assign(label=Y[:N_ROWS].astype("int64")).to_parquet(path)
    return path


def say(path: Path, rows: Any, y: Any, *, who: str = "anna") -> Path:
    for row, label in zip(rows, y, strict=True):
        word = statement("pulsar" if label else "not", who=who)
        about = {"candidate": content_hash(X[row]), "features": tuple(X[row].tolist())}
        append_statement(path, word.model_copy(update=about))
    return path


def trained(sky: Path, out: Path, labels: Path | None) -> Path:
    asked = {"data": str(sky), "out": str(out), "floor": 0.5, "labels": labels and str(labels)}
    return Path(train(TrainingParameters.model_validate(asked)).path)


def read(run: Path, name: str) -> Any:
    return json.loads((run / name).read_text())


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is said: sixty new candidates, all rows of the file between, of which ten otherwise."""
    path = say(tmp_path_factory.mktemp("said") / "labels.jsonl", NEW, Y[NEW])
    otherwise = np.arange(40) < 10
    say(path, np.arange(40), Y[:40] ^ otherwise)
    say(path, [50], [1])
    return say(path, [50], [0], who="bert")  # and of one nobody knows


@pytest.fixture(scope="module")
def run(sky: Path, labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(sky, tmp_path_factory.mktemp("out"), labels)


def test_the_manifest_counts_what_became_of_each_candidate(run: Path) -> None:
    counts, account = read(run, "manifest.json")["reviewed"], read(run, "reviewed.json")
    assert (counts["n_reviewed"], counts["n_pulsars"], counts["n_open"]) == (
        100, int(Y[NEW].sum() + (Y[:40] ^ (np.arange(40) < 10)).sum()), 1,
    )  # fmt: skip
    test = set(np.load(run / "split.npz")["test"])
    n_held = sum(row in test for row in range(40))
    assert (counts["n_added"], counts["n_in_training"], counts["n_held_out"]) == (
        N_MORE, 40 - n_held, n_held,
    )  # fmt: skip
    assert counts["n_relabelled"] == sum(row not in test for row in range(10))
    fates = {one["candidate"]: one["fate"] for one in account["candidates"]}
    assert fates[content_hash(X[NEW[0]])] == "added"
    assert all(
        fates[content_hash(X[row])] == ("held out" if row in test else "in training")
        for row in range(40)
    )
    assert any("60 taught this model" in note for note in read(run, "metrics.json")["notes"])


def test_who_was_added_had_a_say_and_is_known_to_have_had_one(run: Path) -> None:
    learnt = Learnt.load(FileRef.of(run / "seen.npz"))
    assert learnt.holds(X[NEW]).all()
    test = np.load(run / "split.npz")["test"]
    assert not learnt.holds(X[test]).any()


def test_nothing_is_measured_on_a_reviewed_candidate(run: Path, sky: Path, tmp_path: Path) -> None:
    without = trained(sky, tmp_path, None)
    found = [read(each, "model.json")["perceptron"]["coef"] for each in (run, without)]
    assert found[0] != found[1]
    for name in ("split.npz", "reference.json"):
        assert (run / name).read_bytes() == (without / name).read_bytes(), name
    assert np.load(run / "test.npz")["y"].tolist() == np.load(without / "test.npz")["y"].tolist()
    assert "reviewed" not in read(without, "manifest.json")
    assert not (without / "reviewed.json").exists()


def test_the_same_words_in_another_order_give_the_same_model(
    run: Path, sky: Path, labels: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("".join(f"{line}\n" for line in labels.read_text().splitlines()[::-1]))
    again = trained(sky, tmp_path / "out", other)
    for name in ("model.json", "metrics.json", "reviewed.json"):
        assert (again / name).read_bytes() == (run / name).read_bytes(), name


def test_what_is_open_is_beside_what_is_settled_and_what_was_taken_back_is_neither(
    tmp_path: Path,
) -> None:
    path = say(tmp_path / "labels.jsonl", [0, 1], [1, 0])
    asked = TrainingParameters(data="sky.csv", out=str(tmp_path / "out"), labels=str(path))
    first = collect_labels.fn(asked)
    append_statement(path, statement("unsure", of=1.0))
    for value in ("pulsar", "withdrawn"):
        append_statement(path, statement(value, of=2.0))
    again = collect_labels.fn(asked)
    assert (first.n_open, again.n_open) == (0, 1)
    assert again.file == first.file
    source = Source(origin="sky.csv", name="sky.csv", file=first.file)
    job, _ = open_job(source, asked, TrainingJob, settled=first)
    assert open_job(source, asked, TrainingJob, settled=again) == (job, True)
    assert can_go_on(job)


@pytest.mark.slow
def test_a_table_in_partitions_learns_the_same_from_them(
    run: Path, sky: Path, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("access.opening", "partitions"):
        monkeypatch.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", 400)
    again = trained(sky, tmp_path, labels)
    assert read(again, "reviewed.json") == read(run, "reviewed.json")
    models = [Perceptron.from_dict(read(each, "model.json")["perceptron"]) for each in (run, again)]
    assert models[1].predict_proba(X) == pytest.approx(models[0].predict_proba(X), abs=1e-6)
    assert Learnt.load(FileRef.of(again / "seen.npz")).holds(X[NEW]).all()


@pytest.mark.slow
def test_before_anybody_has_said_a_word_the_model_is_that_without(
    sky: Path, tmp_path: Path
) -> None:
    runs = [
        trained(sky, tmp_path / name, labels)
        for name, labels in (("a", tmp_path / "none-yet.jsonl"), ("b", None))
    ]
    assert (runs[0] / "model.json").read_bytes() == (runs[1] / "model.json").read_bytes()
    assert read(runs[0], "manifest.json")["reviewed"]["n_reviewed"] == 0


def test_words_that_leave_one_class_are_refused(sky: Path, tmp_path: Path) -> None:
    pulsars = np.flatnonzero(Y[:N_ROWS])
    labels = say(tmp_path / "labels.jsonl", pulsars, np.zeros(len(pulsars)))
    with pytest.raises(TableError, match="all non-pulsars"):
        trained(sky, tmp_path / "out", labels)
    assert not list((tmp_path / "out" / "unfinished").glob("*"))


def test_numbers_that_no_candidate_can_have_are_refused(sky: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    append_statement(labels, statement(of=-1.0))
    with pytest.raises(LabelsError, match="cannot be true: profile_mean"):
        trained(sky, tmp_path / "out", labels)


def test_a_bright_fold_is_reviewed_like_any_other(tmp_path: Path) -> None:
    bright = (40.0, 30.0, 3.0, 12.0, 5000.0, 2000.0, 2.5, 8.0)
    about = {"features": bright, "candidate": content_hash(bright)}
    for name, fold in (("fold", "a" * 64), ("row", None)):
        word = statement(fold_sha256=fold).model_copy(update=about)
        append_statement(tmp_path / f"{name}.jsonl", word)
    asked = TrainingParameters(
        data="sky.csv", out=str(tmp_path), labels=str(tmp_path / "fold.jsonl")
    )
    assert collect_labels.fn(asked).n_reviewed == 1
    with pytest.raises(LabelsError, match="cannot be true: dm_mean is outside 0 to 255"):
        collect_labels.fn(asked.model_copy(update={"labels": str(tmp_path / "row.jsonl")}))


def say_of_simulated(
    path: Path, rows: Any, *, simulated: bool | None = True, probability: float | None = 0.5
) -> Path:
    shown = ShownIn(
        folder="f", line=2, rank=1, probability=probability, model_sha256="0" * 64,
        simulated=simulated,
    )  # fmt: skip
    for row in rows:
        about = {"candidate": content_hash(X[row]), "features": tuple(X[row].tolist())}
        word = statement("pulsar" if Y[row] else "not", scores=shown)
        append_statement(path, word.model_copy(update=about))
    return path


def test_words_on_simulated_candidates_do_not_teach_a_model_of_real_ones(
    sky: Path, tmp_path: Path
) -> None:
    path = say(tmp_path / "labels.jsonl", NEW[:2], Y[NEW[:2]])
    labels = say_of_simulated(path, NEW[2:5])
    with pytest.raises(LabelsError, match=r"3 of the 5 .* sky\.parquet is not simulated"):
        trained(sky, tmp_path / "out", labels)
    assert not list((tmp_path / "out").glob("runs/*/manifest.json"))


def test_words_on_candidates_that_a_companion_ranked_are_noted(sky: Path, tmp_path: Path) -> None:
    path = say(tmp_path / "labels.jsonl", NEW[:2], Y[NEW[:2]])
    labels = say_of_simulated(path, NEW[2:5], simulated=False, probability=None)
    metrics = read(trained(sky, tmp_path / "out", labels), "metrics.json")
    assert any("3 of the reviewed candidates" in note for note in metrics["notes"])


@pytest.mark.parametrize(
    "kind",
    [
        "real",
        pytest.param("simulated", marks=pytest.mark.slow),
        pytest.param("of an earlier version", marks=pytest.mark.slow),
    ],
)
def test_words_teach_a_model_of_their_own_kind(sky: Path, tmp_path: Path, kind: str) -> None:
    simulated = {"simulated": True, "real": False}.get(kind)
    labels = say_of_simulated(tmp_path / "labels.jsonl", NEW[:5], simulated=simulated)
    if simulated:
        table = pq.read_table(sky)
        sky = tmp_path / "drawn.parquet"
        meta = {**table.schema.metadata, b"pulsar.simulated": b"yes"}
        pq.write_table(table.replace_schema_metadata(meta), sky)
    manifest = read(trained(sky, tmp_path / "out", labels), "manifest.json")
    assert manifest["reviewed"]["n_added"] == 5
    assert manifest["data"]["simulated"] is bool(simulated)
