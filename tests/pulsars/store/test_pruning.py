"""Nothing grows for ever, and nothing that is needed goes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from prefect import Task
from prefect.results import ResultRecord, ResultRecordMetadata
from prefect.serializers import JSONSerializer
from typer.testing import CliRunner

from command.cli import app
from pulsars.inbox.arrivals import list_arrivals
from pulsars.inbox.rejected import remember_refusal
from pulsars.store import workplace
from pulsars.store.alone import nobody_at_work
from pulsars.store.champions import champion_name, crown
from pulsars.store.files import write_bytes, write_json, write_text
from pulsars.store.history import find_history
from pulsars.store.locks import exclusive
from pulsars.store.pruning import Pruned, Referred, prune
from pulsars.store.publishing import appear, provenance, put_in_place
from pulsars.store.results import is_ours, works_on
from pulsars.store.runs import load_run
from pulsars.store.score_folders import folder_of, scored_contents
from pulsars.store.verdicts import Verdict, keep_verdict
from pulsars.store.workplace import cleared_when_refused, open_job
from schemas.errors import ColumnsError, ParameterError, QuarantineRateError
from schemas.handles import FileRef, Record, TableRef, sha256_of
from schemas.parameters import TrainingParameters
from schemas.records import Accepted, Candidates, Job, Judged, Source, TrainingJob
from schemas.review_records import ShownIn
from schemas.score_parameters import InboxParameters, ScoreParameters
from schemas.score_records import Arrival, Chosen, ScoreJob
from schemas.sweep_parameters import SweepParameters
from schemas.sweep_records import SweepJob
from tasks.plumbing.caching import SealedJSON
from tests.tasks.house import in_the_house

DAY = 86400.0
MONTH = 30
ACCEPTED = Accepted.model_construct(fingerprint="f", simulated=True)


class Root:
    """An artifact root, its inbox and Prefect's results, through many nights."""

    def __init__(self, folder: Path, *, equals: bool = False) -> None:
        self.equals = equals  # whether every run takes the place
        self.out, self.inbox, self.results = (folder / n for n in ("out", "inbox", "results"))
        self.inbox.mkdir(parents=True)

    def nights(self, n: int) -> None:
        for ago in reversed(range(n)):
            self.night(ago)
            self.set_back(days=ago + 0.1)

    def night(self, ago: int) -> None:
        """Train on what was fetched, sweep once a week, score one file and refuse another."""
        for old in self.inbox.glob(f"*-{ago + 5}.csv"):  # somebody tidies up
            old.unlink()
        source = self.fetched(f"labelled {ago}")
        self.train(source, ago)
        if ago % 7 == 0:
            self.sweep(source)
        self.score(ago)
        self.refuse(ago)
        list_arrivals(InboxParameters(inbox=str(self.inbox), out=str(self.out), settle_seconds=0))

    def fetched(self, content: str) -> Source:
        file = write_text(self.out / "part", content)
        kept = self.out / "downloads" / file.sha256
        kept.parent.mkdir(exist_ok=True)
        Path(file.path).rename(kept)
        return Source(origin="https://a.b/sky.csv", name="sky.csv", file=FileRef.of(kept))

    def open(self, source: Source, kind: type, parameters: Any, **more: Record) -> Any:
        job, _ = open_job(source, parameters, kind, **more)
        self.keep_result(job)
        return job

    def train(self, source: Source, ago: int) -> TrainingJob:
        """Be refused, be cut short, or publish."""
        asked = TrainingParameters(data="https://a.b/sky.csv", out=str(self.out))
        job: TrainingJob = self.open(source, TrainingJob, asked)
        with suppress(QuarantineRateError), cleared_when_refused(job):
            if ago % 3 == 0:
                raise QuarantineRateError("too many")
            if ago % 3 == 1:
                self.publish(job)
        return job

    def publish(self, job: TrainingJob) -> None:
        write_json(job.run_folder / "model.json", {"of": job.request})
        write_json(job.run_folder / "metrics.json", {"parts": {"test": {}}})
        manifest = provenance(job, ACCEPTED)
        run = load_run(appear(job.run_folder, self.out / "runs", manifest, request=job.request[:8]))
        crowned = self.equals or champion_name(self.out) is None
        keep_verdict(self.out, run, Verdict("promoted" if crowned else "kept", "x", None))
        if crowned:
            crown(self.out, run, how="gate", because="as good")
        workplace.clear(job)

    def sweep(self, source: Source) -> None:
        asked = SweepParameters(data="https://a.b/sky.csv", out=str(self.out))
        job: SweepJob = self.open(source, SweepJob, asked)
        write_json(job.run_folder / "settings.json", [])
        sweeps, manifest = self.out / "sweeps", provenance(job, ACCEPTED)
        appear(job.run_folder, sweeps, manifest, request=job.request[:8])
        workplace.clear(job)

    def score(self, ago: int) -> Path:
        arrived = self.inbox / f"night-{ago}.csv"
        file = write_text(arrived, f"unlabelled {ago}")
        chosen = Chosen(run="r", model=file, reference=file, seen=file, threshold=0.5,
                        simulated=True)  # fmt: skip
        source = Source(origin=str(arrived), name=arrived.name, file=file)
        asked = ScoreParameters(data=str(arrived), out=str(self.out))
        job: ScoreJob = self.open(source, ScoreJob, asked, chosen=chosen)
        write_json(job.run_folder / "drift.json", {})
        folder = folder_of(job)
        put_in_place(job.run_folder, folder, provenance(job, ACCEPTED))
        workplace.clear(job)
        return folder

    def refuse(self, ago: int) -> None:
        file = write_text(self.inbox / f"bad-{ago}.csv", f"bad {ago}")
        path = Path(file.path)
        arrival = Arrival(path=str(path), name=path.name, stamp="s", sha256=file.sha256)
        error = {"error": "LabelError", "message": "bad", "exit_code": 3}
        remember_refusal(self.out, str(self.inbox), arrival, error)
        path.unlink()  # set aside

    def keep_result(self, job: Job) -> Path:
        """Have Prefect keep what a step came to."""
        file = write_text(job.steps_folder / "candidates.parquet", job.token)
        came_to = Candidates(
            table=TableRef(partitions=[file], n_rows=[1]),
            quarantine=file,
            quarantine_csv=file,
            quality=file,
            label_hint=None,
        )
        return self.keep(came_to, sha256_of(Path(file.path)) + "-0")

    def keep(self, value: object, key: str) -> Path:
        metadata = ResultRecordMetadata(storage_key=key, serializer=SealedJSON())
        record = ResultRecord(result=value, metadata=metadata)
        write_bytes(self.results / key, record.serialize())
        return self.results / key

    def files(self) -> Iterator[Path]:
        for folder in (self.out, self.results, self.inbox):
            yield from folder.rglob("*")

    def set_back(self, *, days: float, since: float = 3600) -> None:
        """Let everything that was touched just now have been touched days ago."""
        now = time.time()
        for path in self.files():
            if path.lstat().st_mtime > now - since:
                os.utime(path, (now - days * DAY,) * 2)

    def prune(self, *, days: float = 10, keep: int = 3, remove: bool = True) -> Pruned:
        age = timedelta(days=days)
        return prune(self.out, keep=keep, older_than=age, results=self.results, remove=remove)

    def counts(self) -> Counter[str]:
        files = [path for path in self.files() if path.is_file() and "lock" not in path.name]
        parts = [path.relative_to(self.out.parent).parts for path in files]
        return Counter(of[1] if of[0] == "out" else of[0] for of in parts)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A month of nights waits a minute for the disk alone, which is not what is looked at here.

    Nor is it for how long a pruning waits for others.
    """
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    monkeypatch.setattr("pulsars.store.pruning.PATIENCE_SECONDS", 0.0)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("equals", "nights"), [(False, MONTH), (True, 2 * MONTH)])
def test_a_month_of_nights_leaves_what_ten_nights_do(
    *, equals: bool, nights: int, tmp_path: Path
) -> None:
    lengths = nights, 3 * MONTH
    roots = [Root(tmp_path / str(n), equals=equals) for n in lengths]
    for one, n in zip(roots, lengths, strict=True):
        one.nights(n)
    grown = [sum(one.counts().values()) for one in roots]
    assert grown[1] > 1.3 * grown[0] > 300
    for one in roots:
        one.prune()
    month, season = (one.counts() for one in roots)
    assert month == season
    assert sum(month.values()) < 150
    assert champion_name(roots[0].out) in {path.name for path in (roots[0].out / "runs").iterdir()}


def test_a_dry_run_says_what_would_go_and_how_many_bytes_and_touches_nothing(root: Root) -> None:
    root.nights(MONTH)
    before = {path: path.lstat().st_mtime for path in root.files()}
    dry = root.prune(remove=False)
    locks = {".inbox.lock", ".lock", ".champion.lock"}
    after = {p: p.lstat().st_mtime for p in root.files() if p.name not in locks}
    assert {p: at for p, at in after.items() if p.is_file()} == {
        p: at for p, at in before.items() if p.is_file() and p.name not in locks
    }
    kinds = {one.kind for one in dry.leftovers}
    assert kinds == {
        "unfinished", "downloads", "scores", "sweeps", "rejected", "verdicts", "results",
    }  # fmt: skip
    assert all(Path(one.path).exists() for one in dry.leftovers)
    sizes = sum(p.stat().st_size for p in root.files() if p.is_file())
    done = root.prune()
    left = sum(p.stat().st_size for p in root.files() if p.is_file())
    assert done.leftovers == dry.leftovers
    assert sizes - left == done.n_bytes + sum(one.n_bytes for one in done.leftovers)
    assert root.prune().leftovers == ()


def test_where_nothing_can_be_written_a_dry_run_looks_all_the_same(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.nights(MONTH)
    dry = root.prune(remove=False)
    assert dry.gone
    assert dry.leftovers

    def refuse(folder: Path, *_: object) -> None:
        raise ParameterError(f"{folder}: nothing can be written there")

    monkeypatch.setattr("pulsars.store.locks._opened", refuse)
    monkeypatch.setattr(os, "access", lambda _folder, mode: mode != os.W_OK)
    assert root.prune(remove=False) == dry
    with pytest.raises(ParameterError):
        root.prune()


def test_what_runs_at_the_same_time_is_not_pruned(root: Root) -> None:
    root.nights(MONTH)
    for folder, name in ((root.out, ".lock"), (root.out, ".inbox.lock"),
                         (root.out / "scores", ".lock")):  # fmt: skip
        with exclusive(folder, waiting=lambda: pytest.fail("waited"), name=name):
            found = root.prune()
        assert (found.busy, found.leftovers) == (True, ())
    assert root.prune().leftovers


def test_what_can_be_gone_on_with_stays_with_its_download_and_results(root: Root) -> None:
    source = root.fetched("labelled")
    job = root.train(source, 2)
    root.set_back(days=5)
    assert root.prune(days=1).leftovers == ()
    root.set_back(days=8, since=7 * DAY)  # by now no step would serve again
    kinds = sorted(one.kind for one in root.prune(days=1).leftovers)
    assert kinds == ["downloads", "results", "unfinished"]
    assert not Path(job.folder).exists()


def test_what_another_version_left_goes_when_it_is_old(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplace, "code_version", lambda: "another")
    job = root.train(root.fetched("labelled"), 2)
    monkeypatch.undo()
    assert root.prune(days=1).leftovers == ()
    root.set_back(days=2)
    assert [one.kind for one in root.prune(days=1).leftovers] == ["unfinished", "downloads"]
    assert not Path(job.folder).exists()
    assert [one.kind for one in root.prune(days=1).leftovers] == ["results"]


def test_scores_stay_while_their_file_is_in_an_inbox(root: Root) -> None:
    root.score(1)
    asked = InboxParameters(inbox=str(root.inbox), out=str(root.out), settle_seconds=0)
    (root.inbox / "night-2.csv").touch()
    list_arrivals(asked)
    root.set_back(days=40)
    list_arrivals(asked)  # which finds nothing new
    assert [one.kind for one in root.prune().leftovers] == ["results"]
    (root.inbox / "night-1.csv").unlink()
    list_arrivals(asked)
    assert [one.kind for one in root.prune().leftovers] == ["scores"]
    root.set_back(days=40)  # nobody looks into it any more
    assert [one.kind for one in root.prune().leftovers] == ["inboxes"]


def test_scores_stay_while_the_share_of_their_inbox_is_away_until_no_pass_has_found_any_for_long(
    root: Root,
) -> None:
    folder = root.score(1)
    asked = InboxParameters(inbox=str(root.inbox), out=str(root.out), settle_seconds=0)
    list_arrivals(asked)
    root.set_back(days=40)
    list_arrivals(asked)
    root.inbox.rename(root.inbox.with_name("share"))
    root.inbox.mkdir()
    list_arrivals(asked)
    assert [one.kind for one in root.prune().leftovers] == ["results"]
    assert folder.is_dir()
    root.set_back(days=11)
    list_arrivals(asked)
    assert [one.kind for one in root.prune().leftovers] == ["scores", "inboxes"]


@pytest.mark.parametrize(
    "memory",
    ["{", "[]", '{"format": 1}', '{"format": 1, "files": []}', '{"format": 1, "files": {"a": 5}}',
     '{"format": 1, "files": {"a": ["s"]}}', '{"format": 2, "files": {}}'],
)  # fmt: skip
def test_while_a_memory_of_an_inbox_cannot_be_read_no_scores_go_that_may_lie_there(
    memory: str, root: Root
) -> None:
    root.score(1)
    root.refuse(2)
    root.set_back(days=40)
    path = Path(write_text(root.out / "inboxes" / f"{'0' * 16}.json", memory).path)
    found = root.prune()
    assert [one.kind for one in found.leftovers] == ["results"]
    assert [one.path for one in found.damaged] == [str(path)]
    os.utime(path, (time.time() - 20 * DAY,) * 2)  # nobody looks into that inbox any more
    assert [one.kind for one in root.prune().leftovers] == ["scores", "rejected", "inboxes"]


def test_what_lay_in_an_inbox_stays_for_a_week_after_a_pass_however_young_what_goes_may_be(
    root: Root,
) -> None:
    folder = root.score(1)
    list_arrivals(InboxParameters(inbox=str(root.inbox), out=str(root.out), settle_seconds=0))
    root.set_back(days=6)
    assert [one.kind for one in root.prune(days=0).leftovers] == ["results"]
    root.set_back(days=8, since=7 * DAY)
    assert [one.kind for one in root.prune(days=0).leftovers] == ["scores", "inboxes"]
    assert not folder.exists()


def test_a_sweep_stays_while_a_run_that_it_chose_for_does(root: Root) -> None:
    root.sweep(root.fetched("labelled"))
    (swept,) = (root.out / "sweeps").iterdir()
    chosen_by = {"sweep": swept.name[-8:], "seed": 0, "validation_size": 0.2, "test_size": 0.2,
                 "fingerprint": "f"}  # fmt: skip
    asked = TrainingParameters.model_validate(
        {"data": "x", "out": str(root.out), "chosen_by": chosen_by}
    )
    for n in range(2):
        root.publish(root.open(root.fetched(f"{n}"), TrainingJob, asked))
    root.set_back(days=40)
    root.prune()
    assert swept.exists()
    for n in range(4):
        root.train(root.fetched(f"labelled {n}"), 1)
    root.prune(keep=1)
    assert swept.exists(), "the champion has its settings from it"


def test_while_a_run_is_damaged_no_sweep_goes_that_may_be_behind_it(root: Root) -> None:
    root.sweep(root.fetched("labelled"))
    root.train(root.fetched("first"), 1)
    (run,) = (root.out / "runs").iterdir()
    (run / "manifest.json").write_text("{")
    root.set_back(days=100)
    assert "sweeps" not in {one.kind for one in root.prune().leftovers}


def test_a_run_stays_that_a_schedule_or_a_scoring_under_way_goes_by(root: Root) -> None:
    for n in range(4):
        root.train(root.fetched(f"{n}"), 1)
    first, second, third, last = sorted(path.name for path in (root.out / "runs").iterdir())
    assert champion_name(root.out) == first
    file = write_text(root.out / "night.csv", "1")
    source = Source(origin="night.csv", name="night.csv", file=file)
    chosen = Chosen(run=second, model=file, reference=file, seen=file, threshold=0.5,
                    simulated=True)  # fmt: skip
    asked = ScoreParameters(data="night.csv", out=str(root.out))
    root.open(source, ScoreJob, asked, chosen=chosen)
    age = timedelta(days=30)
    for scheduled, gone in ((third[-8:], ()), (None, (third,))):
        found = prune(
            root.out, keep=1, older_than=age, results=None, remove=False,
            referred=partial(Referred, scheduled=scheduled),
        )  # fmt: skip
        assert found.gone == gone
        assert {first, second, last} <= set(found.kept)


def test_a_run_stays_that_a_pass_went_by_until_no_pass_has_come_by_for_long(root: Root) -> None:
    for n in range(4):
        root.train(root.fetched(f"{n}"), 1)
    first, second, third, last = sorted(path.name for path in (root.out / "runs").iterdir())
    asked = InboxParameters(inbox=str(root.inbox), out=str(root.out), run=third[-8:])
    list_arrivals(asked)
    assert root.prune(keep=1, remove=False).gone == (second,)
    list_arrivals(asked.model_copy(update={"run": None}))
    assert root.prune(keep=1, remove=False).gone == (second, third)
    list_arrivals(asked)
    root.set_back(days=9)
    assert root.prune(keep=1).kept == (first, third, last)
    root.set_back(days=11, since=10 * DAY)
    found = root.prune(keep=1)
    assert ([one.kind for one in found.leftovers if one.kind == "inboxes"], found.gone) == (
        ["inboxes"], (),
    )  # fmt: skip
    assert root.prune(keep=1).gone == (third,)


@pytest.mark.parametrize(
    ("memory", "damaged"),
    [
        ('{"format": 1, "files": {}}', 0),
        ('{"format": 1, "run": "", "files": {}}', 0),
        ('{"format": 1, "run": 5, "files": {}}', 0),
        ('{"format": 1, "files": []}', 1),
        ("{", 1),
        ("[]", 1),
    ],
)
def test_a_memory_that_names_no_run_keeps_none_and_one_that_cannot_be_read_is_named(
    memory: str, damaged: int, root: Root
) -> None:
    for n in range(3):
        root.train(root.fetched(f"{n}"), 1)
    write_text(root.out / "inboxes" / f"{'0' * 16}.json", memory)
    found = root.prune(keep=1)
    assert (len(found.gone), len(found.damaged)) == (1, damaged)


def test_what_people_said_stays_and_the_scores_and_the_run_that_it_refers_to(root: Root) -> None:
    for n in range(4):
        root.train(root.fetched(f"{n}"), 1)
    champion, second, *_ = sorted((root.out / "runs").iterdir())
    folders = [root.score(ago) for ago in (1, 2)]
    labels = write_text(root.out / "labels.jsonl", "what people said")
    shown = ShownIn(
        folder=folders[0].name, line=1, rank=1, probability=None,
        model_sha256=sha256_of(second / "model.json"),
    )  # fmt: skip
    root.set_back(days=400)
    age, referred = timedelta(days=30), partial(Referred, reviewed=frozenset({shown}))
    found = prune(root.out, keep=1, older_than=age, results=None, remove=True, referred=referred)
    assert {champion.name, second.name} < set(found.kept)
    assert found.gone
    assert [folder.exists() for folder in folders] == [True, False]
    assert Path(labels.path).is_file()


def test_an_artifact_root_may_have_any_letters(tmp_path: Path) -> None:
    root = Root(tmp_path / "별")
    job = root.open(root.fetched("x"), TrainingJob, TrainingParameters(data="x", out=str(root.out)))
    (kept,) = root.results.iterdir()
    assert works_on(kept)
    workplace.clear(job)
    assert not works_on(kept)


def test_what_any_step_comes_to_is_known_as_ours(root: Root) -> None:
    kinds = {get_type_hints(step.fn)["return"] for step in in_the_house(Task, "tasks").values()}
    of_one = {one for kind in kinds for one in get_args(kind) or [kind]}
    records = [kind for kind in of_one if isinstance(kind, type) and issubclass(kind, Record)]
    assert len(records) > 30
    for kind in records:
        assert is_ours(root.keep(kind.model_construct(), "0" * 64 + "-0")), kind


@pytest.mark.parametrize(
    ("error", "of_step", "of_flow"),
    [
        (ColumnsError("its rows have 2 cells"), True, True),
        (OSError(28, "No space left", f"/a/unfinished/{'ab' * 8}/model.json"), True, True),
        (OSError(28, "No space left", "/mine/unfinished/notes/a.json"), True, False),
        (RuntimeError(f"see unfinished/{'ab' * 8}"), True, False),
    ],
)
def test_what_a_failed_step_or_flow_left_is_ours_where_its_seal_its_name_or_its_place_says_so(
    error: Exception, *, of_step: bool, of_flow: bool, root: Root
) -> None:
    kept = root.keep(error, "ab" * 16)
    assert is_ours(kept) is of_step
    kept.write_bytes(JSONSerializer().dumps(error))  # as Prefect keeps what a flow came to
    assert is_ours(kept) is of_flow
    root.set_back(days=5)
    assert not root.prune(days=90).leftovers
    root.set_back(days=8, since=6 * DAY)
    assert [one.kind for one in root.prune(days=90).leftovers] == ["results"] * of_flow


def test_what_a_flow_came_to_is_known_as_ours_as_prefect_keeps_it(root: Root) -> None:
    judged = Judged.model_construct(run="r", decision="kept")
    for came_to in (judged, {"run": "r", "decision": "kept", "because": "x"}):
        kept = root.results / ("ab" * 16)
        write_bytes(kept, JSONSerializer().dumps(came_to))
        assert is_ours(kept)


def test_what_a_person_said_of_who_may_reign_stays(root: Root) -> None:
    root.train(root.fetched("first"), 1)
    champion = champion_name(root.out)
    for n in range(4):
        root.train(root.fetched(f"{n}"), 1)
    runs = sorted((root.out / "runs").iterdir())
    said = Verdict("kept", "a person: no", champion, by="person")
    keep_verdict(root.out, load_run(runs[1]), said)
    root.set_back(days=40)
    found = root.prune(keep=1)
    assert set(found.kept) == {champion, runs[-1].name}
    names = {path.stem for path in (root.out / "verdicts").iterdir()}
    assert names == {champion, runs[1].name, runs[-1].name}


def test_what_others_keep_beside_ours_stays(root: Root) -> None:
    def bare(name: str, value: object) -> Path:
        return Path(write_text(root.results / (name * 16), json.dumps(value)).path)

    others = [
        root.keep({"a": 1}, "ab" * 32 + "-0"),
        root.keep("schemas.x", "cd" * 16),
        root.keep({"__class__": "schemas.invoices.Invoice", "data": {}}, "ce" * 16),
        root.keep({"__class__": "schemas.records.Invoice", "data": {}}, "cf" * 16),
        root.keep({"run": "r", "decision": "paid", "because": "x"}, "c0" * 16),
        bare("d0", {"__exc_type__": "schemas.errors.InvoiceError", "message": "bad"}),
        bare("d1", {"__exc_type__": "theirs.schemas.errors.ColumnsError", "message": "bad"}),
        bare("d2", {"__exc_type__": "schemas.errors.IntEnum", "message": "bad"}),
        bare("d3", {"__exc_type__": "builtins.OSError", "message": "[Errno 28] No space left"}),
        bare("d4", {"__exc_type__": ["x"], "message": ["y"]}),
        bare("d5", {"result": {"metadata": {}}}),
        bare("d6", ["__exc_type__"]),
        root.out / "scores" / "mine" / "manifest.json",
        root.out / "downloads" / "README",
        root.out / "unfinished" / "notes.txt",
        root.out / "sweeps" / "best of all" / "manifest.json",
        root.results / "other" / "thing",
    ]
    for path in others[-5:]:
        write_text(path, "{}")
    ours = [
        root.keep({"run": "r", "decision": "kept", "because": "x"}, "c1" * 16),
        root.keep(FileRef(path="/gone", sha256="0" * 64), "ef" * 32 + "-0"),
    ]
    root.set_back(days=400)
    assert [one.path for one in root.prune(days=0).leftovers] == [str(path) for path in ours]
    assert all(path.exists() for path in others)


def test_what_is_damaged_stops_no_pruning(root: Root) -> None:
    root.nights(MONTH)
    for kind in ("sweeps", "scores"):
        for manifest in (root.out / kind).glob("*/manifest.json"):
            manifest.write_text("{")
    for kind in ("rejected", "inboxes", "verdicts"):
        for record in (root.out / kind).glob("*.json"):
            record.write_text("[")
    for note in (root.out / "unfinished").glob("*/job.json"):
        note.write_text("nothing")
    root.set_back(days=40)
    assert {one.kind for one in root.prune().leftovers} >= {"scores", "sweeps", "rejected"}
    named = {one.path for one in find_history(root.out).damaged}
    assert {str(path) for path in (root.out / "verdicts").iterdir()} <= named


def test_a_pruning_that_is_cut_short_leaves_no_half(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root.score(1)
    root.set_back(days=40)

    def cut(*_: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", cut)
        with pytest.raises(KeyboardInterrupt):
            root.prune()
    assert not folder.exists()
    assert scored_contents(root.out) == frozenset()
    assert find_history(root.out).scored == ()
    root.prune()
    assert [path.name for path in (root.out / "scores").iterdir()] == [".lock"]


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of one name stay, as they do where another may remove them alone."""
    unlink = os.unlink

    def refuse(path: Path | str, **more: Any) -> None:
        if Path(path).name == "drift.json" or Path(path).suffix == ".arrived":
            raise PermissionError(errno.EPERM, "Operation not permitted", path)
        unlink(path, **more)

    monkeypatch.setattr(os, "unlink", refuse)


