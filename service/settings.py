"""What a user's Prefect settings say, read without importing Prefect, which takes seconds."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from service.prefect_private import LEASES_IN_FILES

ANOTHER_HOME = "set PREFECT_HOME to a folder that can be written"
"""What a person can do where it is none."""


def prefect_home() -> Path:
    """Where Prefect keeps its settings and history."""
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()


def private_log() -> Path:
    """Where the private server of a command says what goes wrong."""
    return prefect_home() / "pulsar-private-server.log"


def kept_results() -> Path:
    """Where Prefect keeps what steps came to, where neither `prefect.toml` nor a block says."""
    names = "PREFECT_RESULTS_LOCAL_STORAGE_PATH", "PREFECT_LOCAL_STORAGE_PATH"  # new, old
    told = [find(name) for find in (os.environ.get, _in_dotenv, _in_profile) for name in names]
    return next((Path(one).expanduser() for one in told if one), prefect_home() / "storage")


def configured(name: str) -> str | None:
    """Find a setting of Prefect's client.

    Parameters
    ----------
    name : str
        Such as `url`, `key` or `auth_string`: the last part of `PREFECT_API_URL` and the others.

    Returns
    -------
    str or None
        From the environment, else `.env`, `prefect.toml` or `pyproject.toml` here, else the active
        Prefect profile. Set to nothing in the environment, it is None whatever the others say.
    """
    variable = f"PREFECT_API_{name.upper()}"
    if variable in os.environ:
        return os.environ[variable] or None
    value = (
        _in_dotenv(variable)
        or _within(_table(Path("prefect.toml")), "api", name)
        or _within(_table(Path("pyproject.toml")), "tool", "prefect", "api", name)
        or _in_profile(variable)
    )
    return str(value) if value else None


def _in_dotenv(variable: str) -> str | None:
    if not Path(".env").is_file():
        return None
    from dotenv import dotenv_values

    try:
        return dotenv_values(".env").get(variable)
    except (OSError, ValueError):
        return None


def _in_profile(variable: str) -> Any:
    profiles = _table(_profiles_file())
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active"))
    return _within(profiles, "profiles", active, variable)


def _profiles_file() -> Path:
    return Path(os.environ.get("PREFECT_PROFILES_PATH", prefect_home() / "profiles.toml"))


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not UTF-8, or no TOML
        return {}


def _within(table: Any, *names: Any) -> Any:
    """Give what stands in a table of tables; None where another shape stands there."""
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def place_of(variable: str) -> str:
    """Say where a setting stands."""
    if variable in os.environ:
        return "the environment"
    if _in_dotenv(variable):
        return "the .env here"
    return str(_profiles_file()) if _in_profile(variable) else anywhere()


def anywhere() -> str:
    """Say where settings may stand."""
    return f"the environment, .env, prefect.toml or pyproject.toml here, or {_profiles_file()}"


def unreadable_file() -> str | None:
    """Find a file of settings that is no text, or no TOML, and say so."""
    for path in (Path(".env"), Path("prefect.toml"), Path("pyproject.toml"), _profiles_file()):
        try:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".toml":
                tomllib.loads(text)
        except ValueError as error:
            return f"{path} ({error})"
        except OSError:  # not there
            continue
    return None


QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}
"""No call leaves this machine on Prefect's behalf."""

WITH_DATES = {
    f"PREFECT_LOGGING_FORMATTERS_{name}_DATEFMT": "%Y-%m-%d %H:%M:%S"
    for name in ("SIMPLE", "STANDARD", "DEBUG")
}
"""For logs that are kept for months: by default Prefect's lines have the time of day alone."""

WRITE_IN_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
"""Fewer, larger writes: SQLite answers 503 when many small ones queue up.

Prefect cuts the interval down to whole seconds: with 0.5 its server would never sleep.
"""

REMEMBER_WHO_RUNS = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES_IN_FILES}
"""In memory, the default, a restart forgets who holds the one place that a deployment has."""

FORGET_OLD_RUNS = {"PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs"}
"""By default only events are forgotten; a pass every five minutes is 100,000 flow runs a year."""
