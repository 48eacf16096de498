from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_score, recall_score

from pulsars.report import charts, plots, trust_plots
from pulsars.report import svg as drawing
from pulsars.report.plots import MAX_POINTS, precision_recall_steps, thin
from pulsars.report.svg import NON_PULSAR, PULSAR, data_uri, draw_svg
from pulsars.report.trust_plots import score_histogram

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCHS = [
    {
        "epoch": epoch,
        "loss": 1 / epoch,
        "validation_loss": 1.1 / epoch,
        "accuracy": 0.9,
        "precision": 0.8,
        "recall": 0.7,
        "f1": 0.75,
    }
    for epoch in range(1, 13)
]
NAMES = ("profile_mean", "dm_kurtosis")
BINS = [
    {"n_rows": n, "probability": p, "observed": {"value": v, "low": 0.8 * v, "high": 1.2 * v}}
    for n, p, v in ((900, 0.05, 0.04), (1, 0.4, 0.5), (80, 0.9, 0.8))
]
BUDGET = {
    "n_rows": 1000,
    "n_pulsars": 90,
    "called": {"n": 95, "recall": 0.84, "low": 0.75, "high": 0.9},
    "points": [
        {"n": n, "recall": n / 1000, "low": n / 2000, "high": n / 1000} for n in (1, 10, 100, 1000)
    ],
}