@pytest.mark.usefixtures("stuck")
def test_what_cannot_be_removed_is_named_whole_and_stops_nothing_and_is_tried_again(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root.score(1)
    copy = Path(write_text(root.out / "downloads" / f"{'0' * 64}.arrived", "x").path)
    root.refuse(2)
    root.set_back(days=40)
    found = root.prune()
    left = folder.with_name(f".{folder.name}.gone") / "drift.json"
    assert {one.path for one in found.stuck} == {str(left), str(copy)}
    assert all(one.path in one.because for one in found.stuck)
    assert sorted(one.kind for one in found.leftovers) == ["rejected", "results", "scores"]
    assert list(left.parent.iterdir()) == [left]
    words = ["prune", "--keep", "3", "--out", str(root.out)]
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(root.results))
    assert CliRunner().invoke(app, words).exit_code == 0
    again = CliRunner().invoke(app, [*words, "--yes"])
    assert (again.exit_code, str(left) in again.stderr) == (1, True)
    monkeypatch.undo()
    assert root.prune().stuck == ()
    assert not left.parent.exists()


def test_a_folder_that_cannot_be_opened_is_named_to_a_machine_too_by_its_whole_path(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    grave = root.out / "scores" / ".x.gone"
    grave.mkdir(parents=True)
    monkeypatch.chdir(root.out)
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(root.results))
    call = os.open

    def refuse(path: Any, *given: Any, **more: Any) -> int:
        if Path(path).name == grave.name:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return call(path, *given, **more)

    with monkeypatch.context() as another:
        another.setattr(os, "open", refuse)
        another.setattr(os, "rmdir", refuse)
        done = CliRunner().invoke(app, ["prune", "--keep", "3", "--out", ".", "--yes", "--json"])
    assert [one["path"] for one in json.loads(done.stdout)["stuck"]] == [str(grave)]
    assert done.exit_code == 1


