"""The steps of a sweep one by one, called as plain functions without a server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pulsars.learning.folding import draw_rounds, most_folds
from pulsars.learning.settings import grid_of, parameters_to_train_with, setting_row
from pulsars.learning.solving import rng_for
from pulsars.report.gathering_sweep import gather_sweep_facts
from pulsars.report.heat import panels
from pulsars.report.sweep_page import (
    SweepFacts,
    draw_heat_maps,
    edges,
    headline,
    n_as_good,
    render_sweep,
)
from pulsars.simulation.populations import simulate
from pulsars.store.arrays import load_rows, part_indices
from pulsars.store.files import read_arrays, read_json, write_arrays
from schemas.errors import FingerprintError, ParameterError
from schemas.parameters import ChosenBy, TrainingParameters
from schemas.records import Accepted, Parts
from schemas.sweep_parameters import SweepParameters
from schemas.sweep_records import Drawn, PassesMade, ProcedureScored, SweepJob, SweepReported, Tried
from slp.choosing.cross_validation import sweep
from slp.choosing.nested import draw_folds
from slp.choosing.results import ranked
from slp.training import newton
from tasks.preparing import fetch, prepare_sweep
from tasks.publishing import publish_sweep
from tasks.reading import read, validate
from tasks.reporting import report_sweep
from tasks.splitting import split
from tasks.sweep_rounds import make_passes, measure_choice
from tasks.sweeping import draw, rank_settings, score_procedure
from tests.slp.choosing.procedure import score_procedure as score_at_once

SMALL: dict[str, Any] = {
    "n_folds": 3, "n_epochs": 2, "inputs": ("standard",), "l2": (1e-3, 1e-2),
    "learning_rate": (0.03, 0.3), "batch_size": (16, 64),
}  # fmt: skip
N_SETTINGS = 2 * (2 + 2 * 2 * 2)
CHOSEN_BY = ChosenBy(
    sweep="0123abcd", seed=3, validation_size=0.2, test_size=0.2, fingerprint="f" * 64
)


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


@dataclass
class Made:
    """What the steps of a sweep handed on."""

    job: SweepJob
    accepted: Accepted
    parts: Parts
    drawn: Drawn

    def passes(self, turn: int = 0) -> list[PassesMade]:
        made, numbers = [], range(grid_of(self.job.parameters).n_passes)
        for kind, some in groupby(numbers, lambda n: grid_of(self.job.parameters).passes()[n]):
            given = (self.job, self.drawn, None, turn, kind[0].inputs, list(some))
            made.append(make_passes.fn(*given))
        return made

    @cached_property
    def tried(self) -> Tried:
        return rank_settings.fn(self.job, self.accepted, self.passes())

    @cached_property
    def scored(self) -> ProcedureScored | None:
        turns = range(1, self.drawn.n_rounds)
        rounds = [measure_choice.fn(self.job, self.drawn, self.passes(t), t) for t in turns]
        return score_procedure.fn(self.job, rounds) if rounds else None

    @cached_property
    def all(self) -> tuple[Any, ...]:
        return self.job, self.accepted, self.parts, self.tried, self.scored

    @cached_property
    def reported(self) -> SweepReported:
        return report_sweep.fn(*self.all)


def made_by(job: SweepJob) -> Made:
    accepted = validate.fn(job, read.fn(job))
    parts = split.fn(job, accepted)
    return Made(job, accepted, parts, draw.fn(job, accepted, parts))


@pytest.fixture(scope="module")
def facts(sky: Path, tmp_path_factory: pytest.TempPathFactory) -> SweepFacts:
    return gather_sweep_facts(*made_by(job_for(sky, tmp_path_factory.mktemp("out"))).all)


def test_the_test_part_is_never_looked_at(sky: Path, tmp_path: Path) -> None:
    made = made_by(job_for(sky, tmp_path))
    rows, by_name = load_rows(made.accepted), part_indices(made.parts)
    drawn = read_arrays(made.drawn.file)
    assert len(drawn["X"]) == len(by_name["train"]) + len(by_name["validation"])
    test_rows = {row.tobytes() for row in rows.X[by_name["test"]]}
    assert test_rows.isdisjoint(row.tobytes() for row in drawn["X"])
    text, at = sky.read_text().splitlines(), rows.line[by_name["test"]] - 1
    drawn_anew, _ = simulate(len(at), prevalence=0.15, rng=np.random.default_rng(6))
    for line, features in zip(at, drawn_anew.tolist(), strict=True):
        text[line] = ",".join(map(repr, [*features, 1 - int(text[line][-1])]))
    (tmp_path / "other.csv").write_text("\n".join(text) + "\n")
    job = job_for(tmp_path / "other.csv", tmp_path / "other")
    accepted = validate.fn(job, read.fn(job))
    others = load_rows(accepted)
    assert sorted(np.flatnonzero(others.y != rows.y)) == sorted(by_name["test"])
    assert (others.X[by_name["test"]] != rows.X[by_name["test"]]).all()
    assert draw.fn(made.job, accepted, made.parts) == made.drawn


def test_passes_one_by_one_find_what_one_sweep_and_one_procedure_find(
    sky: Path, tmp_path: Path
) -> None:
    made = made_by(job_for(sky, tmp_path, inputs=("standard", "quadratic"), oversample=("cycle",)))
    drawn, asked = read_arrays(made.drawn.file), made.job.parameters
    given = {"X": drawn["X"], "y": drawn["y"], "grid": grid_of(asked)}
    at_once = sweep(**given, n_folds=3, rng=rng_for(asked.seed, "sweep"))
    rows = read_json(made.tried.settings)
    assert rows == [json.loads(json.dumps(setting_row(each))) for each in ranked(at_once)]
    outer = score_at_once(**given, n_inner=3, by="log_loss", rng=rng_for(asked.seed, "procedure"))
    assert made.scored
    folds = read_json(made.scored.outer)["folds"]
    assert [fold["chosen"]["mean"]["f1"] for fold in folds] == [c.mean("f1") for c, _ in outer]
    assert [fold["measured"]["f1"] for fold in folds] == [m.f1[0] for _, m in outer]


@pytest.mark.slow
def test_a_sweep_tries_every_setting_and_gives_the_same_bytes_again(
    sky: Path, tmp_path: Path
) -> None:
    first, second = (made_by(job_for(sky, tmp_path / name)) for name in ("a", "b"))
    assert len(read_json(first.tried.settings)) == N_SETTINGS
    hashes = [
        [
            file.sha256
            for record in (made.tried, made.scored, made.reported)
            for file in record.files()
        ]
        for made in (first, second)
    ]
    assert hashes[0] == hashes[1]


def test_the_best_setting_says_which_sweep_chose_it_and_on_which_rows(
    sky: Path, tmp_path: Path
) -> None:
    job = job_for(sky, tmp_path, seed=7, test_size=0.25, nested=False)
    made = made_by(job)
    kept = read_json(made.tried.best)
    assert kept["chosen_by"] == {
        "sweep": job.request[:8], "seed": 7, "validation_size": 0.2, "test_size": 0.25,
        "fingerprint": made.accepted.fingerprint,
    }  # fmt: skip


def test_folds_that_a_class_is_too_small_for_are_refused_in_words(
    sky: Path, tmp_path: Path
) -> None:
    job = job_for(sky, tmp_path, n_folds=100)
    with pytest.raises(ParameterError, match=r"sky\.csv.* n_folds 100 ") as refused:
        made_by(job)
    assert offered(refused.value) == ([58], [60])  # a fifth of 75 pulsars is the test part's


def offered(refused: Exception) -> tuple[list[int], list[int]]:
    """Up to how many folds a refusal offers: as they were asked for, and not nested."""
    as_asked, _, bare = str(refused).partition("--no-nested")
    first, second = (re.findall(r"up to (\d+) folds", part) for part in (as_asked, bare))
    return list(map(int, first)), list(map(int, second))


def labels_of(n_pulsars: int) -> tuple[np.ndarray, np.ndarray]:
    y = (np.arange(40) < n_pulsars).astype(np.int8)
    return np.random.default_rng(0).normal(size=(40, 8)), y


@pytest.mark.parametrize(
    ("n_pulsars", "asked", "rarer", "ways_out"),
    [
        (8, {"n_folds": 8}, "8 pulsars", ([6], [8])),
        (8, {"n_folds": 9, "nested": False}, "8 pulsars", ([8], [])),
        (3, {"n_folds": 3}, "3 pulsars", ([], [3])),
        (39, {"n_folds": 2}, "1 non-pulsars", ([], [])),
    ],
    ids=str,
)  # fmt: skip
def test_folds_that_the_nested_step_would_refuse_are_refused_before_anything_is_tried(
    n_pulsars: int,
    asked: dict[str, Any],
    rarer: str,
    ways_out: tuple[list[int], list[int]],
    sky: Path,
    tmp_path: Path,
) -> None:
    job = job_for(sky, tmp_path, **asked)
    with pytest.raises(ParameterError) as refused:
        draw_rounds(job, *labels_of(n_pulsars))
    said = str(refused.value)
    for named in (str(sky), f"n_folds {asked['n_folds']} ", f" {rarer} ", "test part"):
        assert named in said
    assert offered(refused.value) == ways_out
    assert ("--no-nested" in said) is bool(ways_out[1])
    nothing_to_ask = ways_out == ([], [])
    assert (" 2 folds" in said, "more candidates" in said) == (nothing_to_ask, nothing_to_ask)


@pytest.mark.parametrize(
    "n_pulsars",
    [2, 3, 15, *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 15))],
)
def test_the_most_folds_that_are_promised_can_be_drawn_and_not_one_more(n_pulsars: int) -> None:
    X, y = labels_of(n_pulsars)

    def possible(n_folds: int) -> bool:
        rng = np.random.default_rng(1)
        try:
            draw_folds(X, y, n_outer=n_folds, n_inner=n_folds, rng=rng)
        except ValueError:
            return False
        return True

    most = max((n for n in range(2, n_pulsars + 1) if possible(n)), default=0)
    assert most_folds(n_pulsars, nested=True) == most
    assert all(possible(n) for n in range(2, most + 1))


FIVE_ALIKE = np.array([0] * 5 + [*range(5, 40)])
TOGETHER = {  # of 40 rows, the first 8 of them pulsars: which are one source, and which there are
    "five identical": ([-1] * 40, FIVE_ALIKE),
    "five of one source": ([0] * 5 + [-1] * 35, np.arange(40)),
    "four pairs": ([0, 0, 1, 1, 2, 2, 3, 3] + [-1] * 32, np.arange(40)),
    "two sources": ([0] * 4 + [1] * 4 + [-1] * 32, np.arange(40)),
    "one source": ([0] * 8 + [-1] * 32, np.arange(40)),
}


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("which", TOGETHER)
def test_rows_that_stay_together_in_too_few_groups_are_refused_with_folds_that_can_be_drawn(
    which: str, nested: Any, sky: Path, tmp_path: Path
) -> None:
    X, y = labels_of(8)
    source, row = np.array(TOGETHER[which][0]), TOGETHER[which][1]
    with pytest.raises(ParameterError, match=r"identical.* one source.* 5 folds") as refused:
        draw_rounds(job_for(sky, tmp_path, n_folds=5, nested=nested), X[row], y, source)
    as_asked, bare = offered(refused.value)
    asked = [(n, nested) for n in as_asked] + [(n, False) for n in bare]
    assert len(asked) == {"one source": 0, "four pairs": 1 + nested}.get(which, 1)
    for n_folds, with_it in asked:
        job = job_for(sky, tmp_path, n_folds=n_folds, nested=with_it)
        assert len(draw_rounds(job, X[row], y, source)["folds"]) == 1 + n_folds * with_it


def test_weights_that_grow_past_all_bounds_are_refused_in_words(sky: Path, tmp_path: Path) -> None:
    job = job_for(sky, tmp_path, inputs=("raw",), learning_rate=(10.0,), l2=(0.0,), n_epochs=1)
    made = made_by(job)
    known = read_arrays(made.drawn.file)
    huge = write_arrays(tmp_path / "huge.npz", {**known, "X": known["X"] * 1e30})
    with pytest.raises(ParameterError) as refused:
        replace(made, drawn=made.drawn.model_copy(update={"file": huge})).passes()
    what, _, way_out = str(refused.value).rpartition(";")
    for named in (str(sky), "inputs raw", "oversample none", "solver sgd", "batch_size 16",
                  "learning_rate 10.0", "epoch 1 ", "finite"):  # fmt: skip
        assert named in what
    assert all(named in way_out for named in ("learning_rate", "inputs raw"))


def test_a_minimum_that_newton_does_not_reach_is_refused_with_its_setting(
    sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newton, "MAX_STEPS", 1)  # no rows are known that 100 fail for everywhere
    job = job_for(sky, tmp_path, solver=("newton",), learning_rate=(0.01, 0.03, 0.1, 0.3),
                  batch_size=(32,), n_epochs=10)  # fmt: skip
    with pytest.raises(ParameterError) as refused:
        made_by(job).passes()
    what, _, way_out = str(refused.value).rpartition(";")
    for named in (str(sky), "inputs standard", "oversample none", "solver newton", "l2 0.01",
                  "1 steps"):  # fmt: skip
        assert named in what
    assert "learning_rate" not in str(refused.value)
    assert all(named in way_out for named in ("that l2", "inputs standard"))


@pytest.mark.parametrize("solver", ["newton", "sgd"])
def test_the_best_setting_is_one_that_a_training_takes(solver: str, sky: Path) -> None:
    asked = SweepParameters.model_validate(
        {"data": str(sky), "seed": 3, "drop": ["id"], "max_quarantine": 0.5, **SMALL}
    )
    row = {
        "inputs": "quadratic", "oversample": "cycle", "solver": solver, "l2": 0.01,
        "learning_rate": 0.1, "batch_size": 8, "n_epochs": 2,
    }  # fmt: skip
    kept = parameters_to_train_with(row, asked, CHOSEN_BY)
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
    made = made_by(job)
    reported = made.reported
    Path(made.tried.best.path).write_text("{}")
    with pytest.raises(FingerprintError, match=r"best\.json"):
        publish_sweep.fn(*made.all, reported)
    assert not (tmp_path / "sweeps").exists()


def test_the_headline_names_the_best_setting_and_its_score(facts: SweepFacts) -> None:
    best, words = facts.settings[0], headline(facts)
    assert f"Of {N_SETTINGS} settings the best is {best['solver']}" in words
    assert f"{best['mean']['log_loss']:.4f} ± {best['spread']['log_loss']:.4f}" in words


def test_settings_are_as_good_where_their_folds_do_not_tell_them_apart(facts: SweepFacts) -> None:
    """By hand: means of differences 0.1 and 0.1, their standard errors 0.1 / √3 and 0.3 / √3."""

    def row(*folds: float) -> dict[str, Any]:
        spread = float(np.std(folds, ddof=1))
        mean = {"log_loss": float(np.mean(folds))}
        return {"mean": mean, "spread": {"log_loss": spread}, "folds": {"log_loss": list(folds)}}

    best, steady, luck = row(1.0, 2.0, 3.0), row(1.0, 2.1, 3.2), row(1.4, 2.1, 2.8)
    assert steady["mean"] == pytest.approx(luck["mean"])
    assert steady["mean"]["log_loss"] - 2.0 < best["spread"]["log_loss"] / np.sqrt(3)  # unpaired
    for settings, n_alike in (([best, steady], 0), ([best, luck], 1), ([best, steady, luck], 1)):
        assert n_as_good(replace(facts, n_folds=3, settings=settings)) == n_alike


def at(l2: float, learning_rate: float | None) -> dict[str, Any]:
    return {"l2": l2, "learning_rate": learning_rate}


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (at(0.1, 0.3), []),
        (at(0.01, None), [("l2", "smaller")]),
        (at(1.0, 0.3), [("l2", "larger")]),
        (at(0.1, 1.0), [("learning rate", "larger")]),
        (at(0.01, 0.1), [("l2", "smaller"), ("learning rate", "smaller")]),
    ],
    ids=str,
)
def test_a_best_at_an_edge_of_the_grid_says_where_to_go_on(
    best: dict[str, Any], said: list[tuple[str, str]], facts: SweepFacts
) -> None:
    others = [at(l2, rate) for l2 in (0.01, 0.1, 1.0) for rate in (None, 0.1, 0.3, 1.0)]
    found = edges(replace(facts, settings=[best, *others]))
    words = "l2", "learning rate", "smaller", "larger"
    assert [tuple(word for word in words if word in each) for each in found] == said


def test_no_penalty_and_a_single_value_are_no_edge(facts: SweepFacts) -> None:
    assert edges(replace(facts, settings=[at(0.0, 0.1), at(0.1, 0.1)])) == []


def test_the_page_says_the_edge(facts: SweepFacts) -> None:
    said = edges(facts)
    assert said, "a grid of two penalties has nothing but edges"
    assert all(each in render_sweep(facts) for each in said)


def test_a_sweep_by_newton_alone_is_one_picture_of_inputs_and_balance(facts: SweepFacts) -> None:
    alone = [row for row in facts.settings if row["solver"] == "newton"]
    both = [*alone, *({**row, "inputs": "raw"} for row in alone)]
    (picture,) = draw_heat_maps(both, by="log_loss").values()
    words = ("raw", "raw, balanced", "standard", "standard, balanced")
    assert all(f">{word}</text>" in picture for word in words)
    assert picture.count(f">{alone[0]['mean']['log_loss']:.4f}</text>") >= 2


def test_a_telephone_sees_the_setting_and_the_measure_that_ranks(facts: SweepFacts) -> None:
    text = render_sweep(facts)
    head = re.search(r"<th[^>]*>Rank</th>(.*?)</tr>", text, re.DOTALL)
    assert head
    shown = re.findall(r'<th scope="col"(?: class="number")?>([^<]+)</th>', head[1])
    assert shown == ["Setting", "Log loss"]
    assert head[1].index("Log loss") < head[1].index("Average precision")


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
