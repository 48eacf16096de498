"""What a history says of hand-made artifacts, and that its page says it too."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.report.history_chart import history_chart
from pulsars.report.history_page import MOST, headline, newest, render_history
from pulsars.store.history import History, find_history
from tests.published import published_as

START = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script> & {{ 7 * 7 }}"
VOID = {"meta", "link", "img", "br", "hr", "input", "path", "use"}


def day(n: float) -> str:
    return (START + timedelta(days=n)).isoformat(timespec="seconds")


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def run(
    out: Path,
    n: int,
    *,
    f1: float | None = 0.85,
    simulated: bool = False,
    holds: bool = True,
    **manifest: Any,
) -> str:
    """Write what a history reads of a published run."""
    at = START + timedelta(days=n)
    name = f"{at:%Y%m%d-%H%M%S}-000-{n:08x}"
    measured = {"value": f1, "low": f1 and f1 - 0.03, "high": f1 and f1 + 0.02}
    better = {key: value and value + 0.05 for key, value in measured.items()}
    parts = {"test": {"f1": measured, "average_precision": better}}
    data = {"name": f"labelled-{n}.csv", "simulated": simulated}
    proofs = [{"name": "prevalence kept", "holds": holds, "text": "9 % and 9 %"}]
    measured_here = {"metrics.json": {"parts": parts, "proofs": proofs}}
    published_as(out, name, measured_here, created=day(n), data=data, **manifest)
    because = f"worse than the champion on day {n}"
    said = {"run": name, "decision": "kept", "because": because, "at": day(n)}
    write(out / "verdicts" / f"{name}.json", said)
    return name


def reign(run: str, n: float, **more: str) -> dict[str, str]:
    said = {"how": "gate", "because": "better than the champion", **more}
    return {"run": run, "model_sha256": "a" * 64, "since": day(n), **said}


def crowned(out: Path, *reigns: dict[str, str]) -> None:
    write(out / "champion.json", {"run": reigns[-1]["run"], "history": reigns})


def scored(out: Path, n: float, *, psi: float = 0.05, drift: str = "ok", name: str = "") -> None:
    folder = out / "scores" / f"{n:016.3f}-01234567"
    quiet = {"psi": 0.01, "psi_noise": 0.02}
    write(
        folder / "manifest.json",
        {
            "created": day(n),
            "data": {"name": name or f"night-{n}.csv"},
            "model": {"run": "20261102-030000-000-00000000"},
            "rows": {"accepted": 700},
            "n_called": 12,
        },
    )
    features = {"profile_mean": quiet, "dm_mean": {"psi": psi + 0.02, "psi_noise": 0.02}}
    write(folder / "drift.json", {"verdict": drift, "features": features})


def rejected(out: Path, n: float, *, error: str = "UnreadableFileError", name: str = "bad") -> None:
    record = {"name": name, "at": day(n), "error": error, "message": f"{name} is no table"}
    write(out / "rejected" / f"{n:016.3f}.json", record)


def make_week(tmp_path: Path) -> Path:
    """Seven runs, two changes of champion, files of each fate."""
    names = [run(tmp_path, n, f1=0.80 + 0.01 * n) for n in range(7)]
    crowned(
        tmp_path,
        reign(names[0], 0.1, because="the first run that clears the floor of 0.8"),
        reign(names[4], 4.1),
        reign(names[0], 5.5, how="rollback", because="calls satellites pulsars"),
    )
    for n, (psi, drift) in enumerate(
        [(0.05, "ok"), (0.15, "watch"), (3.0, "stop"), (0.4, "too few")]
    ):
        scored(tmp_path, n + 0.5, psi=psi, drift=drift)
    rejected(tmp_path, 2.5, name="half.csv")
    rejected(tmp_path, 3.5, error="DriftError", name="far.csv")
    return tmp_path


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return make_week(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> History:
    return find_history(make_week(tmp_path_factory.mktemp("week")))


@pytest.fixture(scope="module")
def page(told: History) -> str:
    return render_history(told)


class Page(HTMLParser):
    """Reads a page: its words, and that what opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_run_file_and_refusal_is_told_once_in_order_of_time(told: History) -> None:
    found = told
    assert [one.data for one in found.runs] == [f"labelled-{n}.csv" for n in range(7)]
    assert [one.at for one in found.scored] == [day(n + 0.5) for n in range(4)]
    assert [one.name for one in found.rejected] == ["half.csv", "far.csv"]
    assert found.runs[3].f1 == {
        "value": pytest.approx(0.83), "low": pytest.approx(0.80), "high": pytest.approx(0.85),
    }  # fmt: skip


