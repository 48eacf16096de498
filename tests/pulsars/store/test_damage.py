"""Damaged files of ours: each is named, none hides the others, and none is taken for whole."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from command.cli import app
from pulsars.gate.by_hand import promote_by_hand, roll_back_by_hand
from pulsars.gate.comparing import duel
from pulsars.inbox.arrivals import list_arrivals
from pulsars.inbox.memory import Memory, count_held
from pulsars.inbox.stamps import Stamp
from pulsars.store.arrays import load_model, load_reference
from pulsars.store.champions import find_champion, read_reigns, require_whole
from pulsars.store.chosen import find_model
from pulsars.store.finding import find_run
from pulsars.store.history import find_history
from pulsars.store.pruning import prune_runs
from pulsars.store.runs import kept, load_run, read_runs, run_folders
from pulsars.store.scores import load_scores
from pulsars.store.stored import read_each
from pulsars.store.sweeps import load_sweep
from pulsars.store.verdicts import Verdict, keep_verdict
from schemas.errors import (
    ChampionError,
    DamagedRecordError,
    ForbiddenRecordError,
    LaterFormatError,
    ParameterError,
    RunNotFoundError,
)
from schemas.handles import sha256_of
from schemas.score_parameters import InboxParameters

DEEP = "[" * 100_000
NOTHING = ["", "{", "[]", "{}", "null", "5", '"x"', DEEP, "\x00", '{"format": 1}']
Change = Callable[[Any], Any]


@pytest.fixture
def out(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(tmp_path / "results"))  # `prune` looks
    return Path(shutil.copytree(unpacked / "artifacts", tmp_path / "artifacts"))


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Give what makes a file one that may not be opened, by root neither."""
    real = os.open

    def forbid(path: Path) -> None:
        def opened(name: Any, *more: Any, **named: Any) -> int:
            if Path(name) == path:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(name, *more, **named)

        monkeypatch.setattr(os, "open", opened)

    return forbid


def said(out: Path, *words: str) -> tuple[str, str, BaseException | None]:
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    return done.stdout, done.stderr, done.exception


def changed(path: Path, change: Change) -> None:
    found = json.loads(path.read_text())
    new = change(found)
    path.write_text(json.dumps(found if new is None else new))


def put(*keys: str, value: object) -> Change:
    """Make a change that puts a value where the keys lead."""

    def change(found: Any) -> None:
        for key in keys[:-1]:
            found = found[key]
        found[keys[-1]] = value

    return change


def forged(run: Path, name: str, content: bytes) -> None:
    """Replace a file and have the manifest vouch for it."""
    (run / name).write_bytes(content)
    changed(run / "manifest.json", put("files", name, value=sha256_of(run / name)))


@pytest.mark.parametrize("damage", NOTHING)
@pytest.mark.parametrize("name", ["manifest.json", "metrics.json"])
def test_one_damaged_run_is_named_and_hides_no_other(out: Path, name: str, damage: str) -> None:
    first, *others = [run.name for run in read_runs(out)[0]]
    path = out / "runs" / first / name
    path.write_text(damage)
    listed, _, error = said(out, "runs", "--json")
    assert error is None
    assert [run["run"] for run in json.loads(listed)["runs"]] == others
    assert [one["path"] for one in json.loads(listed)["damaged"]] == [str(path.parent)]
    assert str(path) in said(out, "runs")[1].replace("\n", "")
    whole = json.loads(said(out, "history", "--json")[0])
    assert [run["run"] for run in whole["runs"]] == others
    assert [one["path"] for one in whole["damaged"]] == [str(path.parent)]
    pruned = json.loads(said(out, "prune", "--keep", "1", "--yes", "--json")[0])
    assert {*pruned["gone"], *pruned["kept"]} == set(others)
    assert path.parent.is_dir()
    with pytest.raises(DamagedRecordError, match=name):
        load_run(path.parent)


