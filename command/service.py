"""`pulsar serve`, `up` and `down`: the flows on a schedule, on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command.options import AsJson, Out, ParametersFile, expanded

Labelled = Annotated[
    Path | None,
    typer.Option("--data", callback=expanded, help="Labelled candidates to train on every night."),
]
Inbox = Annotated[
    str | None, typer.Option(help="Folder, or address that fsspec opens, whose new files to score.")
]
TrainCron = Annotated[str, typer.Option(help="When to train, as cron has it, in UTC.")]
TrainEvery = Annotated[
    float | None,
    typer.Option(min=1, help="Seconds from one training to the next, instead of --train-cron."),
]
ScoreEvery = Annotated[
    float, typer.Option(min=1, help="Seconds from one look into the inbox to the next.")
]
Settle = Annotated[
    float, typer.Option(min=0, help="A file that was changed more recently has to wait.")
]
Webhook = Annotated[
    str | None, typer.Option(help="Address to call on failures, refusals and verdicts.")
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="Where the server listens.  [default: 4200]"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        short_help="Train and score on a schedule, in the foreground.",
        epilog="Example:\n\n`pulsar serve --data data/HTRU_2.csv --inbox inbox`",
    )(serve)
    app.command(
        short_help="Start a Prefect server and the scheduled flows in the background.",
        epilog="Example:\n\n`pulsar up --data data/HTRU_2.csv --inbox inbox`",
    )(up)
    app.command(short_help="Stop what `pulsar up` started.", epilog="Example:\n\n`pulsar down`")(
        down
    )


def serve(  # noqa: PLR0913 - one argument an option
    *,
    data: Labelled = None,
    parameters: ParametersFile = None,
    inbox: Inbox = None,
    out: Out = Path("artifacts"),
    train_cron: TrainCron = "0 3 * * *",
    train_every: TrainEvery = None,
    score_every: ScoreEvery = 300.0,
    settle_seconds: Settle = 30.0,
    webhook: Webhook = None,
) -> None:
    """Train and score on a schedule, in the foreground, on the server that the settings name."""
    from service.foreground import serve_here

    serve_here(
        data=data,
        parameters=parameters,
        inbox=inbox,
        out=out,
        train_cron=train_cron,
        train_every=train_every,
        score_every=score_every,
        settle_seconds=settle_seconds,
        webhook=webhook,
    )


def up(  # noqa: PLR0913 - one argument an option
    *,
    data: Labelled = None,
    parameters: ParametersFile = None,
    inbox: Inbox = None,
    out: Out = Path("artifacts"),
    train_cron: TrainCron = "0 3 * * *",
    train_every: TrainEvery = None,
    score_every: ScoreEvery = 300.0,
    settle_seconds: Settle = 30.0,
    webhook: Webhook = None,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    """Start a Prefect server on loopback and the scheduled flows, as background processes.

    What runs already is left alone. `pulsar train` and the others use the server from then on.
    """
    from command.show_service import print_up
    from service.asked import words_for
    from service.up import bring_up

    words = words_for(
        data=data,
        parameters=parameters,
        inbox=inbox,
        out=out,
        train_cron=train_cron,
        train_every=train_every,
        score_every=score_every,
        settle_seconds=settle_seconds,
        webhook=webhook,
    )
    print_up(bring_up(port=port, serve_words=words), asked_port=port, as_json=as_json)


def down(*, as_json: AsJson = False) -> None:
    """Stop the background processes that `pulsar up` started, the flows first."""
    from command.show_service import print_down
    from service.up import take_down

    print_down(take_down(), as_json=as_json)
