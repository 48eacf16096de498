"""A setting that Prefect refuses is named as that, with its value and where it stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prefect.settings import PREFECT_PROFILES_PATH, Settings, load_profiles, temporary_settings

from command.process import settle_prefect_home
from schemas import ExitCode, SettingsError
from service.loading import settings_explained
from service.server import named_server
from service.settings import prefect_home
from tests.conftest import Pulsar

PROFILE = 'active = "a"\n[profiles.a]\nPREFECT_API_REQUEST_TIMEOUT = "abc"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is Prefect's home too."""
    for name in ("API_URL", "PROFILE", "PROFILES_PATH"):
        monkeypatch.delenv(f"PREFECT_{name}", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused() -> str:
    with (
        pytest.raises(SettingsError) as said,
        settings_explained(),
        temporary_settings({PREFECT_PROFILES_PATH: Settings().profiles_path}),
    ):
        load_profiles()
    return str(said.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOGGING_LEVEL", "LOUD"),
        ("API_REQUEST_TIMEOUT", "abc"),
        ("SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD", "soon"),
        ("TASKS_DEFAULT_RETRIES", "-1.5"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_variable_is_named_with_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PREFECT_{name}", value)
    said = refused()
    assert f"PREFECT_{name} {value!r}" in said
    assert said.endswith("in the environment")


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        (".env", "PREFECT_API_REQUEST_TIMEOUT=abc\n", ".env here"),
        ("profiles.toml", PROFILE, "profiles.toml"),
        ("prefect.toml", '[api]\nrequest_timeout = "abc"\n', "prefect.toml"),
        ("pyproject.toml", '[tool.prefect.api]\nrequest_timeout = "abc"\n', "pyproject.toml"),
    ],
)
def test_a_value_in_a_file_is_named_with_the_place(
    file: str, text: str, place: str, here: Path
) -> None:
    (here / file).write_text(text)
    said = refused()
    assert "PREFECT_API_REQUEST_TIMEOUT 'abc'" in said
    assert place in said


@pytest.mark.filterwarnings("ignore:Failed to load profiles")
@pytest.mark.parametrize("content", [b"garbage [", b"\xff"], ids=["no TOML", "no text"])
@pytest.mark.parametrize("file", ["prefect.toml", "pyproject.toml", "profiles.toml"])
def test_a_file_that_cannot_be_read_is_named(file: str, content: bytes, here: Path) -> None:
    (here / file).write_bytes(content)
    assert f"{file} (" in refused()
    assert named_server() is None


@pytest.mark.parametrize(
    ("file", "text"), [("prefect.toml", "api = 3"), ("profiles.toml", "profiles = 3")]
)
def test_a_file_of_another_shape_is_refused_too(file: str, text: str, here: Path) -> None:
    (here / file).write_text(text)
    assert file in refused()
    assert named_server() is None


@pytest.mark.parametrize(
    ("variable", "table"),
    [
        ("PREFECT_API_AUTH_STRING", "[api]\nauth_string = 271828"),
        ("PREFECT_API_KEY", "[api]\nkey = [271828]"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '[client]\ncustom_headers = "[271828]"'),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '[client.custom_headers]\nCookie = ["271828"]'),
        ("PREFECT_CLOUD_UI_URL", "[cloud]\nui_url = 271828"),
    ],
)
def test_what_may_open_a_server_is_not_quoted(variable: str, table: str, here: Path) -> None:
    (here / "prefect.toml").write_text(f"{table}\n")
    said = refused()
    assert f"{variable} (" in said
    assert "271828" not in said


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError])
def test_what_a_broken_installation_raises_is_no_fault_of_the_settings(
    error: type[Exception],
) -> None:
    with pytest.raises(error) as said, settings_explained():
        exec('raise error("broken")', {"__name__": "prefect.settings.base", "error": error})  # noqa: S102 - as a module
    assert said.type is error


@pytest.mark.parametrize(
    "url", ["garbage", " ", "http://[bad/api", "ftp://127.0.0.1/api", "http:///api", "file:///api"]
)
@pytest.mark.usefixtures("here")
def test_what_is_no_address_of_a_server_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(SettingsError, match=r"PREFECT_API_URL .*in the environment"):
        named_server()


@pytest.mark.usefixtures("here")
def test_an_address_may_end_with_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api/")
    found = named_server()
    assert found is not None
    assert found.url == "http://127.0.0.1:4200/api"


@pytest.mark.slow
@pytest.mark.parametrize("words", [("train", "sky.csv"), ("up", "--data", "sky.csv")])
def test_a_command_ends_with_that_sentence_and_starts_nothing(
    words: tuple[str, ...], here: Path, pulsar: Pulsar
) -> None:
    (here / "sky.csv").write_text("1\n")
    done = pulsar(*words, env={"PREFECT_API_REQUEST_TIMEOUT": "abc", "PREFECT_HOME": str(here)})
    assert done.returncode == 2
    assert "--request-timeout" not in done.stderr
    assert "PREFECT_API_REQUEST_TIMEOUT 'abc'" in done.stderr.splitlines()[-1]
    assert not (here / "pulsar-up" / "server.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("told", ["", "  "])
def test_a_home_that_is_set_to_nothing_is_as_if_it_were_not_set(
    told: str, pulsar: Pulsar, tmp_path: Path
) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    done = pulsar("validate", "secret://nope", cwd=here, env={"PREFECT_HOME": told, "HOME": home})
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert not list(here.iterdir())
    assert (home / ".prefect" / "prefect.db").is_file()


@pytest.mark.parametrize(("told", "earlier"), [("", True), ("  ", False), (None, True)])
def test_what_an_earlier_version_kept_where_one_stands_is_told_of(
    told: str | None,
    earlier: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = tmp_path / "a folder"
    (here / ("pulsar-up" if earlier else "other")).mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    if told is not None:
        monkeypatch.setenv("PREFECT_HOME", told)
    settle_prefect_home()
    assert "PREFECT_HOME" not in os.environ
    assert (f"PREFECT_HOME='{here}'" in capsys.readouterr().err) == (earlier and told == "")


@pytest.mark.parametrize("told", ["home", "~nobody-of-that-name/home", "../home"])
def test_a_home_is_a_whole_path_before_it_is_read(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", told)
    settle_prefect_home()
    assert prefect_home() == tmp_path / told
