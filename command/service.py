"""`pulsar serve`, `up` and `down`: the flows on a schedule, on one machine."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from command.options import NOT_TYPED, AsJson, ParametersFile, parameter_of, with_options
from schemas import InboxParameters, TrainingParameters
from service import ASKS, ONLY_INBOX, PORT, Plan, Times, plan_of

Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help=f"Where the server listens.  [default: {PORT}]"),
]


def _asked() -> dict[str, inspect.Parameter]:
    """Give all that a training and a pass over the inbox take, and when they run."""
    trained, passed = TrainingParameters.model_fields, InboxParameters.model_fields
    made = {}
    for name, field in {**trained, **passed}.items():
        if name in NOT_TYPED:
            continue
        about = [*["training"] * (name in trained), *["inbox"] * (name in passed)]
        default = f"default: {ASKS}" if name == "when_undecided" else ""
        made[name] = parameter_of(name, field, about=" and ".join(about), default=default)
    for name in sorted({*trained} & {*passed} - {"out"}):
        made[ONLY_INBOX + name] = parameter_of(
            ONLY_INBOX + name,
            passed[name],
            about="inbox",
            default=f"default: as --{name.replace('_', '-')}",
        )
    return made | {name: parameter_of(name, field) for name, field in Times.model_fields.items()}


def _kept(plan: Plan) -> Plan:
    """Give a plan back whose runs and scores can be written, before anything is started."""
    from command.launching import require_room

    for name, part in (("runs", plan.training), ("scores", plan.inbox)):
        if part:
            require_room(Path(plan.out), name)
    return plan


_takes_a_plan = with_options(_asked())


@_takes_a_plan
def serve(
    given: dict[str, Any], *, parameters: ParametersFile = None, as_json: AsJson = False
) -> None:
    """Train and score on a schedule, in the foreground, on the server that the settings name.

    With --data it trains, with --inbox it scores; name either or both. In brackets stands what an
    option is for; what is for both is overruled for the inbox by the same option after --inbox-.
    """
    from command.console import print_json
    from service import serve_here

    serve_here(_kept(plan_of(given, file=parameters)), tell=print_json if as_json else None)


@_takes_a_plan
def up(
    given: dict[str, Any],
    *,
    parameters: ParametersFile = None,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    """Start a Prefect server on loopback and the scheduled flows, as background processes.

    What runs already is left alone. `pulsar train` and the others use the server from then on. The
    options say the same as those of `pulsar serve`.
    """
    from command.show_service import print_up
    from service import bring_up

    plan = _kept(plan_of(given, file=parameters))
    print_up(bring_up(plan, port=port), asked_port=port, as_json=as_json)


def down(*, as_json: AsJson = False) -> None:
    """Stop the background processes that `pulsar up` started, the flows first."""
    from command.show_service import print_down
    from service import take_down

    print_down(take_down(), as_json=as_json)