WRONG: list[tuple[str, Change]] = [
    ("manifest.json", put("data", value=5)),
    ("manifest.json", put("data", "name", value=["x"])),
    ("manifest.json", put("data", "simulated", value="no")),
    ("manifest.json", put("files", value=[])),
    ("manifest.json", put("files", "model.json", value=7)),
    ("manifest.json", put("files", "../../x", value="0" * 64)),
    ("manifest.json", put("rows", value={"read": "many"})),
    ("manifest.json", put("parameters", "preset", value={"a": 1})),
    ("manifest.json", put("created", value="yesterday")),
    ("manifest.json", put("created", value="2026-01-01T00:00:00")),
    ("manifest.json", put("seed", value="\ud800")),
    ("metrics.json", put("parts", value=[])),
    ("metrics.json", put("parts", "test", "f1", value=0.8)),
    ("metrics.json", put("parts", "test", "f1", "value", value="high")),
    ("metrics.json", put("threshold", value=1e999)),
    ("metrics.json", put("notes", value=[5])),
    ("metrics.json", put("proofs", value=[{"holds": True}])),
    ("metrics.json", lambda _: {}),
    ("metrics.json", lambda found: found["parts"].pop("test") and found),
    ("manifest.json", lambda found: found.pop("rows") and found),
]


@pytest.mark.parametrize(("name", "change"), WRONG)
def test_a_wrong_value_in_a_run_is_left_out_of_lists_and_refused_by_name(
    out: Path, name: str, change: Change
) -> None:
    run = read_runs(out)[0][1].path
    changed(run / name, change)
    if name == "metrics.json":  # as if it had been published so
        changed(run / "manifest.json", put("files", name, value=sha256_of(run / name)))
    listed, _, error = said(out, "runs", "--json")
    assert error is None
    assert [one["path"] for one in json.loads(listed)["damaged"]] == [str(run)]
    for words in (("show", run.name), ("show", run.name, "--json")):
        error = said(out, *words)[2]
        assert isinstance(error, DamagedRecordError), error
        assert name in str(error)


@pytest.mark.parametrize(
    "damage",
    [
        *NOTHING,
        '{"history": [], "run": 5}',
        '{"run": "a", "history": [{"run": 5}]}',
        '{"run": "a", "history": {"a": 1}}',
    ],
)
def test_a_damaged_pointer_is_named_and_never_written_over(out: Path, damage: str) -> None:
    pointer = out / "champion.json"
    pointer.write_text(damage)
    name = read_runs(out)[0][0].name
    for act in (
        lambda: find_champion(out),
        lambda: find_history(out),
        lambda: find_model(out, None),
        lambda: promote_by_hand(out, name, because="x"),
        lambda: roll_back_by_hand(out, because="x"),
        lambda: prune_runs(out, keep=1, remove=True),
    ):
        with pytest.raises(ChampionError, match=r"champion\.json"):
            act()
    assert pointer.read_text() == damage
    assert len(read_runs(out)[0]) == 3


@pytest.mark.parametrize(
    "change",
    [
        put("run", value=5),
        put("run", value="another"),
        lambda found: put("run", value=5)(found["history"][0]),
        lambda found: put("run", value="../../etc")(found["history"][0]),
        lambda found: put("since", value="then")(found["history"][0]),
        lambda found: put("how", value="magic")(found["history"][0]),
        lambda found: put("how", value="rollback")(found["history"][0]),
        lambda found: found["history"][0].pop("because") and None,
    ],
)
def test_a_history_of_champions_that_cannot_be_true_is_refused(out: Path, change: Change) -> None:
    changed(out / "champion.json", change)
    with pytest.raises(ChampionError, match=r"champion\.json"):
        read_reigns(out)


@pytest.mark.parametrize("name", ["manifest.json", "champion.json", "model.json"])
def test_a_later_format_is_refused_by_name(out: Path, name: str) -> None:
    run = find_champion(out)
    assert run
    path = out / name if name == "champion.json" else run.path / name
    changed(path, put("format", value=99))
    if name == "model.json":
        changed(run.path / "manifest.json", put("files", name, value=sha256_of(path)))
        changed(out / "champion.json", lambda found: [
            put("model_sha256", value=sha256_of(path))(one) for one in found["history"]
        ] and None)  # fmt: skip
    with pytest.raises(LaterFormatError, match=rf"{name} has format 99"):
        find_model(out, None)


