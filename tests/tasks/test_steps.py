"""The steps one by one, called as plain functions without a server."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pulsars.learning import proofs
from pulsars.learning.companion import fit_companion
from pulsars.report.tables import confusion_table, metrics_table
from pulsars.store import arrays
from pulsars.store.epochs import read_epoch_rows
from pulsars.store.files import read_arrays, read_json, read_table, write_json
from pulsars.store.publishing import audit
from pulsars.store.tables import read_partitions
from pulsars.store.workplace import open_job
from schemas.errors import (
    ExitCode,
    FingerprintError,
    GateError,
    LabelError,
    QuarantineRateError,
    TableError,
)
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.records import (
    Accepted,
    Evaluated,
    Parts,
    Published,
    Reported,
    Trained,
    TrainingJob,
    TrainingRows,
)
from slp.measures.metrics import measure
from slp.perceptron import Perceptron, sigmoid
from slp.watching.reference import Reference
from tasks.evaluating import evaluate
from tasks.fitting import fit
from tasks.preparing import fetch, prepare
from tasks.publishing import publish
from tasks.reading import read, validate
from tasks.reporting import report
from tasks.splitting import oversample, split

pytestmark = pytest.mark.usefixtures("undrawn")

N_ROWS, N_PULSARS = 600, 90


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small labelled file with two bad rows, drawn by the project's simulator."""
    from pulsars.simulation.populations import simulate

    X, y = simulate(N_ROWS, prevalence=N_PULSARS / N_ROWS, rng=np.random.default_rng(5))
    lines = [
        ",".join(map(repr, [*row.tolist(), int(label)])) for row, label in zip(X, y, strict=True)
    ]
    lines[10] = lines[10].replace(lines[10].split(",")[0], "bright", 1)
    lines[20] = ",".join(lines[20].split(",")[:4])
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def job_for(path: Path, out: Path, **parameters: object) -> TrainingJob:
    asked = TrainingParameters.model_validate(
        {"data": str(path), "out": str(out), "n_resamples": 100, **parameters}
    )
    return prepare.fn(fetch.fn(asked), asked)


def accepted_by(job: TrainingJob) -> Accepted:
    return validate.fn(job, read.fn(job))


@dataclass
class Made:
    """What the steps of a training handed on."""

    job: TrainingJob
    accepted: Accepted
    parts: Parts
    rows: TrainingRows
    trained: Trained

    @property
    def known(self) -> arrays.Rows:
        return arrays.load_rows(self.accepted)

    @property
    def indices(self) -> dict[str, np.ndarray]:
        return arrays.part_indices(self.parts)

    @cached_property
    def evaluated(self) -> Evaluated:
        return evaluate.fn(self.job, self.accepted, self.parts, self.rows, self.trained)

    @cached_property
    def reported(self) -> Reported:
        return report.fn(self.job, self.accepted, self.parts, self.trained, self.evaluated)

    def publish(self) -> Published:
        return publish.fn(
            self.job, self.accepted, self.parts, self.trained, self.evaluated, self.reported
        )


def trained_by(job: TrainingJob) -> Made:
    accepted = accepted_by(job)
    parts = split.fn(job, accepted)
    rows = oversample.fn(job, accepted, parts)
    return Made(job, accepted, parts, rows, fit.fn(job, accepted, parts, rows))


def reported_by(job: TrainingJob) -> Made:
    made = trained_by(job)
    assert made.reported.intact()
    return made


def test_no_text_of_a_sound_row_is_kept(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path)
    candidates = read.fn(job)
    assert list(read_partitions(candidates.table)) == [*FEATURE_NAMES, "label", "line"]
    assert read_table(candidates.quarantine)["line"].tolist() == [11, 21]
    assert {file.path for file in candidates.files()} == {
        str(path) for path in Path(job.folder).rglob("*") if path.is_file() and path.stem != "job"
    }