def test_a_reign_ends_when_the_next_one_begins_and_the_last_one_lasts(told: History) -> None:
    found = told
    assert [(one.since, one.until) for one in found.reigns] == [
        (day(0.1), day(4.1)), (day(4.1), day(5.5)), (day(5.5), None),
    ]  # fmt: skip
    assert found.champion is not None
    assert found.champion.run == found.runs[0].run
    assert [one.reigned for one in found.runs] == [n in {0, 4} for n in range(7)]


def test_the_psi_of_a_file_is_that_of_its_worst_feature_less_chance(told: History) -> None:
    found = told.scored
    assert [round(one.psi, 9) for one in found] == [0.05, 0.15, 3.0, 0.4]
    assert {one.feature for one in found} == {"dm_mean"}


def test_no_drift_at_all_is_zero_and_not_less(tmp_path: Path) -> None:
    scored(tmp_path, 1, psi=-0.01)
    assert find_history(tmp_path).scored[0].psi == 0


def test_the_page_names_everything_that_happened(told: History, page: str) -> None:
    read = Page(page)
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    for one in told.runs:
        assert one.run in read.text
        assert one.because in read.text
    for name in [one.name for one in (*told.scored, *told.rejected)]:
        assert name in read.text
    for said in ("calls satellites pulsars", "★ champion", "was champion", "half.csv is no table"):
        assert said in read.text


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    assert not re.search(r"<script|<link|<img|src=|@import|url\(http", page)
    assert all(link.startswith("./") for link in re.findall(r'href="([^#"][^"]*)"', page))


@pytest.mark.usefixtures("undrawn")
def test_every_run_and_every_file_leads_to_its_page_from_wherever_the_history_stands(
    told: History, page: str
) -> None:
    links = set(re.findall(r'href="([^#"][^"]*)"', page))
    assert links == {
        *(f"./runs/{one.run}/report.html" for one in told.runs),
        *(f"./scores/{one.folder}/report.html" for one in told.scored),
    }
    elsewhere = render_history(told, root="../javascript:x/out")
    assert f'href="../javascript%3Ax/out/runs/{told.runs[0].run}/report.html"' in elsewhere


@pytest.mark.usefixtures("undrawn")
def test_settings_that_are_not_the_default_stand_beside_a_run(tmp_path: Path) -> None:
    asked = {"solver": "sgd", "inputs": "standard", "l2": None, "seed": 0}
    run(tmp_path, 0, parameters=asked)
    name = run(tmp_path, 1, parameters={"chosen_by": {"sweep": "s/../1"}, "seed": 3})
    run(tmp_path, 2, parameters={"chosen_by": {"sweep": "20261101-0"}})
    write(tmp_path / "sweeps" / "20261101-0" / "sweep.html", "")
    found = find_history(tmp_path)
    assert [one.settings for one in found.runs] == [
        {"solver": "sgd", "inputs": "standard"},
        {"chosen_by": "s/../1", "seed": 3, "inputs": "standard"},
        {"chosen_by": "20261101-0", "inputs": "standard"},
    ]
    assert [one.sweep for one in found.runs] == ["", "", "20261101-0"]
    page = render_history(found)
    assert "inputs standard solver sgd" in Page(page).text
    assert re.findall(r'href="./sweeps/([^"]+)"', page) == ["20261101-0/sweep.html"]
    listed = CliRunner().invoke(app, ["runs", "--json", "--out", str(tmp_path)]).stdout
    assert json.loads(listed)["runs"][1]["settings"] == found.runs[1].settings
    shown = CliRunner().invoke(app, ["runs", "--out", str(tmp_path)]).stdout
    assert "solver sgd" in shown
    assert name in shown


def test_the_headline_says_who_reigns_since_when_and_what_there_was_to_do(
    told: History, page: str
) -> None:
    said = headline(told)
    who, since = "20261102-030000-000-00000000", "2026-11-07 15:00:00 UTC"
    assert re.search(rf"{who} .*champion.* {since}", said)
    done = [("7", "runs published"), ("4", "files scored"), ("2", "rejected")]
    assert re.findall(r"(\d+) ([a-z][a-z ]+)", said.partition(since)[2]) == done
    assert f"<h1>{headline(told)}</h1>" in page