@pytest.mark.parametrize(
    "words",
    [("runs",), ("history",), ("promote", "--because", "x"), ("rollback", "--because", "x"),
     ("prune", "--keep", "1", "--yes")],
)  # fmt: skip
def test_a_champion_that_another_may_not_read_is_nowhere_advised_to_be_removed(
    out: Path, forbidden: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    champion = find_champion(out)
    assert champion
    forbidden(out / "champion.json")
    run = [champion.name] if words[0] == "promote" else []
    told, complained, error = said(out, *words[:1], *run, *words[1:])
    text = f"{told}{complained}{error}".replace("\n", " ")
    assert "made readable for you" in text
    assert isinstance(error, ForbiddenRecordError) or f"{error}" in {"2", "None"}
    assert "remove it" not in text
    assert "name a champion" not in text


def test_a_verdict_that_may_not_be_read_is_not_taken_for_none(
    out: Path, forbidden: Callable[[Path], None]
) -> None:
    run = load_run(out / "runs" / prune_runs(out, keep=1, remove=False).gone[0])
    keep_verdict(out, run, Verdict("kept", "worse", None))
    forbidden(out / "verdicts" / f"{run.name}.json")
    with pytest.raises(ForbiddenRecordError, match=run.name):
        run.verdict()


def test_what_else_a_later_version_wrote_is_refused_by_name_and_stops_no_list(out: Path) -> None:
    sweep, scores = (min((out / kind).glob("*-*")) for kind in ("sweeps", "scores"))
    run = load_run(out / "runs" / prune_runs(out, keep=1, remove=False).gone[0])
    keep_verdict(out, run, Verdict("kept", "worse", None))
    refused, verdict = min((out / "rejected").iterdir()), out / "verdicts" / f"{run.name}.json"
    for path, read in (
        (sweep / "manifest.json", lambda: load_sweep(sweep)),
        (scores / "manifest.json", lambda: load_scores(scores)),
        (verdict, run.verdict),
    ):
        changed(path, put("format", value=99))
        with pytest.raises(LaterFormatError, match=rf"{path.name} has format 99"):
            read()
    changed(refused, put("format", value=99))
    named = {one["path"] for one in json.loads(said(out, "history", "--json")[0])["damaged"]}
    assert {str(scores), str(refused), str(verdict)} <= named
    before = verdict.read_bytes()
    pruned = json.loads(said(out, "prune", "--keep", "1", "--yes", "--json")[0])
    assert run.name in pruned["kept"], "who knows what was said of it"
    assert verdict.read_bytes() == before
    assert run.name in said(out, "runs")[0]


def test_a_later_memory_of_an_inbox_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("1")
    out = tmp_path / "out"
    asked = InboxParameters(inbox=str(tmp_path / "in"), out=str(out), settle_seconds=0)
    (arrival,) = list_arrivals(asked).settled
    (memory,) = (out / "inboxes").iterdir()
    changed(memory, put("format", value=99))
    changed(memory, put("files", "a.csv", value=[arrival.stamp, "0" * 64]))
    assert list_arrivals(asked).settled == (arrival,)


@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_in_any_file_of_the_champion_is_noticed_before_it_scores_or_is_promoted(
    out: Path, bit: int
) -> None:
    run = find_champion(out)
    assert run
    assert len(run.manifest["files"]) == 12
    for name in run.manifest["files"]:
        path = run.path / name
        before = path.read_bytes()
        spoilt = bytearray(before)
        spoilt[len(spoilt) // 2] ^= 1 << bit
        path.write_bytes(spoilt)
        for act in (
            lambda: find_model(out, None),
            lambda: find_model(out, run.name),
            lambda: promote_by_hand(out, run.name, because="x"),
        ):
            with pytest.raises(DamagedRecordError, match=name):
                act()
        path.write_bytes(before)
    assert require_whole(run) is run


@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda _: {},
        put("perceptron", value=5),
        put("perceptron", value={}),
        put("perceptron", "coef", value=None),
        put("perceptron", "coef", value=[1.0]),
        put("perceptron", "coef", value=[1e308] * 44),
        put("perceptron", "intercept", value=[[]]),
        put("perceptron", "inputs", value=7),
        put("perceptron", "inputs", "exponents", value="x"),
        put("perceptron", "inputs", "mean", value={"a": 1}),
        put("perceptron", "inputs", "kind", value=[1]),
        put("perceptron", "threshold", value=10**400),
        put("features", value=["a"]),
        put("format", value="two"),
    ],
)
def test_a_model_that_is_vouched_for_and_makes_no_sense_is_named(out: Path, change: Change) -> None:
    run = read_runs(out)[0][0]
    changed(run.path / "model.json", change)
    forged(run.path, "model.json", (run.path / "model.json").read_bytes())
    with pytest.raises(DamagedRecordError, match=r"model\.json"):
        load_model(kept(load_run(run.path), "model.json"))


