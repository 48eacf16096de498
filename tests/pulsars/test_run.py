"""A published run in Python."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from os import scandir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import pulsars
import pulsars.run
from pulsars.store.files import write_json
from schemas.errors import (
    ColumnsError,
    DamagedRecordError,
    FingerprintError,
    LaterFormatError,
    ParameterError,
    RunNotFoundError,
)
from schemas.features import FEATURE_NAMES
from slp.perceptron import Perceptron
from tests.published import published_as, trained, vouch_for

NAME = "20260301-020000-000-0123abcd"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return published_as(Path("artifacts"), NAME)


def table(X: Any) -> pd.DataFrame:
    return pd.DataFrame(X, columns=list(FEATURE_NAMES))


def test_its_model_says_again_what_the_run_said_to_the_bit() -> None:
    run = pulsars.load_run(trained(11))
    rows = run.test_part()
    assert rows.X.shape == (len(rows.y), 8) == (len(rows.lines), 8)
    assert run.predict_proba(rows.X).tolist() == rows.probability.tolist()
    assert run.predict(rows.X).tolist() == (rows.probability >= run.threshold).tolist()


def test_what_it_measured_is_what_its_test_part_tells() -> None:
    run = pulsars.load_run(trained(11))
    rows, said = run.test_part(), run.metrics["test"]
    called = run.predict(rows.X) == 1
    counted = {"tp": called & (rows.y == 1), "fp": called & (rows.y == 0)}
    assert {name: said[name]["value"] for name in counted} == {
        name: found.sum() for name, found in counted.items()
    }
    assert run.threshold == run.published.measured["threshold"]
    assert run.manifest["files"].keys() >= {"model.json", "test.npz"}
    assert run.epochs()


def test_columns_of_a_table_are_taken_by_their_names_in_any_order_and_others_left() -> None:
    run = pulsars.load_run(trained(11))
    rows = run.test_part()
    mixed = table(rows.X)[list(FEATURE_NAMES[::-1])].assign(name="J0000+0000")
    held = [mixed, pa.Table.from_pandas(mixed), mixed.assign(column_names=1.0)]
    parts = run.model.feature_contributions(rows.X)
    for one in held:
        assert run.predict_proba(one).tolist() == rows.probability.tolist()
        assert run.feature_contributions(one).tolist() == parts.tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.assign(dm_mean="x"), "dm_mean: holds more than numbers .*'x'"),
        (lambda t: t.assign(dm_mean=pd.Timestamp("2026-01-01")), "dm_mean: .* datetime64"),
        (lambda t: t.assign(dm_mean=t["dm_mean"] + 1j), "dm_mean: .* complex128"),
        (lambda t: t.drop(columns=["dm_mean", "dm_stdev"]), "dm_mean, dm_stdev: not in the table"),
        (lambda t: pd.concat([t, t[["dm_mean"]]], axis=1), "dm_mean: not in the table, or twice"),
        (lambda t: t.rename(columns={"dm_mean": "\x1b[31m"}), r"\\x1b\[31m"),
        (lambda t: pa.Table.from_pandas(t).drop_columns("dm_mean"), "it has profile_mean, "),
    ],
)
def test_a_table_without_a_column_or_with_two_or_words_is_refused(change: Any, said: str) -> None:
    run = pulsars.load_run(trained(11))
    with pytest.raises(ColumnsError, match=said):
        run.predict(change(table(run.test_part().X)))


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (np.ones(8), r"shape \(8,\)"),
        (np.ones((2, 7)), "7 columns; 8 are needed"),
        (np.full((1, 8), np.nan), "not finite"),
        ([["a"] * 8], "could not convert"),
        (np.zeros(2, dtype=[(name, float) for name in FEATURE_NAMES]), "features are of type"),
        ({name: [1.0] for name in FEATURE_NAMES}, "features hold what is no number"),
        (np.ma.masked_less(np.ones((2, 8)), 2), "some are masked"),
    ],
)
def test_what_are_no_features_is_refused(X: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pulsars.load_run(trained(11)).predict_proba(X)


def test_a_run_is_found_by_its_folder_or_its_name_or_an_end_of_that(folder: Path) -> None:
    entry = next(scandir(folder.parent))
    asked: list[Any] = [folder, str(folder), entry, NAME, NAME[:8], NAME[-8:], None]
    assert {pulsars.load_run(run).name for run in asked} == {NAME}
    assert pulsars.load_run(NAME, out=folder.parents[1]).path == folder.absolute()


def test_a_run_stays_where_it_was_found_wherever_its_reader_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [pulsars.load_run(folder), pulsars.load_run(out="artifacts")]
    monkeypatch.chdir("/")
    for run in runs:
        assert run.path.is_dir()
        assert len(run.epochs()) > 0
        assert len(run.test_part().lines) > 0


@pytest.mark.parametrize(
    ("run", "error"),
    [
        ("", ParameterError),
        ("\0", ParameterError),
        ("nobody", RunNotFoundError),
        ("artifacts/runs/nobody", RunNotFoundError),
        ("artifacts", RunNotFoundError),
        (Path(), RunNotFoundError),
        ("x" * 5000, RunNotFoundError),
        (Path("x" * 5000), RunNotFoundError),
        (3, ParameterError),
        (next(scandir(b"/")), ParameterError),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_no_run_is_refused(run: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        pulsars.load_run(run)
    with pytest.raises(ParameterError, match="out None is neither text nor a path"):
        pulsars.load_run(out=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["manifest.json", "metrics.json", "model.json"])
def test_a_file_that_was_changed_is_refused_by_name(folder: Path, name: str) -> None:
    path = folder / name
    path.write_text(path.read_text().replace("0.", "1.", 1).replace('"seed": 0', '"seed": 1'))
    with pytest.raises((DamagedRecordError, FingerprintError), match=name):
        pulsars.load_run(folder)


def test_a_test_part_that_was_changed_is_refused_when_it_is_asked_for(folder: Path) -> None:
    run = pulsars.load_run(folder)
    (folder / "test.npz").write_bytes(b"")
    with pytest.raises(FingerprintError, match=r"test\.npz"):
        run.test_part()


def test_a_run_of_a_later_format_is_refused_by_name(folder: Path) -> None:
    stored = json.loads((folder / "model.json").read_text())
    write_json(folder / "model.json", stored | {"format": 99})
    vouch_for(folder)
    with pytest.raises(LaterFormatError, match=r"model\.json has format 99"):
        pulsars.load_run(folder)


def test_a_run_of_an_earlier_version_is_read(unpacked: Path) -> None:
    found = [pulsars.load_run(path) for path in (unpacked / "artifacts" / "runs").iterdir()]
    assert found
    for run in found:
        rows = run.test_part()
        assert run.predict_proba(rows.X) == pytest.approx(rows.probability)


def test_a_notebook_shows_its_measures_and_nothing_of_a_name_as_it_came(tmp_path: Path) -> None:
    data = {"data": {"name": "<b>\u202esky"}}
    run = pulsars.load_run(published_as(tmp_path, "marked", **data))
    shown = run._repr_html_()
    assert "SIMULATED" in shown
    assert "<b>" not in shown
    assert "\u202e" not in shown + repr(run)
    assert f"{run.metrics['test']['f1']['value']:.3f}" in shown
    assert shown.count("<td>") == 12


def test_what_is_undefined_is_called_so(tmp_path: Path) -> None:
    parts = json.loads((trained(11) / "metrics.json").read_text())["parts"]
    parts["test"]["roc_auc"] = {"value": None, "low": None, "high": None}
    shown = pulsars.load_run(published_as(tmp_path, "a", {"metrics.json": {"parts": parts}}))
    assert "roc_auc<td>undefined" in shown._repr_html_()


def test_what_it_gives_can_be_changed_and_the_run_stays() -> None:
    run = pulsars.load_run(trained(11))
    run.metrics["test"].clear()
    assert "f1" in run.published.measured["parts"]["test"]
    with pytest.raises(KeyError):
        run.metrics["tset"]


def test_the_whole_of_a_models_file_is_no_model_and_the_refusal_says_what_is() -> None:
    stored = json.loads((trained(11) / "model.json").read_text())
    with pytest.raises(ValueError, match="its entry 'perceptron' is a model"):
        Perceptron.from_dict(stored)
    model = Perceptron.from_dict(stored["perceptron"])
    assert model.to_dict() == pulsars.load_run(trained(11)).model.to_dict()


@pytest.mark.usefixtures("folder")
def test_its_examples_run() -> None:
    result = doctest.testmod(pulsars.run)
    assert result.attempted > 5
    assert result.failed == 0


def test_to_load_a_run_takes_neither_prefect_nor_matplotlib(folder: Path) -> None:
    script = (
        f"import pulsars, sys; pulsars.load_run({str(folder.resolve())!r}); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert {"prefect", "matplotlib"} & {name.split(".")[0] for name in done.stdout.split()} == set()