def test_of_a_link_the_link_goes_and_what_has_the_name_of_a_grave_holds_nothing_up(
    root: Root,
) -> None:
    folder = root.score(1)
    elsewhere = folder.rename(root.out / "elsewhere")
    folder.symlink_to(elsewhere)
    folder.with_name(".x.gone").symlink_to(elsewhere)
    folder.with_name(".y.gone").write_text("no folder")
    root.set_back(days=40)
    os.utime(folder, (time.time() - 40 * DAY,) * 2, follow_symlinks=False)
    assert root.prune().stuck == ()
    assert [path.name for path in folder.parent.iterdir()] == [".lock"]
    assert (elsewhere / "drift.json").is_file()


def test_a_run_that_cannot_be_removed_stops_nothing_and_one_that_cannot_be_moved_stays_a_run(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 4, 7, 10):
        root.train(root.fetched(f"labelled {day}"), day)
    old, second, *_ = sorted((root.out / "runs").iterdir())[1:]
    rename, rmdir = Path.rename, os.rmdir

    def stay(path: Path, to: Path) -> Path:
        if path == old:
            raise PermissionError(errno.EPERM, "Operation not permitted", str(path))
        return rename(path, to)

    def held(path: str, **more: Any) -> None:
        if Path(path).name == f".{second.name}.gone":  # by a name that NFS gives what is open
            raise OSError(errno.ENOTEMPTY, "Directory not empty", path)
        rmdir(path, **more)

    monkeypatch.setattr(Path, "rename", stay)
    monkeypatch.setattr(os, "rmdir", held)
    found = root.prune(keep=1)
    assert [Path(one.path).name for one in found.stuck] == [old.name, f".{second.name}.gone"]
    assert old.name in found.kept
    assert found.gone == (second.name,)
    monkeypatch.undo()
    again = root.prune(keep=1)
    assert (again.gone, again.stuck) == ((old.name,), ())
    assert not second.with_name(f".{second.name}.gone").exists()


