"""Who is answered by the server of a review, and what becomes of a word."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from pulsars.review.labels import read_labels
from pulsars.review.session import Session
from service.guarding import guarded
from service.review_routes import POLICY, review_app
from tests.reviewed import publish_scores

KEY, HERE = "the-key", "http://127.0.0.1:4280"


class Reviewer:
    """A browser that has opened the address, or has not."""

    def __init__(self, session: Session, *, key: str = KEY) -> None:
        self.app = guarded(review_app(session, key=KEY), policy=POLICY)
        self.cookies = httpx.Cookies()
        self.came_in = self.ask("GET", "/", params={"key": key})
        self.place = self.came_in.text.partition("url=")[2].partition('"')[0]

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            way = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=way, base_url=HERE, cookies=self.cookies
            ) as client:
                found = await client.request(method, path, **sent)
                self.cookies = client.cookies
                return found

        return asyncio.run(answer())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", self.place + path, headers=headers)

    def say(self, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Origin": HERE, "Content-Type": "application/json", **headers}
        sent = {name: value for name, value in sent.items() if value}
        return self.ask("POST", f"{self.place}say", content=content, headers=sent)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(publish_scores(tmp_path), tmp_path / "labels.jsonl")


@pytest.fixture
def anna(session: Session) -> Reviewer:
    return Reviewer(session)


def word(session: Session, **changed: Any) -> dict[str, Any]:
    candidate = session.listed("probability")["candidates"][0]["id"]
    return {"id": "12345678", "who": "anna", "value": "pulsar", "candidate": candidate, **changed}


def test_the_key_gives_a_cookie_for_a_place_that_nobody_can_guess(anna: Reviewer) -> None:
    told = anna.came_in.headers["set-cookie"]
    assert f"Path={anna.place};" in told
    assert "HttpOnly" in told
    assert "SameSite=strict" in told
    assert len(anna.place) > 20
    page = anna.get("")
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("key", ["", "the-ke", "another", "\u00e9"])
def test_without_the_key_nobody_comes_in(session: Session, key: str) -> None:
    stranger = Reviewer(session, key=key)
    assert stranger.came_in.status_code == 403
    assert "set-cookie" not in stranger.came_in.headers


def test_the_place_alone_lets_nobody_in(session: Session, anna: Reviewer) -> None:
    anna.cookies = httpx.Cookies()
    for path in ("", "review.js", "review.css", "list", f"face/{'0' * 64}"):
        assert anna.get(path).status_code == 403
    assert anna.say(word(session)).status_code == 403
    assert not session.path.exists()


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "[::]"])
def test_a_name_that_was_made_to_lead_here_is_refused(
    session: Session, anna: Reviewer, name: str
) -> None:
    assert anna.get("", Host=f"{name}:4280").status_code == 400
    assert anna.say(word(session), Host=f"{name}:4280").status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
    ],
)
def test_a_word_is_taken_from_the_page_alone(
    session: Session, anna: Reviewer, headers: dict[str, str]
) -> None:
    assert anna.say(word(session), **headers).status_code == 403
    assert not session.path.exists()


def test_a_word_is_confirmed_once_it_is_on_disk(session: Session, anna: Reviewer) -> None:
    told = anna.say(word(session)).json()
    assert [one.value for one in read_labels(session.path).statements] == ["pulsar"]
    assert told["words"] == {"anna": "pulsar"}
    assert anna.say(word(session)).json() == told
    listed = anna.get("list?sort=teaching").json()["candidates"]
    assert [one["words"] for one in listed if one["id"] == told["id"]] == [{"anna": "pulsar"}]
    undone = anna.say(word(session, id="87654321", value="withdrawn", candidate=None)).json()
    assert (undone["id"], undone["words"]) == (told["id"], {})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"\xff", 422),
        (b"[]", 422),
        (b"[" * 4000, 422),
        (b'"' + b"x" * 5000 + b'"', 422),
        ({"value": "maybe"}, 422),
        ({"who": "a\x1b[2J"}, 422),
        ({"who": ""}, 422),
        ({"id": "1"}, 422),
        ({"more": 1}, 422),
        ({"resolves": "yes"}, 422),
        ({"candidate": "../../x"}, 422),
        ({"candidate": "0" * 64}, 404),
        ({"value": "withdrawn", "candidate": None}, 404),
    ],
    ids=str,
)
def test_what_is_no_word_is_refused_in_a_sentence(
    session: Session, anna: Reviewer, body: Any, status: int
) -> None:
    sent = body if isinstance(body, bytes) else word(session, **body)
    answer = anna.say(sent)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert not session.path.exists()


@pytest.mark.parametrize(
    ("given", "who"),
    [
        (" A\u0308nna  B ", "\u00c4nna B"),
        ("\ubbfc\uc9c0", "\ubbfc\uc9c0"),
        ("An\u202ena", ""),
        ("\x1b[2J", ""),
        (" ", ""),
        ("x" * 81, ""),
        ("x" * 1000, ""),
    ],
)
def test_a_name_is_taken_at_the_beginning_if_a_word_takes_it(
    session: Session, anna: Reviewer, given: str, who: str
) -> None:
    asked = anna.ask("GET", f"{anna.place}person", params={"who": given})
    told, said = asked.json(), anna.say(word(session, who=given))
    assert (asked.status_code, told["who"], bool(told["message"])) == (200, who, not who)
    assert (said.status_code == 200) is bool(who)
    assert "Value error" not in asked.text
    assert ("1 to 80" in told["message"]) is (not 1 <= len(given.strip()) <= 80)
    assert asked.text.isascii() or who


def test_a_disk_that_is_full_confirms_nothing_and_the_word_can_be_sent_again(
    session: Session, anna: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda to, content: real(to, content[:9]))
    answer = anna.say(word(session))
    assert (answer.status_code, answer.json()) == (500, {"message": "No space left on device"})
    monkeypatch.undo()
    assert anna.say(word(session)).status_code == 200
    assert len(read_labels(session.path).statements) == 1


def test_a_damaged_labels_file_is_said_and_not_written_to(session: Session, anna: Reviewer) -> None:
    said = word(session)
    session.path.write_text("rubbish\n")
    for answer in (anna.get("list"), anna.say(said)):
        assert answer.status_code == 500
        assert "labels.jsonl, line 1" in answer.json()["message"]
    assert session.path.read_text() == "rubbish\n"


def test_a_face_is_shown_of_what_is_listed_alone(session: Session, anna: Reviewer) -> None:
    one = session.listed("probability")["candidates"][0]
    shown = anna.get(f"face/{one['id']}")
    assert f"rank {one['rank']} " in shown.text
    assert anna.get(f"face/{'0' * 64}").status_code == 404
    assert anna.get("face/..%2f..%2fmanifest.json").status_code == 404