def test_the_champion_is_marked_by_its_shape_in_the_picture_and_not_by_colour_alone(
    page: str,
) -> None:
    words = [word.strip() for word in re.findall(r">([^<>]+)</text>", page)]
    assert {"champion now", "was champion", "other run", "change of champion"} <= set(words)
    assert {"watch", "stop", "stop, refused", "too few rows to tell"} <= set(words)


def test_the_upright_lines_are_the_changes_of_champion(told: History) -> None:
    """Each change crosses all three panels."""
    dotted = re.compile(r"stroke-dasharray: 1, ?1\.65")
    unchanged = replace(told, reigns=told.reigns[:1])
    counts = [len(dotted.findall(history_chart(one))) for one in (told, unchanged)]
    assert counts == [3 * 3 + 1, 3 + 1]  # and one in the legend


def test_no_line_crosses_the_words_beside_the_limits_of_drift(told: History) -> None:
    latest = replace(told.reigns[-1], since=max(one.at for one in told.scored))
    chart = history_chart(replace(told, reigns=(*told.reigns, latest)))
    words = re.findall(r'font-size: 8px;.*text-anchor: (\w+);.* x="([\d.]+)".*>(\w+)</text>', chart)
    assert {(anchor, word) for anchor, _, word in words} == {("start", "watch"), ("start", "stop")}
    upright = re.findall(r'M ([\d.]+) .*\nL \1 .*\n"[^>]*stroke-dasharray: 1, ?1\.65', chart)
    assert len(upright) == 3 * len(told.reigns) + 3
    assert max(map(float, upright)) < min(float(x) for _, x, _ in words)


def test_what_time_is_stands_beside_the_day_of_runs_that_are_seconds_apart(told: History) -> None:
    runs = tuple(replace(one, at=day(n / 8640)) for n, one in enumerate(told.runs[:4]))
    chart = history_chart(replace(told, runs=runs, reigns=(), scored=(), rejected=()))
    found = re.findall(
        r'font-size: 10px;.*text-anchor: (\w+);.* x="([\d.]+)".*>(time \(UTC\)|2026-.*)</text>',
        chart,
    )
    (label, x, words), (day_of, end, shared) = found
    assert (label, day_of) == ("start", "end")
    widest = 0.7 * 10  # of a letter, on an average
    assert float(x) + widest * len(words) < float(end) - widest * len(shared)


def test_the_same_artifacts_give_the_same_bytes(page: str, week: Path) -> None:
    assert render_history(find_history(week)) == page


def test_a_root_where_nothing_happened_has_a_page_too(tmp_path: Path) -> None:
    page = Page(render_history(find_history(tmp_path)))
    assert "No champion yet. 0 runs published, 0 files scored, 0 rejected." in page.text
    assert "pulsar train DATA" in page.text


@pytest.mark.parametrize("f1", [0.8, None])
def test_one_run_has_a_picture_even_without_numbers(tmp_path: Path, f1: float | None) -> None:
    run(tmp_path, 0, f1=f1, simulated=True)
    made = render_history(find_history(tmp_path))
    assert "<title>SIMULATED: " in made
    page = Page(made)
    assert "1 run published" in page.text
    assert "SIMULATED DATA." in page.text
    assert "Over time" in page.text
    run(tmp_path, 1, f1=f1)
    assert "<title>partly SIMULATED: " in render_history(find_history(tmp_path))


def test_a_run_whose_proofs_do_not_hold_is_marked_and_is_no_dot(tmp_path: Path) -> None:
    run(tmp_path, 0)
    run(tmp_path, 1, f1=0.99, holds=False)
    found = find_history(tmp_path)
    assert [one.failing for one in found.runs] == ["", "1 of 1 proofs does not hold"]
    page = render_history(found)
    assert "✗ 1 of 1 proofs does not hold" in Page(page).text
    assert "not all proofs hold" in page
    sound = replace(found, runs=found.runs[:1])
    assert "not all proofs hold" not in history_chart(sound)
    done = CliRunner().invoke(app, ["history", "--out", str(tmp_path)])
    assert "1 of 1" in done.stdout
    listed = json.loads(CliRunner().invoke(app, ["runs", "--json", "--out", str(tmp_path)]).stdout)
    assert [one["failing"] for one in listed["runs"]] == [one.failing for one in found.runs]


