"""What is looked at, and what becomes of what people say there."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from pulsars.review import teaching
from pulsars.review.asked import Asked
from pulsars.review.candidates import read_short_list
from pulsars.review.labels import append_statement, read_labels
from pulsars.review.session import Session
from pulsars.review.teaching import all_nearest, find_nearest
from pulsars.store.scores import load_scores
from schemas.errors import DamagedRecordError, FingerprintError, LabelsError
from schemas.features import FEATURE_NAMES
from slp.choosing.teaching import most_informative
from tests.pulsars.review.said import statement
from tests.reviewed import MODEL, THRESHOLD, publish_scores, scored_rows

ID = "0" * 8
CATALOGUE = {
    "name": "atnf.csv", "sha256": "e" * 64, "n_pulsars": 1, "within": 0.001, "by": None,
    "n_marked": 9, "n_listed": 9, "notes": [],
}  # fmt: skip


def asked(value: str = "pulsar", of: str | None = None, **more: Any) -> Asked:
    return Asked(**{"id": ID, "who": "anna", "value": value, "candidate": of, **more})


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(publish_scores(tmp_path), tmp_path / "labels.jsonl")


def test_the_short_list_is_read_digit_for_digit(tmp_path: Path) -> None:
    rows = scored_rows()
    first, *_ = found = read_short_list(publish_scores(tmp_path, rows))
    best = rows.sort_values("rank").iloc[0]
    assert len(found) == 10
    assert first.features == {name: best[name] for name in FEATURE_NAMES}
    assert (first.name, first.shown.line, first.shown.rank) == (best["name"], best["line"], 1)
    assert first.shown.probability == best["probability"]
    assert first.shown.model_sha256 == MODEL


def test_a_word_says_whether_the_scores_are_of_simulated_candidates(tmp_path: Path) -> None:
    for name, simulated in (("drawn", True), ("real", False)):
        data = {"origin": "night.csv", "name": "night.csv", "simulated": simulated}
        session = Session(publish_scores(tmp_path / name, data=data), tmp_path / f"{name}.jsonl")
        session.say(asked(of=session.listed("probability")["candidates"][0]["id"]))
        (word,) = read_labels(session.path).statements
        assert word.scores
        assert word.scores.simulated is simulated


def test_of_rows_with_the_same_numbers_one_is_shown(tmp_path: Path) -> None:
    rows = scored_rows()
    rows[list(FEATURE_NAMES)] = rows[list(FEATURE_NAMES)].iloc[0].to_numpy()
    assert len(read_short_list(publish_scores(tmp_path, rows))) == 1


@pytest.mark.parametrize("text", ["", "x", "nan", "1e999"])
def test_a_short_list_without_a_number_is_refused_by_its_file(tmp_path: Path, text: str) -> None:
    rows = scored_rows().astype({"dm_mean": object})
    rows.loc[rows["rank"] == 1, "dm_mean"] = text
    scores = publish_scores(
        tmp_path, rows.drop(columns="dm_mean").assign(dm_mean=rows["dm_mean"].astype(str))
    )
    with pytest.raises(DamagedRecordError, match=r"short_list\.csv"):
        read_short_list(scores)


def test_what_is_said_is_on_disk_with_where_it_was_shown(session: Session) -> None:
    one = session.listed("probability")["candidates"][2]
    said = session.say(asked("not", one["id"]))
    assert read_labels(session.path).statements == (said,)
    assert said is not None
    assert (said.value, said.who, said.name) == ("not", "anna", one["title"])
    assert said.scores is not None
    assert (said.scores.rank, said.scores.folder) == (3, session.scores.name)


@pytest.mark.parametrize(("cell", "kept"), [("a" * 64, "a" * 64), ("x", None), ("=1", None)])
def test_the_fold_that_was_shown_is_named_by_its_content(
    tmp_path: Path, cell: str, kept: str | None
) -> None:
    rows = scored_rows().assign(fold_sha256=cell)
    session = Session(publish_scores(tmp_path, rows), tmp_path / "labels.jsonl")
    said = session.say(asked("pulsar", session.listed("probability")["candidates"][0]["id"]))
    assert said is not None
    assert said.fold_sha256 == kept


def test_a_known_pulsar_is_named(tmp_path: Path) -> None:
    rows = scored_rows().assign(known="J0437-4715", harmonic="1/2")
    rows.loc[rows["rank"] == 1, "known"] = ""
    scores = publish_scores(tmp_path, rows, known=CATALOGUE)
    first, second, *_ = read_short_list(scores)
    assert (first.known, second.known) == ("", "known: J0437-4715, 1/2 of its period")


def test_without_a_catalogue_a_column_called_known_says_nothing_of_pulsars(tmp_path: Path) -> None:
    rows = scored_rows().assign(known="yes")
    scores = publish_scores(tmp_path, rows, carried=["known"])
    assert {one.known for one in read_short_list(scores)} == {""}
    assert {one.known for one in all_nearest(find_nearest(scores), scores)} == {""}


def test_the_first_source_is_numbered_from_zero(tmp_path: Path) -> None:
    rows = scored_rows()
    rows["same_source"] = np.where(rows["rank"] <= 2, 0, -1)
    scores = publish_scores(tmp_path, rows)
    for found in (read_short_list(scores), all_nearest(find_nearest(scores), scores)):
        assert {one.shown.rank: one.same_source for one in found if one.shown.rank <= 3} == {
            1: 0, 2: 0, 3: None,
        }  # fmt: skip


def test_whoever_wrote_the_file_hides_nothing_on_the_page(session: Session) -> None:
    append_statement(session.path, statement(who="a\x1b[2J\u202eb", name="\u202ex"))
    told = session.item(session.labels().statements[0].candidate)
    assert told["words"] == {r"a\x1b[2J\u202eb": "pulsar"}
    assert told["title"] == r"\u202ex"


def test_what_is_sent_twice_is_said_once(session: Session) -> None:
    one = session.listed("probability")["candidates"][0]
    first = session.say(asked("pulsar", one["id"]))
    assert session.say(asked("pulsar", one["id"])) == first
    again = Session(session.scores, session.path)
    assert again.say(asked("pulsar", one["id"])) == first
    assert len(read_labels(session.path).statements) == 1


def test_what_is_in_the_file_and_on_no_disk_is_not_confirmed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    one = session.listed("probability")["candidates"][0]
    monkeypatch.setattr(os, "fsync", fails)
    for _ in range(2):
        with pytest.raises(OSError, match=r"labels\.jsonl"):
            session.say(asked("pulsar", one["id"]))
    monkeypatch.undo()
    before = session.path.stat().st_size
    said = session.say(asked("pulsar", one["id"]))
    # A disk that failed forgets what it was given: only what is written anew is certain.
    assert session.path.stat().st_size > before
    assert read_labels(session.path).statements == (said,)


def test_undo_takes_back_the_last_word_of_that_person_and_then_the_one_before(
    session: Session,
) -> None:
    first, second, *_ = session.listed("probability")["candidates"]
    words = [("anna", "pulsar", first), ("anna", "not", first), ("anna", "unsure", second),
             ("ben", "not", second)]  # fmt: skip
    for n, (who, value, one) in enumerate(words):
        session.say(asked(value, one["id"], who=who, id=f"word-{n:04d}"))
    undone = [session.say(asked("withdrawn", id=f"undo-{n:04d}")) for n in range(4)]
    assert [said and said.candidate for said in undone] == [
        second["id"], first["id"], first["id"], None,
    ]  # fmt: skip
    assert session.item(second["id"])["words"] == {"ben": "not"}
    assert session.item(first["id"])["words"] == {}


def test_what_is_said_by_a_clock_that_went_back_comes_after_what_was_said_before(
    session: Session,
) -> None:
    first, second, *_ = session.listed("probability")["candidates"]
    word = session.say(asked("pulsar", first["id"]))
    assert word
    ahead = "2999-01-01T00:00:00+00:00"
    append_statement(
        session.path, word.model_copy(update={"id": "of-2999-0", "value": "not", "when": ahead})
    )
    for number, one in enumerate((first, second)):
        said = session.say(asked("unsure", one["id"], id=f"word-{number:04d}"))
        assert said
        assert said.when == ahead
    assert session.item(first["id"])["words"] == {"anna": "unsure"}
    other = session.say(asked("pulsar", second["id"], who="ben", id="word-of-ben"))
    assert other
    assert other.when == ahead  # for it comes after what anna says of it
    undone = [session.say(asked("withdrawn", id=f"undo-{number:04d}")) for number in range(2)]
    assert [said and said.candidate for said in undone] == [second["id"], first["id"]]
    assert session.item(first["id"])["words"] == {"anna": "not"}


def test_nothing_is_said_of_a_candidate_that_is_not_listed(session: Session) -> None:
    assert session.say(asked("pulsar", "f" * 64)) is None
    assert session.say(asked("pulsar")) is None
    assert not session.path.exists()


def test_what_others_write_meanwhile_is_seen(session: Session) -> None:
    one = session.listed("probability")["candidates"][0]
    session.say(asked("pulsar", one["id"]))
    other = Session(session.scores, session.path)
    other.say(asked("not", one["id"], who="ben", id="another-one"))
    assert session.item(one["id"])["words"] == {"anna": "pulsar", "ben": "not"}
    assert session.listed("probability")["candidates"][0]["conflict"]


def test_a_file_that_was_put_in_its_place_is_read_anew(session: Session) -> None:
    one = session.listed("probability")["candidates"][0]
    session.say(asked("pulsar", one["id"]))
    session.path.rename(session.path.with_name("away"))
    append_statement(session.path, statement(who="ben"))
    assert [said.who for said in session.labels().statements] == ["ben"]
    session.path.write_text("rubbish\n")
    with pytest.raises(LabelsError):
        session.labels()


def changed_in_place(path: Path, text: bytes) -> None:
    """Write over a file without putting another in its place, as some editors do."""
    at = path.stat().st_mtime_ns
    path.write_bytes(text)
    os.utime(path, ns=(at + 10_000_000, at + 10_000_000))  # as coarse as some clocks are


def test_what_an_editor_changed_in_the_file_is_read_anew(session: Session) -> None:
    for who in ("anna", "bert"):
        append_statement(session.path, statement(who=who))
    session.labels()
    written = session.path.read_bytes()
    changed_in_place(session.path, written.replace(b"anna", b"emma"))
    assert [said.who for said in session.labels().statements] == ["emma", "bert"]
    # Longer, and its lines end elsewhere: no line is looked for where there is none.
    changed_in_place(session.path, written.replace(b"anna", b"annabella"))
    assert [said.who for said in session.labels().statements] == ["annabella", "bert"]
    append_statement(session.path, statement(who="carl"))
    assert [said.who for said in session.labels().statements] == ["annabella", "bert", "carl"]


def test_a_file_to_which_nobody_wrote_is_not_read_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_statement(session.path, statement())
    said = session.labels()
    monkeypatch.setattr("pulsars.review.following.read_labels", pytest.fail)
    assert session.labels() == said


def test_a_line_that_was_seen_half_written_is_no_longer_noted_once_it_is_whole(
    session: Session,
) -> None:
    append_statement(session.path, statement(who="anna"))
    line = session.path.read_bytes()
    append_statement(session.path, statement(who="bert"))
    whole = session.path.read_bytes()
    session.path.write_bytes(whole[: len(line) + 30])
    assert [", line 2 " in note for note in session.labels().notes] == [True]
    with session.path.open("ab") as file:
        file.write(whole[len(line) + 30 :])
    assert session.labels().notes == ()
    assert [said.who for said in session.labels().statements] == ["anna", "bert"]


def test_what_teaches_most_is_what_the_whole_table_says(session: Session) -> None:
    rows = scored_rows()
    listed = session.listed("teaching")
    X = rows[list(FEATURE_NAMES)].to_numpy()
    order = most_informative(rows["probability"], X / X.std(axis=0), 100)
    assert [one["title"] for one in listed["candidates"]] == rows["name"].iloc[order].tolist()
    assert "60 nearest" in listed["note"]
    first = listed["candidates"][0]
    session.say(asked("pulsar", first["id"]))
    assert session.listed("teaching")["candidates"][-1]["id"] == first["id"]


def test_what_an_earlier_server_listed_can_still_be_said(session: Session) -> None:
    best = {one["id"] for one in session.listed("probability")["candidates"]}
    other = next(one for one in session.listed("teaching")["candidates"] if one["id"] not in best)
    again = Session(session.scores, session.path)
    said = again.say(asked("pulsar", other["id"]))
    assert said is not None
    assert (said.name, said.candidate) == (other["title"], other["id"])


def test_the_nearest_to_the_threshold_are_found_in_a_few_partitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "N_NEAREST", 7)
    rows = scored_rows(90)
    found = find_nearest(publish_scores(tmp_path, rows, parts=9))
    seen = [k for k in range(90) if k // 10 in (0, 3, 5, 8)]
    distance = (rows["probability"][seen] - THRESHOLD).abs()
    assert found.n_looked_at == 40
    assert found.rows["line"].to_pylist() == sorted(rows["line"][distance.nsmallest(7).index])


def test_scores_that_were_changed_are_not_sampled(tmp_path: Path) -> None:
    scores = publish_scores(tmp_path)
    (scores.path / "scores.parquet").write_bytes(b"PAR1")
    with pytest.raises(FingerprintError):
        find_nearest(scores)


def test_a_companion_has_no_doubt_to_sort_by(tmp_path: Path) -> None:
    rows = scored_rows().assign(probability=np.nan, decision="")
    scores = publish_scores(tmp_path, rows, ranked_by="companion", n_called=None)
    session = Session(load_scores(scores.path), tmp_path / "labels.jsonl")
    assert "no doubt" in session.listed("teaching")["note"]
    one = session.listed("teaching")["candidates"][0]
    said = session.say(asked("pulsar", one["id"]))
    assert said is not None
    assert said.scores is not None
    assert said.scores.probability is None


@pytest.mark.parametrize("who", ["", "  ", "x" * 81, "a\x1b[2J", "a\u202eb", 7])
def test_whoever_has_no_name_says_nothing(who: Any) -> None:
    with pytest.raises(ValidationError):
        asked("pulsar", "f" * 64, who=who)


def test_a_name_is_spelled_one_way() -> None:
    assert asked(who=" Rene\u0301  O'B ").who == asked(who="René O'B").who
