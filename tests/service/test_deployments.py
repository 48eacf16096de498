"""What `prefect.yaml` and `pulsar serve` deploy can run, and is the same."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ParameterTypeError, SignatureMismatchError
from prefect.flows import load_flow_from_entrypoint

from flows.deciding import DECIDE
from schemas.parameters import TrainingParameters
from schemas.score_parameters import InboxParameters
from service.asked import ASKS
from service.deployed import NAMES
from service.plan import Plan
from service.serving import deployments

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOYED: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


def test_training_deciding_and_scoring_are_deployed() -> None:
    assert [one["name"] for one in DEPLOYED] == ["nightly", "decide", "inbox"]


def test_a_training_starts_the_deployment_that_asks() -> None:
    """By its name, which nothing else would hold to the file's."""
    (one,) = [one for one in DEPLOYED if one["name"] == "decide"]
    flow = load_flow_from_entrypoint(str(ROOT / one["entrypoint"]))
    assert f"{flow.name}/{one['name']}" == DECIDE
    assert "concurrency_limit" not in one, "a run that waits would lose its slot, and its life"
    assert DEPLOYED[0]["parameters"]["parameters"]["when_undecided"] == "ask"


@pytest.mark.parametrize("deployed", DEPLOYED, ids=lambda one: one["name"])
def test_a_deployment_loads_and_its_parameters_are_valid(
    deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    flow = load_flow_from_entrypoint(deployed["entrypoint"])
    given = deployed["parameters"]
    if "parameters" not in given:  # `decide` is told by the training which run it is about
        flow.validate_parameters({**given, "run": "r"})
        with pytest.raises(SignatureMismatchError, match="'x'"):
            flow.validate_parameters({**given, "run": "r", "x": 1})
        return
    flow.validate_parameters(given)
    with pytest.raises(ParameterTypeError, match="Extra inputs"):
        flow.validate_parameters({"parameters": {**given["parameters"], "x": 1}})


def test_serve_deploys_what_the_file_deploys() -> None:
    """All of it: what one of them has and the other has not is a difference."""
    plan = Plan(
        training=TrainingParameters(data="data/HTRU_2.csv", when_undecided=ASKS),
        inbox=InboxParameters(inbox="inbox"),
    )
    assert [served(one) for one in deployments(plan)] == [in_file(one) for one in DEPLOYED]


@pytest.mark.parametrize("left_out", [set(), {"training"}, {"inbox"}])
def test_whoever_looks_after_deployments_knows_each_by_its_name(left_out: set[str]) -> None:
    """One that is not known is not watched: its killed run would hold its place for ever."""
    asked = {"training": {"data": "x.csv"}, "inbox": {"inbox": "in"}}
    plan = Plan.model_validate({part: asked[part] for part in asked.keys() - left_out})
    names = [f"{one.flow_name}/{one.name}" for one in deployments(plan)]
    assert names == plan.deployments
    assert {*names} <= {*NAMES}
    assert left_out or names == [*NAMES]


def served(one: RunnerDeployment) -> dict[str, Any]:
    options = one.concurrency_options
    assert one.work_pool_name is None
    assert not one.job_variables
    assert not one.triggers
    assert not one.paused
    assert one.enforce_parameter_schema
    return {
        "flow": load_flow_from_entrypoint(str(one.entrypoint)).name,
        "name": one.name,
        "description": one.description,
        "tags": one.tags,
        "parameters": whole(one.parameters),
        "schedules": [due(each.model_dump()) for each in one.schedules or []],
        "limit": one.concurrency_limit,
        "when another runs": options and options.collision_strategy,
    }


def in_file(one: dict[str, Any]) -> dict[str, Any]:
    left = dict(one)
    limit = left.pop("concurrency_limit", {})
    pool = left.pop("work_pool")  # a worker's, where a served flow is its process's
    assert pool["name"] == "pulsar"
    described = {
        "flow": load_flow_from_entrypoint(str(ROOT / left.pop("entrypoint"))).name,
        "name": left.pop("name"),
        "description": left.pop("description"),
        "tags": left.pop("tags"),
        "parameters": whole(left.pop("parameters")),
        "schedules": [due({"schedule": each}) for each in left.pop("schedules", [])],
        "limit": limit.pop("limit", None),
        "when another runs": limit.pop("collision_strategy", None),
    }
    assert (left, limit) == ({}, {}), "nothing of the file is left uncompared"
    return described


def whole(parameters: dict[str, Any]) -> dict[str, Any]:
    """Give parameters with the defaults of those that are not named."""
    inner = parameters.get("parameters")
    if inner is None:
        return parameters
    contract = InboxParameters if "inbox" in inner else TrainingParameters
    return contract.model_validate(inner).model_dump()


def due(schedule: dict[str, Any]) -> dict[str, Any]:
    """Give what decides when a run is due, with Prefect's defaults."""
    when = {"timezone": None, "day_or": True, **schedule["schedule"]}
    when["timezone"] = when["timezone"] or "UTC"
    when.pop("anchor_date", None)  # the moment of the deployment
    if isinstance(when.get("interval"), timedelta):
        when["interval"] = when["interval"].total_seconds()
    others = {"active": True, "parameters": {}, "slug": None, "max_scheduled_runs": None}
    return {**others, **{k: v for k, v in schedule.items() if k != "replaces"}, "schedule": when}


COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
TESTED = (ROOT / "tests" / "deploy" / "test_postgres_redis.py").read_text()
PAGE = (ROOT / "docs" / "deploy.md").read_text()


def test_only_the_server_has_a_port_and_only_on_loopback() -> None:
    ports = {name: one["ports"] for name, one in COMPOSE["services"].items() if "ports" in one}
    assert list(ports) == ["server"]
    assert all(port.startswith("127.0.0.1:") for port in ports["server"])


def test_the_server_wants_a_password_and_the_worker_has_it() -> None:
    services = COMPOSE["services"]
    asked = services["server"]["environment"]["PREFECT_SERVER_API_AUTH_STRING"]
    assert services["worker"]["environment"]["PREFECT_API_AUTH_STRING"] == asked


def test_the_containers_are_set_as_the_test_and_the_page_set_theirs() -> None:
    server, services = COMPOSE["services"]["server"], COMPOSE["services"]["services"]
    assert server["environment"] == services["environment"]
    assert server["env_file"] == services["env_file"] == "server.env"
    assert (ROOT / "deploy" / server["env_file"]).is_file()
    for name in server["environment"]:
        assert f'"{name}"' in TESTED
        assert f"export {name}=" in PAGE


def test_the_folders_of_the_containers_are_where_the_deployments_look() -> None:
    mounted = {volume.rsplit("/project/", 1)[-1] for volume in worker_volumes()}
    given = [one["parameters"].get("parameters", one["parameters"]) for one in DEPLOYED]
    named = {str(one["out"]) for one in given}
    assert named | {"inbox", "data:ro"} <= mounted


def worker_volumes() -> list[str]:
    found: list[str] = COMPOSE["services"]["worker"]["volumes"]
    return found


def test_every_secret_comes_from_a_file_that_git_ignores() -> None:
    assert "/deploy/.env" in (ROOT / ".gitignore").read_text().splitlines()
    assert "deploy/.env" in (ROOT / ".dockerignore").read_text().splitlines()
    example = (ROOT / "deploy" / "example.env").read_text().splitlines()
    assert {"POSTGRES_PASSWORD=", "PREFECT_PASSWORD="} <= set(example)
    file = (ROOT / "deploy" / "compose.yaml").read_text()
    asked = re.findall(r"(?:PASSWORD|AUTH_STRING): (.*)", file)
    assert len(asked) == 3
    assert all(value.startswith("${") for value in asked)
