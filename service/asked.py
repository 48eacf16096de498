"""What `pulsar serve` and `up` are asked for: checked before anything starts, and spelled again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pulsars.reading.parameters_file import training_parameters
from pulsars.reading.sources import require_file
from schemas.addresses import BLOCK, at_home, is_address, is_secret, require_http
from schemas.errors import ParameterError
from schemas.outside import for_place, without_credentials
from schemas.score_parameters import InboxParameters

_YEAR = 366 * 24 * 3600


def words_for(**asked: Any) -> list[str]:
    """Check what was asked for, and spell it as the words after `pulsar serve`.

    Nothing is made: what is refused leaves no folder behind.

    Raises
    ------
    ParameterError
        If nothing is to be done, or a schedule, a folder, an address or a parameter is none.
    SourceNotFoundError
        If there is no such file.
    pydantic.ValidationError
        If a parameter of the inbox is out of bounds.
    """
    if asked["data"] is None and asked["inbox"] is None:
        raise ParameterError("nothing to do: name --data to train on, --inbox to score, or both")
    for name in ("train_every", "score_every", "settle_seconds"):
        _require_seconds(name, asked[name])
    _require_cron(asked["train_cron"])
    _require_webhook(asked["webhook"])
    _require_data(asked["data"], asked["parameters"])
    _require_inbox(asked)
    return [
        word
        for name, value in whole(asked).items()
        if value is not None
        for word in ("--" + name.replace("_", "-"), str(value))
    ]


def whole(asked: dict[str, Any]) -> dict[str, Any]:
    """Give whole paths: the process that looks may run elsewhere."""
    paths = {name: asked[name] and asked[name].resolve() for name in ("data", "parameters", "out")}
    return {**asked, **paths, "inbox": _whole(asked["inbox"])}


def _whole(inbox: str | None) -> str | None:
    if inbox is None or is_address(inbox):
        return inbox
    return str(at_home(inbox).resolve())


def _require_data(data: Path | None, parameters: Path | None) -> None:
    if data is not None:
        require_file(data, name=str(data))
        training_parameters({"data": str(data)}, file=parameters)


def _require_inbox(asked: dict[str, Any]) -> None:
    """Refuse an inbox that is no folder, or whose files are not all candidates to score."""
    if asked["inbox"] is None:
        return
    if not asked["inbox"].strip():
        raise ParameterError("--inbox is empty; name a folder or an address")
    inbox = str(_whole(asked["inbox"]))
    out, settle = str(asked["out"].resolve()), asked["settle_seconds"]
    InboxParameters(inbox=inbox, out=out, settle_seconds=settle)
    if is_address(inbox):
        return
    _require_folder(Path(inbox))
    for name in ("data", "parameters"):
        file = asked[name]
        if file is not None and file.parent.resolve() == Path(inbox):
            raise ParameterError(
                f"--{name} {file} lies in the inbox, where every file is scored; keep it elsewhere"
            )


def _require_folder(inbox: Path) -> None:
    try:
        there = next(path for path in (inbox, *inbox.parents) if path.exists())
    except OSError as error:
        raise ParameterError(f"--inbox {inbox}: no such folder can be ({error.strerror})") from None
    if not there.is_dir():
        raise ParameterError(f"--inbox {inbox}: {there} is no folder; name one, or a new name")


def _require_webhook(address: str | None) -> None:
    if address is None:
        return
    if is_secret(address):
        return
    try:
        require_http(address)
    except ParameterError:
        raise ParameterError(
            f"--webhook {for_place(address)!r} is no address; name one that begins with http:// or "
            f"https://"
        ) from None
    if without_credentials(address) != address:
        raise ParameterError(
            f"--webhook {for_place(address)}: the address holds a user, a password, a query or a "
            f"fragment, which would be written down; keep it whole in a Prefect Secret block, and "
            f"name that: {BLOCK}NAME"
        )


def _require_cron(text: str) -> None:
    # The server's own schedule, for the client's does not know its dates.
    from prefect.server.schemas.schedules import CronSchedule

    try:
        schedule = CronSchedule(cron=text)
    except ValueError:
        raise ParameterError(
            f"--train-cron {text!r} is no schedule; '0 3 * * *' is every night at three"
        ) from None
    try:
        asyncio.run(schedule.get_dates(1))  # looks fifty years ahead
    except ValueError:
        raise ParameterError(
            f"--train-cron {text!r} is a date that never comes; '0 3 * * *' is every night at three"
        ) from None


def _require_seconds(name: str, value: float | None) -> None:
    if value is not None and value > _YEAR:
        raise ParameterError(
            f"--{name.replace('_', '-')} {value:g} is no number of seconds up to a year, {_YEAR:,}"
        )
