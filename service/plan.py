"""What `pulsar serve` and `up` were asked: one frozen record, kept as JSON and compared whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas import (
    BLOCK,
    InboxParameters,
    ParameterError,
    TrainingParameters,
    for_place,
    is_secret,
    require_http,
    without_credentials,
)

_YEAR = 366 * 24 * 3600
_NICKNAMES = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_FIVE_FIELDS = re.compile(r"(\S+ \S+) (\S+) (\S+) (\S+)")
_NOT_PREFECTS = re.compile(r"LW|\dL", re.IGNORECASE)  # which cronsim knows and Prefect does not
_SO = "'0 3 * * *' is every night at three"


def _comes(cron: str) -> str:
    if cron in _NICKNAMES:
        return cron
    found = _FIVE_FIELDS.fullmatch(" ".join(cron.split()))
    if found is None or _NOT_PREFECTS.search(cron):
        raise ValueError(f"is no schedule; {_SO}")
    time, day, month, weekday = found.groups()
    if not _has_a_next(f"{time} {day} * {weekday}") or not _has_a_next(f"{time} * {month} *"):
        raise ValueError(f"is no schedule; {_SO}")
    if not _has_a_next(cron):
        raise ValueError(f"is a date that never comes; {_SO}")
    return cron


def _has_a_next(cron: str) -> bool:
    try:
        return next(CronSim(cron, datetime.now(UTC)), None) is not None
    except CronSimError:
        return False


def _zone(name: str) -> str:
    known = available_timezones()
    if name not in known:
        like = get_close_matches(name, known - {"UTC"}, n=1) or ["Asia/Seoul"]
        raise ValueError(f"is no time zone of the IANA database; {like[0]} is one, and UTC")
    return name


class Times(BaseModel):
    """When the flows run, and who hears of it.

    Without credentials in it, for it is written down.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    train_cron: Annotated[
        str, AfterValidator(_comes), Field(description="When to train, in cron's five fields.")
    ] = "0 3 * * *"
    time_zone: Annotated[
        str, AfterValidator(_zone), Field(description="Whose clock --train-cron goes by.")
    ] = "UTC"
    train_every: Annotated[
        float | None,
        Field(
            ge=1,
            le=_YEAR,
            description="Seconds from one training to the next, instead of --train-cron.",
        ),
    ] = None
    score_every: Annotated[
        float,
        Field(ge=1, le=_YEAR, description="Seconds from one look into the inbox to the next."),
    ] = 300.0
    webhook: Annotated[
        str | None, Field(description="Address to call on failures, refusals and verdicts.")
    ] = None

    @model_validator(mode="after")
    def _webhook_is_a_bare_address(self) -> Self:
        if self.webhook is not None and not is_secret(self.webhook):
            try:
                require_http(self.webhook)
            except ParameterError:
                raise ParameterError(
                    f"--webhook {for_place(self.webhook)!r} is no address; name one that begins "
                    f"with http:// or https://"
                ) from None
            if without_credentials(self.webhook) != self.webhook:
                raise ParameterError(
                    f"--webhook {for_place(self.webhook)}: the address holds a user, a password, a "
                    f"query or a fragment, which would be written down; keep it whole in a Prefect "
                    f"Secret block, and name that: {BLOCK}NAME"
                )
        return self


_WHAT_FOR = {"training": "training.data", "inbox": "inbox.inbox"}
"""What each part is about: where a plan lacks the part, all else that it says hangs on that."""


class Plan(Times):
    """What runs, and when: the one thing that `serve` and `up` go by.

    Attributes
    ----------
    training : TrainingParameters or None
        What is trained on, and how, at each of its times.
    inbox : InboxParameters or None
        What each pass over an inbox is told.
    """

    training: TrainingParameters | None = None
    inbox: InboxParameters | None = None

    @model_validator(mode="after")
    def _has_something_to_do(self) -> Self:
        if self.training is None and self.inbox is None:
            raise ValueError("nothing to do: name --data to train on, --inbox to score, or both")
        return self

    @property
    def out(self) -> str:
        """The artifact root."""
        return next(part.out for part in (self.training, self.inbox) if part)

    @property
    def deployments(self) -> list[str]:
        """What is deployed, each after the name of its flow and a slash."""
        trained = ["train/nightly", "decide/decide"] if self.training else []
        return [*trained, *(["inbox/inbox"] if self.inbox else [])]

    def summary(self) -> dict[str, Any]:
        """Give what a machine may ask of it."""
        return {"out": self.out, "deployments": self.deployments}

    def differences(self, other: Plan) -> str:
        """Say what another plan has otherwise."""
        mine, theirs = _flat(self), _flat(other)
        has, lacks = ({part for part in _WHAT_FOR if getattr(plan, part)} for plan in (self, other))
        return ", ".join(
            f"{name} is {mine.get(name)!r} and not {theirs.get(name)!r}"
            for name in sorted({*mine, *theirs})
            if mine.get(name) != theirs.get(name)
            and (name.split(".")[0] not in has ^ lacks or name in _WHAT_FOR.values())
        )


def _flat(plan: Plan) -> dict[str, Any]:
    """Give all that it holds by one name each."""
    told: dict[str, Any] = plan.model_dump(mode="json", exclude_none=True)
    parts = {part: told.pop(part, {}) for part in ("training", "inbox")}
    return told | {f"{part}.{k}": v for part, values in parts.items() for k, v in values.items()}