@pytest.mark.usefixtures("undrawn")
def test_the_anchor_is_named_beside_each_champion_and_marked_among_the_runs(tmp_path: Path) -> None:
    names = [run(tmp_path, n) for n in range(2)]
    crowned(
        tmp_path,
        reign(names[0], 0.1, anchor=names[0]),
        reign(names[1], 1.1, anchor=names[0]),
    )
    found = find_history(tmp_path)
    assert [one.anchor for one in found.reigns] == [names[0]] * 2
    text = Page(render_history(found)).text
    assert f"{names[0]} was champion anchor" in text
    listed = json.loads(CliRunner().invoke(app, ["runs", "--json", "--out", str(tmp_path)]).stdout)
    assert (listed["champion"], listed["anchor"]) == (names[1], names[0])


def test_a_file_without_any_run_has_a_page(tmp_path: Path) -> None:
    scored(tmp_path, 0)
    page = render_history(find_history(tmp_path))
    assert "1 file scored" in Page(page).text
    assert 'aria-label="Over time' in page


@pytest.mark.usefixtures("undrawn")
def test_names_from_outside_are_text_and_nothing_else(tmp_path: Path) -> None:
    rejected(tmp_path, 1, name=HOSTILE)
    scored(tmp_path, 1, name=HOSTILE)
    page = render_history(find_history(tmp_path))
    assert "<script" not in page
    assert HOSTILE in Page(page).text


@pytest.mark.usefixtures("undrawn")
def test_of_very_many_the_page_shows_the_newest_and_says_so(tmp_path: Path) -> None:
    for n in range(MOST + 3):
        rejected(tmp_path, n, name=f"file-{n}-")
    found = find_history(tmp_path)
    page = Page(render_history(found)).text
    assert len(newest(found).rejected) == MOST
    assert "503 rejected" in page
    assert "Of 503 the newest 500" in page
    assert "file-2- " not in page
    assert "file-3- " in page


@pytest.mark.usefixtures("undrawn")
def test_a_damaged_record_is_named_and_left_out(week: Path) -> None:
    broken = next((week / "scores").iterdir()) / "drift.json"
    broken.write_text("{")
    found = find_history(week)
    assert len(found.scored) == 3
    assert [one.path for one in found.damaged] == [str(broken.parent)]
    assert re.search(r"drift\.json cannot be read .* restore it", found.damaged[0].because)
    assert str(broken) in Page(render_history(found)).text


def test_the_command_prints_a_table_one_object_or_writes_the_page(week: Path, page: str) -> None:
    def said(*words: object) -> str:
        done = CliRunner().invoke(app, ["history", "--out", str(week), *map(str, words)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "20261102-030000-000-00000000 is champion since" in said()
    whole = json.loads(said("--json"))
    assert whole["page"] is None
    assert whole["champion"] == "20261102-030000-000-00000000"
    assert [len(whole[name]) for name in ("runs", "reigns", "scored", "rejected")] == [7, 3, 4, 2]
    assert str(week / "history.html") in said("--html").replace("\n", "")
    said("--html", week / "other.html")
    assert (week / "other.html").read_text() == (week / "history.html").read_text() == page


def test_of_a_run_that_a_person_promoted_after_the_gate_it_is_said_who_decided(
    tmp_path: Path,
) -> None:
    left, taken = (run(tmp_path, n) for n in range(2))
    said = {"run": taken, "decision": "promoted", "because": "a person: looked", "by": "person"}
    write(tmp_path / "verdicts" / f"{taken}.json", {**said, "at": day(2)})
    crowned(tmp_path, reign(taken, 2, how="person", because="looked"))
    told = [(one.run, one.decision, one.by) for one in find_history(tmp_path).runs]
    assert told == [(left, "kept", "gate"), (taken, "promoted", "person")]
    shown = CliRunner().invoke(app, ["history", "--out", str(tmp_path)], env={"COLUMNS": "200"})
    assert shown.stdout.count("promoted, by a person") == 1


def test_a_long_refusal_is_shown_in_part_and_whole_for_machines(week: Path) -> None:
    (record,) = [one for one in (week / "rejected").iterdir() if "3.500" in one.name]
    told = json.loads(record.read_bytes())
    record.write_text(json.dumps({**told, "message": "why " * 500}))
    shown, whole = (
        CliRunner().invoke(app, ["history", "--out", str(week), *words]).stdout
        for words in ((), ("--json",))
    )
    assert "why " * 500 in whole
    assert 10 < shown.count("why") < 50


def test_a_file_without_html_is_refused_in_words(week: Path) -> None:
    done = CliRunner().invoke(app, ["history", str(week / "x.html"), "--out", str(week)])
    assert "say --html" in str(done.exception)
    assert not (week / "x.html").exists()
