"""The notebooks run as they are, in an interpreter that has no Prefect."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rooms import ROOT, listed

FOLDER = ROOT / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
RUN = """
import ast, json, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused}:
            raise ImportError(f"{{name}} is not to be had here")

sys.meta_path.insert(0, Refused())
seen, shown = {{}}, []
for cell in json.load(sys.stdin):
    *before, last = ast.parse(cell).body
    exec(compile(ast.Module(before, []), "cell", "exec"), seen)
    if isinstance(last, ast.Expr):
        shown.append(eval(compile(ast.Expression(last.value), "cell", "eval"), seen))
    else:
        exec(compile(ast.Module([last], []), "cell", "exec"), seen)
pictures = [one._repr_html_() for one in shown if hasattr(one, "_repr_html_")]
answers = {{name: eval(text, seen) for name, text in {asked}.items()}}
print(json.dumps({{**answers, "pictures": pictures}}))
"""


def cells(notebook: Path) -> list[dict[str, Any]]:
    found = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell for cell in found["cells"] if cell["cell_type"] == "code"]


def sources(notebook: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(notebook)]


def run(
    notebook: Path, asked: dict[str, str], *, instead: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """Run the cells where the notebook stands; give what is asked for, and what they show."""
    script = RUN.format(refused=set(listed().prefect) | {"prefect"}, asked=asked)
    code = [text.replace(*instead) if instead[0] else text for text in sources(notebook)]
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(code),
        cwd=notebook.parent, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == ["by_hand.ipynb", "chapter_2.ipynb"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_carries_no_output_and_imports_the_library_alone(notebook: Path) -> None:
    code = cells(notebook)
    assert len(code) >= 5
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    nodes = [node for text in sources(notebook) for node in ast.walk(ast.parse(text))]
    modules = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    tops = {name.split(".")[0] for name in modules}
    assert {"pulsars", "slp"} <= tops
    assert tops <= {"pulsars", "slp", "schemas", "numpy", "pathlib"}


def test_by_hand_reads_validates_splits_trains_measures_and_plots() -> None:
    found = run(
        FOLDER / "by_hand.ipynb",
        {
            "rows": "checked.quality.rows",
            "parts": "[len(train), len(validation), len(test)]",
            "pulsars": "[int(y[rows].sum()) for rows in (train, validation, test)]",
            "once": "len({*train, *validation, *test})",
            "losses": "fitted.loss_history.tolist()",
            "curve": "[row['epoch'] for row in epochs]",
            "minimum": "[minimum.loss, minimum.n_steps]",
            "threshold": "model.threshold",
            "called": "(model.predict_proba(X[test]) >= model.threshold).tolist()",
            "truth": "y[test].tolist()",
            "measured": "{n: measured[n]['value'] for n in ('tp', 'fp', 'fn', 'tn', 'f1')}",
            "parts of the best": "float(moves.sum() + model.intercept)",
            "logit of the best": "float(model.decision_function(X[[best]])[0])",
        },
    )
    assert found["rows"] == {"read": 500, "accepted": 500, "quarantined": 0}
    assert found["parts"] == [300, 100, 100]
    assert found["pulsars"] == [28, 9, 9]
    assert found["once"] == 500
    assert found["curve"] == list(range(1, 41))
    assert found["losses"][-1] < found["losses"][0] / 4
    loss, n_steps = found["minimum"]
    assert loss < found["losses"][-1]
    assert n_steps < 12
    assert 0 < found["threshold"] < 1
    pairs = list(zip(found["truth"], found["called"], strict=True))
    counted = {"tp": pairs.count((1, True)), "fp": pairs.count((0, True))}
    counted |= {"fn": pairs.count((1, False)), "tn": pairs.count((0, False))}
    assert {name: found["measured"][name] for name in counted} == counted
    f1 = 2 * counted["tp"] / (2 * counted["tp"] + counted["fp"] + counted["fn"])
    assert found["measured"]["f1"] == pytest.approx(f1)
    assert f1 > 0.8
    assert found["parts of the best"] == pytest.approx(found["logit of the best"])
    table, *drawn = found["pictures"]
    assert table.count("<tr") == 6
    assert [re.findall('id="([a-z-]+)-p', svg)[0] for svg in drawn] == [
        "learning-curve",
        "confusion",
        "precision-recall",
        "weights",
    ]


CHAPTER_2 = {
    "labels": "y.tolist()",
    "squashed": "sigmoid(logits).tolist()",
    "by difference": "[slope.tolist(), by_difference.tolist()]",
    "losses": "[scaled.loss_history.tolist(), unscaled.loss_history.tolist()]",
    "nobody": "book_measures(nobody, test)",
    "trained": "book_measures(model, test)",
    "called": "model.predict_proba(X[test])[y[test] == 1].tolist()",
    "shares": "[balanced.prevalence, true]",
    "rows learnt from": "[len(balanced.sample_indices), len(train)]",
    "said of the rest": "float(shifted.predict_proba(X[train]).mean())",
    "said when balanced": "float(even.predict_proba(X[train]).mean())",
    "learnt": "float(learnt)",
    "test pulsars": "len(pulsars)",
    "claimed": "claimed",
    "on the true mix": "book_measures(book.model, np.arange(len(y)))",
    "runs": "{run: replay(X, y, run=run).epochs[-1].accuracy "
    "for run in ('plain', 'extended', 'balanced')}",
}


@pytest.mark.slow
def test_chapter_2_goes_the_books_way_and_shows_where_it_goes_wrong() -> None:
    found = run(FOLDER / "chapter_2.ipynb", CHAPTER_2)
    assert found["squashed"][0] == 0
    assert found["squashed"][-1] == 1
    slope, by_difference = found["by difference"]
    assert slope == pytest.approx(by_difference, abs=1e-6)
    assert [len(losses) for losses in found["losses"]] == [10, 10]
    assert all(losses[-1] < losses[0] for losses in found["losses"])
    assert found["nobody"] == {"accuracy": 0.91, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert found["trained"]["recall"] == pytest.approx(
        sum(p >= 0.5 for p in found["called"]) / 9, abs=5e-4
    )
    assert found["trained"]["f1"] > 0.8
    assert found["shares"] == [0.5, pytest.approx(28 / 300)]
    assert found["rows learnt from"] == [2 * (300 - 28), 300]
    assert found["said when balanced"] > 1.2 * found["said of the rest"]
    assert found["learnt"] > 0.9
    assert found["claimed"]["f1"] > found["on the true mix"]["f1"] + 0.1
    assert [re.findall('id="([a-z-]+)-p', svg)[0] for svg in found["pictures"]] == [
        "learning-curve"
    ]


@pytest.mark.slow
def test_chapter_2_prints_the_books_numbers_on_its_data(data_dir: Path) -> None:
    real = str(data_dir / "pulsar_stars.csv")
    found = run(FOLDER / "chapter_2.ipynb", CHAPTER_2, instead=("../../data/sample.csv", real))
    assert found["claimed"] == {"accuracy": 0.915, "precision": 0.909, "recall": 0.919, "f1": 0.914}
    assert found["on the true mix"]["f1"] == 0.636
    assert found["learnt"] == 1
    assert found["test pulsars"] == 3201
    assert {run: round(value, 3) for run, value in found["runs"].items()} == {
        "plain": 0.976,
        "extended": 0.967,
        "balanced": 0.915,
    }
    raw, standard = found["losses"][1][-1], found["losses"][0][-1]
    assert (round(raw, 3), round(standard, 2)) == (0.124, 0.08)
