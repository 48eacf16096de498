"""The steps of a sweep one by one, called as plain functions without a server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.errors import FingerprintError, ParameterError
from schemas.parameters import SweepParameters, TrainingParameters
from schemas.records import Parts, SweepJob, SweepReported
from tasks.arrays import features_and_labels, part_indices
from tasks.files import read_json
from tasks.heat import panels
from tasks.reading import read
from tasks.settings import parameters_to_train_with
from tasks.splitting import split
from tasks.sweep_page import SweepFacts, n_as_good, render_sweep, verdict
from tasks.sweep_publishing import publish_sweep
from tasks.sweep_reporting import gather_sweep_facts, report_sweep
from tasks.sweeping import rows_to_sweep, score_choice, try_settings
from tasks.validating import validate
from tasks.workplace import fetch, prepare_sweep

SMALL: dict[str, Any] = {
    "n_folds": 3, "n_epochs": 2, "inputs": ("standard",), "l2": (1e-3, 1e-2),
    "learning_rate": (0.03, 0.3), "batch_size": (16, 64),
}  # fmt: skip
N_SETTINGS = 2 * (2 + 2 * 2 * 2)


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from slp.simulation import simulate

    X, y = simulate(500, prevalence=0.15, rng=np.random.default_rng(5))
    lines = [",".join(map(repr, [*x.tolist(), int(label)])) for x, label in zip(X, y, strict=True)]
    path = tmp_path_factory.mktemp("sky") / "a<b>sky.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def job_for(path: Path, out: Path, **parameters: object) -> SweepJob:
    asked = SweepParameters.model_validate(
        {"data": str(path), "out": str(out), **SMALL, **parameters}
    )
    return prepare_sweep.fn(fetch.fn(asked), asked)


def parts_of(job: SweepJob) -> Parts:
    return split.fn(job, validate.fn(job, read.fn(job)))


def reported_by(job: SweepJob) -> SweepReported:
    parts = parts_of(job)
    scored = score_choice.fn(job, parts) if job.parameters.nested else None
    return report_sweep.fn(job, try_settings.fn(job, parts), scored)


@pytest.fixture(scope="module")
def facts(sky: Path, tmp_path_factory: pytest.TempPathFactory) -> SweepFacts:
    job = job_for(sky, tmp_path_factory.mktemp("out"))
    parts = parts_of(job)
    return gather_sweep_facts(job, try_settings.fn(job, parts), score_choice.fn(job, parts))


def test_the_test_part_is_never_looked_at(
    sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(sky, tmp_path)
    parts = parts_of(job)
    X, y = features_and_labels(parts.accepted)
    by_name = part_indices(parts)
    seen, labels = rows_to_sweep(parts)
    assert len(seen) == len(labels) == len(by_name["train"]) + len(by_name["validation"])
    test_rows = {row.tobytes() for row in X[by_name["test"]]}
    assert test_rows.isdisjoint(row.tobytes() for row in seen)
    before = [read_json(try_settings.fn(job, parts).settings)]
    before.append(read_json(score_choice.fn(job, parts).outer))
    spoilt = X.copy(), y.copy()
    spoilt[0][by_name["test"]] *= -7
    spoilt[1][by_name["test"]] = 1 - y[by_name["test"]]
    monkeypatch.setattr("tasks.sweeping.features_and_labels", lambda _accepted: spoilt)
    assert read_json(try_settings.fn(job, parts).settings) == before[0]
    assert read_json(score_choice.fn(job, parts).outer) == before[1]


def test_a_sweep_tries_every_setting_and_gives_the_same_bytes_again(
    sky: Path, tmp_path: Path
) -> None:
    first, second = (reported_by(job_for(sky, tmp_path / name)) for name in ("a", "b"))
    assert len(read_json(first.tried.settings)) == N_SETTINGS
    assert [f.sha256 for f in first.files()] == [f.sha256 for f in second.files()]


def test_folds_that_a_class_is_too_small_for_are_refused_in_words(
    sky: Path, tmp_path: Path
) -> None:
    job = job_for(sky, tmp_path, n_folds=100)
    with pytest.raises(ParameterError, match=r"sky\.csv cannot be swept so: n_folds 100 is"):
        try_settings.fn(job, parts_of(job))


def test_weights_that_grow_past_all_bounds_are_refused_in_words(
    sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(sky, tmp_path, inputs=("raw",), learning_rate=(10.0,), l2=(0.0,), n_epochs=1)
    parts = parts_of(job)
    X, y = features_and_labels(parts.accepted)
    monkeypatch.setattr("tasks.sweeping.features_and_labels", lambda _accepted: (X * 1e30, y))
    with pytest.raises(ParameterError, match=r"cannot be swept so: learning_rate 10\.0 is too"):
        try_settings.fn(job, parts)


@pytest.mark.parametrize("solver", ["newton", "sgd"])
def test_the_best_setting_is_one_that_a_training_takes(solver: str, sky: Path) -> None:
    asked = SweepParameters.model_validate(
        {"data": str(sky), "seed": 3, "drop": ["id"], "max_quarantine": 0.5, **SMALL}
    )
    row = {
        "inputs": "quadratic", "oversample": "cycle", "solver": solver, "l2": 0.01,
        "learning_rate": 0.1, "batch_size": 8, "n_epochs": 2,
    }  # fmt: skip
    kept = parameters_to_train_with(row, asked)
    trains = TrainingParameters.model_validate({"data": str(sky), **json.loads(json.dumps(kept))})
    assert (trains.inputs, trains.oversample, trains.l2) == ("quadratic", "cycle", 0.01)
    assert (trains.seed, trains.drop, trains.max_quarantine) == (3, ("id",), 0.5)
    assert "columns" not in kept
    assert ("learning_rate" in kept) == (solver == "sgd")
    if solver == "sgd":
        assert (trains.learning_rate, trains.batch_size, trains.n_epochs) == (0.1, 8, 2)
        assert trains.patience is None


def test_a_file_changed_behind_the_records_is_not_published(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path, nested=False)
    reported = reported_by(job)
    Path(reported.tried.best.path).write_text("{}")
    with pytest.raises(FingerprintError, match=r"best\.json"):
        publish_sweep.fn(job, reported)
    assert not (tmp_path / "sweeps").exists()


def test_the_verdict_names_the_best_setting_and_its_score(facts: SweepFacts) -> None:
    best, words = facts.settings[0], verdict(facts)
    assert f"Of {N_SETTINGS} settings the best is {best['solver']}" in words
    assert f"{best['mean']['log_loss']:.4f} ± {best['spread']['log_loss']:.4f}" in words


def test_settings_are_as_good_within_a_standard_error_of_the_best(facts: SweepFacts) -> None:
    def row(mean: float) -> dict[str, Any]:
        return {"mean": {"log_loss": mean}, "spread": {"log_loss": 0.3}}

    made = replace(facts, n_folds=9, settings=[row(1.0), row(1.09), row(1.11), row(2.0)])
    assert n_as_good(made) == 1


def test_every_setting_is_in_a_panel_and_newton_stands_beside_each_batch_size(
    facts: SweepFacts,
) -> None:
    found = panels(facts.settings)
    assert len(found) == 2 * 2
    for rows in found.values():
        assert len(rows) == 2 + 2 * 2
        assert sum(row["solver"] == "newton" for row in rows) == 2
    assert list(found) == list(facts.figures)
    assert facts.settings[0] in next(iter(found.values()))


class Outline(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_stands_alone_and_escapes_what_a_user_names(facts: SweepFacts) -> None:
    text = render_sweep(facts)
    tags = Outline(text).tags
    assert not {"script", "link", "img", "iframe", "b"} & {tag for tag, _ in tags}
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for tag, attrs in tags if tag == "a"}
    assert targets <= {f"#{name}" for name in ids}
    assert "a&lt;b&gt;sky.csv" in text
    assert text.count("<svg") == len(facts.figures) == 4
    assert text.count("<figure>") == 4
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower().split()


def test_the_page_quotes_the_nested_score_or_says_that_there_is_none(facts: SweepFacts) -> None:
    assert facts.nested
    mean = facts.nested["mean"]["average_precision"]
    assert f"average precision {mean:.3f} ±" in render_sweep(facts)
    bare = render_sweep(replace(facts, nested=None))
    assert "was not measured" in bare
    assert 'id="nested"' not in bare


def test_simulated_is_loud_and_only_then_there(facts: SweepFacts) -> None:
    assert "SIMULATED" not in render_sweep(facts)
    assert 'class="banner loud"' in render_sweep(replace(facts, simulated=True))
