"""What the Prefect server does by itself: end dead runs, and tell somebody.

A run whose process was killed stays Running for ever, for nobody can tell the server. Served runs
send heartbeats; the first automation marks a run Crashed when they stop. Two others call a webhook:
on failures and crashes, and on what the champion gate and the inbox decided.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from pydantic import SecretStr

from flows.scoring import REJECTED
from pulsars.credentials import whole_address
from tasks import opened

HEARTBEAT_SECONDS = 30
"""How often a served run says that it lives: the least that Prefect allows."""

_SILENCE = timedelta(seconds=3 * HEARTBEAT_SECONDS)
_BEAT = "prefect.flow-run.heartbeat"
# A suspended run has no process, and waits for a person in good health.
_QUIET = ("Completed", "Failed", REJECTED, "Cancelled", "Crashed", "Suspended")
_ENDED = {f"prefect.flow-run.{state}" for state in _QUIET}
# By the names of states: of a run whose file an inbox refused it is Rejected, of which the pass
# tells. One call a file is enough.
_FAILED = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"}
_SAID = {
    "pulsar.challenge.promoted", "pulsar.challenge.undecided",
    "pulsar.inbox.rejected", "pulsar.inbox.failed",
}  # fmt: skip
# A server may run the flows of others too: theirs are none of our business.
_OURS = ResourceSpecification(
    {"prefect.resource.id": ["prefect.tag.pulsar"], "prefect.resource.role": ["tag"]}
)
_MESSAGE = """{
  "event": {{ event.event | tojson }},
  "name": {{ event.resource.name | tojson }},
  "because": {{
    (event.payload.because or (event.payload.validated_state or {}).message or "") | tojson
  }}
}"""


def have_automations(*, webhook: str | None) -> None:
    """Make the automations, or bring those that are there up to date."""
    _have(zombies())
    if webhook is not None:
        with opened(webhook):
            block = Webhook(url=SecretStr(whole_address(webhook)))
        block_id = block.save("pulsar", overwrite=True)
        for notification in notifications(block_id):
            _have(notification)


def zombies() -> Automation:
    """Describe the automation that marks silent runs Crashed."""
    return Automation(
        name="pulsar: end dead runs",
        description="No heartbeat for a minute and a half: the process is gone.",
        trigger=EventTrigger(
            after={_BEAT},
            expect={_BEAT, *_ENDED},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=_OURS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=_SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message="No heartbeat any more: its process is gone."
            )
        ],
    )


def notifications(block_id: object) -> list[Automation]:
    """Describe the automations that call the webhook."""
    call = CallWebhook.model_validate({"block_document_id": block_id, "payload": _MESSAGE})
    return [
        Automation(
            name="pulsar: tell of failures",
            description="Runs with the tag pulsar that failed or crashed.",
            trigger=EventTrigger(
                expect=_FAILED,
                match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
                match_related=_OURS,
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[call],
        ),
        Automation(
            name="pulsar: tell what was decided",
            description="Verdicts of the champion gate; files of an inbox, refused or failed.",
            trigger=EventTrigger(
                expect=_SAID,
                match=ResourceSpecification({"prefect.resource.id": ["pulsar.*"]}),
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[call],
        ),
    ]


def _have(wanted: Automation) -> None:
    try:
        there: Any = Automation.read(name=wanted.name)
    except ValueError:
        wanted.create()
        return
    # An update would make the server forget which runs it has not heard of for a while.
    if _told(there) != _told(wanted):
        wanted.id = there.id
        wanted.update()


def _told(automation: Automation) -> dict[str, Any]:
    """Give what decides an automation, without what the server adds to it."""
    return automation.model_dump(exclude={"id": True, "trigger": {"id"}})