def test_what_is_judged_of_a_table_is_what_was_found_in_its_rows(sky: Path) -> None:
    from pulsars.reading.judging.in_memory import check_candidates
    from pulsars.reading.judging.quality import QualityReport
    from pulsars.reading.reader import read_candidates

    found = check_candidates(read_candidates(sky)).quality
    kept = QualityReport.from_dict(json.loads(json.dumps(found.to_dict())))
    assert (kept.columns, kept.samples) == (found.columns, found.samples)
    assert kept.n_pulsars == found.n_pulsars == found.pulsars
    assert json.dumps(kept.to_dict()) == json.dumps(found.to_dict())


def test_bad_rows_are_set_aside_with_line_reason_and_text(sky: Path, tmp_path: Path) -> None:
    accepted = accepted_by(job_for(sky, tmp_path))
    aside = read_table(accepted.quarantine)
    assert aside["line"].tolist() == [11, 21]
    assert "bright" in aside["text"][0]
    assert "profile_mean" in aside["reasons"][0]
    assert accepted.rows_read == N_ROWS == accepted.rows_accepted + 2
    header, *lines = Path(accepted.quarantine_csv.path).read_text().splitlines()
    assert header == "line,reasons,text"
    assert len(lines) == 2


def test_too_many_bad_rows_stop_the_run(sky: Path, tmp_path: Path) -> None:
    with pytest.raises(QuarantineRateError, match=r"2 of 600 rows"):
        accepted_by(job_for(sky, tmp_path, max_quarantine=0.001))


