"""A flow whose server is lost: what is said of it, and what is not its server's fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from command.insisting import insist
from schemas.errors import ServerError
from service.answering import Server
from tasks import lost_server
from tasks.plumbing.watchers import Watcher


class Onlooker(Watcher):
    outcome: Any = None


def failing(_asked: object) -> None:
    request = httpx.Request("POST", "http://127.0.0.1:9/api/flow_runs/")
    httpx.Response(500, request=request).raise_for_status()


@pytest.mark.parametrize("private", [True, False])
def test_a_private_server_that_has_no_room_is_no_overwhelmed_one(
    private: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"  # where nothing can be written, for it is not there
    monkeypatch.setenv("PREFECT_HOME", str(home))
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        server = Server("http://127.0.0.1:9/api", process=process if private else None)
        with pytest.raises(OSError if private else ServerError) as raised:
            insist(failing, None, server=server, shown=Onlooker())  # type: ignore[arg-type]
    assert (str(home) in str(raised.value)) == private
    assert isinstance(raised.value, ServerError) != private
    assert (lost_server(raised.value) is None) == private