def candidates(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = (rng.random(n) < 0.2).astype(int)
    return y, np.clip(0.25 * y + rng.random(n) * 0.75, 0, 1).round(3)


def every_figure() -> dict[str, str]:
    y, score = candidates()
    return {
        "learning_curve": charts.learning_curve(EPOCHS, best_epoch=7),
        "precision_recall": plots.precision_recall(y, score, 0.5),
        "confusion": charts.confusion(3244, 16, 45, 275),
        "score_histogram": score_histogram(y, score, 0.5),
        "weights": charts.weights(NAMES, np.array([1.5, -0.25])),
        "reliability": trust_plots.reliability_curve(BINS),
        "budget": trust_plots.budget_curve(BUDGET),
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, str]:
    made = every_figure()
    assert len(made) == 7  # else whoever looks at each of them looks at none
    return made


def words(svg: str) -> str:
    return " ".join(ET.fromstring(svg).itertext())  # noqa: S314 - made a line earlier


def test_the_same_numbers_give_the_same_bytes(figures: dict[str, str]) -> None:
    assert figures == every_figure()


def test_a_figure_is_xml_without_prologue_date_or_maker(figures: dict[str, str]) -> None:
    for svg in figures.values():
        ET.fromstring(svg)  # noqa: S314 - made a line earlier
        assert svg.startswith('<svg role="img" aria-label="')
        assert "<metadata" not in svg
        assert "<style" not in svg
        assert "atplotlib" not in svg


def test_ids_are_unique_over_all_figures_and_every_reference_resolves(
    figures: dict[str, str],
) -> None:
    page = "".join(figures.values())
    ids = re.findall(r'\bid="([^"]+)"', page)
    references = set(re.findall(r'(?:href="|url\()#([^")]+)', page))
    assert len(ids) == len(set(ids))
    assert references == set(ids)
    assert references


def test_ink_follows_the_page_and_paper_is_transparent(figures: dict[str, str]) -> None:
    for svg in figures.values():
        assert "currentColor" in svg
        assert "#010203" not in svg
        assert "#ffffff" not in svg
        assert "#000000" not in svg


@pytest.mark.parametrize("paper", ["#ffffff", "#12161c"])
@pytest.mark.parametrize("hue", [PULSAR, NON_PULSAR])
def test_both_hues_stand_out_from_light_and_dark_paper(hue: str, paper: str) -> None:
    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    low, high = sorted((luminance(hue), luminance(paper)))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_words_stay_words(figures: dict[str, str]) -> None:
    assert "recall: share of the pulsars found" in words(figures["precision_recall"])
    assert "probability of pulsar" in words(figures["score_histogram"])
    assert "DM kurtosis" in words(figures["weights"])
    assert "cross-entropy" in words(figures["learning_curve"])


def test_losses_that_differ_in_the_sixth_digit_have_whole_numbers_beside_them() -> None:
    losses = [{"epoch": n, "loss": 0.06284 + 1e-6 / n, "validation_loss": None} for n in (1, 2, 3)]
    epochs = [{**EPOCHS[0], **loss} for loss in losses]
    said = words(charts.learning_curve(epochs)).split()
    assert any(re.fullmatch(r"0\.06284\d+", word) for word in said)
    assert not any("+" in word for word in said)


def test_the_confusion_matrix_says_counts_and_shares_of_each_row(figures: dict[str, str]) -> None:
    said = words(figures["confusion"])
    assert "3,244" in said
    assert "missed pulsars, 14.1%" in said  # 45 of 320
    assert "false alarms, 0.5%" in said  # 16 of 3260
    assert "45 missed, 16 false alarms" in figures["confusion"].split(">")[0]


def test_weights_carry_their_sign_in_words_too(figures: dict[str, str]) -> None:
    said = words(figures["weights"])
    assert "+1.50" in said
    assert "−0.25" in said


def test_only_weights_against_a_pulsar_are_hatched() -> None:
    assert "<pattern" not in charts.weights(NAMES, np.array([1.5, 0.25]))
    assert "<pattern" in charts.weights(NAMES, np.array([1.5, -0.25]))
    assert "<pattern" in charts.weights(NAMES, np.array([-1.5, -0.25]))


def test_of_many_weights_the_strongest_are_drawn_and_the_label_says_so() -> None:
    names = [f"input_{place}" for place in range(44)]
    coef = np.arange(44.0) * np.where(np.arange(44) % 2, -1, 1)
    svg = charts.weights(names, coef)
    drawn = [word for word in ET.fromstring(svg).itertext() if word.strip().startswith("input")]  # noqa: S314 - made a line earlier
    assert drawn == [f"input {place}" for place in range(43, 27, -1)]
    assert "The strongest 16 of 44 weights" in svg.split(">")[0]


def test_the_reliability_curve_tells_its_rows_and_how_far_off_it_is(
    figures: dict[str, str],
) -> None:
    opening = figures["reliability"].split(">")[0]
    assert "981 candidates in 3 bins" in opening
    assert "from the diagonal 0.100" in opening  # 0.4 against 0.5, and 0.9 against 0.8
    assert "share that are pulsars" in words(figures["reliability"])


def test_the_budget_curve_marks_what_the_threshold_calls(figures: dict[str, str]) -> None:
    assert "called at the threshold: 95" in words(figures["budget"])
    assert "the 95 that the threshold calls hold 84.0" in figures["budget"].split(">")[0]


def test_the_histogram_names_both_classes_and_counts_by_powers_of_ten() -> None:
    y = np.repeat([0, 1], [300, 20])
    said = words(score_histogram(y, np.where(y == 1, 0.9, 0.1), 0.5))
    assert "non-pulsars (300)" in said
    assert " pulsars (20)" in said
    assert {"1", "10", "100"} <= set(said.split())


def test_the_line_of_chance_is_as_high_as_pulsars_are_frequent() -> None:
    def depth(n_pulsars: int) -> float:
        y = np.repeat([0, 1], [100 - n_pulsars, n_pulsars])
        svg = plots.precision_recall(y, np.linspace(0, 1, 100), 0.5)
        return float(re.findall(r'y="([\d.]+)"[^>]*>by chance', svg)[0])

    shallow, middle, deep = depth(70), depth(40), depth(10)
    assert deep - middle == pytest.approx(middle - shallow, rel=1e-6)
    assert deep > middle


def test_the_operating_point_in_the_label_is_that_of_scikit_learn() -> None:
    y, score = candidates()
    opening = plots.precision_recall(y, score, 0.4).split(">")[0]
    assert f"recall is {recall_score(y, score >= 0.4):.3f}" in opening
    assert f"precision {precision_score(y, score >= 0.4):.3f}" in opening


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=1, max_size=60).filter(
        lambda rows: any(label for label, _ in rows)
    )
)
def test_the_area_under_the_steps_is_the_average_precision(rows: list[tuple[int, int]]) -> None:
    y, score = np.array(rows).T
    recall, precision = precision_recall_steps(y, score / 10)
    area = float(np.sum(np.diff(recall) * precision[1:]))
    assert area == pytest.approx(average_precision_score(y, score / 10), abs=1e-12)


