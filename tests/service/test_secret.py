"""The file that holds the password of the server of `pulsar up`: one owner, one reader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemas.errors import ServerError
from service.secret import have_secret, read_secret, secret_file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Prefect home."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def generous() -> object:
    """A process whose files are everybody's, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("generous")
def test_it_is_made_once_and_its_owner_alone_can_read_it(home: Path) -> None:
    assert read_secret() is None
    secret = have_secret()
    assert len(secret) > 40
    assert have_secret() == read_secret() == secret
    assert secret_file().stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.rglob("*") if file.is_file()] == ["secret"]


def test_two_homes_have_two(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    one = have_secret()
    monkeypatch.setenv("PREFECT_HOME", str(home / "other"))
    assert have_secret() != one


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_one_that_others_can_read_is_refused_and_replaced_when_a_server_starts(mode: int) -> None:
    known = have_secret()
    secret_file().chmod(mode)
    with pytest.raises(ServerError, match=rf"{secret_file()}.*`pulsar down`"):
        read_secret()
    another = have_secret()
    assert another != known
    assert read_secret() == another


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"two\nlines\n"])
def test_a_damaged_file_is_none_and_replaced(content: bytes) -> None:
    have_secret()
    secret_file().write_bytes(content)
    assert read_secret() is None
    assert len(have_secret()) > 40


def test_what_a_killed_process_left_is_no_password(home: Path) -> None:
    (home / "pulsar-up").mkdir()
    left = secret_file().with_suffix(".part")
    left.write_text("half")
    left.chmod(0o644)
    assert have_secret() != "half"
    assert not left.exists()


def test_a_link_to_somewhere_else_is_not_followed(home: Path) -> None:
    (home / "pulsar-up").mkdir()
    (home / "theirs").write_text("known to them")
    (home / "theirs").chmod(0o600)
    secret_file().symlink_to(home / "theirs")
    assert read_secret() is None
    assert have_secret() != "known to them"
    assert (home / "theirs").read_text() == "known to them"
