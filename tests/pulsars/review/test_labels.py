"""What was said is on disk, once and whole, whoever was killed meanwhile."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import re
import signal
import subprocess
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.review.labels import Labels, append_statement, read_labels
from schemas.errors import LabelsError, LaterFormatError, ParameterError
from schemas.review_records import ShownIn
from tests.pulsars.review.said import statement
from tests.rooms import ROOT

SHOWN = ShownIn(folder="f", line=7, rank=1, probability=0.1 + 0.2, model_sha256="0" * 64)


def write(path: Path, *lines: bytes) -> None:
    path.write_bytes(b"".join(lines))


def line_of(**changed: Any) -> bytes:
    return json.dumps({**statement().model_dump(), **changed}).encode() + b"\n"


def test_where_there_is_no_file_nobody_has_said_anything(tmp_path: Path) -> None:
    assert read_labels(tmp_path / "none.jsonl") == Labels()


def test_what_is_said_is_read_back_digit_for_digit(tmp_path: Path) -> None:
    path = tmp_path / "new" / "labels.jsonl"
    said = [
        statement(of=0.1 + 0.2, name="J1759-3107", scores=SHOWN, resolves=True),
        statement("not", who="민지 \u202e\x1b[2J\n\x85\u2028", of=5e-324, fold_sha256="a" * 64),
    ]
    for one in said:
        append_statement(path, one)
    assert read_labels(path).statements == tuple(said)
    assert path.read_bytes().count(b"\n") == 2
    assert "\x1b" not in path.read_text(encoding="utf-8")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=8, max_size=8))
@settings(max_examples=25, deadline=None)
def test_any_finite_numbers_come_back(tmp_path_factory: Any, numbers: list[float]) -> None:
    from pulsars.review.content import content_hash

    path = tmp_path_factory.mktemp("numbers") / "labels.jsonl"
    one = statement().model_copy(
        update={"features": tuple(numbers), "candidate": content_hash(numbers)}
    )
    append_statement(path, one)
    assert read_labels(path).statements[0].features == tuple(numbers)


def test_a_line_that_stands_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    one = statement()
    for _ in range(2):
        append_statement(path, one)
    assert read_labels(path).statements == (one,)


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_written_at_two_moments_counts_once_with_the_earlier(
    tmp_path: Path,
    turned: bool,  # noqa: FBT001
) -> None:
    path, one = tmp_path / "both.jsonl", statement()
    late = one.model_copy(update={"when": "2026-11-26T11:00:01+09:00"})  # an hour and a second on
    for each in (late, one) if turned else (one, late):
        append_statement(path, each)
    assert read_labels(path).statements == (one,)
    append_statement(path, one.model_copy(update={"value": "unsure"}))
    with pytest.raises(LabelsError, match=f"line 3 .*has its id, {one.id}"):
        read_labels(path)


@pytest.mark.parametrize("left", [1, 30, 200])
def test_the_beginning_of_a_line_is_noted_and_the_next_line_is_whole(
    tmp_path: Path, left: int
) -> None:
    path = tmp_path / "labels.jsonl"
    first, last = statement(), statement("not")
    append_statement(path, first)
    with path.open("ab") as file:
        file.write(line_of()[:left])
    assert read_labels(path).statements == (first,)
    assert ", line 2 " in read_labels(path).notes[0]
    append_statement(path, last)
    assert read_labels(path).statements == (first, last)
    assert len(read_labels(path).notes) == 1


def test_the_byte_order_mark_of_an_editor_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write(path, *(BOM_UTF8 + line_of(who=who)[:-1] + b"\r\n" for who in ("anna", "ben")))
    first = read_labels(path)
    append_statement(path, statement(who="cem"))
    for found in (read_labels(path), read_labels(path, known=first)):
        assert [one.who for one in found.statements] == ["anna", "ben", "cem"]
        assert found.notes == ()
        assert found.end == (3, path.stat().st_size)
    write(path, BOM_UTF8 + line_of(who="ben")[:-1])
    assert [one.who for one in read_labels(path).statements] == ["ben"]


def test_a_line_that_lacks_only_its_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write(path, line_of(who="ben")[:-1])
    assert [one.who for one in read_labels(path).statements] == ["ben"]
    append_statement(path, statement())
    assert [one.who for one in read_labels(path).statements] == ["ben", "anna"]


JOINED = {
    "whole": (line_of(who="ann")[:-1], line_of(who="ben")[:-1]),
    "cut off": (line_of(who="ann")[:200], line_of(who="ben")[:-1]),
    "three": tuple(line_of(who=who)[:-1] for who in ("ann", "ben", "cem")),
    "with a mark": (line_of(who="ann")[:-1], BOM_UTF8 + line_of(who="ben")[:-1]),
}


@pytest.mark.parametrize("lines", JOINED.values(), ids=JOINED)
@pytest.mark.parametrize("end", [b"\n", b""], ids=["ended", "without an end"])
def test_lines_that_a_join_ran_together_are_refused_and_are_had_by_parting_them(
    lines: tuple[bytes, ...], end: bytes, tmp_path: Path
) -> None:
    """And not by taking the line away, with a word that is whole; nor is it taken for cut off."""
    path = tmp_path / "both.jsonl"
    write(path, line_of(), *lines, end)
    with pytest.raises(LabelsError, match=r'line 2 .*new line before each further {"format"'):
        read_labels(path)
    append_statement(path, statement(who="dan"))
    with pytest.raises(LabelsError, match=r"line 2 .*new line"):
        read_labels(path)
    begin = b'{"format"'
    parted = path.read_bytes().replace(begin, b"\n" + begin).replace(b"\n\n", b"\n").lstrip()
    whole = [one for one in parted.splitlines(keepends=True) if b"resolves" in one]  # its last word
    write(path, parted)
    if parted != b"".join(whole):
        with pytest.raises(LabelsError, match=r"line 2 .* or take it away"):
            read_labels(path)
        write(path, *whole)
    said = [json.loads(one)["who"] for one in lines if b"resolves" in one]
    assert [one.who for one in read_labels(path).statements] == ["anna", *said, "dan"]


@pytest.mark.parametrize("cut", [1, 200], ids=["whole", "cut off"])
def test_the_join_of_the_page_loses_no_word(cut: int, tmp_path: Path) -> None:
    (joins,) = re.findall(r"join two with `(sed .*?)`", (ROOT / "docs" / "review.md").read_text())
    write(tmp_path / "A", line_of(who="ann"), line_of(who="ben")[:-cut])
    write(tmp_path / "B", line_of(who="cem"), line_of(who="dan")[:-cut])
    subprocess.run(["sh", "-c", joins], cwd=tmp_path, check=True)
    if cut > 1:  # what says nothing stands alone
        with pytest.raises(LabelsError, match=r"line 2 .* or take it away"):
            read_labels(tmp_path / "C")
        lines = (tmp_path / "C").read_bytes().splitlines(keepends=True)
        write(tmp_path / "C", *lines[:1], *lines[2:])
    said = [one.who for one in read_labels(tmp_path / "C").statements]
    assert said == (["ann", "ben", "cem", "dan"] if cut == 1 else ["ann", "cem"])


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"[" * 9000 + b"\n",
        b'{"format": ' + b"9" * 5000 + b"}\n",
        b'"' + b"x" * (1 << 14) + b'"\n',
        line_of(format=0),
        line_of(format=True),
        line_of(id="short"),
        line_of(who=""),
        line_of(who="x" * 81),
        line_of(value="maybe"),
        line_of(when="2026-11-26T01:00:00"),
        line_of(features=[1.0] * 7),
        line_of(features=[1.0] * 7 + ["1.0"]),
        line_of(features=[1.0] * 7 + [float("nan")]),
        line_of(features=[2.0] * 8),
        line_of(scores={"folder": "../x"}),
    ],
    ids=lambda line: line[:24].decode(errors="replace"),
)
def test_what_no_reviewing_wrote_is_refused_with_its_line(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "labels.jsonl"
    write(path, line_of(), line, line_of())
    with pytest.raises(LabelsError, match=r"labels\.jsonl, line 2 "):
        read_labels(path)


def test_entries_that_a_later_version_added_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    shown = {"folder": "night", "line": 2, "rank": 1, "probability": 0.5, "model_sha256": "d" * 64}
    write(path, line_of(who="ben", more=1, scores={**shown, "more": {"of": "it"}}))
    (said,) = read_labels(path).statements
    assert (said.who, said.scores and said.scores.rank) == ("ben", 1)


def test_a_later_format_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write(path, line_of(), line_of(format=7, new="thing"))
    with pytest.raises(LaterFormatError, match="line 2 has format 7"):
        read_labels(path)


def test_another_statement_under_a_known_id_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write(path, line_of(id="a" * 8), line_of(id="a" * 8, value="not"))
    with pytest.raises(LabelsError, match=r"line 2 .*aaaaaaaa"):
        read_labels(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(LabelsError):
            read_labels(path)


def test_what_another_said_and_may_not_be_read_is_said_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.jsonl"
    append_statement(path, statement())

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ParameterError, match=r"labels\.jsonl .*made readable for you"):
        read_labels(path)


def test_a_full_disk_is_said_and_the_same_statement_can_be_added_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.jsonl"
    one, real = statement(), os.write
    monkeypatch.setattr(os, "write", lambda to, content: real(to, content[:40]))
    with pytest.raises(OSError, match=r"labels\.jsonl"):
        append_statement(path, one)
    monkeypatch.undo()
    append_statement(path, one)
    assert read_labels(path).statements == (one,)


def apart() -> multiprocessing.context.ForkServerContext:
    """Give who starts processes; no copies of this one, which slipcover counts in."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def say_many(path: str, who: str, n: int) -> None:
    for _ in range(n):
        append_statement(Path(path), statement(who=who))


def test_two_who_write_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    context = apart()
    people = [
        context.Process(target=say_many, args=(str(path), who, 20)) for who in ("anna", "ben")
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    said = [one.who for one in read_labels(path).statements]
    assert (said.count("anna"), said.count("ben")) == (20, 20)
    assert read_labels(path).notes == ()


def say_and_tell(path: str, told: Any) -> None:
    while True:
        one = statement()
        append_statement(Path(path), one)
        told.send(one.id)


def test_whoever_is_killed_has_lost_nothing_that_was_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    context = apart()
    confirmed = []
    for _ in range(3):
        mine, theirs = context.Pipe(duplex=False)
        writer = context.Process(target=say_and_tell, args=(str(path), theirs))
        writer.start()
        confirmed += [mine.recv() for _ in range(5)]
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        while mine.poll():
            confirmed.append(mine.recv())
        mine.close()
        theirs.close()
    append_statement(path, last := statement())
    found = [one.id for one in read_labels(path).statements]
    assert set(confirmed) <= set(found)
    assert found[-1] == last.id
