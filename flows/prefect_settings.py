"""What a user's Prefect settings say, read without importing Prefect, which takes seconds."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any


def prefect_home() -> Path:
    """Where Prefect keeps its settings and history."""
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()


def private_log() -> Path:
    """Where the private server of a command says what goes wrong."""
    return prefect_home() / "pulsar-private-server.log"


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
    value = _in_dotenv(variable) or _in_files_here(name) or _in_profile(variable)
    return str(value) if value else None


def _in_dotenv(variable: str) -> str | None:
    if not Path(".env").is_file():
        return None
    from dotenv import dotenv_values

    try:
        return dotenv_values(".env").get(variable)
    except (OSError, ValueError):
        return None


def _in_files_here(name: str) -> Any:
    project = _table(Path("pyproject.toml")).get("tool", {}).get("prefect", {})
    return _table(Path("prefect.toml")).get("api", {}).get(name) or project.get("api", {}).get(name)


def _in_profile(variable: str) -> Any:
    path = os.environ.get("PREFECT_PROFILES_PATH", prefect_home() / "profiles.toml")
    profiles = _table(Path(path))
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active"))
    return profiles.get("profiles", {}).get(active, {}).get(variable)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not UTF-8, or no TOML
        return {}
