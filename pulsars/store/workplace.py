"""The private directory of a run: found again after a crash, gone once the run is published.

```
<out>/.lock                  one run at a time
<out>/downloads/<sha256>     files that came from an address, or from standard input
<out>/unfinished/<request>/  this module: steps/ for what one task leaves the next,
                             run/ for what will be published, job.json
<out>/runs/<id>/             published runs, complete, never changed
<out>/sweeps/<id>/           published sweeps, likewise
<out>/scores/<file>-<model>/ published scores, likewise; digits of what else was asked may follow
<out>/rejected/<sha256>.json why a content that came into an inbox was refused
```
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from pulsars.store.files import write_text
from pulsars.store.listing import entries
from pulsars.store.versions import code_version
from schemas import (
    NOT_DECIDING,
    DataError,
    FileParameters,
    FingerprintError,
    GateError,
    Job,
    ParameterError,
    Record,
    ScoreJob,
    Source,
    SweepJob,
    TrainingJob,
    for_json,
    what_decides,
)

UNFINISHED = "unfinished"
REJECTED = "rejected"
_NOTE = "job.json"

RESUMABLE = timedelta(days=7)
"""So long an interrupted run can be gone on with: what its steps came to is kept no longer."""

_KINDS: tuple[type[Job], ...] = (TrainingJob, SweepJob, ScoreJob)
_COMMON = Job.model_fields.keys()
_BESIDE = {"settled": {"n_open"}}
"""What stands in a job and decides nothing: people go on speaking of what is not learnt from."""

J = TypeVar("J", bound=Job)


def open_job(
    source: Source, parameters: FileParameters, kind: type[J], **more: Record
) -> tuple[J, bool]:
    """Open the private directory of a request.

    Parameters
    ----------
    source : Source
        The file.
    parameters : FileParameters
        All of them, of the class that `kind` takes.
    kind : type
        What sort of job it is.
    **more : Record
        What else this sort of job has; it decides the outcome too.

    Returns
    -------
    job : Job
        The request, its directory and the directory's token.
    found : bool
        Whether an interrupted run left it.
    """
    parameters = what_decides(parameters)
    request = _request(source, parameters, more)
    folder = _folder(parameters, request)
    job = job_in(folder)
    asked = {
        "parameters": parameters,
        "source": source,
        "folder": str(folder),
        "request": request,
        **more,
    }
    # All of it, not its hash alone: a note with a flipped bit must not decide what is done.
    if isinstance(job, kind):
        same = kind.model_validate({**asked, "token": job.token})
        if job.model_dump(exclude=_BESIDE) == same.model_dump(exclude=_BESIDE):
            return job, True
    made = kind.model_validate({**asked, "token": secrets.token_hex(8)})
    write_text(folder / _NOTE, for_json(made.model_dump_json()))
    return made, False


def private_folder(source: Source, parameters: FileParameters, **more: Record) -> Path:
    """Name the private directory of a request; arguments as of `open_job`."""
    return _folder(parameters, _request(source, parameters, more))


def _folder(parameters: FileParameters, request: str) -> Path:
    return (Path(parameters.out) / UNFINISHED / request[:16]).resolve()


def jobs_left(out: Path, kind: type[J]) -> Iterator[J]:
    """Give the jobs of a sort whose private directories are there; an empty one is taken away.

    Parameters
    ----------
    out : Path
        The artifact root.
    kind : type
        Of the jobs; those of another sort are passed over.
    """
    for folder in entries(out / UNFINISHED):
        job = job_in(folder)
        if isinstance(job, kind):
            yield job
        with suppress(OSError):  # what is left where a clearing was killed as its note was gone
            folder.rmdir()


def job_in(folder: Path) -> Job | None:
    """Read which job a private directory is of; None when it has no note, or not its own."""
    for kind in _KINDS:
        with suppress(OSError, ValueError):  # none, or that of another sort or version
            job = kind.model_validate_json((folder / _NOTE).read_text(encoding="utf-8"))
            if Path(job.folder) == folder.resolve():  # or the root was copied
                return job
    return None


def can_go_on(job: Job) -> bool:
    """Whether the same words would find a job's directory again: another version would not."""
    own = type(job).model_fields.keys() - _COMMON
    more = {name: record for name in own if (record := getattr(job, name))}
    return job.request == _request(job.source, job.parameters, more)


def clear(job: Job) -> None:
    """Remove the private directory of what is published, its note last: by that it is found.

    Whatever stops this must not make what is published look as if it were not.
    """
    shutil.rmtree(job.steps_folder, ignore_errors=True)
    shutil.rmtree(job.folder, ignore_errors=True)


def _request(source: Source, parameters: FileParameters, more: dict[str, Record]) -> str:
    """Hash everything that decides the outcome, and nothing that does not."""
    kind = type(parameters).__name__
    decides: list[Any] = [code_version(), kind, source.origin, source.file.sha256]
    decides += [
        record.model_dump(mode="json", exclude=_BESIDE.get(name))
        for name, record in sorted(more.items())
    ]
    asked = parameters.model_dump(exclude={"out", *NOT_DECIDING})
    text = json.dumps([*decides, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def cleared_when_refused(job: Job) -> Iterator[None]:
    """Leave no private directory of what nobody will go on with.

    An interrupted run keeps its own, to go on from; a refused one would end the same way. One of
    which a file was changed is none of the two: its next try makes that file anew.
    """
    try:
        yield
    except FingerprintError:
        raise
    except (DataError, GateError, ParameterError):
        clear(job)
        raise
