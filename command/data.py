"""`pulsar validate`, `simulate` and `fetch`: candidate files, judged, drawn and fetched."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from command.options import DATA_FOLDER, AsJson, expanded, takes
from schemas import NOT_DECIDING, FileParameters, ParameterError, SimulationParameters

FOLDS = 100
"""Simulated folds where nobody says how many: 15 MB."""


@takes(FileParameters, but=("out", *NOT_DECIDING))
def validate(given: dict[str, Any], *, as_json: AsJson = False) -> None:
    """Say what a candidate file is, and which rows would be set aside; train nothing."""
    from command.launching import opened_by_server, with_piped
    from command.show_files import print_checked

    with TemporaryDirectory() as scratch:
        asked = with_piped(FileParameters(**given), Path(scratch))
        from pulsars.reading import check_file  # and with it pandas

        with opened_by_server(asked.data):
            checked = check_file(
                asked.data,
                more=asked.more,
                max_quarantine=asked.max_quarantine,
                columns=asked.columns,
                drop=asked.drop,
                keep=asked.keep,
                pulsar_is=asked.pulsar_is,
                not_pulsar_is=asked.not_pulsar_is,
                kurtosis=asked.kurtosis,
                section=asked.section,
                limits=asked.limits,
            )
        raise typer.Exit(print_checked(checked, as_json=as_json))


@takes(SimulationParameters)
def simulate(
    given: dict[str, Any],
    target: Annotated[
        Path | None,
        typer.Argument(
            callback=expanded, metavar="TARGET", help="File to write: .csv or .parquet."
        ),
    ] = None,
    *,
    folds: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            callback=expanded,
            help="Write folds (.pfd) and truth.csv into an empty folder, instead of TARGET; "
            f"{FOLDS} where --rows is not said.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw candidates from simulated pulse profiles and DM-SNR curves."""
    written = target or folds
    if written is None or (target and folds):
        raise ParameterError("name TARGET or --folds FOLDER: one of them, not both")
    asked = SimulationParameters(**({"rows": FOLDS} if folds else {}) | given)
    from command.demonstration import write_folds, write_simulation
    from command.show_files import print_written

    write = write_folds if folds else write_simulation
    pulsars = write(written, **asked.model_dump())
    print_written(written, {**asked.model_dump(), "pulsars": pulsars}, as_json=as_json)


def fetch(
    *,
    folder: Annotated[
        Path, typer.Option(callback=expanded, file_okay=False, help="Receives HTRU_2.csv.")
    ] = DATA_FOLDER,
    patience: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds to wait for the host.")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Fetch HTRU2 from UCI and prove by its fingerprints that it is the known data."""
    from command.demonstration import fetch_data
    from command.show_files import print_written

    print_written(fetch_data(folder, patience=patience), {}, as_json=as_json)
