"""What is read of an inbox, and what is known without reading, without a server."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from pulsars.inbox import pieces
from pulsars.inbox.arrivals import count_remembered, list_arrivals, open_inbox
from pulsars.inbox.copies import clear_copies, copied, copy_of, origin_of
from pulsars.inbox.memory import forget
from pulsars.inbox.passing import Pass
from pulsars.inbox.pieces import pieces_of
from pulsars.inbox.rejected import Fates, name_aside, set_aside
from pulsars.inbox.stamps import stamp_of
from schemas.score_parameters import InboxParameters
from schemas.score_records import Arrival, Arrivals
from tasks.looking import look, move_aside, reject

HOUR = 3600.0
BROKEN = [
    "", "{", "[]", "null", "\x00" * 40, '{"format": 2, "files": {}}', '{"format": 1}',
    '{"format": 1, "place": [1], "files": {}}', '{"format": 1, "run": {}, "files": {}}',
]  # fmt: skip

Touched = list[tuple[str, str]]


def asked(inbox: Path | str, out: Path, *, settle_seconds: float = 0) -> InboxParameters:
    return InboxParameters(inbox=str(inbox), out=str(out), settle_seconds=settle_seconds)


def files_in(inbox: Path, *contents: str) -> list[Path]:
    inbox.mkdir(exist_ok=True)
    paths = [inbox / f"{n}.csv" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return paths


def refuse(parameters: InboxParameters, arrival: Arrival) -> None:
    """Remember a file as refused, and move it away, as a pass does."""
    reject.fn(parameters, arrival, {"error": "DriftError", "message": "far"})
    assert move_aside.fn(parameters, arrival)


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def memory(out: Path) -> Path:
    (found,) = (out / "inboxes").iterdir()
    return found


def read_again(parameters: InboxParameters, touched: Callable[[Path], Touched]) -> list[str]:
    """Look once more; give the names of the files that were opened for it."""
    touched(Path(parameters.inbox))
    look.fn(parameters)
    return [Path(path).name for event, path in touched(Path(parameters.inbox)) if event == "open"]


def test_a_second_look_opens_no_file_and_finds_the_same(
    tmp_path: Path, touched: Callable[[Path], Touched]
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one", "two", "one")
    touched(tmp_path / "in")
    first = look.fn(parameters)
    assert [name for event, name in touched(tmp_path / "in") if event == "open"] == [
        str(tmp_path / "in" / f"{n}.csv") for n in range(3)
    ]
    assert look.fn(parameters) == first
    assert {event for event, _ in touched(tmp_path / "in")} == {"os.scandir"}
    assert [one.sha256 for one in first.settled] == [sha256("one"), sha256("two"), sha256("one")]


def test_only_what_is_new_or_changed_is_read(
    tmp_path: Path, touched: Callable[[Path], Touched]
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    one, _ = files_in(tmp_path / "in", "one", "two")
    look.fn(parameters)
    one.write_text("three")
    (tmp_path / "in" / "new.csv").write_text("new")
    assert read_again(parameters, touched) == ["0.csv", "new.csv"]
    assert [found.sha256 for found in look.fn(parameters).settled] == [
        sha256("three"), sha256("two"), sha256("new"),
    ]  # fmt: skip


def test_a_content_that_takes_on_the_size_and_time_of_another_is_seen(
    tmp_path: Path,
) -> None:
    """As `cp -p` and `touch -r` do it, in place: neither inode nor size nor mtime is another."""
    parameters = asked(tmp_path / "in", tmp_path / "out")
    (path,) = files_in(tmp_path / "in", "one")
    look.fn(parameters)
    before = path.stat()
    while (after := path.stat()).st_ctime_ns == before.st_ctime_ns:  # it ticks by milliseconds
        path.write_text("two")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (before.st_ino, before.st_size, before.st_mtime_ns) == (
        after.st_ino, after.st_size, after.st_mtime_ns,
    )  # fmt: skip
    assert look.fn(parameters).settled[0].sha256 == sha256("two")


def test_what_is_gone_is_forgotten_and_what_is_the_same_is_not_written_again(
    tmp_path: Path,
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    one, _ = files_in(tmp_path / "in", "one", "two")
    look.fn(parameters)
    written = memory(tmp_path / "out")
    before = written.stat().st_ino  # whoever writes puts another file in its place
    look.fn(parameters)
    assert written.stat().st_ino == before
    one.unlink()
    look.fn(parameters)
    assert set(json.loads(written.read_text())["files"]) == {"1.csv"}


def test_a_memory_names_the_run_that_was_named_last_and_none_where_the_champion_scores(
    tmp_path: Path,
) -> None:
    (one,) = files_in(tmp_path / "in", "one")
    parameters = asked(tmp_path / "in", tmp_path / "out")
    found = []
    for run in ("a", "a", "b", None):
        arrivals = list_arrivals(parameters.model_copy(update={"run": run}))
        assert [arrival.sha256 for arrival in arrivals.settled] == [sha256("one")]
        found.append(json.loads(memory(tmp_path / "out").read_text()).get("run"))
    assert found == ["a", "a", "b", None]
    list_arrivals(parameters.model_copy(update={"run": "a"}))
    forget(memory(tmp_path / "out"), one.name)
    stored = json.loads(memory(tmp_path / "out").read_text())
    assert stored.pop("place")
    assert stored == {"format": 1, "run": "a", "files": {}}


def test_an_empty_inbox_remembers_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    parameters = asked(tmp_path / "in", tmp_path / "out")
    list_arrivals(parameters.model_copy(update={"run": "a"}))
    assert json.loads(memory(tmp_path / "out").read_text())["run"] == "a"


def unmounted(tmp_path: Path) -> tuple[InboxParameters, Arrivals, Path]:
    """Give an inbox that a pass found two files in, what it found, and its memory; all are away."""
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one", "two")
    found, written = list_arrivals(parameters), memory(tmp_path / "out")
    os.utime(written, (0, 0))
    (tmp_path / "in").rename(tmp_path / "away")
    (tmp_path / "in").mkdir()
    return parameters, found, written


def test_while_all_that_an_inbox_held_is_gone_its_memory_is_kept_and_not_looked_at_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """So looks a share that is not mounted, and a pruning believes the memory."""
    parameters, found, written = unmounted(tmp_path)
    before = written.read_text()
    (tmp_path / "in" / "arriving.csv.part").touch()
    assert list_arrivals(parameters).settled == ()
    assert (written.read_text(), written.stat().st_mtime) == (before, 0)
    (said,) = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert "2 files" in said
    assert str(written) in said
    assert count_remembered(parameters) == 2
    list_arrivals(parameters.model_copy(update={"run": "a"}))
    stored = json.loads(written.read_text())
    assert (stored["run"], set(stored["files"])) == ("a", {"0.csv", "1.csv"})
    assert written.stat().st_mtime == 0
    shutil.rmtree(tmp_path / "in")
    assert count_remembered(parameters) == 2
    (tmp_path / "away").rename(tmp_path / "in")
    assert list_arrivals(parameters) == found
    assert written.stat().st_mtime > 0


def test_what_comes_to_the_mount_point_of_a_share_takes_no_place_of_what_that_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parameters, found, written = unmounted(tmp_path)
    (tmp_path / "in" / "new.csv").write_text("three")
    before = written.read_text()
    for _ in range(2):
        (new,) = list_arrivals(parameters).settled
        assert new.name == "new.csv"
        assert written.read_text() == before
    assert written.stat().st_mtime == 0
    assert "2 files" in caplog.text
    shutil.rmtree(tmp_path / "in")
    (tmp_path / "away").rename(tmp_path / "in")
    assert list_arrivals(parameters) == found


@pytest.mark.parametrize("address", ["{}", "file://{}"])
def test_an_inbox_that_is_emptied_where_it_is_holds_nothing(
    address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parameters = asked(address.format(tmp_path / "in"), tmp_path / "out")
    (one,) = files_in(tmp_path / "in", "one")
    list_arrivals(parameters)
    one.unlink()
    list_arrivals(parameters)
    assert count_remembered(parameters) == 0
    assert caplog.text == ""


def test_who_made_an_emptied_inbox_anew_removes_its_memory_as_the_warning_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one")
    list_arrivals(parameters)
    (tmp_path / "in").rename(tmp_path / "old")
    (tmp_path / "in").mkdir()
    list_arrivals(parameters)
    assert str(memory(tmp_path / "out")) in caplog.text
    caplog.clear()
    memory(tmp_path / "out").unlink()
    list_arrivals(parameters)
    assert count_remembered(parameters) == 0
    assert caplog.text == ""


def test_a_memory_of_an_earlier_version_says_nothing_of_its_folder_and_is_kept_while_that_is_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    (one,) = files_in(tmp_path / "in", "one")
    list_arrivals(parameters)
    written = memory(tmp_path / "out")
    stored = json.loads(written.read_text())
    del stored["place"]
    written.write_text(json.dumps(stored))
    list_arrivals(parameters)
    assert "place" in json.loads(written.read_text())
    written.write_text(json.dumps(stored))
    one.unlink()
    list_arrivals(parameters)
    assert json.loads(written.read_text()) == stored
    assert "1 file" in caplog.text
    (tmp_path / "in" / "next.csv").write_text("two")
    list_arrivals(parameters)
    assert set(json.loads(written.read_text())["files"]) == {"next.csv"}


def test_an_address_that_may_be_of_a_mount_keeps_its_memory_too(
    tmp_path: Path,
) -> None:
    store, folder = MemoryFileSystem(), f"/{tmp_path.name}"
    parameters = asked(f"memory:/{folder}", tmp_path / "out")
    store.makedirs(folder)
    store.pipe_file(f"{folder}/a.csv", b"one")
    list_arrivals(parameters)
    before = memory(tmp_path / "out").read_text()
    store.rm_file(f"{folder}/a.csv")
    assert list_arrivals(parameters).settled == ()
    assert memory(tmp_path / "out").read_text() == before


def test_each_inbox_has_a_memory_of_its_own_however_it_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files_in(tmp_path / "in", "one")
    files_in(tmp_path / "other", "two")
    monkeypatch.chdir(tmp_path)
    for inbox in ("in", f"{tmp_path}/in/", f"file://{tmp_path}/in", "other"):
        look.fn(asked(inbox, tmp_path / "out"))
    assert len(list((tmp_path / "out" / "inboxes").iterdir())) == 2


@pytest.mark.parametrize("content", [*BROKEN, '{"format": 1, "files": {"0.csv": ["x"]}}', None])
def test_a_damaged_memory_means_reading_anew(
    content: str | None, tmp_path: Path, touched: Callable[[Path], Touched]
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one")
    first = look.fn(parameters)
    written = memory(tmp_path / "out")
    if content is None:
        whole = written.read_text()
        written.write_text(whole.replace(sha256("one"), "no hash"))
        assert written.read_text() != whole
    else:
        written.write_text(content)
    assert read_again(parameters, touched) == ["0.csv"]
    assert look.fn(parameters) == first
    assert read_again(parameters, touched) == []


def test_a_memory_that_cannot_be_written_stops_no_look(tmp_path: Path) -> None:
    files_in(tmp_path / "in", "one")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "inboxes").write_text("in the way")
    assert len(look.fn(asked(tmp_path / "in", tmp_path / "out")).settled) == 1


def test_a_wrong_memory_scores_no_wrong_bytes_and_heals(tmp_path: Path) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one")
    look.fn(parameters)
    written = memory(tmp_path / "out")
    written.write_text(written.read_text().replace(sha256("one"), sha256("lie")))
    (believed,) = look.fn(parameters).settled
    assert believed.sha256 == sha256("lie")
    with copied(parameters, believed) as copy:
        assert copy is None
    (found,) = look.fn(parameters).settled
    with copied(parameters, found) as copy:
        assert copy is not None
        assert Path(copy.path).read_text() == "one"


def test_a_look_that_is_cut_short_keeps_what_it_has_read(
    tmp_path: Path, touched: Callable[[Path], Touched], monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    files_in(tmp_path / "in", "one", "two", "three")

    def stopped(files: Any, path: str, *, most: int) -> Any:
        if path.endswith("1.csv"):
            raise KeyboardInterrupt
        return pieces_of(files, path, most=most)

    with monkeypatch.context() as patched:
        patched.setattr(
            "pulsars.inbox.arrivals.pieces_of", stopped
        )  # through which every file is read
        with pytest.raises(KeyboardInterrupt):
            look.fn(parameters)
    assert read_again(parameters, touched) == ["1.csv", "2.csv"]


def lie(out: Path, content: str, other: str) -> None:
    """Have the memory say of one content that it is another."""
    written = memory(out)
    whole = written.read_text()
    written.write_text(whole.replace(sha256(content), sha256(other)))
    assert written.read_text() != whole


def test_a_wrong_memory_moves_no_good_file_aside_and_heals(tmp_path: Path) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    bad, good = files_in(tmp_path / "in", "bad", "good")
    (arrival, _) = look.fn(parameters).settled
    refuse(parameters, arrival)
    assert not bad.exists()
    lie(tmp_path / "out", "good", "bad")
    (believed,) = look.fn(parameters).settled
    assert believed.sha256 == sha256("bad")
    assert not set_aside(parameters, believed)
    assert good.read_text() == "good"
    assert {path.name for path in (tmp_path / "in" / "rejected").iterdir()} == {
        f"{sha256('bad')[:16]}-0.csv{end}" for end in ("", ".report.txt")
    }
    assert look.fn(parameters).settled[0].sha256 == sha256("good")


def test_what_is_gone_or_another_by_now_is_not_set_aside(tmp_path: Path) -> None:
    parameters = asked(tmp_path / "in", tmp_path / "out")
    (path,) = files_in(tmp_path / "in", "bad")
    (arrival,) = look.fn(parameters).settled
    refuse(parameters, arrival)
    assert not set_aside(parameters, arrival)
    path.write_text("new")
    assert not set_aside(parameters, arrival)
    assert path.read_text() == "new"


LONG_NAMES = [
    "n" * 245 + ".csv", "n" * 251 + ".csv", "n" * 255, "n." + "x" * 253, "é" * 125 + ".csv",
    "a" + "é" * 125 + ".csv", "a" + "\U0001f52d" * 62 + ".csv", "n" * 229 + ".csv",
]  # fmt: skip


@pytest.mark.parametrize("name", LONG_NAMES, ids=lambda name: f"{len(name.encode())} bytes")
def test_a_name_of_any_length_is_set_aside_with_its_report(name: str, tmp_path: Path) -> None:
    (inbox := tmp_path / "in").mkdir()
    (inbox / name).write_text("bad")
    parameters = asked(inbox, tmp_path / "out")
    (arrival,) = look.fn(parameters).settled
    refuse(parameters, arrival)
    report, aside = sorted((inbox / "rejected").iterdir(), key=lambda path: path.suffix != ".txt")
    assert report.name == f"{aside.name}.report.txt"
    assert aside.name.startswith(f"{sha256('bad')[:16]}-{name[:50]}")
    assert aside.name.endswith(Path(name).suffix if len(Path(name).suffix) < 9 else name[-1])
    assert 251 <= len(report.name.encode()) <= 255
    assert aside.read_text() == "bad"
    assert {path.name for path in inbox.iterdir()} == {"rejected"}


def test_a_short_name_is_set_aside_as_it_is() -> None:
    for name in ("a.csv", "a", "a.b.csv", "n" * 227, "n" * 223 + ".csv"):
        assert name_aside("0" * 64, name) == f"{'0' * 16}-{name}"


def test_what_prepfold_leaves_beside_a_fold_stays_where_it_is(tmp_path: Path) -> None:
    (inbox := tmp_path / "in").mkdir()
    for name in ("c.pfd", "c.pfd.ps", "c.pfd.bestprof", "d.pfd.png", "c.pfd.gz", "c.csv"):
        (inbox / name).write_text(name)
    found = look.fn(asked(inbox, tmp_path / "out"))
    assert [one.name for one in found.settled] == ["c.csv", "c.pfd", "c.pfd.gz", "d.pfd.png"]


def test_a_table_named_after_a_fold_is_taken(tmp_path: Path) -> None:
    (inbox := tmp_path / "in").mkdir()
    beside = ("c.pfd.BESTPROF", "c.pfd.polycos", "c.pfd.ps.gz", "c.pfd.pdf", "c.pfd.png")
    tables = ("c.pfd.csv", "c.pfd.features", "c.pfd.parquet", "c.pfd.ps.csv")
    for name in ("c.pfd", *beside, *tables):
        (inbox / name).write_text(name)
    found = look.fn(asked(inbox, tmp_path / "out"))
    assert [one.name for one in found.settled] == ["c.pfd", *tables]


def test_folders_in_an_inbox_are_said_to_be_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = tmp_path / "inbox"
    files_in(inbox, "1")
    caplog.set_level("INFO")
    list_arrivals(asked(inbox, tmp_path / "out"))
    assert "passed over" not in caplog.text
    for name in ("two", "one", ".hidden", "rejected"):
        (inbox / name).mkdir()
    assert len(list_arrivals(asked(inbox, tmp_path / "out")).settled) == 1
    (said,) = [one.getMessage() for one in caplog.records if "passed over" in one.getMessage()]
    assert "2 folders" in said
    assert "one, two" in said


def test_a_name_that_is_no_utf8_waits_and_holds_up_no_other(tmp_path: Path) -> None:
    files_in(tmp_path / "in", "one")
    with open(os.fsencode(tmp_path / "in") + b"/n\xff.csv", "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"two")
    found = look.fn(asked(tmp_path / "in", tmp_path / "out"))
    assert [one.name for one in found.settled] == ["0.csv"]
    (waits,) = found.waiting
    assert waits == "n\\udcff.csv"
    assert waits.encode()
    assert "no UTF-8" in found.waiting[waits]


def test_a_folder_whose_name_is_no_utf8_makes_its_files_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    Path(os.fsdecode(folder), "in").mkdir(parents=True)
    monkeypatch.chdir(os.fsdecode(folder))
    files_in(Path("in"), "one")
    found = look.fn(asked("in", tmp_path / "out"))
    assert (found.settled, [*found.waiting]) == ((), ["0.csv"])


class Untold(MemoryFileSystem):  # type: ignore[misc]
    """A store that tells no more of a file than its size, and counts what is read of it."""

    protocol = "untold"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    opened: ClassVar[list[str]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.removeprefix(f"{cls.protocol}:/")))

    def modified(self, path: str) -> Any:
        raise NotImplementedError

    def _open(self, path: str, mode: str = "rb", **more: Any) -> Any:
        if mode == "rb":
            self.opened.append(path)
        return super()._open(path, mode, **more)


class Tagged(Untold):
    """One that tells a content by an entity tag."""

    protocol = "tagged"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    opened: ClassVar[list[str]] = []

    def info(self, path: str, **more: Any) -> Any:
        found = super().info(path, **more)
        if found["type"] == "file":
            found["ETag"] = hashlib.md5(self.store[found["name"]].getvalue()).hexdigest()  # noqa: S324
        return found


@pytest.mark.parametrize(("kind", "times"), [(Untold, 2), (Tagged, 1)])
def test_a_store_is_read_again_only_where_it_tells_no_content_apart(
    kind: type[Untold], times: int, tmp_path: Path
) -> None:
    fsspec.register_implementation(kind.protocol, kind, clobber=True)
    files, _ = open_inbox(f"{kind.protocol}://in")
    files.pipe("/in/a.csv", b"one")
    parameters = asked(f"{kind.protocol}://in", tmp_path, settle_seconds=30)
    first = look.fn(parameters)
    assert look.fn(parameters) == first
    assert files.opened == ["/in/a.csv"] * times
    files.pipe("/in/a.csv", b"two")
    assert look.fn(parameters).settled[0].sha256 == sha256("two")


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a?.csv"])
def test_a_name_with_signs_of_a_pattern_is_set_aside_alone(name: str, tmp_path: Path) -> None:
    files, _ = open_inbox("memory://patterns")
    files.rm("/patterns", recursive=True) if files.exists("/patterns") else None
    for other in (name, "a1.csv", "ab.csv"):
        files.pipe_file(f"/patterns/{other}", b"bad" if other == name else b"good")
    parameters = asked("memory://patterns", tmp_path)
    (arrival,) = [one for one in look.fn(parameters).settled if one.name == name]
    refuse(parameters, arrival)
    aside = f"/patterns/rejected/{sha256('bad')[:16]}-{name}"
    assert set(files.find("/patterns")) == {
        "/patterns/a1.csv", "/patterns/ab.csv", aside, f"{aside}.report.txt",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["n#2.csv", "n?x=1.csv", "n@b:c.csv"])
def test_a_file_of_a_store_came_from_where_it_is_called_so(name: str, tmp_path: Path) -> None:
    parameters = asked("s3://survey/arriving", tmp_path)
    arrival = Arrival(path=f"survey/arriving/{name}", name=name, stamp="1", sha256=sha256("one"))
    assert origin_of(parameters, arrival) == f"s3://survey/arriving/{name}"


def test_a_store_that_tells_a_time_is_not_read_again(tmp_path: Path) -> None:
    files, _ = open_inbox("memory://looked-at")
    files.pipe("/looked-at/a.csv", b"one")
    parameters = asked("memory://looked-at", tmp_path)
    look.fn(parameters)
    assert stamp_of(files, "/looked-at/a.csv").tells
    files.store["/looked-at/a.csv"].seek(0)
    files.store["/looked-at/a.csv"].write(b"lie")  # behind the store's back: its time is the same
    assert look.fn(parameters).settled[0].sha256 == sha256("one")


def test_a_link_to_a_file_is_a_file_and_a_link_to_nothing_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    target, *_ = files_in(tmp_path / "elsewhere", "one")
    (inbox := tmp_path / "in").mkdir()
    (tmp_path / "elsewhere" / "folder").mkdir()
    os.mkfifo(tmp_path / "elsewhere" / "pipe")
    (inbox / "absolute.csv").symlink_to(target)
    (inbox / "relative.csv").symlink_to("../elsewhere/0.csv")
    (inbox / "broken.csv").symlink_to("../elsewhere/to-come.csv")
    (inbox / "round.csv").symlink_to("round.csv")
    (inbox / "folder.csv").symlink_to("../elsewhere/folder")
    (inbox / "pipe.csv").symlink_to("../elsewhere/pipe")
    os.mkfifo(inbox / "fifo.csv")
    (inbox / ".hidden.csv").symlink_to(target)
    found = look.fn(asked(inbox, tmp_path / "out"))
    assert {one.name: one.sha256 for one in found.settled} == {
        "absolute.csv": sha256("one"), "relative.csv": sha256("one"),
    }  # fmt: skip
    assert [*found.waiting] == ["broken.csv", "round.csv"]
    assert ["leads nowhere" in why for why in found.waiting.values()] == [True, False]
    assert "broken.csv waits" in caplog.text
    assert "fifo.csv is passed over" in caplog.text
    assert "pipe.csv is passed over" in caplog.text
    assert "folder.csv" not in caplog.text
    (tmp_path / "elsewhere" / "to-come.csv").write_text("came")
    assert "broken.csv" in {one.name for one in look.fn(asked(inbox, tmp_path / "out")).settled}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(
    ("of_link", "of_file", "taken"),
    [
        (65534, 0, False),
        (65534, 65534, True),
        (0, 65534, True),
    ],
)
def test_what_another_user_s_link_leads_to_is_read_only_if_it_is_theirs(
    tmp_path: Path, *, of_link: int, of_file: int, taken: bool
) -> None:
    target, *_ = files_in(tmp_path / "elsewhere", "one")
    (inbox := tmp_path / "in").mkdir()
    os.chown(target, of_file, -1)
    (inbox / "a.csv").symlink_to(target)
    os.chown(inbox / "a.csv", of_link, -1, follow_symlinks=False)
    found = list_arrivals(asked(inbox, tmp_path / "out"))
    assert [one.name for one in found.settled] == ["a.csv"] * taken
    assert [*found.waiting] == ["a.csv"] * (not taken)


def test_a_link_waits_as_long_as_what_it_leads_to_and_is_read_when_that_changes(
    tmp_path: Path,
) -> None:
    (target,) = files_in(tmp_path / "elsewhere", "one")
    (inbox := tmp_path / "in").mkdir()
    (inbox / "a.csv").symlink_to(target)
    assert [*look.fn(asked(inbox, tmp_path / "out", settle_seconds=600)).waiting] == ["a.csv"]
    look.fn(asked(inbox, tmp_path / "out"))
    target.write_text("two")
    assert look.fn(asked(inbox, tmp_path / "out")).settled[0].sha256 == sha256("two")


@pytest.mark.parametrize("leads", ["absolute", "relative"])
def test_a_rejected_link_is_moved_and_its_target_stays_where_it_is(
    leads: str, tmp_path: Path
) -> None:
    (target,) = files_in(tmp_path / "elsewhere", "bad")
    (inbox := tmp_path / "in").mkdir()
    link = inbox / "a.csv"
    link.symlink_to(target if leads == "absolute" else "../elsewhere/0.csv")
    parameters = asked(inbox, tmp_path / "out")
    for _ in range(2):  # the second time, as after somebody has moved it back
        (arrival,) = look.fn(parameters).settled
        refuse(parameters, arrival)
        aside = inbox / "rejected" / f"{sha256('bad')[:16]}-a.csv"
        assert aside.is_symlink()
        assert aside.read_text() == target.read_text() == "bad"
        assert not link.is_symlink()
        link.symlink_to(target)


def test_a_file_of_tomorrow_waits_for_one_pass_and_then_while_it_changes(tmp_path: Path) -> None:
    (path,) = files_in(tmp_path / "in", "one")
    tomorrow = time.time() + 24 * HOUR
    os.utime(path, (tomorrow, tomorrow))
    parameters = asked(path.parent, tmp_path / "out", settle_seconds=30)
    assert "in the future" in look.fn(parameters).waiting["0.csv"]
    path.write_text("one and more")
    os.utime(path, (tomorrow, tomorrow))
    assert [*look.fn(parameters).waiting] == ["0.csv"]
    (found,) = look.fn(parameters).settled
    assert found.sha256 == sha256("one and more")
    assert look.fn(parameters).settled == (found,)


def test_a_clock_that_is_a_little_ahead_makes_a_file_wait_a_little_longer(tmp_path: Path) -> None:
    (path,) = files_in(tmp_path / "in", "one")
    soon = time.time() + 20
    os.utime(path, (soon, soon))
    parameters = asked(path.parent, tmp_path / "out", settle_seconds=30)
    for _ in range(3):
        assert [*look.fn(parameters).waiting] == ["0.csv"]


def test_the_scores_are_listed_once_however_many_files_there_are(
    tmp_path: Path, touched: Callable[[Path], Touched]
) -> None:
    contents = [sha256(str(n)) for n in range(50)]
    for content in contents[:40]:
        folder = tmp_path / "scores" / f"{content[:16]}-01234567"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    (tmp_path / "scores" / f"{contents[45][:16]}-01234567").mkdir()  # without its manifest
    touched(tmp_path)
    fates = Fates(tmp_path)
    assert [fates.of(content) for content in contents] == ["scored"] * 40 + [None] * 10
    listed = [path for _, path in touched(tmp_path) if path == str(tmp_path / "scores")]
    assert len(listed) == 1
    fates.note_scored(contents[48])
    assert [fates.of(content) for content in contents[47:]] == [None, "scored", None]


def test_a_refused_content_is_known(tmp_path: Path) -> None:
    (path,) = files_in(tmp_path / "in", "bad")
    parameters = asked(path.parent, tmp_path / "out")
    (arrival,) = look.fn(parameters).settled
    assert isinstance(arrival, Arrival)
    refuse(parameters, arrival)
    assert Fates(tmp_path / "out").of(arrival.sha256) == "rejected"
    shutil.rmtree(tmp_path / "out" / "rejected")
    assert Fates(tmp_path / "out").of(arrival.sha256) is None


@pytest.mark.parametrize("record", ["", "{", "[]", "{}", "null"])
def test_a_content_whose_record_is_damaged_is_judged_anew(record: str, tmp_path: Path) -> None:
    (tmp_path / "rejected").mkdir()
    (tmp_path / "rejected" / f"{sha256('bad')[:16]}.json").write_text(record)
    assert Fates(tmp_path).of(sha256("bad")) is None


def test_a_copy_that_a_killed_pass_left_is_taken_away(tmp_path: Path) -> None:
    (path,) = files_in(tmp_path / "in", "a")
    parameters = asked(tmp_path / "in", tmp_path / "out")
    (arrival,) = look.fn(parameters).settled
    with copied(parameters, arrival) as copy:
        assert copy
        clear_copies(tmp_path / "out")
        assert not Path(copy.path).exists()
    assert path.exists()
    clear_copies(tmp_path / "nowhere")


def test_a_file_that_no_thread_could_be_started_for_is_said_to_lack_memory() -> None:
    found = Pass()
    arrival = Arrival(path="/in/a.csv", name="a.csv", stamp="s", sha256="0" * 64)
    found.fail(arrival, RuntimeError("can't start new thread"))
    assert "memory" in found.failed[0]["message"]


@pytest.mark.parametrize("filename", ["/out/scores/.page.html.part", None])
def test_a_full_disk_is_said_with_its_file_and_what_helps(filename: str | None) -> None:
    found = Pass()
    arrival = Arrival(path="/in/a.csv", name="a.csv", stamp="s", sha256="0" * 64)
    why = os.strerror(errno.ENOSPC)
    found.fail(arrival, OSError(errno.ENOSPC, why, filename))
    (one,) = found.failed
    where, _, said = one["message"].partition(": ")
    assert where == ("/out/scores/page.html" if filename else where)
    assert "root" in where or filename
    assert said.startswith(f"{why}; ")
    assert "next pass" in said
    assert (one["error"], one["exit_code"]) == ("OSError", 1)


def test_what_cannot_be_written_of_a_copy_names_the_copy(tmp_path: Path) -> None:
    files_in(tmp_path / "in", "x" * 5000)
    parameters = asked(tmp_path / "in", tmp_path / "out")
    (arrival,) = list_arrivals(parameters).settled
    (tmp_path / "out" / "downloads").mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large") as told:
            copy_of(parameters, arrival)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert told.value.filename == str(
        tmp_path / "out" / "downloads" / f"{sha256('x' * 5000)}.arrived"
    )


def test_what_cannot_be_read_of_a_file_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = files_in(tmp_path / "in", "one")

    def failing(*_: object) -> Iterator[bytes]:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
        yield b""

    parameters = asked(tmp_path / "in", tmp_path / "out")
    (arrival,) = list_arrivals(parameters).settled
    (tmp_path / "out" / "downloads").mkdir()
    monkeypatch.setattr(pieces, "_pieces", failing)
    with pytest.raises(OSError, match="error") as told:
        copy_of(parameters, arrival)
    assert told.value.filename == str(path)
