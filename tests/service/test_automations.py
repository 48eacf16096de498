"""What the server does by itself is made once, and changed only when it is to be another."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.automations import Automation
from prefect.client.orchestration import get_client

from service.automations import have_automations, zombies

pytestmark = pytest.mark.usefixtures("prefect_server")


def updated() -> dict[str, Any]:
    """When the server changed each automation."""
    with get_client(sync_client=True) as client:
        answer = client.request("POST", "/automations/filter", json={})
        return {each["name"]: (each["id"], each["updated"]) for each in answer.json()}


def test_a_second_start_changes_nothing_and_another_webhook_does() -> None:
    have_automations(webhook="http://127.0.0.1:9/a")
    first = updated()
    names = ("end dead runs", "tell of failures", "tell what was decided")
    assert set(first) == {f"pulsar: {name}" for name in names}
    have_automations(webhook="http://127.0.0.1:9/a")
    assert updated() == first

    there: Any = Automation.read(name=zombies().name)
    there.description = "changed by hand"
    there.update()
    have_automations(webhook=None)
    again: Any = Automation.read(name=zombies().name)
    assert again.description == zombies().description
    assert again.id == there.id