def test_a_million_rows_make_a_small_figure() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(1_000_000) < 0.1).astype(int)
    score = np.clip(0.3 * y + 0.7 * rng.random(y.size), 0, 1)
    recall, precision = precision_recall_steps(y, score)
    assert recall.size == precision.size <= MAX_POINTS
    assert (recall[0], recall[-1]) == (0.0, 1.0)
    assert len(plots.precision_recall(y, score, 0.5)) < 60_000
    assert len(score_histogram(y, score, 0.5)) < 60_000


@given(n=st.integers(1, 5_000), limit=st.integers(2, 500))
def test_thinning_keeps_both_ends_and_the_limit(n: int, limit: int) -> None:
    kept = thin(n, limit)
    assert (kept[0], kept[-1]) == (0, n - 1)
    assert kept.size == min(n, limit)
    assert (np.diff(kept) > 0).all()


def test_ten_thousand_epochs_make_a_small_figure() -> None:
    many = [EPOCHS[0] | {"epoch": epoch, "loss": 1 / epoch} for epoch in range(1, 10_001)]
    assert len(charts.learning_curve(many)) < 150_000


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.precision_recall(np.zeros(5, int), np.full(5, 0.2), 0.5),
        lambda: plots.precision_recall(np.ones(5, int), np.full(5, 0.2), 0.5),
        lambda: score_histogram(np.zeros(5, int), np.zeros(5), 0.0),
        lambda: charts.confusion(0, 0, 0, 0),
        lambda: charts.weights(NAMES, np.zeros(2)),
        lambda: trust_plots.reliability_curve(BINS[:1]),
        lambda: trust_plots.budget_curve(BUDGET | {"called": {"n": 0, "recall": 0.0}}),
        lambda: trust_plots.budget_curve(
            {
                "n_rows": 1,
                "n_pulsars": 1,
                "called": {"n": 1, "recall": 1.0},
                "points": [{"n": 1, "recall": 1.0, "low": 1.0, "high": 1.0}],
            }
        ),
        lambda: charts.learning_curve(EPOCHS[:1]),
        lambda: charts.learning_curve([row | {"validation_loss": None} for row in EPOCHS]),
    ],
    ids=[
        "no pulsar",
        "pulsars only",
        "one class",
        "empty",
        "zero",
        "one bin",
        "no call",
        "one row",
        "one epoch",
        "no validation",
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_degenerate_part_still_gives_a_figure_without_nan(draw: Callable[[], str]) -> None:
    svg = draw()
    ET.fromstring(svg)  # noqa: S314 - made a line earlier
    assert "nan" not in svg.lower()
    assert "inf" not in svg.lower()


def losses(scale: float) -> list[dict[str, float]]:
    return [row | {n: row[n] * scale for n in ("loss", "validation_loss")} for row in EPOCHS]


MILLIONS = [one | {"n_rows": one["n_rows"] * 10_000} for one in BINS]
BUDGET_OF_MILLIONS = {
    "n_rows": 10_000_000,
    "n_pulsars": 9_000,
    "called": {"n": 8_123, "recall": 0.84},
    "points": [{"n": 10**n, "recall": n / 7, "low": n / 8, "high": n / 7} for n in range(8)],
}
LONG = tuple(f"profile skewness × DM kurtosis {n}" for n in range(40))


@pytest.mark.parametrize(
    "draw",
    [
        every_figure,
        lambda: charts.learning_curve(losses(1e-6)),
        lambda: charts.learning_curve(losses(1e-3), best_epoch=1),
        lambda: charts.learning_curve(losses(1e3)),
        lambda: score_histogram(*candidates(3_000_000), 0.97),
        lambda: charts.weights(LONG, np.linspace(-9876.5, 9876.5, 40)),
        lambda: charts.weights(("profile_mean",), np.array([-1e-6])),
        lambda: trust_plots.reliability_curve(MILLIONS),
        lambda: trust_plots.budget_curve(BUDGET_OF_MILLIONS),
    ],
)
def test_no_word_is_cut_off_at_the_edge(
    draw: Callable[[], str | dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    savefig = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (drawn.append(self), savefig(self, *a, **k))
    )
    made = draw()
    assert len(drawn) == (len(made) if isinstance(made, dict) else 1)
    for figure in drawn:
        found = figure.get_tightbbox()  # in inches
        width, height = figure.get_size_inches()
        ends = {"left": found.x0, "bottom": found.y0, "right": found.x1, "top": found.y1}
        within = (found.x0 >= 0, found.y0 >= 0, found.x1 <= width, found.y1 <= height)
        assert all(within), f"{ends} on {width} x {height}: {figure.axes}"


def test_no_validation_loss_no_legend_for_it() -> None:
    assert "validation" in words(charts.learning_curve(EPOCHS))
    without = [row | {"validation_loss": None} for row in EPOCHS]
    assert "validation" not in words(charts.learning_curve(without))


def test_a_hostile_feature_name_is_text_and_no_formula() -> None:
    svg = charts.weights(("<script>$x$</script>", '"><b>'), np.array([1.0, -1.0]))
    ET.fromstring(svg)  # noqa: S314 - made a line earlier
    assert "<script" not in svg
    assert "<b>" not in svg
    assert "<script>$x$</script>" in words(svg)


def test_a_data_uri_is_dark_on_white(figures: dict[str, str]) -> None:
    uri = data_uri(figures["confusion"])
    head, body = uri.split(",", 1)
    svg = base64.b64decode(body).decode()
    assert head == "data:image/svg+xml;base64"
    assert ET.fromstring(svg)[0].attrib["fill"] == "#ffffff"  # noqa: S314 - made a line earlier
    assert "currentColor" not in svg
    assert "#1b1f24" in svg


def test_drawing_leaves_matplotlib_s_settings_alone_and_never_loads_pyplot() -> None:
    code = (
        "import sys; from pulsars.report import charts, plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib as m; names = set(m.rcParams) - {'backend'}\n"  # asking resolves it
        "before = {name: m.rcParams[name] for name in names}\n"
        "charts.confusion(1, 2, 3, 4)\n"
        "assert before == {name: m.rcParams[name] for name in names}\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class Told:
    """A lock that says when somebody has to wait for it."""

    def __init__(self, *told: threading.Event) -> None:
        self._lock, self._told = threading.Lock(), told

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            for event in self._told:
                event.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_pictures_drawn_side_by_side_are_each_as_if_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, waits, other_there, over = (threading.Event() for _ in range(4))
    monkeypatch.setattr(drawing, "_ONE_AT_A_TIME", Told(waits, other_there))
    alone = draw_svg("two", "two", 2, lambda _axes: None)
    before = dict(mpl.rcParams)

    def first(_axes: object) -> None:
        begun.set()
        assert other_there.wait(60)

    def second(_axes: object) -> None:
        other_there.set()
        over.wait(60)

    def draw_first() -> None:
        draw_svg("one", "one", 2, first)
        over.set()

    with ThreadPoolExecutor() as pool:
        drawn = pool.submit(draw_first)
        assert begun.wait(60)
        assert pool.submit(draw_svg, "two", "two", 2, second).result() == alone
        drawn.result()
    assert waits.is_set()
    assert dict(mpl.rcParams) == before