def test_a_removal_waits_for_what_is_under_way_and_holds_nothing_meanwhile(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.score(1)
    root.set_back(days=40)
    monkeypatch.setattr("pulsars.store.pruning.PATIENCE_SECONDS", 60.0)
    said: list[str] = []
    with ExitStack() as passing:
        passing.enter_context(exclusive(root.out / "scores", waiting=lambda: None))

        def work(_seconds: float) -> None:
            with exclusive(root.out, waiting=lambda: pytest.fail("waited")):
                said.append("worked")
            passing.close()

        monkeypatch.setattr("pulsars.store.alone.time.sleep", work)
        found = prune(
            root.out, keep=1, older_than=timedelta(days=10), results=None, remove=True,
            waiting=lambda: said.append("waits"),
        )  # fmt: skip
    assert said == ["waits", "worked"]
    assert [one.kind for one in found.leftovers] == ["scores"]


def test_who_waited_in_vain_ends_with_an_exit_code_and_a_dry_run_waits_for_nothing(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.score(1)
    words = ["prune", "--keep", "1", "--out", str(root.out)]
    with exclusive(root.out, waiting=lambda: pytest.fail("waited")):
        monkeypatch.setattr("pulsars.store.pruning.PATIENCE_SECONDS", 0.1)
        done = CliRunner().invoke(app, [*words, "--yes", "--json"])
        assert (done.exit_code, json.loads(done.stdout)["busy"]) == (1, True)
        assert "waited for" in done.stderr
        monkeypatch.setattr("pulsars.store.pruning.PATIENCE_SECONDS", 1e9)
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, "under way" in done.stdout) == (0, True)


def test_the_command_says_what_of_each_kind_and_how_many_bytes(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.nights(MONTH)
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(root.results))
    words = ["prune", "--keep", "3", "--older-than", "10", "--out", str(root.out)]
    before = root.counts()
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    of = Counter(one["kind"] for one in found["leftovers"])
    said = CliRunner().invoke(app, words).stdout
    for kind, n in of.items():
        assert f"{n} in {kind}" in said
    assert "results" in of
    assert "--yes" in said
    assert root.counts() == before
    done = CliRunner().invoke(app, [*words, "--yes", "--json"])
    assert json.loads(done.stdout) == {**found, "removed": True}
    with exclusive(root.out, waiting=lambda: pytest.fail("waited")):
        assert "under way" in CliRunner().invoke(app, words).stdout


def test_nobody_is_waited_for_twice(root: Root) -> None:
    with nobody_at_work(root.out), pytest.raises(BlockingIOError), nobody_at_work(root.out):
        pytest.fail("two at once")
