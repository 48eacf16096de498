"""What opens an address reaches the host and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulsars.credentials import handed, whole_address
from pulsars.inbox.arrivals import open_inbox
from pulsars.reading import fetching
from schemas.addresses import require_http
from schemas.errors import DownloadError, ParameterError, PulsarError, UnreadableFileError
from schemas.score_parameters import InboxParameters
from tests.hosts import QuietHandler, serving

ASKED: list[tuple[str, str | None]] = []
"""Path and decoded credentials of each request."""


class Host(QuietHandler):
    def do_GET(self) -> None:
        given = self.headers.get("Authorization")
        ASKED.append((self.path, given and base64.b64decode(given.split()[1]).decode()))
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/sky.csv")  # type: ignore[attr-defined]
            self.end_headers()
            return
        if self.path.startswith("/parts"):
            self.give_a_part()
            return
        self.send_response(200 if "broken" not in self.path else 403)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"1,2,3\n")

    def give_a_part(self) -> None:
        """Give one of two files of one time, the first of which breaks off."""
        content = (b"A" if self.path.endswith("1") else b"B") * 200_000
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if start and self.path.endswith("1"):
            self.send_error(503)
            return
        self.send_response(206 if start else 200)
        self.send_header("Last-Modified", "Mon, 02 Nov 2020 00:00:00 GMT")
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-199999/200000")
        self.end_headers()
        rest = content[start:]
        self.wfile.write(rest[:100_000] if self.path.endswith("1") else rest)
        self.close_connection = True


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(Host) as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def no_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    ASKED.clear()


def netrc(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_user_password_and_query_go_to_the_host_only(host: str, tmp_path: Path) -> None:
    whole = f"http://anna:s3%40cret@{host}/sky.csv?token=TOPSECRET#s3cret"
    source = fetching.obtain(whole, tmp_path / "downloads", patience=5)
    assert ASKED == [("/sky.csv?token=TOPSECRET", "anna:s3@cret")]
    assert (source.origin, source.name) == (f"http://{host}/sky.csv", "sky.csv")


def test_a_block_hands_over_what_a_run_is_not_told(host: str, tmp_path: Path) -> None:
    with handed(f"http://anna:s3cret@{host}/sky.csv?token=TOPSECRET") as shown:
        assert shown == f"http://{host}/sky.csv"
        source = fetching.obtain(shown, tmp_path / "downloads", patience=5)
    assert ASKED == [("/sky.csv?token=TOPSECRET", "anna:s3cret")]
    assert source.origin == shown
    assert whole_address(shown) == shown  # once the block is over nobody knows it


def test_two_queries_are_two_addresses(host: str, tmp_path: Path) -> None:
    for query in ("?part=1", "?part=2"):
        fetching.obtain(f"http://{host}/sky.csv{query}", tmp_path, patience=5)
    assert [path for path, _ in ASKED] == ["/sky.csv?part=1", "/sky.csv?part=2"]


def test_a_host_that_refuses_is_not_asked_again(host: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"403.*netrc"):
        fetching.obtain(f"http://{host}/broken", tmp_path, patience=5)


def test_a_download_of_one_query_does_not_go_on_with_another(host: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        fetching.obtain(f"http://{host}/parts?part=1", tmp_path, patience=5)
    assert not list(tmp_path.glob(".*.part*"))
    source = fetching.obtain(f"http://{host}/parts?part=2", tmp_path, patience=5)
    assert source.file.verified().read_bytes() == b"B" * 200_000


@pytest.mark.parametrize("name", [".netrc", "another"])
def test_netrc_opens_an_address(
    name: str, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = netrc(
        tmp_path / name,
        "machine 127.0.0.1 login anna password s3cret\n",
    )
    if name != ".netrc":
        monkeypatch.setenv("NETRC", str(file))
    fetching.obtain(f"http://{host}/sky.csv", tmp_path / "downloads", patience=5)
    assert ASKED == [("/sky.csv", "anna:s3cret")]


def test_netrc_is_for_its_own_host(host: str, tmp_path: Path) -> None:
    netrc(tmp_path / ".netrc", "machine example.org login anna password s3cret\n")
    fetching.obtain(f"http://{host}/sky.csv", tmp_path / "downloads", patience=5)
    assert ASKED == [("/sky.csv", None)]


def test_a_redirect_to_another_host_takes_no_password_along(host: str, tmp_path: Path) -> None:
    fetching.obtain(f"http://anna:s3cret@{host}/away", tmp_path / "downloads", patience=5)
    assert ASKED == [("/away", "anna:s3cret"), ("/sky.csv", None)]


def test_a_damaged_netrc_is_a_sentence_that_quotes_none_of_it(host: str, tmp_path: Path) -> None:
    netrc(tmp_path / ".netrc", "machine 127.0.0.1 login anna passwort s3cret\n")
    with pytest.raises(ParameterError, match="netrc") as caught:
        fetching.obtain(f"http://{host}/sky.csv", tmp_path / "downloads", patience=5)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://anna:s3cret@{host}/broken?token=s3cret",
        "http://anna:s3cret@127.0.0.1:9/x?token=s3cret",
        "http://anna:s3/cret@{host}/x",
        "http://anna:s3cret@[::1/x",
        "http://{host}/x?s3cret\x1b",
        "ftp://anna:s3cret@{host}/x?s3cret",
        "http://anna:s3cret@/x",
        "HTTP://anna:s3cret@127.0.0.1:9/x?token=s3cret",
    ],
)
def test_no_error_quotes_what_opens_an_address(address: str, host: str, tmp_path: Path) -> None:
    with pytest.raises(PulsarError) as caught:
        fetching.obtain(address.format(host=host), tmp_path, patience=5)
    error: BaseException | None = caught.value
    assert "s3cret" not in str(error)
    assert "cret" not in str(error)
    assert error is None or error.__cause__ is None


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://[::1/x", "http://h:port/", "http://", "https:///x"]
)
def test_what_is_no_address_is_refused_before_anybody_is_asked(address: str) -> None:
    with pytest.raises(ParameterError, match="no address"):
        require_http(address)


def test_a_scheme_is_written_in_any_case(host: str, tmp_path: Path) -> None:
    assert fetching.obtain(f"HTTP://{host}/sky.csv", tmp_path, patience=5).name == "sky.csv"


def test_a_host_that_is_not_there_is_still_explained(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"Connection refused|ConnectError"):
        fetching.obtain("http://127.0.0.1:9/x", tmp_path, patience=5)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("s3://key:s3cret@box/in", "AWS_ACCESS_KEY_ID"),
        ("s3://box/in?s3_secret_access_key=s3cret", "AWS_ACCESS_KEY_ID"),
        ("http://h/in?token=s3cret", "Secret block"),
        ("sftp://s3cret@h/in", "Secret block"),
    ],
)
def test_an_inbox_refuses_credentials_in_its_address(address: str, where: str) -> None:
    with pytest.raises(ValueError, match=where) as caught:
        InboxParameters(inbox=address)
    assert "s3cret" not in str(caught.value)


def test_an_inbox_of_a_block_in_a_store_is_opened_by_no_password_either() -> None:
    with (
        handed("s3://key:s3cret@box/in", known_as="secret://night"),
        pytest.raises(ParameterError, match="AWS_ACCESS_KEY_ID") as caught,
    ):
        open_inbox("secret://night")
    assert "s3cret" not in str(caught.value)


def test_an_inbox_in_a_store_may_have_its_container_first() -> None:
    inbox = "abfss://box@account.dfs.core.windows.net/in"
    assert InboxParameters(inbox=inbox).inbox == inbox
