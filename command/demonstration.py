"""Candidates for whoever has none yet: HTRU2 where it can be had, simulated ones elsewhere."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from command.console import err, quoted, terminal
from command.launching import require_writable
from pulsars.folds import write_pfd
from pulsars.reading import UCI_ARCHIVE, UCI_MEMBER, fetch_htru2, is_htru2
from pulsars.report import counted
from pulsars.simulation import simulate, simulate_folds
from pulsars.store import require_ours, write_bytes, write_text
from schemas import FEATURE_NAMES, LABEL, ParameterError, PulsarError, SimulationParameters

_DEMO_PATIENCE_SECONDS = 6.0
_FORMATS = (".csv", ".parquet")
_AT_ONCE = 32  # folds, 5 MB
_PLACE = "PULSAR_DATA_DIR"


def find_demo_data(folder: Path) -> Path:
    """Find HTRU2, or fetch it, or simulate candidates; say which on stderr.

    Parameters
    ----------
    folder : Path
        Where data are looked for and kept.

    Returns
    -------
    Path
        A candidate file. Simulated ones say in the file that they are.
    """
    console = err()
    given = os.environ.get(_PLACE)
    places = [Path(given) / UCI_MEMBER] if given else []
    for path in [*places, folder / UCI_MEMBER]:
        if path.is_file():
            what = "HTRU2," if is_htru2(path) else "NOT the known HTRU2, but what is called so,"
            console.print(f"[bold]Data:[/] {what} found at {quoted(str(path))}", soft_wrap=True)
            return path
    if given:
        told = f"${_PLACE} is {given}, and there is no {UCI_MEMBER} in it"
        console.print(told, markup=False, style="yellow", soft_wrap=True)
    try:
        return fetch_data(folder, patience=_DEMO_PATIENCE_SECONDS)
    except PulsarError as error:
        console.print(
            f"HTRU2 could not be fetched: {error}", markup=False, style="yellow", soft_wrap=True
        )
    path = folder / "simulated.parquet"
    write_simulation(path, **SimulationParameters().model_dump())
    console.print(
        f"[bold yellow]Data: SIMULATED candidates ({quoted(str(path))}).[/] What follows is a "
        f"demonstration, no statement about the sky."
    )
    return path


def fetch_data(folder: Path, *, patience: float) -> Path:
    """Fetch HTRU2 from UCI into a folder and say so on stderr."""
    with terminal(f"fetching {UCI_ARCHIVE}") as shown:
        path = fetch_htru2(folder, patience=patience, on_bytes=partial(shown.progressed, "fetch"))
    err().print(
        f"[bold]Data:[/] HTRU2, fetched from UCI into {quoted(str(path))}; its fingerprints hold",
        soft_wrap=True,
    )
    return path


def write_simulation(target: Path, *, rows: int, prevalence: float, seed: int) -> int:
    """Draw candidates and write them, marked as simulated, as CSV or Parquet.

    Returns
    -------
    int
        How many of them are pulsars.

    Raises
    ------
    ParameterError
        If the numbers are out of bounds, the file's ending is neither, or it is there and holds
        something that was not simulated.
    """
    if target.suffix not in _FORMATS:
        raise ParameterError(f"{target}: name a file that ends in {' or '.join(_FORMATS)}")
    require_ours(target, b"simulated")
    with terminal("simulating") as shown:
        try:
            X, y = simulate(
                rows,
                prevalence=prevalence,
                rng=np.random.default_rng(seed),
                on_rows=lambda done: shown.progressed("simulating", done, rows),
            )
        except ValueError as error:
            raise ParameterError(f"{error}; nothing was written") from None
        _write(target, X, y, note=f"simulated: rows {rows}, prevalence {prevalence}, seed {seed}")
    pulsars = int(y.sum())
    said = f"{counted(rows, 'simulated candidate')}, {counted(pulsars, 'pulsar')}: {target}"
    err().print(quoted(said))
    return pulsars


def write_folds(folder: Path, *, rows: int, prevalence: float, seed: int) -> int:
    """Draw folds and write them, and `truth.csv` of file and label, all at once or not at all.

    Returns
    -------
    int
        How many of them are pulsars.

    Raises
    ------
    ParameterError
        If the folder is a file or holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ParameterError(f"{folder} is no empty folder; name another, or take it away")
    there = folder.resolve()
    require_writable(there.parent, option="--folds", what="folds")
    with TemporaryDirectory(prefix=f".{there.name}.", dir=there.parent) as private:
        whole = Path(private) / "folds"
        labels = _write_folds(whole, rows, prevalence=prevalence, seed=seed)
        truth = "".join(f"{name},{label}\n" for name, label in labels.items())
        write_text(whole / "truth.csv", f"file,{LABEL}\n{truth}")
        whole.replace(there)
    pulsars = sum(labels.values())
    said = f"{counted(rows, 'simulated fold')}, {counted(pulsars, 'pulsar')}: {folder}"
    err().print(quoted(said))
    return pulsars


def _write_folds(folder: Path, rows: int, *, prevalence: float, seed: int) -> dict[str, int]:
    """Write each fold; give its label by its name."""
    labels: dict[str, int] = {}
    with terminal("simulating") as shown:
        drawn = simulate_folds(rows, prevalence=prevalence, rng=np.random.default_rng(seed))
        # What takes the time is to wait until each file is on the disk.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while some := list(islice(drawn, _AT_ONCE)):
                names = [f"simulated_{len(labels) + n:06}.pfd" for n in range(len(some))]
                list(pool.map(write_pfd, map(folder.joinpath, names), [one for one, _ in some]))
                labels |= dict(zip(names, (label for _, label in some), strict=True))
                shown.progressed("simulating", len(labels), rows)
    return labels


def _write(target: Path, X: np.ndarray, y: np.ndarray, *, note: str) -> None:
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES)).assign(**{LABEL: y})
    if target.suffix == ".csv":
        write_text(target, f"# {note}\n" + table.to_csv(index=False, lineterminator="\n"))
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    marked = pa.Table.from_pandas(table, preserve_index=False)
    marked = marked.replace_schema_metadata({**marked.schema.metadata, b"pulsar.simulated": note})
    sink = pa.BufferOutputStream()
    pq.write_table(marked, sink, write_page_checksum=True)
    write_bytes(target, sink.getvalue().to_pybytes())