def test_other_kept_files_that_are_vouched_for_and_make_no_sense_are_named(out: Path) -> None:
    one, other = read_runs(out)[0][:2]
    for name in ("test.npz", "seen.npz"):
        before = (one.path / name).read_bytes()
        swapped = (one.path / ("seen.npz" if name == "test.npz" else "test.npz")).read_bytes()
        for content in (b"", b"PK", before[:-60], swapped, b"\x93NUMPY"):
            forged(one.path, name, content)
            with pytest.raises(DamagedRecordError, match=name):
                duel(load_run(one.path), other)
        forged(one.path, name, before)
    forged(one.path, "reference.json", b'{"mean": 5}')
    with pytest.raises(DamagedRecordError, match=r"reference\.json"):
        load_reference(kept(load_run(one.path), "reference.json"))
    forged(one.path, "epochs.csv", b"epoch,loss\nx,\x00\n")
    with pytest.raises(DamagedRecordError, match=r"epochs\.csv"):
        load_run(one.path).summary()


@pytest.mark.parametrize("damage", NOTHING)
def test_damaged_scores_refusals_and_verdicts_are_named_and_hide_no_other(
    out: Path, damage: str
) -> None:
    folder = min((out / "scores").glob("*-*"))
    (folder / "drift.json").write_text(damage)
    for path in (*(out / "rejected").iterdir(), min((out / "verdicts").iterdir())):
        path.write_text(damage)
    found = find_history(out)
    assert (len(found.runs), len(found.scored), len(found.rejected)) == (3, 2, 0)
    assert len(found.damaged) == 3
    with pytest.raises(DamagedRecordError, match=r"drift\.json"):
        load_scores(folder)


def test_a_flipped_bit_in_scores_or_a_sweep_is_named_when_they_are_read(out: Path) -> None:
    for load, folder in (
        (load_scores, min((out / "scores").glob("*-*"))),
        (load_sweep, min((out / "sweeps").glob("*-*"))),
    ):
        load(folder)
        for path in folder.iterdir():
            before = path.read_bytes()
            path.write_bytes(before[:-2])
            with pytest.raises(DamagedRecordError, match=path.name):
                load(folder)
            path.write_bytes(before)


@pytest.mark.parametrize("damage", NOTHING)
def test_a_damaged_memory_of_an_inbox_is_forgotten(out: Path, damage: str) -> None:
    (path,) = (out / "inboxes").iterdir()
    assert count_held(path) > 0
    path.write_text(damage)
    assert count_held(path) == 0
    memory, stamp = Memory(path, ["good.csv"]), Stamp("new", None, tells=True)
    memory.note("good.csv", stamp, "0" * 64)
    memory.keep()
    assert count_held(path) == 1


@pytest.mark.parametrize("name", ["", " ", "\t\n", ".", "..", "/", "a/b", "../runs", "\x00"])
def test_what_is_no_name_of_a_run_is_refused_with_a_sentence(out: Path, name: str) -> None:
    for path in sorted((out / "runs").iterdir())[1:]:
        shutil.rmtree(path)
    for words in (
        ("show", name),
        ("compare", name, "2026"),
        ("promote", name, "--because", "an unset variable"),
    ):
        error = said(out, *words)[2]
        assert isinstance(error, ParameterError), words
        assert "name" in str(error)
    with pytest.raises(ParameterError, match="name"):
        find_model(out, name)


def test_a_part_that_more_than_one_run_answers_to_is_refused_and_they_are_named(out: Path) -> None:
    names = [run.name for run in read_runs(out)[0]]
    with pytest.raises(RunNotFoundError, match=r"3 runs below .* answer to '2026'") as refused:
        find_run(out, "2026")
    assert all(name in str(refused.value) for name in names)
    assert find_run(out, names[1][-8:]).name == names[1]


def test_a_run_that_is_taken_away_while_it_is_listed_is_not_called_damaged(
    out: Path,
) -> None:
    gone = read_runs(out)[0][1].path

    def read(folder: Path) -> Any:
        if folder == gone:
            shutil.rmtree(gone)
        return load_run(folder)

    runs, damaged = read_each(run_folders(out), read)
    assert (len(runs), damaged) == (2, [])