def test_a_file_without_labels_stops_the_run(sky: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.csv"
    lines = [line.rsplit(",", 1)[0] for line in sky.read_text().splitlines()]
    bare.write_text("\n".join(line for line in lines if line.count(",") == 7))
    with pytest.raises(LabelError, match=r"bare\.csv has no labels"):
        accepted_by(job_for(bare, tmp_path))


def test_a_flag_is_not_trained_on_until_somebody_says_that_it_is_the_label(
    sky: Path, tmp_path: Path
) -> None:
    flagged = tmp_path / "flagged.csv"
    flagged.write_text(",".join([*FEATURE_NAMES, "is_rfi"]) + "\n" + sky.read_text())
    with pytest.raises(LabelError, match=r'no labels.*--columns "label=is_rfi"') as refused:
        accepted_by(job_for(flagged, tmp_path))
    assert refused.value.exit_code == ExitCode.DATA
    assert accepted_by(job_for(flagged, tmp_path, columns="label=is_rfi")).rows_accepted


def test_parts_that_cannot_hold_both_classes_stop_the_run(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path, validation_size=0.001)
    with pytest.raises(TableError, match=r"sky\.csv cannot be split"):
        split.fn(job, accepted_by(job))


@pytest.mark.parametrize("threshold", ["f1", "expected-f1"])
@pytest.mark.parametrize("strategy", ["none", "cycle", "random", "jitter", "undersample"])
def test_oversampling_never_touches_the_test_part_nor_a_validation_part_that_is_held_out(
    strategy: str, threshold: str, sky: Path, tmp_path: Path
) -> None:
    job = job_for(sky, tmp_path, oversample=strategy, threshold=threshold)
    accepted = accepted_by(job)
    parts = split.fn(job, accepted)
    rows = oversample.fn(job, accepted, parts)
    seen = set(read_arrays(rows.file)["sample_indices"].tolist())
    indices = arrays.part_indices(parts)
    assert not seen & set(indices["test"].tolist())
    assert bool(seen & set(indices["validation"].tolist())) == (threshold == "expected-f1")
    assert rows.prevalence == pytest.approx(0.5 if strategy != "none" else 0.15, abs=0.01)


@pytest.mark.parametrize("strategy", ["cycle", "undersample", "jitter"])
def test_a_probability_is_one_whatever_the_prevalence_trained_on(
    strategy: str, sky: Path, tmp_path: Path
) -> None:
    """Mean probability on held-out rows is the prevalence there, not the one trained on."""
    made = trained_by(job_for(sky, tmp_path, oversample=strategy))
    held_out = made.known[made.indices["test"]]
    mean = arrays.load_model(made.trained.model).predict_proba(held_out.X).mean()
    assert mean == pytest.approx(held_out.y.mean(), abs=0.03)


def test_training_is_the_same_whatever_ran_before_it(sky: Path, tmp_path: Path) -> None:
    first = trained_by(job_for(sky, tmp_path / "1", oversample="jitter")).trained
    np.random.seed(1)  # noqa: NPY002 - what another's code may do in the same process
    np.random.random(100)  # noqa: NPY002
    random.seed(1)
    again = trained_by(job_for(sky, tmp_path / "2", oversample="jitter")).trained
    other = trained_by(job_for(sky, tmp_path / "3", oversample="jitter", seed=1)).trained
    assert first.model.sha256 == again.model.sha256 != other.model.sha256
    assert first.epochs.sha256 == again.epochs.sha256


def test_the_scale_is_that_of_the_training_rows(sky: Path, tmp_path: Path) -> None:
    made = trained_by(job_for(sky, tmp_path, oversample="cycle", inputs="standard"))
    both = np.concatenate([made.indices[part] for part in ("train", "validation")])
    train = made.known[both]
    scale = arrays.load_model(made.trained.model).inputs.scale
    np.testing.assert_allclose(scale.mean, train.X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(scale.std, train.X.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("threshold", ["f1", "expected-f1"])
def test_a_run_says_which_parts_it_learnt_from_and_is_held_to_both(
    threshold: str, sky: Path, tmp_path: Path
) -> None:
    made = reported_by(job_for(sky, tmp_path, threshold=threshold))
    refit = threshold == "expected-f1"
    found = read_json(made.evaluated.metrics)
    assert found["learnt_from"] == ["train", "validation"][: 1 + refit]
    assert list(found["parts"]) == ["train", "validation", "test"]
    assert all(proof["holds"] for proof in found["proofs"])
    had_a_say = np.concatenate([made.indices["train"], made.indices["validation"]])
    seen = arrays.read_arrays(made.evaluated.seen)["hashes"]
    assert seen.tolist() == np.sort(arrays.row_hashes(made.known.X[had_a_say])).tolist()
    learnt = made.known[np.sort(had_a_say if refit else made.indices["train"])]
    reference = arrays.load_reference(made.evaluated.reference)
    assert reference.to_dict() == Reference.of(learnt.X, learnt.y).to_dict()
    page, card = (Path(file.path).read_text() for file in (made.reported.page, made.reported.card))
    assert ("refit on the training and the validation part" in page) is refit
    assert (f"Refit on {len(had_a_say)}, the training and the validation part" in card) is refit


def test_the_model_rests_with_its_range_and_a_companion_that_is_measured(
    sky: Path, tmp_path: Path
) -> None:
    made = trained_by(job_for(sky, tmp_path, oversample="cycle"))
    both = made.known[np.concatenate([made.indices[part] for part in ("train", "validation")])]
    stored = json.loads(Path(made.trained.model.path).read_text())
    assert stored["format"] == 3
    assert stored["perceptron"]["inputs"]["low"] == both.X.min(axis=0).tolist()
    assert stored["perceptron"]["inputs"]["high"] == both.X.max(axis=0).tolist()
    companion = arrays.load_companion(made.trained.model)
    again = fit_companion(both.X, both.y)  # of the rows as they are, whatever was repeated
    assert companion is not None
    assert again is not None
    assert companion.to_dict() == again.to_dict() == stored["companion"]
    assert not companion.predict(made.known.X).any()


def test_the_threshold_is_chosen_on_the_validation_part(sky: Path, tmp_path: Path) -> None:
    made = trained_by(job_for(sky, tmp_path, threshold="recall:0.9"))
    rows = made.known[made.indices["validation"]]
    model = arrays.load_model(made.trained.model)
    found = model.predict(rows.X)[rows.y == 1]
    assert found.mean() >= 0.9
    one_more = np.sort(model.predict_proba(rows.X)[rows.y == 1])[::-1][int(found.sum()) - 1]
    assert (model.predict_proba(rows.X)[rows.y == 1] > one_more).mean() < 0.9


def test_the_learning_curve_comes_back_as_it_was_measured(sky: Path, tmp_path: Path) -> None:
    made = trained_by(job_for(sky, tmp_path, solver="sgd", n_epochs=8))
    trained = made.trained
    epochs = read_epoch_rows(trained.epochs.verified())
    assert [row["epoch"] for row in epochs] == list(range(1, trained.n_epochs + 1))
    best = min(epochs, key=lambda row: row["validation_loss"])
    assert best["epoch"] == trained.best_epoch
    rows = made.known[made.indices["validation"]]
    score = arrays.load_model(trained.model).predict_proba(rows.X)
    measured = measure(rows.y, score, threshold=0.5)
    assert best["f1"] == pytest.approx(measured["f1"])
    assert best["validation_loss"] == pytest.approx(measured["log_loss"])


def test_a_ranking_is_measured_by_logits_where_probabilities_round_to_one(
    sky: Path, tmp_path: Path
) -> None:
    made = trained_by(job_for(sky, tmp_path))
    model = arrays.load_model(made.trained.model)
    far = {"perceptron": Perceptron(300 * model.coef, 900.0, model.inputs, 0.5).to_dict()}
    trained = made.trained.model_copy(update={"model": write_json(tmp_path / "far.json", far)})
    measured = evaluate.fn(made.job, made.accepted, made.parts, made.rows, trained)
    found, test = read_json(measured.metrics), made.known[made.indices["test"]]
    logits = arrays.load_model(trained.model).decision_function(test.X)
    assert (sigmoid(logits[test.y == 0]) == 1).any()
    own = found["parts"]["test"]
    truth = average_precision_score(test.y, logits)
    assert truth > average_precision_score(test.y, sigmoid(logits)) + 0.01
    assert own["average_precision"]["value"] == pytest.approx(truth)
    assert own["roc_auc"]["value"] == pytest.approx(roc_auc_score(test.y, logits))
    first = test.y[np.argsort(-logits)[:10]].sum() / test.y.sum()
    assert found["budget"]["round"][0] == pytest.approx(
        found["budget"]["round"][0] | {"recall": first}
    )


def test_a_penalty_that_turns_weights_around_is_refused_before_training() -> None:
    with pytest.raises(ValueError, match=r"l2 0\.5 is not below 1 / learning_rate = 0\.1"):
        TrainingParameters(data="x", solver="sgd", learning_rate=10, l2=0.5)


def test_a_test_part_that_chose_the_settings_is_a_banner_and_an_untouched_one_is_none(
    sky: Path, tmp_path: Path
) -> None:
    fingerprint = accepted_by(job_for(sky, tmp_path)).fingerprint
    split_of_the_sweep = {"seed": 0, "validation_size": 0.2, "test_size": 0.2}
    chosen_by = {"sweep": "0123abcd", **split_of_the_sweep, "fingerprint": fingerprint}
    pages = []
    for seed in (0, 1):
        done = reported_by(job_for(sky, tmp_path, seed=seed, chosen_by=chosen_by))
        notes = read_json(done.evaluated.metrics)["notes"]
        assert len(notes) == seed, notes
        pages.append(Path(done.reported.page.path).read_text())
    said = "The test part holds rows that chose these settings in sweep 0123abcd"
    assert said in notes[0]
    assert [f'role="note">{said}' in page for page in pages] == [False, True]


def test_a_label_in_a_feature_and_a_file_that_is_there_twice_are_banners(
    sky: Path, tmp_path: Path
) -> None:
    lines = [line.split(",") for line in sky.read_text().splitlines()]
    sound = [cells for cells in lines if len(cells) == 9 and cells[0] != "bright"]
    told = [[f"{100 - 20 * int(cells[8])}.{cells[0][-3:]}", *cells[1:]] for cells in sound]
    again = [[*(f"{float(cell):.6g}" for cell in cells[:8]), cells[8]] for cells in sound]
    for rows, said in (
        (told, "(ROC AUC: profile_mean 1.0000)"),
        ([*sound, *again], "rows repeat another one to five digits"),
    ):
        path = tmp_path / "planted.csv"
        path.write_text("\n".join(map(",".join, [[*FEATURE_NAMES, "label"], *rows])))
        done = reported_by(job_for(path, tmp_path, max_quarantine=0.2))  # some means cannot be
        found = read_json(done.evaluated.metrics)
        (note,) = found["notes"]
        assert said in note
        assert 'role="note">' in Path(done.reported.page.path).read_text()
        assert all(proof["holds"] for proof in found["proofs"])


def test_metrics_tables_hold_plain_finite_values(sky: Path, tmp_path: Path) -> None:
    evaluated = trained_by(job_for(sky, tmp_path)).evaluated
    metrics = read_json(evaluated.metrics)["parts"]
    for table in (metrics_table(metrics), confusion_table(metrics["test"])):
        for row in table:
            assert all(type(cell) in {str, int} for cell in row.values())
    truth = confusion_table(metrics["test"])
    assert sum(truth[1][k] for k in ("called pulsar", "called non-pulsar")) == sum(
        metrics["test"][name]["value"] for name in ("fn", "tp")
    )


def test_a_run_publishes_itself_once_and_whole(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path)
    published = reported_by(job).publish()
    folder = Path(published.path)
    assert json.loads((folder / "manifest.json").read_text())["run"] == folder.name
    assert not Path(job.folder).exists()
    assert [p.name for p in (tmp_path / "runs").iterdir()] == [folder.name]


@pytest.mark.parametrize("name", ["model.json", "metrics.json", "report.html", "split.npz"])
def test_a_file_that_changed_after_its_step_is_not_published(
    name: str, sky: Path, tmp_path: Path
) -> None:
    job = job_for(sky, tmp_path)
    reported = reported_by(job)
    path = job.run_folder / name
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    with pytest.raises(ValueError, match="was changed"):
        reported.publish()
    assert not (tmp_path / "runs").exists()


def test_a_run_whose_proof_fails_is_not_published(sky: Path, tmp_path: Path) -> None:
    from pulsars.store.files import write_json

    reported = reported_by(job_for(sky, tmp_path))
    evaluated = reported.evaluated
    found = read_json(evaluated.metrics)
    found["proofs"][3]["holds"] = False
    broken = evaluated.model_copy(
        update={"metrics": write_json(Path(evaluated.metrics.path), found)}
    )
    with pytest.raises(GateError, match="no leak between parts"):
        audit(reported.accepted, reported.trained, broken, preset=None)


def test_a_model_that_does_not_repeat_its_scores_is_not_published(
    sky: Path, tmp_path: Path
) -> None:
    from pulsars.store.files import write_arrays

    reported = reported_by(job_for(sky, tmp_path))
    evaluated = reported.evaluated
    scores = {n: a + 1e-6 * (a < 0.1) for n, a in read_arrays(evaluated.scores).items()}
    other = evaluated.model_copy(
        update={"scores": write_arrays(Path(evaluated.scores.path), scores)}
    )
    with pytest.raises(GateError, match="does not repeat"):
        audit(reported.accepted, reported.trained, other, preset=None)


def test_an_interrupted_request_finds_its_directory_and_another_does_not(
    sky: Path, tmp_path: Path
) -> None:
    asked = TrainingParameters(data=str(sky), out=str(tmp_path))
    source = fetch.fn(asked)
    job, found = open_job(source, asked, TrainingJob)
    assert not found
    assert open_job(source, asked, TrainingJob) == (job, True)
    other, found = open_job(source, asked.model_copy(update={"seed": 1}), TrainingJob)
    assert not found
    assert other.folder != job.folder
    (Path(job.folder) / "job.json").write_text('{"half a no')
    fresh, found = open_job(source, asked, TrainingJob)
    assert not found
    assert fresh.token != job.token


def test_the_half_of_a_file_that_a_crash_left_is_not_published(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path)
    reported = reported_by(job)
    (job.run_folder / ".model.json.123.part").write_text("half")
    folder = Path(reported.publish().path)
    assert not list(folder.glob(".*"))
    assert "part" not in (folder / "manifest.json").read_text()


@pytest.mark.parametrize("change", ["a row more", "no table", "gone"])
def test_a_source_that_changed_since_it_was_hashed_is_not_read(
    change: str, sky: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_bytes(sky.read_bytes())
    job = job_for(mine, tmp_path / "out")
    row = sky.read_text().splitlines()[0]
    mine.write_text(f"{mine.read_text()}{row}\n" if change == "a row more" else "no table")
    if change == "gone":
        mine.unlink()
    with pytest.raises(FingerprintError, match=r"mine\.csv"):
        read.fn(job)


def test_a_table_of_repeats_that_no_split_can_share_out_is_refused(
    sky: Path, tmp_path: Path
) -> None:
    lines = sky.read_text().splitlines()
    pulsar = next(line for line in lines if line.endswith(",1"))
    repeated = tmp_path / "repeated.csv"
    repeated.write_text("\n".join([*lines, *[pulsar] * 900]))
    job = job_for(repeated, tmp_path / "out")
    with pytest.raises(TableError, match="identical"):
        split.fn(job, accepted_by(job))


def proved(**changed: object) -> dict[str, bool]:
    """Prove a tiny run of six rows, with something about it changed."""
    X = np.arange(12, dtype=float).reshape(6, 2)
    given = {
        "X": X,
        "y": np.array([0, 1, 0, 1, 0, 1]),
        "train": np.array([0, 1]),
        "validation": np.array([2, 3]),
        "test": np.array([4, 5]),
        "seen": np.array([0, 1, 1]),
        "fitted": None,
        "read": 7,
        **changed,
    }
    accepted = Accepted.model_construct(
        rows_read=given["read"], rows_accepted=6, rows_quarantined=1
    )
    parts = {name: given[name] for name in ("train", "validation", "test")}
    found = proofs.prove(
        accepted,
        arrays.Rows(given["X"], given["y"], np.arange(6)),
        parts,
        given["seen"],
        fitted=given["fitted"],
    )
    return {proof.name: proof.holds for proof in found}


def test_a_sound_run_proves_everything() -> None:
    assert all(proved().values())


BOTH = {"train": np.array([0, 1, 2, 3]), "test": np.array([4, 5])}


def test_a_refit_proves_that_no_test_row_was_learnt_from() -> None:
    seen, X = np.array([0, 1, 2, 3]), np.arange(12, dtype=float).reshape(6, 2)
    assert all(proved(seen=seen, fitted=BOTH).values())
    assert not proved(seen=seen)["only training rows resampled"]
    assert not proved(seen=[3, 4], fitted=BOTH)["only training rows resampled"]
    X[5] = X[3]  # a test row with the features of a validation row
    assert proved(X=X)["no leak between parts"]
    assert not proved(X=X, fitted=BOTH)["no leak between parts"]


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({"read": 8}, "conservation of rows"),
        ({"test": np.array([4])}, "conservation over the parts"),
        ({"test": np.array([3, 4, 5])}, "conservation over the parts"),
        ({"y": np.array([1, 1, 1, 1, 0, 0])}, "prevalence kept"),
        ({"X": np.ones((6, 2))}, "no leak between parts"),
        ({"seen": np.array([0, 1, 4])}, "only training rows resampled"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_each_proof_fails_when_its_statement_is_false(
    changed: dict[str, object], broken: str
) -> None:
    assert proved(**changed)[broken] is False
